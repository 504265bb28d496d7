"""What annotating took: over time, and what it will take for the series that are left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from scipy.stats import theilslopes

from SAIMCore.campaign.work_done import WorkDone
from SAIMCore.project.filing import IMPORTED

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import ScoreRecord, SeriesRecord

__all__ = [
    "ENTROPY",
    "AnnotationEffort",
    "EffortModel",
    "annotation_efforts",
    "describe_trend",
    "effort_over_time",
]

# The score that effort is related to: how unsure the model is says how much there is to correct.
ENTROPY = "entropy"
# So many annotations say how fast annotators are by now.
LATEST = 10
# So many are needed for a relation to the score, and so many of the latest ones are looked at:
# those of one round alone have much the same scores.
LEAST_RELATED, MOST_RELATED = 5, 30
# A prediction stays within the median divided and multiplied by this, wherever the line goes.
FURTHEST = 10.0
# So many at the beginning are compared with as many at the end.
COMPARED = 5


@dataclass(frozen=True)
class AnnotationEffort:
    """What it took to annotate ``series``, corrections of an earlier annotation included.

    accepted: UTC, ISO 8601. minutes: None where nobody measured. model_version, round: the model
    that it was made with, None without one. score: the last entropy score (0 to 1) that the series
    had before it was accepted, None without one.
    """

    series: str
    accepted: str
    annotator: str
    slices: int
    minutes: float | None
    clicks: int
    model_version: str | None
    round: int | None
    score: float | None

    @property
    def minutes_per_slice(self) -> float | None:
        return None if self.minutes is None else self.minutes / self.slices


@dataclass(frozen=True)
class EffortModel:
    """How many minutes a series will take, from those that were annotated.

    minutes_per_slice: median of the latest 10 annotations with a known time; annotators become
    faster, and the model better, so older ones count no more. None: nothing is known.

    From 5 annotations with a known time and entropy score on, minutes per slice are a line over
    the score: ``at_zero`` + ``slope`` x score. The slope is Theil's and Sen's (the median of the
    slopes between all pairs of the latest 30), which a coffee break or two do not move; the height
    is the median one of the latest 10. A falling line is chance, not less work where the model is
    less sure, and gives way to the median.
    """

    minutes_per_slice: float | None = None
    slope: float = 0.0
    at_zero: float = 0.0

    @classmethod
    def fit(cls, efforts: Iterable[AnnotationEffort]) -> EffortModel:
        """Learn from ``efforts``, in the order of their time."""
        timed = [effort for effort in efforts if effort.minutes_per_slice is not None]
        if not timed:
            return cls()
        middle = median(_speeds(timed[-LATEST:]))
        scored = [
            (effort.score, effort.minutes_per_slice)
            for effort in timed
            if effort.score is not None and effort.minutes_per_slice is not None
        ][-MOST_RELATED:]
        if len(scored) < LEAST_RELATED or len({score for score, _ in scored}) < 2:
            return cls(middle)
        scores, speeds = zip(*scored, strict=True)
        slope = float(theilslopes(speeds, scores)[0])
        if slope <= 0:
            return cls(middle)
        return cls(
            middle, slope, median(speed - slope * score for score, speed in scored[-LATEST:])
        )

    def predict(self, slices: int, score: float | None) -> float | None:
        """Minutes for a series of ``slices`` slices with that entropy score, None if unknown."""
        middle = self.minutes_per_slice
        if middle is None:
            return None
        if score is None or self.slope == 0:
            return slices * middle
        speed = self.at_zero + self.slope * score
        return slices * min(max(speed, middle / FURTHEST), middle * FURTHEST)


def annotation_efforts(
    records: Iterable[SeriesRecord],
    work: WorkDone,
    entropies: Mapping[str, ScoreRecord],
    rounds: Mapping[str, int | None],
) -> list[AnnotationEffort]:
    """What the current annotations of ``records`` took, in the order in which they were accepted.

    entropies: the latest entropy scores. rounds: the round of each model, by its version. Labels
    that came with the images took nobody's time here and are left out.
    """
    found = []
    for record in records:
        annotation = record.annotation
        if annotation is None or annotation.annotator == IMPORTED:
            continue
        version, score = annotation.model_version, entropies.get(record.name)
        found.append(
            AnnotationEffort(
                series=record.name,
                accepted=annotation.created,
                annotator=annotation.annotator,
                slices=record.num_slices,
                minutes=work.minutes(record) or None,
                clicks=work.clicks(record),
                model_version=version,
                round=None if version is None else rounds.get(version),
                score=score.value if score and score.created <= annotation.created else None,
            )
        )
    return sorted(found, key=lambda effort: (effort.accepted, effort.series))


def effort_over_time(project: Project) -> list[AnnotationEffort]:
    """What the annotations of ``project`` took, in the order in which they were accepted."""
    models = project.models.all()
    current = next((model.version for model in models if model.current), "")
    return annotation_efforts(
        project.series(),
        WorkDone.on_all(project),
        project.scores.latest(ENTROPY, current),
        {model.version: model.round for model in models},
    )


def describe_trend(efforts: Iterable[AnnotationEffort]) -> str:
    """A sentence: whether annotating is getting cheaper, with the figures that say so."""
    timed = [effort for effort in efforts if effort.minutes_per_slice is not None]
    if len(timed) < 2 * COMPARED:
        return (
            "whether annotating gets cheaper cannot be said yet: it takes "
            f"{2 * COMPARED} annotations with a known time, and there are {len(timed)}"
        )
    first, latest = (median(_speeds(part)) for part in (timed[:COMPARED], timed[-COMPARED:]))
    verdict = "is getting cheaper" if latest < first else "is not getting cheaper"
    return (
        f"annotating {verdict}: the latest {COMPARED} series took {latest:.2f} minutes a slice, "
        f"the first {COMPARED} took {first:.2f} (medians)"
    )


def _speeds(efforts: Sequence[AnnotationEffort]) -> list[float]:
    """Minutes per slice of those whose time is known."""
    return [effort.minutes_per_slice for effort in efforts if effort.minutes_per_slice is not None]
