"""The trainer: epochs of optimizer steps, validation, checkpoints, exact resume.

Method: DDG-SIM (Mikhailov et al., 2023), section 5.1.3: Adam with standard parameters and a
static learning rate (others: schedule.py), focal loss with class weights, the best validation
epoch is kept.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn
from torch.utils.data import DataLoader
from torch.utils.tensorboard import SummaryWriter

from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.device import choose_device
from SAIMCore.errors import TrainingError
from SAIMCore.evaluation import Evaluation, EvaluationStopped, evaluate
from SAIMCore.networks.config import SIZE_MULTIPLE
from SAIMCore.predictor import Predictor
from SAIMCore.training.configuration import TrainingConfig
from SAIMCore.training.dataset import (
    EpochSampler,
    SliceDataset,
    TrainingBatch,
    create_loader,
    default_workers,
)
from SAIMCore.training.generation import create_generation
from SAIMCore.training.losses import FocalLoss, class_frequencies, class_weights
from SAIMCore.training.processes import Processes
from SAIMCore.training.remaining_time import RemainingTime
from SAIMCore.training.schedule import rate_factor
from SAIMCore.training.state import restore_state, save_state
from SAIMCore.training.step import TrainingStep, create_optimizer

__all__ = ["STATE_FILE", "Trainer", "TrainingResult"]

STATE_FILE = "state.safetensors"
# A kill loses at most this much work within an epoch.
SECONDS_BETWEEN_STATES = 300.0


@dataclass(frozen=True)
class TrainingResult:
    """How a training ended: ``checkpoint`` is the folder of the best epoch, if there is one yet."""

    finished: bool
    epoch: int
    best_epoch: int | None
    best_score: float | None
    checkpoint: Path | None


@dataclass
class _Progress:
    """What beside the tensors must survive a kill."""

    epoch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    best_epoch: int | None = None
    best_score: float | None = None


class Trainer:
    """Trains ``network`` on ``training`` series and keeps the best epoch on ``validation`` series.

    Everything is written below ``folder``: ``state.safetensors`` (resume), ``best-NNN/`` (the
    checkpoint of the best epoch), ``tensorboard/``. ``report`` receives one JSON-able dictionary
    per event; ``should_stop`` is asked after every step and before every batch of a validation,
    and a stop saves the state first.
    ``learning_rate`` is that of a new training; one that is resumed keeps its own.

    Raises TrainingError for an empty training set, a class without a voxel, a batch that cannot
    be shared among the processes, or a loss that is no longer a number.
    """

    def __init__(
        self,
        folder: Path,
        network: nn.Module,
        model_config: ModelConfig,
        config: TrainingConfig,
        training: Sequence[LabeledSeries],
        validation: Sequence[LabeledSeries],
        *,
        device: str = "auto",
        learning_rate: float,
        report: Callable[[dict[str, Any]], None] = lambda event: None,
        should_stop: Callable[[], bool] = lambda: False,
        processes: Processes | None = None,
    ) -> None:
        self._folder = folder
        self._model_config = model_config
        self._config = config
        self._validation = list(validation)
        self._report = report
        self._should_stop = should_stop
        self._processes = processes or Processes()
        self._series_names = [entry.name for entry in training]
        self._dataset = SliceDataset(training, model_config.size, config.seed, config.augment)
        self._network = network
        self._batch_size = self._shared_batch_size()
        self._sampler = EpochSampler(
            len(self._dataset),
            self._batch_size,
            config.seed,
            config.steps_per_epoch,
            self._processes.rank,
            self._processes.count,
        )
        names = model_config.classes.names
        weights = class_weights(class_frequencies(training, len(names)), names)
        self._class_weights = dict(zip(names, weights.round(4).tolist(), strict=True))
        target = choose_device(device)
        self._learning_rate = learning_rate
        self._optimizer = create_optimizer(network.to(target), learning_rate)
        self._step = TrainingStep(
            network,
            FocalLoss(weights, config.focal_gamma).to(target),
            self._optimizer,
            create_generation(model_config.network.memory, config.generation),
            target,
            micro_batch=config.micro_batch,
            mixed_precision=config.mixed_precision,
            processes=self._processes,
            warn=lambda sentence: report({"event": "warning", "message": sentence}),
        )
        self._progress = _Progress()
        self._remaining = RemainingTime()

    # -- set-up ---------------------------------------------------------------------------------

    def _shared_batch_size(self) -> int:
        batch_size = min(self._config.batch_size, len(self._dataset))
        if batch_size % self._processes.count:
            raise TrainingError(
                f"a batch of {batch_size} slices cannot be shared by {self._processes.count} "
                "processes; choose a multiple of their number"
            )
        share = batch_size // self._processes.count
        together = min(self._config.micro_batch or share, share)
        if 1 in (together, share % together) and self._model_config.size == SIZE_MULTIPLE:
            raise TrainingError(
                f"a single slice of {SIZE_MULTIPLE} pixels leaves one value per feature, of which "
                f"there are no statistics, and {share} slices in parts of {together} have such a "
                "part: train with at least 2 slices per step and part (batch_size, micro_batch), "
                "or with a larger size"
            )
        return batch_size

    def resume(self) -> bool:
        """Continue from the saved state, if there is one; returns whether there was."""
        path = self._folder / STATE_FILE
        if not path.is_file():
            return False
        facts = restore_state(path, self._network, self._optimizer)
        try:
            self._step.restore(facts["step"])
            self._progress = _Progress(**facts["progress"])
            self._learning_rate = float(facts["learning_rate"])
        except (KeyError, TypeError) as error:
            raise TrainingError(
                f"the training state {path} was written by another version of SAIM ({error}); "
                "start the training anew"
            ) from error
        self._report(
            {"event": "resumed", "epoch": self._progress.epoch, "step": self._progress.step}
        )
        return True

    # -- the loop -------------------------------------------------------------------------------

    def run(self) -> TrainingResult:
        """Train to the last epoch, or until asked to stop."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._report(self._start_event())
        writer = self._writer()
        loader = self._loader()
        self._remaining.start()
        try:
            while self._progress.epoch < self._config.epochs:
                if not self._run_epoch(loader, writer):
                    return self._result(finished=False)
            return self._result(finished=True)
        finally:
            writer.close()

    def _writer(self) -> SummaryWriter:
        logs = self._folder / "tensorboard" if self._processes.first else None
        if logs is None:
            return _NoWriter()  # type: ignore[return-value]
        return SummaryWriter(str(logs), purge_step=self._global_step())

    def _global_step(self) -> int:
        return self._progress.epoch * self._sampler.steps + self._progress.step

    def _start_event(self) -> dict[str, Any]:
        return {
            "event": "start",
            "device": str(self._step.device),
            "slices": len(self._dataset),
            "epochs": self._config.epochs,
            "steps_per_epoch": self._sampler.steps,
            "batch_size": self._batch_size,
            "processes": self._processes.count,
            "class_weights": self._class_weights,
        }

    def _loader(self) -> DataLoader[TrainingBatch]:
        device, chosen = self._step.device, self._config.workers
        return create_loader(
            self._dataset,
            self._sampler,
            self._model_config.size,
            default_workers(device) if chosen is None else chosen,
            pinned=device.type == "cuda",
        )

    def _run_epoch(self, loader: DataLoader[TrainingBatch], writer: SummaryWriter) -> bool:
        """One epoch with its validation; False when asked to stop in the middle."""
        progress = self._progress
        self._sampler.start(progress.epoch, progress.step)
        self._network.train()
        saved = time.monotonic()
        for batch in loader:
            self._set_rate()
            loss = self._step.run(batch)
            progress.loss_sum += loss
            progress.step += 1
            self._report_step(loss, writer)
            if self._processes.any(self._should_stop()):
                self._save_state()
                return False
            if time.monotonic() - saved > SECONDS_BETWEEN_STATES:
                self._save_state()
                saved = time.monotonic()
        return self._finish_epoch(writer)

    def _set_rate(self) -> None:
        steps = self._config.epochs * self._sampler.steps
        factor = rate_factor(self._config.schedule, self._global_step(), steps)
        for group in self._optimizer.param_groups:
            group["lr"] = self._learning_rate * factor

    # -- after a step, after an epoch -----------------------------------------------------------

    def _report_step(self, loss: float, writer: SummaryWriter) -> None:
        progress = self._progress
        self._remaining.step_ended()
        writer.add_scalar("loss/step", loss, self._global_step())
        self._report(
            {
                "event": "step",
                "epoch": progress.epoch + 1,
                "step": progress.step,
                "steps": self._sampler.steps,
                # The mean of the epoch, so far.
                "loss": progress.loss_sum / progress.step,
                "seconds_left": self._seconds_left(),
            }
        )

    def _seconds_left(self) -> float:
        """Until the last epoch is validated."""
        epochs = range(self._progress.epoch + 1, self._config.epochs + 1)
        validations = sum(map(self._validation_is_due, epochs))
        steps = self._config.epochs * self._sampler.steps - self._global_step()
        return round(self._remaining.seconds(steps, validations), 1)

    def _finish_epoch(self, writer: SummaryWriter) -> bool:
        """Validate and go on to the next epoch; False when asked to stop in the validation."""
        progress = self._progress
        evaluation, stopped = None, False
        if self._validation_is_due(progress.epoch + 1) and self._processes.first:
            try:
                evaluation = self._validate()
                self._remaining.validation_ended()
            except EvaluationStopped:
                stopped = True
        if self._processes.any(stopped):
            # With all steps of the epoch done: what is left of it after a resume is to validate.
            self._save_state()
            return False
        progress.epoch += 1
        loss = progress.loss_sum / max(1, progress.step)
        progress.step, progress.loss_sum = 0, 0.0
        facts: dict[str, Any] = {"epoch": progress.epoch, "loss": loss}
        if evaluation is not None:
            facts |= _validation_facts(evaluation)
            if progress.best_score is None or evaluation.overall > progress.best_score:
                self._keep_best(evaluation.overall)
        self._log_epoch(facts, writer)
        self._save_state()
        self._report({"event": "epoch", "seconds_left": self._seconds_left(), **facts})
        self._processes.wait()
        return True

    def _validation_is_due(self, epoch: int) -> bool:
        return epoch == self._config.epochs or epoch % self._config.validate_every == 0

    def _validate(self) -> Evaluation:
        predictor = Predictor(self._network, self._model_config, self._step.device)
        return evaluate(
            predictor,
            self._validation,
            self._config.validation_clicks,
            self._config.seed,
            should_stop=self._should_stop,
        )

    def _keep_best(self, score: float) -> None:
        """Write the best checkpoint under its epoch's name, then drop the one before."""
        progress = self._progress
        earlier = self._best_folder()
        progress.best_epoch, progress.best_score = progress.epoch, score
        folder = self._best_folder()
        assert folder is not None
        if folder.exists():
            # Left by a run that was killed before its state was saved.
            shutil.rmtree(folder)
        facts = {
            **self._model_config.training,
            "epoch": progress.epoch,
            "validation_miou": score,
            "options": self._config.to_json(),
            "learning_rate": self._learning_rate,
            "series": self._series_names,
            "slices": len(self._dataset),
        }
        save_checkpoint(folder, self._network, replace(self._model_config, training=facts))
        if earlier is not None and earlier != folder:
            self._save_state()
            shutil.rmtree(earlier, ignore_errors=True)

    def _best_folder(self) -> Path | None:
        if self._progress.best_epoch is None:
            return None
        return self._folder / f"best-{self._progress.best_epoch:04d}"

    def _log_epoch(self, facts: dict[str, Any], writer: SummaryWriter) -> None:
        writer.add_scalar("loss/epoch", facts["loss"], facts["epoch"])
        for clicks, values in facts.get("validation", {}).items():
            writer.add_scalar(f"validation mIoU/{clicks} clicks", values["miou"], facts["epoch"])
            for name, value in values["iou"].items():
                if value is not None:
                    writer.add_scalar(f"IoU {name}/{clicks} clicks", value, facts["epoch"])

    def _save_state(self) -> None:
        if not self._processes.first:
            return
        facts = {
            "step": self._step.state(),
            "progress": vars(self._progress),
            "learning_rate": self._learning_rate,
        }
        save_state(self._folder / STATE_FILE, self._network, self._optimizer, facts)

    def _result(self, finished: bool) -> TrainingResult:
        progress = self._progress
        return TrainingResult(
            finished, progress.epoch, progress.best_epoch, progress.best_score, self._best_folder()
        )


class _NoWriter:
    """Takes the place of a SummaryWriter in processes that write no logs."""

    def add_scalar(self, *arguments: Any) -> None:
        return None

    def close(self) -> None:
        return None


def _validation_facts(evaluation: Evaluation) -> dict[str, Any]:
    """mIoU and IoU per class for every number of clicks, JSON-able."""
    by_clicks = {clicks: evaluation.scores(clicks).to_json() for clicks in evaluation.series}
    return {
        "validation_miou": evaluation.overall,
        "validation": {
            str(clicks): {"miou": scores["mean_iou"], "iou": scores["iou"]}
            for clicks, scores in by_clicks.items()
        },
    }
