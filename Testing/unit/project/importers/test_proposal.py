"""Splits that are proposed."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from SAIMCore.data.sources import SeriesSource
from SAIMCore.project.importers.plan import PlannedSeries
from SAIMCore.project.importers.proposal import propose_splits


def one(name: str, labeled: bool = True, patient: str | None = None) -> PlannedSeries:
    path = Path(f"{name}.nii")
    labels = Path(f"labels/{name}.nii") if labeled else None
    return PlannedSeries(SeriesSource(name, path, (path,), patient), labels)


def counts(series: list[PlannedSeries]) -> tuple[int, int, int, int]:
    """Annotated, validation, test, unannotated."""
    statuses = [entry.status for entry in series]
    training, validation, test, pool = (
        statuses.count(status) for status in ("annotated", "validation", "test", "unannotated")
    )
    return training, validation, test, pool


@pytest.mark.parametrize(
    ("labeled", "expected"),
    [
        (0, (0, 0, 0, 2)),
        (1, (1, 0, 0, 2)),
        (2, (1, 1, 0, 2)),
        (3, (1, 1, 1, 2)),
        (5, (3, 1, 1, 2)),
        (20, (12, 4, 4, 2)),
    ],
)
def test_every_split_gets_a_sensible_share(
    labeled: int, expected: tuple[int, int, int, int]
) -> None:
    series = [one(f"s{number}") for number in range(labeled)]
    planned, notes = propose_splits([*series, one("u1", False), one("u2", False)])
    assert counts(planned) == expected
    assert "no splits were given" in notes[0]
    assert len(notes) == (2 if labeled < 3 else 1)
    if labeled < 3:
        assert f"only {labeled} patients have labeled series, but 3 are needed" in notes[1]


def test_series_of_a_patient_never_cross_splits() -> None:
    series = [one(f"s{number}", patient=f"p{number // 3}") for number in range(30)]
    for seed in range(20):
        planned, _ = propose_splits(series, seed)
        statuses = defaultdict(set)
        for entry in planned:
            statuses[entry.source.patient].add(entry.status)
        assert all(len(found) == 1 for found in statuses.values())
        assert counts(planned) == (18, 6, 6, 0)


def test_unlabeled_series_of_any_patient_are_the_pool() -> None:
    series = [one(f"s{number}", patient=f"p{number}") for number in range(5)]
    planned, _ = propose_splits([*series, one("extra", labeled=False)])
    assert planned[-1].status == "unannotated"


def test_a_seed_gives_the_same_splits_in_any_order_of_series() -> None:
    series = [one(f"s{number}") for number in range(12)]
    first, _ = propose_splits(series, 3)
    again, _ = propose_splits(series[::-1], 3)
    assert {e.name: e.status for e in first} == {e.name: e.status for e in again}
    other, _ = propose_splits(series, 4)
    assert {e.name: e.status for e in first} != {e.name: e.status for e in other}


def test_a_declared_test_set_is_the_test_set() -> None:
    declared = PlannedSeries(one("t").source, Path("labels/t.nii"), "test")
    planned, notes = propose_splits([*(one(f"s{number}") for number in range(5)), declared])
    assert counts(planned) == (4, 1, 1, 0)
    assert planned[-1].status == "test"
    assert len(notes) == 1


def test_unlabeled_series_of_patients_held_out_are_excluded_with_a_reason() -> None:
    series = [one(f"s{number}", patient=f"p{number}") for number in range(6)]
    unlabeled = [one(f"u{number}", labeled=False, patient=f"p{number}") for number in range(6)]
    planned, notes = propose_splits([*series, *unlabeled])
    split_of = {entry.source.patient: entry.status for entry in planned[:6]}
    for entry in planned[6:]:
        split = split_of[entry.source.patient]
        if split == "annotated":
            assert (entry.status, entry.reason) == ("unannotated", None)
        else:
            assert entry.status == "excluded"
            assert entry.reason == f"its patient is in the {split} set"
    assert counts(planned) == (4, 1, 1, 4)
    assert notes[1].startswith("2 unlabeled series of patients in the validation or test set are")


def test_unlabeled_series_of_a_declared_test_patient_are_excluded() -> None:
    declared = PlannedSeries(one("t", patient="p").source, Path("labels/t.nii"), "test")
    series = [*(one(f"s{number}") for number in range(5)), declared, one("u", False, patient="p")]
    planned, _ = propose_splits(series)
    assert planned[-1].status == "excluded"
