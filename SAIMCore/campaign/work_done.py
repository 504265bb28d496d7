"""How long annotators worked on each series, and with how many clicks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import SeriesRecord

__all__ = ["WorkDone"]


@dataclass(frozen=True)
class WorkDone:
    """What sittings and logged interactions say, by the names of series.

    seconds: active time of all sittings. interactions: how many were made, undone ones included.
    An annotation has figures of its own, which are all that is known where it was made elsewhere;
    of both, the larger one counts.
    """

    seconds: Mapping[str, float]
    interactions: Mapping[str, int]

    @classmethod
    def on_all(cls, project: Project) -> WorkDone:
        """The work on all series of ``project``, in two queries."""
        return cls(project.sessions.seconds_by_series(), project.interactions.counts())

    @classmethod
    def on_one(cls, project: Project, name: str) -> WorkDone:
        """The work on the series ``name``. Raises ProjectError when there is none."""
        seconds = sum(sitting.seconds_active for sitting in project.sessions.all(name))
        return cls({name: seconds}, {name: len(project.interactions.of(name))})

    def minutes(self, record: SeriesRecord) -> float:
        """Minutes for which annotators were active at the series; 0 where nobody measured."""
        filed = 0.0 if record.annotation is None else record.annotation.minutes
        return max(self.seconds.get(record.name, 0.0) / 60, filed)

    def clicks(self, record: SeriesRecord) -> int:
        """Clicks and other interactions on the series."""
        filed = 0 if record.annotation is None else record.annotation.clicks
        return max(self.interactions.get(record.name, 0), filed)
