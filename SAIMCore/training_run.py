"""One training from its job to its result: starting weights, trainer, final evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from SAIMCore.checkpoint import load_checkpoint
from SAIMCore.data.atomic import write_json
from SAIMCore.errors import CheckpointError, TrainingError
from SAIMCore.evaluation import EvaluationStopped, evaluate
from SAIMCore.job import TrainingJob
from SAIMCore.networks.base import SegmentationNetwork
from SAIMCore.networks.encoder_weights import load_encoder_weights
from SAIMCore.networks.factory import create_network
from SAIMCore.networks.unused_parameters import freeze_unused_parameters
from SAIMCore.predictor import Predictor
from SAIMCore.training.processes import Processes
from SAIMCore.training.trainer import STATE_FILE, Trainer, TrainingResult

__all__ = ["METRICS_FILE", "RESULT_FILE", "TrainingRun"]

METRICS_FILE, RESULT_FILE = "metrics.json", "result.json"
# DDG-SIM, section 5.1.3, from pretrained weights; random ones bear and need larger steps.
PRETRAINED_RATE, RANDOM_RATE = 5e-5, 1e-3

Report = Callable[[dict[str, Any]], None]


class TrainingRun:
    """Runs ``job`` in ``folder`` and leaves ``result.json`` and the best checkpoint there.

    The checkpoint folder gets ``metrics.json`` with the evaluation on the validation and test
    series after 0 to ``validation_clicks`` clicks.
    """

    def __init__(
        self,
        job: TrainingJob,
        folder: Path,
        processes: Processes,
        report: Report,
        should_stop: Callable[[], bool],
    ) -> None:
        self._job = job
        self._folder = folder
        self._processes = processes
        self._report = report
        self._should_stop = should_stop

    def run(self) -> bool:
        """Train and evaluate; False when stopped before the end (start again to go on).

        Raises SaimError for whatever makes the training impossible.
        """
        job = self._job
        self._report({"event": "preparing", "series": {k: len(v) for k, v in job.series.items()}})
        if not job.series.get("validation"):
            raise TrainingError(
                "there is no validation series to choose the best epoch by; give at least one"
            )
        _make_deterministic()
        torch.manual_seed(job.training.seed)
        network, rate = self._starting_network()
        if self._processes.count > 1:
            freeze_unused_parameters(network, job.model.network)
        trainer = Trainer(
            self._folder,
            network,
            job.model,
            job.training,
            job.labeled_series("training"),
            job.labeled_series("validation"),
            device=str(self._device()),
            learning_rate=job.training.learning_rate or rate,
            report=self._report,
            should_stop=self._should_stop,
            processes=self._processes,
        )
        trainer.resume()
        result = trainer.run()
        finished = result.finished
        if finished and self._processes.first:
            finished = self._conclude(result)
        if self._processes.any(not finished):
            self._report({"event": "stopped", "epoch": result.epoch})
            return False
        return True

    def _device(self) -> torch.device:
        return self._processes.device(self._job.device)

    def _starting_network(self) -> tuple[SegmentationNetwork, float]:
        """The network to train and the learning rate that suits its weights."""
        job = self._job
        if (self._folder / STATE_FILE).is_file():
            # The state has weights and rate; what they came from may be gone by now, or have come.
            return create_network(job.model.network), RANDOM_RATE
        if job.start_from is not None:
            network, config = load_checkpoint(job.start_from, job.model.classes)
            if config.network != job.model.network:
                raise CheckpointError(
                    f"the model in {job.start_from} has another network than the one to train; "
                    "retrain in full, or keep encoder, decoder and memory as they are"
                )
            # It goes on as it was trained.
            return network, float(config.training.get("learning_rate", PRETRAINED_RATE))
        fresh = create_network(job.model.network)
        if not job.pretrained:
            return fresh, RANDOM_RATE
        weights = load_encoder_weights(fresh, job.model.network, job.encoder_weights)
        if not weights.found:
            self._report({"event": "warning", "message": weights.sentence})
        return fresh, PRETRAINED_RATE if weights.found else RANDOM_RATE

    def _conclude(self, result: TrainingResult) -> bool:
        """Evaluate and write the result; False when asked to stop, and then nothing is written."""
        if result.checkpoint is None:
            raise TrainingError("the training ended without a validated epoch; start it anew")
        try:
            metrics = self._evaluate(result.checkpoint)
        except EvaluationStopped:
            return False
        write_json(result.checkpoint / METRICS_FILE, metrics)
        outcome = {
            # Relative to the run folder, so that a project can be moved.
            "checkpoint": result.checkpoint.name,
            "best_epoch": result.best_epoch,
            "validation_miou": result.best_score,
        }
        write_json(self._folder / RESULT_FILE, outcome)
        self._report({"event": "finished", **outcome, "metrics": metrics})
        return True

    def _progress(self, split: str) -> Callable[[int, int], None]:
        return lambda done, total: self._report(
            {"event": "evaluating", "split": split, "step": done, "steps": total}
        )

    def _evaluate(self, checkpoint: Path) -> dict[str, Any]:
        predictor = Predictor.load(checkpoint, self._device())
        options = self._job.training
        metrics: dict[str, Any] = {}
        for split in ("validation", "test"):
            series = self._job.labeled_series(split)
            if not series:
                continue
            evaluation = evaluate(
                predictor,
                series,
                options.validation_clicks,
                options.seed,
                progress=self._progress(split),
                should_stop=self._should_stop,
            )
            overall = evaluation.overall
            metrics[split] = {
                # JSON knows no NaN, which the mean of no class at all is.
                "overall": None if math.isnan(overall) else overall,
                "clicks": evaluation.to_json(),
            }
        return metrics


def _make_deterministic() -> None:
    """Let cuDNN compute the same from the same seed.

    It costs the time by which its other algorithms, which add up in any order, or those that it
    would choose by trying all of them, are faster; by how much depends on the GPU and the network.
    """
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
