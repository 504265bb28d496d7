r"""From somebody else's model to one's own (Ma et al., 2022): igniter, sustainer, order, time.

An igniter proposes labels for the series of a project; the virtual user corrects them; the
sustainer is trained on what was corrected, and proposes as soon as it is better than the igniter on
the validation series. As in the paper neither takes interactions: clicks are answered by
conditioned inference. In every round the user has the same minutes, and fills them in an order.
What is finished is kept in the output folder:

    # from one intensity scale to the others
    python -m Testing.benchmarks.transfer ../shared/data/hippocampus --out build/transfer
    # from two classes to all
    python -m Testing.benchmarks.transfer ../shared/data/chaos_t2_128 --out build/transfer-chaos \
        --igniter-classes liver spleen --size 128 --batch-size 4 --minutes 90
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from SAIMCore.data.atomic import write_json
from SAIMCore.data.cache import SeriesCache
from SAIMCore.evaluation import evaluate
from Testing.benchmarks.series import BenchmarkSeries
from Testing.benchmarks.tasks import mean_and_deviation, parser_for, prepare_output, run_tasks
from Testing.benchmarks.transfer_campaign import Arm, Campaign
from Testing.benchmarks.transfer_igniter import MappedPredictor
from Testing.benchmarks.transfer_series import fewer_classes, opened, other_intensities
from Testing.benchmarks.transfer_training import figures, train

ARMS = {
    "igniter, easy-first": Arm("easy"),
    "igniter, hard-first": Arm("hard"),
    "igniter, entropy": Arm("entropy"),
    "no igniter, easy-first": Arm("easy", igniter=False),
    "igniter, easy-first, outlines only": Arm("easy", clicks=False),
}


@dataclass(frozen=True)
class Task:
    """One round of an arm with a seed; no arm: the training of the igniter."""

    arm: str | None
    seed: int
    round: int = 0

    @property
    def name(self) -> str:
        if self.arm is None:
            return f"igniter, seed {self.seed}"
        return f"{self.arm}, seed {self.seed}, round {self.round}"

    def result(self, out: Path) -> Path:
        return out / f"{self.name}.json"

    def read(self, out: Path) -> dict[str, Any]:
        """What came of it."""
        found: dict[str, Any] = json.loads(self.result(out).read_text(encoding="utf-8"))
        return found


def run_task(task: Task, options: argparse.Namespace) -> None:
    """Train the igniter, or go through a round, unless its result is there already."""
    result = task.result(options.out)
    if result.exists():
        return
    torch.set_num_threads(options.threads)
    theirs, ours = both(options)
    longer = argparse.Namespace(**{**vars(options), "steps": options.igniter_steps})
    igniter = train("igniter", theirs, theirs.training(), task.seed, longer)
    if task.arm is None:
        write_json(result, judged(igniter, ours, options) | {"own": figures(igniter, "validation")})
        return
    miou = Task(None, task.seed).read(options.out)["validation"]["0"]["miou"]
    campaign = Campaign(ARMS[task.arm], task.seed, (igniter, miou), ours, options)
    for number in range(1, task.round):
        campaign.went_through(replace(task, round=number).read(options.out))
    write_json(result, campaign.round())
    print(task.name, flush=True)


def both(options: argparse.Namespace) -> tuple[BenchmarkSeries, BenchmarkSeries]:
    """The igniter's series and the project's."""
    if options.igniter_classes:
        folder = options.out / "igniter-labels"
        return fewer_classes(options.data, options.splits, options.igniter_classes, folder)
    sizes = {
        "train_initial": options.igniter_series,
        "pool": options.pool,
        "validation": options.validation,
        "test": options.test,
    }
    return other_intensities(options.data, options.splits, sizes, options.out / "levels.json")


def judged(
    checkpoint: Path, series: BenchmarkSeries, options: argparse.Namespace
) -> dict[str, Any]:
    """The igniter's figures on the project's validation and test series, as in ``figures``."""
    cache, document = SeriesCache(options.out / "cache"), {}
    igniter = MappedPredictor(checkpoint, series.classes)
    for split in ("validation", "test"):
        entries = [opened(entry, series, cache) for entry in series.splits[split]]
        found = evaluate(igniter, entries, max_clicks=0).scores(0)
        document[split] = {"0": {"miou": found.mean_iou, "dice": float(np.mean(found.dice))}}
    return document


def read(options: argparse.Namespace, arm: str | None, number: int = 0) -> list[dict[str, Any]]:
    """A round of an arm (no arm: of the igniters), once for each seed that is finished."""
    tasks = [Task(arm, seed, number) for seed in options.seeds]
    return [task.read(options.out) for task in tasks if task.result(options.out).exists()]


def table(options: argparse.Namespace) -> str:
    """Markdown: the igniter, then every arm round by round; means ± deviation over the seeds."""
    igniters = read(options, None)
    if not igniters:
        return "no results yet"
    lines = [
        f"Igniter, Dice: {_dice(igniters, 'own')} on validation series of its own, "
        f"{_dice(igniters, 'validation')} on the project's, {_dice(igniters, 'test')} on its test "
        "series.",
        "",
        "| arm | round | begun by | series | minutes a series (by hand) | rims left (by hand) "
        "| clicks a series "
        "| outlines a series | Dice begun with | test Dice, 0 clicks | 1 click | seeds |",
        "|" + "---|" * 12,
    ]
    for arm in ARMS:
        for number in range(1, options.rounds + 1):
            found = read(options, arm, number)
            if found:
                lines.append(f"| {arm} | {number} | {_row(found)} | {len(found)} |")
    return "\n".join(lines)


def _dice(documents: list[dict[str, Any]], split: str) -> str:
    return mean_and_deviation([document[split]["0"]["dice"] for document in documents])


def _row(rounds: list[dict[str, Any]]) -> str:
    begun = [entry["begun_by"] for entry in rounds]
    series = [list(entry["series"].values()) for entry in rounds]

    def average(key: str) -> list[float]:
        return [float(np.mean([one[key] for one in entries])) for entries in series if entries]

    def by_hand(place: int) -> str:
        return plain([np.mean([one["by_hand"][place] for one in entries]) for entries in series])

    return " | ".join(
        [
            ", ".join(f"{who} {begun.count(who)}x" for who in sorted(set(begun))),
            plain(list(map(len, series))),
            f"{plain(average('minutes'))} ({by_hand(0)})",
            f"{plain(average('tolerant'))} ({by_hand(1)})",
            plain(average("clicks")),
            plain(average("regions")),
            mean_and_deviation(average("proposed")),
            *(
                mean_and_deviation([entry["test"][n]["dice"] for entry in rounds])
                for n in ("0", "1")
            ),
        ]
    )


def plain(values: Sequence[float]) -> str:
    """Like "5.3 ± 0.4"; "" for no values."""
    if not values:
        return ""
    mean = f"{np.mean(values):.1f}"
    return f"{mean} ± {np.std(values, ddof=1):.1f}" if len(values) > 1 else mean


def parse() -> argparse.Namespace:
    parser = parser_for(__doc__, steps=160, epochs=1, batch_size=8, learning_rate=3e-3)
    parser.add_argument("--arms", nargs="*", default=list(ARMS), choices=list(ARMS))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=60, help="the user's, in every round")
    parser.add_argument("--clicks", type=int, default=2, help="at most, per class and slice")
    parser.add_argument("--igniter-steps", type=int, default=240)
    parser.add_argument("--igniter-classes", nargs="*", default=[], help="those that it knows")
    # How many series there are where the igniter has another intensity scale.
    parser.add_argument("--igniter-series", type=int, default=8)
    parser.add_argument("--pool", type=int, default=16)
    parser.add_argument("--validation", type=int, default=4)
    parser.add_argument("--test", type=int, default=8)
    parser.add_argument(
        "--decoder-channels", nargs=5, type=int, default=[128, 64, 32, 16, 16], metavar="C"
    )
    return parser.parse_args()


def main() -> None:
    options = parse()
    prepare_output(options)
    (options.out / "runs").mkdir(exist_ok=True)
    if not options.table:
        run_tasks(run_task, [Task(None, seed) for seed in options.seeds], options)
        for number in range(1, options.rounds + 1):
            arms = [Task(arm, seed, number) for seed in options.seeds for arm in options.arms]
            run_tasks(run_task, arms, options)
    print(table(options))


if __name__ == "__main__":
    main()
