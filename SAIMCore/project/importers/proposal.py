"""Splits proposed for a data set that comes without any: by patient, seeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from SAIMCore.project.importers.plan import PlannedSeries
from SAIMCore.project.patients import HELD_OUT

__all__ = ["propose_splits", "without_leak"]

TEST_SHARE = 0.2
VALIDATION_SHARE = 0.2
# One patient each to train, validate and test.
FEWEST_PATIENTS = 3


def propose_splits(
    series: Sequence[PlannedSeries], seed: int = 0
) -> tuple[list[PlannedSeries], list[str]]:
    """Divide the labeled series into annotated (training), validation and test ones.

    All series of a patient go to the same split; a series without a patient id stands for itself.
    A fifth of the patients each is for validation and test, at least one. Series whose data set
    declares them test series stay so, and no others are drawn. The rest is the pool, but without
    the unlabeled series of patients who are in validation or test: these are excluded, since to
    train on them would be to train on the patient. Returns the series in their order and notes
    that say what was done.
    """
    labeled = [entry for entry in series if entry.labels and entry.status != "test"]
    declared = any(entry.status == "test" for entry in series)
    patients = sorted({_patient(entry) for entry in labeled})
    drawn = [patients[place] for place in np.random.default_rng(seed).permutation(len(patients))]
    tests = 0 if declared else _share(len(drawn), TEST_SHARE, FEWEST_PATIENTS)
    validations = _share(len(drawn), VALIDATION_SHARE, FEWEST_PATIENTS - 1)
    status_of = dict.fromkeys(drawn, "annotated")
    status_of.update(dict.fromkeys(drawn[:tests], "test"))
    status_of.update(dict.fromkeys(drawn[tests : tests + validations], "validation"))
    planned = [
        replace(entry, status=status_of[_patient(entry)])
        if entry.labels and entry.status != "test"
        else entry
        for entry in series
    ]
    held_out = {_patient(entry): entry.status for entry in planned if entry.status in HELD_OUT}
    planned = [without_leak(entry, held_out.get(_patient(entry))) for entry in planned]
    return planned, _notes(planned, len(patients), declared)


def without_leak(entry: PlannedSeries, split: str | None) -> PlannedSeries:
    """The series, excluded when it would be in the pool though its patient is in ``split``."""
    if split is None or entry.labels or entry.status != "unannotated":
        return entry
    return replace(entry, status="excluded", reason=f"its patient is in the {split} set")


def _patient(entry: PlannedSeries) -> tuple[bool, str]:
    """What must stay together; a patient's id and a series' name never mean the same."""
    known = entry.source.patient is not None
    return (known, entry.source.patient or entry.name)


def _share(count: int, share: float, fewest: int) -> int:
    """That share of ``count`` patients, at least 1, but none of fewer than ``fewest``."""
    return 0 if count < fewest else max(1, round(count * share))


def _notes(planned: Sequence[PlannedSeries], patients: int, declared: bool) -> list[str]:
    counts = {
        status: sum(entry.status == status for entry in planned)
        for status in ("annotated", "validation", "test", "unannotated")
    }
    notes = [
        f"no splits were given, so {counts['annotated']} labeled series are for training, "
        f"{counts['validation']} for validation and {counts['test']} for testing; "
        f"{counts['unannotated']} are in the pool"
    ]
    excluded = sum(entry.status == "excluded" for entry in planned)
    if excluded:
        notes.append(
            f"{excluded} unlabeled series of patients in the validation or test set are excluded, "
            "so that no patient is trained on and measured"
        )
    needed = FEWEST_PATIENTS - 1 if declared else FEWEST_PATIENTS
    if patients < needed:
        notes.append(
            f"only {patients} patients have labeled series, but {needed} are needed (training, "
            f"validation{'' if declared else ', test'}); label more series"
        )
    return notes
