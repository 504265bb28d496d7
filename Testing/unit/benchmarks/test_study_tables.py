"""What the studies of conditioning and transfer make of their results."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from SAIMCore.data.atomic import write_json
from Testing.benchmarks import conditioning, transfer


def conditioned_result(seed: int, dice: float, agreed: int) -> dict[str, Any]:
    return {
        "variant": "conditioned",
        "seed": seed,
        "dice": [dice] * (conditioning.ROUNDS + 1),
        "conditioned_answers": 10,
        "agreed": agreed,
    }


def test_conditioning_is_averaged_over_the_seeds(tmp_path: Path) -> None:
    options = argparse.Namespace(out=tmp_path, split="test", variants=["plain", "conditioned"])
    (tmp_path / "test").mkdir()
    for seed, dice, agreed in ((0, 0.5, 4), (1, 0.6, 5)):
        result = conditioned_result(seed, dice, agreed)
        write_json(tmp_path / "test" / f"conditioned, seed {seed}.json", result)
    row = conditioning.table(options).splitlines()[-1]
    assert row == "| conditioned | " + "55.0 ± 7.1 | " * 6 + "45 % | 2 |"


def figures(dice: float) -> dict[str, Any]:
    return {number: {"miou": dice / 2, "dice": dice} for number in ("0", "1")}


def arm_round(begun_by: str, minutes: float) -> dict[str, Any]:
    work = {
        "minutes": minutes,
        "tolerant": 1.5,
        "by_hand": [9, 8],
        "clicks": 4,
        "regions": 6,
        "proposed": 0.25,
    }
    return {
        "begun_by": begun_by,
        "series": {"a": work, "b": {**work, "clicks": 8}},
        "test": figures(0.75),
    }


def transfer_options(out: Path) -> argparse.Namespace:
    return argparse.Namespace(out=out, seeds=[0, 1], rounds=2)


def test_the_rounds_of_an_arm_are_averaged_over_the_seeds(tmp_path: Path) -> None:
    for seed, switched in ((0, "sustainer"), (1, "igniter")):
        igniter = {split: figures(0.4) for split in ("own", "validation", "test")}
        write_json(tmp_path / f"igniter, seed {seed}.json", igniter)
        for number, entry in ((1, arm_round("igniter", 5 + seed)), (2, arm_round(switched, 3))):
            task = transfer.Task("igniter, easy-first", seed, number)
            write_json(task.result(tmp_path), entry)
    *_, first, second = transfer.table(transfer_options(tmp_path)).splitlines()
    assert first == (
        "| igniter, easy-first | 1 | igniter 2x | 2.0 ± 0.0 | 5.5 ± 0.7 (9.0 ± 0.0) "
        "| 1.5 ± 0.0 (8.0 ± 0.0) | 6.0 ± 0.0 | 6.0 ± 0.0 | 25.0 ± 0.0 "
        "| 75.0 ± 0.0 | 75.0 ± 0.0 | 2 |"
    )
    assert second.startswith("| igniter, easy-first | 2 | igniter 1x, sustainer 1x | 2.0 ± 0.0 |")


def test_there_is_no_table_before_there_are_results(tmp_path: Path) -> None:
    assert transfer.table(transfer_options(tmp_path)) == "no results yet"
