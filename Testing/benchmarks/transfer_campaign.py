"""The rounds of one arm of the transfer study: annotate, train, see who proposes next."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from SAIMCore.data.cache import SeriesCache
from SAIMCore.predictor import Predictor
from Testing.benchmarks.annotation_time import filled, ordered
from Testing.benchmarks.series import BenchmarkSeries
from Testing.benchmarks.transfer_igniter import MappedPredictor
from Testing.benchmarks.transfer_series import opened
from Testing.benchmarks.transfer_training import figures, train
from Testing.benchmarks.transfer_user import (
    COST,
    Annotated,
    Answering,
    Proposal,
    annotated,
    proposal,
)

__all__ = ["Arm", "Campaign"]

BATCH = 16


@dataclass(frozen=True)
class Arm:
    """One way to annotate: in which order, beginning with the igniter or with nothing.

    clicks: proposals are corrected by clicks, and the rest outlined; else all is outlined.
    """

    order: str
    igniter: bool = True
    clicks: bool = True


class Campaign:
    """An arm before one of its rounds, once it went through the rounds before.

    igniter: its checkpoint, and its mIoU on the project's validation series.
    """

    def __init__(
        self,
        arm: Arm,
        seed: int,
        igniter: tuple[Path, float],
        series: BenchmarkSeries,
        options: argparse.Namespace,
    ) -> None:
        self._arm, self._seed, self._options = arm, seed, options
        self._igniter, self._igniter_miou = igniter
        self._series = series
        self._cache = SeriesCache(options.out / "cache")
        self._pool = {entry.source.name: entry for entry in series.splits["pool"]}
        self._done: list[str] = []
        self._rest = 0.0
        self._sustainer: Path | None = None

    def went_through(self, outcome: Mapping[str, Any]) -> None:
        """Take over what came of an earlier round."""
        self._done += outcome["series"]
        self._rest = outcome["rest"]
        self._sustainer = self._trained()

    def _trained(self) -> Path:
        annotated_series = tuple(self._pool[name] for name in sorted(self._done))
        return train("sustainer", self._series, annotated_series, self._seed, self._options)

    def round(self) -> dict[str, Any]:
        """Annotate for the round's minutes, train; what came of it."""
        begun_by, answering = self._answering()
        waiting = [name for name in self._pool if name not in self._done]
        proposals = {name: self._proposal(name, answering) for name in waiting}
        made: dict[str, Annotated] = {}

        def spent_on(name: str) -> float:
            made[name] = self._annotate(name, proposals[name], answering)
            return COST.minutes(made[name].work)

        order = self._ordered(proposals, known=answering is not None)
        done, self._rest = filled(order, self._options.minutes + self._rest, spent_on)
        self._done += done
        self._sustainer = self._trained()
        return {
            "begun_by": begun_by,
            "series": {
                name: asdict(entry.work)
                | {
                    "minutes": COST.minutes(entry.work),
                    "tolerant": COST.minutes(entry.tolerant),
                    "by_hand": [COST.minutes(work) for work in entry.by_hand],
                    "proposed": np.nanmean(entry.proposed.dice),
                }
                for name, entry in made.items()
            },
            "rest": self._rest,
            "validation": figures(self._sustainer, "validation"),
            "test": figures(self._sustainer, "test"),
        }

    def _miou(self) -> float:
        """The sustainer's on the validation series without clicks; -1 before there is one."""
        if self._sustainer is None:
            return -1.0
        found: float = figures(self._sustainer, "validation")["0"]["miou"]
        return found

    def _answering(self) -> tuple[str, Answering | None]:
        """Who proposes and answers: the sustainer as soon as it is better than the igniter."""
        classes = self._series.classes
        if self._arm.igniter and self._miou() <= self._igniter_miou:
            igniter = MappedPredictor(self._igniter, classes)
            return "igniter", Answering(igniter, igniter.answered)
        if self._sustainer is None:
            return "nobody", None
        return "sustainer", Answering(Predictor.load(self._sustainer, "cpu"), range(len(classes)))

    def _proposal(self, name: str, answering: Answering | None) -> Proposal:
        slices = np.asarray(opened(self._pool[name], self._series, self._cache).slices[:])
        if answering is None:
            nothing = torch.zeros(len(slices), len(self._series.classes), *slices.shape[1:])
            nothing[:, 0] = 1
            return proposal(nothing)
        return proposal(torch.cat(list(answering.predictor.automatic(slices, BATCH))))

    def _ordered(self, proposals: Mapping[str, Proposal], known: bool) -> list[str]:
        names = sorted(proposals)
        if not known:
            np.random.default_rng(self._seed).shuffle(names)
            return names
        return ordered({name: proposals[name].expected for name in names}, self._arm.order)

    def _annotate(self, name: str, begin: Proposal, answering: Answering | None) -> Annotated:
        return annotated(
            opened(self._pool[name], self._series, self._cache),
            self._series.classes,
            begin.labels,
            answering,
            self._options.clicks if self._arm.clicks else 0,
            self._seed,
        )
