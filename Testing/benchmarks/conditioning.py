"""Scribble-conditioned inference against plain inference and against DDG-SIM's clicks.

Sambaturu et al., 2021 (Figure 3, Table 3, supplement A). A network that takes no interactions and
DDG-SIM are trained on the same series with the same steps and seeds; the same virtual user corrects
both, slice by slice. What is finished is kept in the output folder; a training is shared by all
variants:

    python -m Testing.benchmarks.conditioning ../shared/data/hippocampus --out build/conditioning
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from SAIMCore.checkpoint import load_checkpoint
from SAIMCore.conditioning.inference import ConditioningOptions
from SAIMCore.data.atomic import write_json
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.job import TrainingJob
from SAIMCore.metrics import SegmentationScores, SeriesScores, aggregate, mean_of_present
from SAIMCore.session.conditioning import SliceConditioning
from Testing.benchmarks import ablation
from Testing.benchmarks.corrections import Correcting, WatchedPredictor, corrected, spread_slices
from Testing.benchmarks.series import read_benchmark
from Testing.benchmarks.tasks import mean_and_deviation, parser_for, prepare_output, run_tasks

AUTO, DDG_SIM = "Auto", "DDG-SIM U-Net, rules 2-4 off"
ROUNDS = 5


@dataclass(frozen=True)
class Variant:
    """One row of the table: whose weights, and how the slices are corrected."""

    system: str
    correcting: Correcting = field(default_factory=Correcting)


# What a name says is another one than here; the defaults came of this study, so they are no base.
BASE = {"learning_rate": 0.01, "alpha": 0.01, "steps": 10, "layer_count": 3}


def conditioned(
    threshold: float | None = None, reach: int | None = None, **options: Any
) -> SliceConditioning:
    return SliceConditioning(ConditioningOptions(**(BASE | options)), threshold, reach)


SIX_GENTLY = conditioned(layer_count=6, learning_rate=0.003)

# Of the network without interactions, "conditioned" by what ``BASE`` says.
VARIANTS: dict[str, Variant] = {
    "plain": Variant(AUTO),
    "conditioned": Variant(AUTO, Correcting(conditioned())),
    "DDG-SIM": Variant(DDG_SIM),
    "DDG-SIM, conditioned": Variant(DDG_SIM, Correcting(conditioned())),
    "alpha 1": Variant(AUTO, Correcting(conditioned(alpha=1))),
    "growing 0.2": Variant(AUTO, Correcting(conditioned(0.2))),
    "growing 0.2, at most 2 pixels": Variant(AUTO, Correcting(conditioned(0.2, 2))),
    "growing 0.2 paints, not conditioned": Variant(AUTO, Correcting(painted=0.2)),
    "strokes, plain": Variant(AUTO, Correcting(strokes=True)),
    "strokes, conditioned": Variant(AUTO, Correcting(conditioned(), strokes=True)),
    "strokes, growing 0.2": Variant(AUTO, Correcting(conditioned(0.2), strokes=True)),
    "strokes, alpha 1": Variant(AUTO, Correcting(conditioned(alpha=1), strokes=True)),
    "strokes, DDG-SIM": Variant(DDG_SIM, Correcting(strokes=True)),
    "DDG-SIM, alpha 1": Variant(DDG_SIM, Correcting(conditioned(alpha=1))),
    "1 layer": Variant(AUTO, Correcting(conditioned(layer_count=1))),
    "2 layers": Variant(AUTO, Correcting(conditioned(layer_count=2))),
    "6 layers": Variant(AUTO, Correcting(conditioned(layer_count=6))),
    "6 layers, rate 0.003": Variant(AUTO, Correcting(SIX_GENTLY)),
    "strokes, 6 layers, rate 0.003": Variant(AUTO, Correcting(SIX_GENTLY, strokes=True)),
    "DDG-SIM, 6 layers, rate 0.003": Variant(DDG_SIM, Correcting(SIX_GENTLY)),
    "rate 0.003": Variant(AUTO, Correcting(conditioned(learning_rate=0.003))),
    "rate 0.03": Variant(AUTO, Correcting(conditioned(learning_rate=0.03))),
    "rate 0.003, 30 steps": Variant(AUTO, Correcting(conditioned(learning_rate=0.003, steps=30))),
    "30 steps": Variant(AUTO, Correcting(conditioned(steps=30))),
}


@dataclass(frozen=True)
class Task:
    """All variants with the weights of one seed: a process of its own."""

    seed: int


def run_task(task: Task, options: argparse.Namespace) -> None:
    """Correct the slices of the split with every variant whose result is not there yet."""
    import torch

    torch.set_num_threads(options.threads)
    for name in options.variants:
        result = options.out / options.split / f"{name}, seed {task.seed}.json"
        if result.exists():
            continue
        variant = VARIANTS[name]
        checkpoint, series = trained(ablation.Task(variant.system, task.seed), options)
        predictor = WatchedPredictor(*load_checkpoint(checkpoint), options.device)
        document = measured(predictor, series, variant.correcting, task.seed, options.slices)
        write_json(result, {"variant": name, "seed": task.seed, **document})
        print(result.stem, [round(100 * dice, 1) for dice in document["dice"]], flush=True)


def trained(task: ablation.Task, options: argparse.Namespace) -> tuple[Path, list[LabeledSeries]]:
    """The checkpoint, trained where it is missing, and the series on which it is measured."""
    benchmark = read_benchmark(options.data, options.splits)
    checkpoint = ablation.train(task, benchmark, options)
    job = TrainingJob.read(options.out / "runs" / task.name)
    measured_on = {"test": benchmark.splits[options.split]}
    return checkpoint, replace(job, series=measured_on).labeled_series("test")


def measured(
    predictor: WatchedPredictor,
    series: Sequence[LabeledSeries],
    correcting: Correcting,
    seed: int,
    count: int,
) -> dict[str, Any]:
    """Dice after 0 to ``ROUNDS`` rounds on ``count`` slices of each series; what was obeyed."""
    scores: list[list[SeriesScores]] = []
    for entry in series:
        chosen = spread_slices(entry.labels[:], count)
        slices = np.stack([entry.slices[index] for index in chosen])
        references = np.stack([entry.labels[index] for index in chosen])
        running = [SegmentationScores(predictor.classes) for _ in range(ROUNDS + 1)]
        rounds = corrected(predictor, entry.name, slices, references, ROUNDS, correcting, seed)
        for number, labels in enumerate(rounds):
            running[number].add(labels, references)
        scores.append([found.scores() for found in running])
    found = [aggregate(predictor.classes, list(after)) for after in zip(*scores, strict=True)]
    return {
        "dice": [mean_of_present(after.dice) for after in found],
        "dice_per_class": [dict(zip(after.names, after.dice, strict=True)) for after in found],
        "conditioned_answers": predictor.asked,
        "agreed": predictor.agreed,
    }


def table(options: argparse.Namespace) -> str:
    """Markdown: Dice per variant and round, mean ± deviation over the seeds."""
    lines = [
        "| | " + " | ".join(map(str, range(ROUNDS + 1))) + " | all marks obeyed | seeds |",
        "|" + "---|" * (ROUNDS + 4),
    ]
    for name in options.variants:
        found = [
            json.loads(path.read_text(encoding="utf-8"))
            for path in sorted((options.out / options.split).glob(f"{name}, seed *.json"))
        ]
        if found:
            cells = [
                mean_and_deviation([document["dice"][number] for document in found])
                for number in range(ROUNDS + 1)
            ]
            cells += [_obeyed(found), str(len(found))]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _obeyed(found: Sequence[Mapping[str, Any]]) -> str:
    """Share of the conditioned answers that agree with all that was demanded."""
    asked = sum(document["conditioned_answers"] for document in found)
    return f"{100 * sum(document['agreed'] for document in found) / asked:.0f} %" if asked else ""


def parse() -> argparse.Namespace:
    parser = parser_for(
        __doc__, splits="small", steps=300, epochs=1, batch_size=8, learning_rate=3e-3
    )
    parser.add_argument("--variants", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--split", default="test", help="validation: to choose options")
    parser.add_argument("--slices", type=int, default=8, help="per series, with foreground")
    parser.add_argument(
        "--decoder-channels", nargs=5, type=int, default=[128, 64, 32, 16, 16], metavar="C"
    )
    return parser.parse_args()


def main() -> None:
    options = parse()
    prepare_output(options)
    (options.out / options.split).mkdir(exist_ok=True)
    if not options.table:
        run_tasks(run_task, [Task(seed) for seed in options.seeds], options)
    print(table(options))


if __name__ == "__main__":
    main()
