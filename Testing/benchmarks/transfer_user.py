"""The virtual user annotates series: what a model or an igniter proposes, clicks, outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from SAIMCore.acquisition import entropy
from SAIMCore.classes import ClassTable
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.evaluation import virtual_users
from SAIMCore.interactions import click_area
from SAIMCore.likeliest import likeliest_class
from SAIMCore.metrics import SegmentationScores, SeriesScores
from SAIMCore.session.conditioning import SliceConditioning
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.slice_predictor import SlicePredictor
from SAIMCore.virtual_user import VirtualUser
from Testing.benchmarks.annotation_time import CostModel, Expected, Work, least_outlining

__all__ = ["COST", "Annotated", "Answering", "Proposal", "annotated", "proposal"]

Labels = NDArray[np.uint8]


COST = CostModel()


@dataclass(frozen=True, eq=False)
class Answering:
    """Who answers the clicks, by conditioned inference, and for which classes it can."""

    predictor: SlicePredictor
    classes: Sequence[int]


@dataclass(frozen=True, eq=False)
class Proposal:
    """Labels (S, h, w) of a series to begin with, and what their model says of it."""

    labels: Labels
    expected: Expected


@dataclass(frozen=True)
class Annotated:
    """work: until the labels were right. proposed: Dice of what it began with.

    tolerant: the work of a user who leaves rims of one pixel as they are. by_hand: both, had there
    been no proposals.
    """

    work: Work
    tolerant: Work
    by_hand: tuple[Work, Work]
    proposed: SeriesScores


def proposal(probabilities: torch.Tensor) -> Proposal:
    """What a model with these probabilities (S, N, h, w) proposes."""
    labels = likeliest_class(probabilities).cpu().numpy()
    return Proposal(labels, Expected(float(entropy(probabilities).mean()), len(labels)))


def annotated(
    series: LabeledSeries,
    classes: ClassTable,
    begin: Labels,
    answering: Answering | None,
    rounds: int,
    seed: int,
) -> Annotated:
    """The user looks at every slice, clicks where somebody answers, and outlines the rest.

    begin: the labels (S, h, w) that are proposed. At most ``rounds`` rounds of clicks, one for each
    class that is wrong in a region larger than a click's mark and that can be answered; what is
    still wrong then is outlined by hand, so that the annotation is right.
    """
    references = np.asarray(series.labels[:])
    scores = SegmentationScores(classes)
    scores.add(begin, references)
    labels, clicks = begin.copy(), 0
    smallest = click_area(*references.shape[1:]) + 1
    if answering is not None:
        session = InteractiveSession(answering.predictor, np.asarray(series.slices[:]), series.name)
        session.conditioning = SliceConditioning()
        session.segment_series()
        users = virtual_users(series.name, range(len(labels)), seed)
        clicks = _clicked(session, users, labels, references, answering.classes, rounds, smallest)
    empty = np.zeros_like(labels)
    work, tolerant = _outlined(labels, references, clicks, smallest)
    by_hand = _outlined(empty, references, 0, smallest)
    return Annotated(work, tolerant, by_hand, scores.scores())


def _outlined(labels: Labels, references: Labels, clicks: int, smallest: int) -> tuple[Work, Work]:
    """What it takes to look at ``labels`` (S, h, w) and to outline what is wrong in them.

    The first: all of it, the second: without rims of one pixel.
    """
    first, second = (
        sum(
            (
                least_outlining(found, reference, COST, smallest, thinnest)
                for found, reference in zip(labels, references, strict=True)
            ),
            Work(slices=len(labels), clicks=clicks),
        )
        for thinnest in (1, 2)
    )
    return first, second


def _clicked(
    session: InteractiveSession,
    users: Sequence[VirtualUser],
    labels: Labels,
    references: Labels,
    classes: Sequence[int],
    rounds: int,
    smallest: int,
) -> int:
    """Correct ``labels`` in place by clicks; how many there were."""
    count = 0
    for index, user in enumerate(users):
        for _ in range(rounds):
            clicks = user.corrections(labels[index], references[index], classes, index, smallest)
            if not clicks:
                break
            labels[index] = session.add(*clicks).labels
            count += len(clicks)
    return count
