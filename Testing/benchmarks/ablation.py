"""Ablation like Table 1, Figure 7 and Figure 9 of DDG-SIM (Mikhailov et al., 2023).

Every system gets the same series, steps, encoder and seeds; what is finished is kept in the
output folder, so that an interrupted benchmark goes on where it was:

    python -m Testing.benchmarks.ablation ../shared/data/hippocampus --out build/ablation
    python -m Testing.benchmarks.ablation ../shared/data/hippocampus --out build/ablation --table
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from SAIMCore.checkpoint import ModelConfig, load_checkpoint
from SAIMCore.data.atomic import write_json
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.evaluation import evaluate
from SAIMCore.job import TrainingJob
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.predictor import Predictor
from SAIMCore.training.configuration import GenerationOptions, TrainingConfig
from SAIMCore.training.processes import Processes
from SAIMCore.training_run import RESULT_FILE, TrainingRun
from Testing.benchmarks.series import BenchmarkSeries, read_benchmark
from Testing.benchmarks.tasks import (
    NO_RULES,
    mean_and_deviation,
    parser_for,
    prepare_output,
    run_tasks,
)

DEFAULT = GenerationOptions()


@dataclass(frozen=True)
class System:
    """One row of the table. ``trained_as``: the system whose weights it uses, if not its own."""

    memory: str
    decoder: str = "unet"
    generation: GenerationOptions = DEFAULT
    trained_as: str | None = None


SYSTEMS: dict[str, System] = {
    "Auto": System("none"),
    "SDG-base": System("base", generation=GenerationOptions(kind="static")),
    # As in the paper: the network of SDG-base, used with a memory of all clicks.
    "SDG-CIM": System("cumulative", trained_as="SDG-base"),
    "DDG-CIM": System("cumulative"),
    "DDG-SIM U-Net": System("sequential"),
    "DDG-SIM ConvLSTM": System("sequential", "convlstm"),
    "DDG-SIM ConvLSTM, rules 2-4 off": System("sequential", "convlstm", NO_RULES),
    "DDG-CIM, rules 2-4 off": System("cumulative", generation=NO_RULES),
    "DDG-SIM U-Net, rules 2-4 off": System("sequential", generation=NO_RULES),
    "DDG-SIM ConvLSTM, memory always full": System(
        "sequential", "convlstm", GenerationOptions(random_fill=False)
    ),
}


@dataclass(frozen=True)
class Task:
    """One training and evaluation: a system with a seed."""

    system: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.system}, seed {self.seed}".replace(" ", "_").replace(",", "")


def run_task(task: Task, options: argparse.Namespace) -> None:
    """Train and evaluate ``task`` unless its result is there already."""
    import torch

    torch.set_num_threads(options.threads)
    system = SYSTEMS[task.system]
    result = options.out / f"{task.name}.json"
    if result.exists():
        return
    benchmark = read_benchmark(options.data, options.splits)
    trained = Task(system.trained_as or task.system, task.seed)
    checkpoint = train(trained, benchmark, options)
    network, config = load_checkpoint(checkpoint)
    config = replace(config, network=replace(config.network, memory_variant=system.memory))
    job = TrainingJob.read(options.out / "runs" / trained.name)
    test = replace(job, series={"test": benchmark.splits["test"]}).labeled_series("test")
    evaluation = evaluate(Predictor(network, config, options.device), test)
    document = {"system": task.system, "seed": task.seed, "clicks": evaluation.to_json()}
    write_json(result, document)
    print(task.name, [round(100 * evaluation.scores(n).mean_iou, 1) for n in range(4)], flush=True)


def train(task: Task, benchmark: BenchmarkSeries, options: argparse.Namespace) -> Path:
    """The folder of the trained checkpoint; trains, or goes on training, where it is missing."""
    folder = options.out / "runs" / task.name
    if not (folder / RESULT_FILE).exists():
        job_for(task, benchmark, options).write(folder)
        finished = TrainingRun(
            TrainingJob.read(folder), folder, Processes(), lambda event: None, lambda: False
        ).run()
        assert finished
    outcome: dict[str, Any] = json.loads((folder / RESULT_FILE).read_text(encoding="utf-8"))
    return folder / outcome["checkpoint"]


def job_for(task: Task, benchmark: BenchmarkSeries, options: argparse.Namespace) -> TrainingJob:
    system = SYSTEMS[task.system]
    network = NetworkConfig(
        len(benchmark.classes),
        memory_variant=system.memory,
        decoder=system.decoder,
        encoder=options.encoder,
        decoder_channels=tuple(options.decoder_channels),
    )
    model = ModelConfig(
        network, benchmark.classes, PreprocessingOptions(), options.size, task.name, {}
    )
    training = TrainingConfig(
        epochs=options.epochs,
        steps_per_epoch=options.steps // options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        schedule=options.schedule,
        seed=task.seed,
        generation=system.generation,
    )
    # Without the test series: ``run_task`` evaluates on them with the memory of its system.
    series = {"training": benchmark.training(), "validation": benchmark.splits["validation"]}
    return TrainingJob(
        model, training, options.out / "cache", series, options.device, pretrained=False
    )


def table(options: argparse.Namespace) -> str:
    """Markdown: per system and number of clicks mIoU, and in brackets the IoU of each class."""
    documents = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(options.out.glob("*.json"))
    ]
    if not documents:
        return "no results yet"
    names = list(documents[0]["clicks"]["0"]["iou"])
    lines = [
        f"mIoU in % ± standard deviation over the seeds (IoU of {', '.join(names)})",
        "",
        "| system | 0 clicks | 1 click | 2 clicks | 3 clicks | seeds |",
        "|---|---|---|---|---|---|",
    ]
    for system in SYSTEMS:
        found = [document["clicks"] for document in documents if document["system"] == system]
        if found:
            cells = [_cell([clicks[str(number)] for clicks in found], names) for number in range(4)]
            lines.append(f"| {system} | {' | '.join(cells)} | {len(found)} |")
    return "\n".join(lines)


def _cell(entries: list[dict[str, Any]], names: list[str]) -> str:
    mean_iou = mean_and_deviation([entry["mean_iou"] for entry in entries])
    per_class = [sum(entry["iou"][name] for entry in entries) / len(entries) for name in names]
    return f"{mean_iou} ({' / '.join(f'{100 * value:.1f}' for value in per_class)})"


def parse() -> argparse.Namespace:
    parser = parser_for(__doc__)
    parser.add_argument("--systems", nargs="*", default=list(SYSTEMS), choices=list(SYSTEMS))
    parser.add_argument(
        "--decoder-channels", nargs=5, type=int, default=[128, 64, 32, 16, 16], metavar="C"
    )
    return parser.parse_args()


def main() -> None:
    options = parse()
    prepare_output(options)
    if not options.table:
        tasks = [Task(system, seed) for seed in options.seeds for system in options.systems]
        # Those that borrow weights come last, when the weights are there.
        for borrowing in (False, True):
            chosen = [
                task for task in tasks if (SYSTEMS[task.system].trained_as is not None) is borrowing
            ]
            run_tasks(run_task, chosen, options)
    print(table(options))


if __name__ == "__main__":
    main()
