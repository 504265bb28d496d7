"""The emulated loop with several selection strategies and seeds (SAIM, section 4.2 and Table 1).

Every strategy gets the same series, network, steps and seeds; the same network is trained on the
reference labels of the same series ("classical") at the first, middle and last round. What is
finished is kept in the output folder, so that an interrupted benchmark goes on where it was:

    python -m Testing.benchmarks.selection ../shared/data/hippocampus --out build/selection
    python -m Testing.benchmarks.selection ../shared/data/hippocampus --out build/selection --table
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from pathlib import Path

from SAIMCore.acquisition import STRATEGIES
from SAIMCore.data.atomic import write_json
from SAIMCore.experiments.emulation import emulate
from SAIMCore.experiments.options import EmulationOptions
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from SAIMCore.project.settings import SETTINGS_FILE
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.training.configuration import TrainingConfig
from Testing.benchmarks.tasks import (
    NO_RULES,
    mean_and_deviation,
    parser_for,
    prepare_output,
    run_tasks,
)

COMPARED = ("entropy", "random", "foreground-random")


@dataclass(frozen=True)
class Task:
    """One emulated scenario."""

    strategy: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.strategy}_seed_{self.seed}"


def run_task(task: Task, options: argparse.Namespace) -> None:
    """Emulate ``task``, or go on with it, unless its result is there already."""
    result = options.out / f"{task.name}.json"
    if result.exists():
        return
    import torch

    torch.set_num_threads(options.threads)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # for the workers that train
    folder = options.out / "runs" / task.name
    with open_project(folder / "project", options) as project:
        found = emulate(project, scenario(task, folder / "report", options))
    write_json(result, found.to_json())
    print(
        task.name,
        [round(100 * (entry.test[found.clicks].mean_iou or 0), 1) for entry in found.rounds],
        flush=True,
    )


def open_project(place: Path, options: argparse.Namespace) -> Project:
    if (place / SETTINGS_FILE).is_file():
        return Project.open(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    plan = plan_import(
        options.data / "images", options.data / "labels", splits=str(splits_file(options))
    )
    training = TrainingConfig(generation=NO_RULES)
    return Project.create(place, plan, name=place.parent.name, training=training)


def splits_file(options: argparse.Namespace) -> Path:
    """The group of the data's splits with ``options.initial`` series to start with."""
    path: Path = options.out / "splits.json"
    if not path.exists():
        document = json.loads((options.data / "splits.json").read_text(encoding="utf-8"))
        splits = document[options.splits]
        series = splits["train_initial"] + splits["pool"]
        splits["train_initial"] = series[: options.initial]
        splits["pool"] = series[options.initial :]
        write_json(path, {"classes": document["classes"], "splits": splits})
    return path


def scenario(task: Task, report: Path, options: argparse.Namespace) -> EmulationOptions:
    return EmulationOptions(
        rounds=options.rounds,
        query_size=options.query_size,
        folder=report,
        strategy=task.strategy,
        clicks=options.clicks,
        seed=task.seed,
        training=RoundOptions(
            encoder=options.encoder,
            memory=options.memory,
            decoder="unet",
            size=options.size,
            pretrained=False,
            epochs=options.epochs,
            steps_per_epoch=options.steps // options.epochs,
            batch_size=options.batch_size,
            learning_rate=options.learning_rate,
            schedule=options.schedule,
            device=options.device,
        ),
    )


def table(options: argparse.Namespace) -> str:
    """Markdown: test mIoU per round without and with clicks, mean ± deviation over seeds."""
    lines = [
        "| strategy | round | series | mIoU, 0 clicks | classical | mIoU, 3 clicks | classical "
        "| clicks so far | mIoU of the annotations | seeds |",
        "|" + "---|" * 10,
    ]
    for strategy in options.strategies:
        found = [
            json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(options.out.glob(f"{strategy}_seed_*.json"))
        ]
        for number in range(options.rounds + 1 if found else 0):
            rounds = [document["rounds"][number] for document in found]
            classical = [
                entry
                for document in found
                for entry in document["classical"]
                if entry["number"] == number
            ]
            made = [
                sum(entry["clicks"] for entry in document["rounds"][: number + 1])
                for document in found
            ]
            agreement = [entry["label_iou"] for entry in rounds if entry["label_iou"] is not None]
            cells = [
                strategy,
                "initial" if number == 0 else str(number),
                str(rounds[0]["series"]),
                *(
                    mean_and_deviation([entry["test"][clicks]["mean_iou"] for entry in entries])
                    for clicks in ("0", "3")
                    for entries in (rounds, classical)
                ),
                f"{sum(made) / len(made):.0f}",
                mean_and_deviation(agreement),
                str(len(found)),
            ]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def parse() -> argparse.Namespace:
    parser = parser_for(__doc__, splits="small", steps=240, batch_size=8, learning_rate=3e-3)
    parser.add_argument(
        "--strategies", nargs="*", default=list(COMPARED), choices=sorted(STRATEGIES)
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--query-size", type=int, default=2)
    parser.add_argument("--initial", type=int, default=6, help="series annotated at the start")
    parser.add_argument("--clicks", type=int, default=10, help="at most, per class and slice")
    parser.add_argument("--memory", default="sequential")
    return parser.parse_args()


def main() -> None:
    options = parse()
    prepare_output(options)
    if not options.table:
        splits_file(options)  # before the processes start, which would all write it
        tasks = [Task(strategy, seed) for seed in options.seeds for strategy in options.strategies]
        run_tasks(run_task, tasks, options)
    print(table(options))


if __name__ == "__main__":
    main()
