"""``training``: a click while a network is trained in the background, against one without that."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import torch

from SAIMCore.benchmarks.click import SIZE, ready_session
from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.benchmarks.subjects import conditions, model_config, settled_network
from SAIMCore.benchmarks.timing import Comparison, Work, compare
from SAIMCore.checkpoint import ModelConfig
from SAIMCore.data.phantom import make_phantom
from SAIMCore.data.sources import SeriesSource
from SAIMCore.device import choose_device
from SAIMCore.errors import TrainingError
from SAIMCore.job import LabeledSource, TrainingJob
from SAIMCore.predictor import Predictor
from SAIMCore.rounds.detached_worker import DetachedWorker
from SAIMCore.rounds.run_watch import RunWatch
from SAIMCore.training.configuration import TrainingConfig
from SAIMCore.training.run_lock import holder_of

__all__ = ["measure"]

DECODERS = ("unet",)
TARGET = 1.5
SLICES = 8
# More than a measurement can last.
TRAINING = TrainingConfig(epochs=1, steps_per_epoch=10_000)
SECONDS_BETWEEN_LOOKS = 0.1
# In which a training that goes on is at work again, or one that rests leaves even a GPU.
SECONDS_TO_SETTLE = 0.7


def measure(options: BenchmarkOptions) -> Iterator[Figure]:
    """One ratio per decoder."""
    device = choose_device(options.device)
    for decoder in options.decoders or DECODERS:
        config = model_config(options.size or SIZE, options.encoder, decoder)
        with TemporaryDirectory(prefix="saim-bench-") as folder:
            comparison = _compare(config, device, options.repeats, Path(folder))
        yield Figure.of_ratios(
            "training",
            f"click during a training / without, {decoder}",
            comparison,
            TARGET,
            conditions(config, batch=TRAINING.batch_size),
        )


def _compare(config: ModelConfig, device: torch.device, repeats: int, folder: Path) -> Comparison:
    session, click = ready_session(Predictor(settled_network(config.network), config, device))
    with _training(_job(config, device, folder / "phantoms"), folder / "run") as processes:

        def undo_with(change: Callable[[psutil.Process], None]) -> None:
            session.undo()
            for process in processes:
                change(process)
            time.sleep(SECONDS_TO_SETTLE)

        return compare(
            Work(lambda: session.add(click), before=lambda: undo_with(psutil.Process.resume)),
            Work(lambda: session.add(click), before=lambda: undo_with(psutil.Process.suspend)),
            device,
            repeats,
        )


def _job(config: ModelConfig, device: torch.device, folder: Path) -> TrainingJob:
    """A training of the very network, on phantoms of its size."""
    phantom = make_phantom(folder, 4, 0, size=(config.size, config.size, SLICES))
    series = [
        LabeledSource(SeriesSource(name, image, (image,)), phantom.labels / image.name)
        for name in phantom.names
        for image in [phantom.images / f"{name}.nii.gz"]
    ]
    return TrainingJob(
        config,
        TRAINING,
        folder / "cache",
        {"training": tuple(series[1:]), "validation": (series[0],), "test": ()},
        device=str(device),
        pretrained=False,
    )


@contextlib.contextmanager
def _training(job: TrainingJob, folder: Path) -> Iterator[list[psutil.Process]]:
    """The processes of a training in the background that has made its first step.

    Raises TrainingError when it ends before that.
    """
    job.write(folder)
    watch = RunWatch(folder)
    watch.start(DetachedWorker.start)
    try:
        while watch.progress.step == 0:
            if not watch.look()[1]:
                raise TrainingError(f"nothing was measured: {watch.ending().reason}")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        worker = psutil.Process(holder_of(folder))
        yield [worker, *worker.children(recursive=True)]
    finally:
        watch.kill()
