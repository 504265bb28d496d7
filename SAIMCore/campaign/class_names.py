"""Classes of a new project: from label values that are there already, and as text for a user."""

from __future__ import annotations

from collections.abc import Sequence

from SAIMCore.classes import ClassDefinition, ClassTable
from SAIMCore.data.reading import label_values
from SAIMCore.errors import ClassTableError, ProjectError
from SAIMCore.project.importers.plan import PlannedSeries
from SAIMCore.project.importers.preflight import Progress, silent

__all__ = ["class_text", "classes_from_labels"]

# What has a meaning in the text (see ``ClassTable.from_names``).
SIGNS = ",<=#"


def classes_from_labels(series: Sequence[PlannedSeries], progress: Progress = silent) -> ClassTable:
    """A class for every label value in the labels of ``series``, named after it.

    All labelmaps are read for it. Raises ProjectError when no series has labels,
    InvalidLabelmapError when a labelmap cannot be read, ClassTableError when all are empty.
    """
    labeled = [entry for entry in series if entry.labels is not None]
    if not labeled:
        raise ProjectError(
            f"none of the {len(series)} series has labels, so there are no label values to make "
            "classes of; type the names of the classes"
        )
    found = {0}
    for done, entry in enumerate(labeled):
        progress(done, len(labeled), entry.name)
        assert entry.labels is not None
        found |= label_values(entry.labels)
    return ClassTable.from_values({value: f"class {value}" for value in found})


def class_text(classes: ClassTable) -> str:
    """``classes`` as a person writes them; ``ClassTable.from_names`` reads the same from its parts.

    Raises ClassTableError for names that could not be read back.
    """
    for entry in classes:
        if any(sign in entry.name for sign in SIGNS):
            raise ClassTableError(
                f"the class name {entry.name!r} has one of the signs {' '.join(SIGNS)}, which "
                "separate classes here; rename it where it comes from"
            )
    # The colors that the classes would get without being asked for any.
    plain = ClassTable.from_names([f"{entry.name}={entry.value}" for entry in classes])
    counted = all(entry.value == index for index, entry in enumerate(classes))
    return ",".join(
        _written(entry, valued=not counted, colored=entry.color != usual.color)
        for entry, usual in zip(classes, plain, strict=True)
    )


def _written(entry: ClassDefinition, *, valued: bool, colored: bool) -> str:
    red, green, blue = entry.color
    return (
        entry.name
        + (f"<{entry.within}" if entry.within else "")
        + (f"={entry.value}" if valued else "")
        + (f"#{red:02x}{green:02x}{blue:02x}" if colored else "")
    )
