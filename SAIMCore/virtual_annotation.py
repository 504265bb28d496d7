"""Annotating a whole series with the virtual user: the emulated scenario's step 3.

Method: SAIM (Mikhailov et al., 2023), section 4.2: a virtual user operates the interactive
predictor, with clicks simulated from existing annotations as in training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from SAIMCore.data.geometry import Geometry, from_slices, to_slices
from SAIMCore.errors import ConfigurationError, InvalidLabelmapError
from SAIMCore.evaluation import BATCH_SIZE, interaction_rounds, virtual_users
from SAIMCore.interactions import Click

if TYPE_CHECKING:
    from SAIMCore.predictor import Predictor
    from SAIMCore.project.project import Project
    from SAIMCore.session.interactive import InteractiveSession

__all__ = ["AnnotationOutcome", "annotate_with_virtual_user", "correct_with_virtual_user"]


@dataclass(frozen=True)
class AnnotationOutcome:
    """What the virtual user leaves behind.

    labels (K, J, I) uint8 class indices; interactions: the clicks, slice by slice in the order in
    which they were given; clicks_per_slice: how many there were on each slice.
    """

    labels: NDArray[np.uint8]
    interactions: tuple[Click, ...]
    clicks_per_slice: tuple[int, ...]

    @property
    def clicks(self) -> int:
        """All clicks on the series."""
        return len(self.interactions)


def annotate_with_virtual_user(
    project: Project,
    predictor: Predictor,
    name: str,
    reference_labels: NDArray[np.uint8],
    max_clicks: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> AnnotationOutcome:
    """Annotate series ``name``: up to ``max_clicks`` clicks per class and slice, one round each.

    reference_labels: (K, J, I) class indices, which only the virtual user sees. ``progress`` is
    told (slices done, slices in all). Nothing is stored in the project; the same seed gives the
    same clicks. With 0 clicks the labels are what the predictor says by itself.

    Raises ProjectError for an unknown series, InvalidImageError when it cannot be read,
    InvalidLabelmapError when the reference labels have another shape, and ConfigurationError for
    a negative number of clicks.
    """
    _check_clicks(max_clicks)
    cached = project.cached(name, predictor.config.preprocessing)
    geometry = cached.geometry
    _check_shape(name, reference_labels, geometry)
    references = to_slices(reference_labels, geometry.acquisition_axis)
    labels = np.empty(references.shape, dtype=np.uint8)
    clicks: list[list[Click]] = []
    for start in range(0, len(references), BATCH_SIZE):
        stop = min(start + BATCH_SIZE, len(references))
        users = virtual_users(name, range(start, stop), seed)
        given: list[list[Click]] = [[] for _ in users]
        for answer in interaction_rounds(
            predictor, cached.slices[start:stop], references[start:stop], users, max_clicks
        ):
            labels[start:stop] = answer.labels
            for place, new in enumerate(answer.clicks):
                given[place] += [replace(click, slice_index=start + place) for click in new]
        clicks += given
        if progress is not None:
            progress(stop, len(references))
    return AnnotationOutcome(
        np.ascontiguousarray(from_slices(labels, geometry.acquisition_axis)),
        tuple(click for of_slice in clicks for click in of_slice),
        tuple(len(of_slice) for of_slice in clicks),
    )


def correct_with_virtual_user(
    session: InteractiveSession,
    geometry: Geometry,
    reference_labels: NDArray[np.uint8],
    max_clicks: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> AnnotationOutcome:
    """Correct what was proposed in ``session`` like ``annotate_with_virtual_user``.

    It answers as it does for a person, whatever its model is: an igniter, say. geometry: that of
    its series. Slices without a proposal begin as background. Raises what that and the session
    raise.
    """
    _check_clicks(max_clicks)
    _check_shape(session.series_name, reference_labels, geometry)
    references = to_slices(reference_labels, geometry.acquisition_axis)
    users = virtual_users(session.series_name, range(len(references)), seed)
    clicks: list[list[Click]] = []
    for index, (user, reference) in enumerate(zip(users, references, strict=True)):
        clicks.append([])
        for _ in range(max_clicks):
            shown = session.result(index).labels
            new = user.corrections(shown, reference, range(len(session.predictor.classes)), index)
            if not new:
                break
            session.add(*new)
            clicks[-1] += new
        if progress is not None:
            progress(index + 1, len(references))
    return AnnotationOutcome(
        np.ascontiguousarray(from_slices(session.labels(), geometry.acquisition_axis)),
        tuple(click for of_slice in clicks for click in of_slice),
        tuple(len(of_slice) for of_slice in clicks),
    )


def _check_clicks(max_clicks: int) -> None:
    if max_clicks < 0:
        raise ConfigurationError(
            f"the virtual user cannot give {max_clicks} clicks; give 0 or more"
        )


def _check_shape(name: str, labels: NDArray[np.uint8], geometry: Geometry) -> None:
    if labels.shape != geometry.array_shape:
        raise InvalidLabelmapError(
            f"reference labels of shape {labels.shape} do not fit series {name!r} of shape "
            f"{geometry.array_shape}; give labels on its grid"
        )
