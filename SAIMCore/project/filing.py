"""Filing imported series: all of them with their annotations, or none."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from SAIMCore.data.reading import read_labelmap
from SAIMCore.project.annotations import Annotations
from SAIMCore.project.database import Database
from SAIMCore.project.importers.plan import PlannedSeries
from SAIMCore.project.importers.preflight import PreflightReport, Progress
from SAIMCore.project.records import LABELED_STATUSES
from SAIMCore.project.series import add_row

__all__ = ["IMPORTED", "file_series"]

# The annotator of labels that came with the images.
IMPORTED = "imported"


def file_series(
    planned: Sequence[PlannedSeries],
    report: PreflightReport,
    database: Database,
    annotations: Annotations,
    progress: Progress,
) -> None:
    """Add the series; labels of annotated, validation and test ones are their first annotations.

    report: what reading the images found. All happens in one transaction: a kill leaves the project
    as it was, with labelmaps that the next opening sets aside, and an error leaves nothing.

    Raises ProjectError when a name is taken or the disk refuses, and what ``read_labelmap`` raises.
    """
    with contextlib.ExitStack() as undo:
        with database.writing() as session:
            for done, entry in enumerate(planned):
                progress(done, len(planned), entry.name)
                geometry = report.geometries[entry.name]
                checksum = report.checksums[entry.name]
                row = add_row(session, entry, geometry, checksum, database.now())
                if entry.status in LABELED_STATUSES and entry.labels is not None:
                    labels = read_labelmap(entry.labels, geometry, annotations.classes)
                    undo.callback(annotations.discard_first, entry.name)
                    annotations.accept_first(session, row, labels, IMPORTED)
        undo.pop_all()
