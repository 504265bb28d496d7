"""Series of a DICOM database, chosen by their UIDs, as series for a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from SAIMCore.data.dicom_series import DicomSeries, find_dicom_series
from SAIMCore.data.file_names import fitting_name
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.plan import Collection, PlannedSeries
from SAIMCore.project.importers.preflight import Progress, silent

__all__ = ["collect_dicom"]


def collect_dicom(chosen: Mapping[str, Sequence[Path]], progress: Progress = silent) -> Collection:
    """The DICOM series ``chosen``: their UIDs, each with the files that a database lists for it.

    They are named after patient and description, with 2, 3, ... where that is not enough. What
    is no image, or a localizer, is left out with a note; a series that lies in several folders, or
    whose files are gone, has a ``problem``. Raises ProjectError when nothing is left.
    """
    if not chosen:
        raise ProjectError("no DICOM series is chosen; tick those that the project is to have")
    folders = _Folders()
    taken: set[str] = set()
    series, notes = [], []
    for done, (uid, files) in enumerate(chosen.items()):
        progress(done, len(chosen), uid)
        found = folders.series(uid, files)
        if found is None:
            notes.append(f"the DICOM series {uid} was left out: it holds no images")
        elif found.localizer:
            notes.append(f"the DICOM localizer (scout image) {uid} was left out")
        else:
            name = _name(found, taken)
            taken.add(name.casefold())
            folder = found.files[0].parent if found.files else Path()
            series.append(
                PlannedSeries(SeriesSource(name, folder, found.files, found.patient, found.problem))
            )
    if not series:
        raise ProjectError(
            f"none of the {len(chosen)} DICOM series can be used: {'; '.join(notes)}; choose others"
        )
    return Collection(tuple(series), notes=tuple(notes))


class _Folders:
    """Folders of DICOM files, each of them looked through once."""

    def __init__(self) -> None:
        self._found: dict[Path, list[DicomSeries]] = {}

    def series(self, uid: str, files: Sequence[Path]) -> DicomSeries | None:
        """The series in the order of its slices, None where there are no images."""
        places = sorted({file.parent for file in files})
        if len(places) != 1:
            listed = " and ".join(map(str, places)) or "no folder at all"
            return DicomSeries(
                uid,
                tuple(files),
                problem=f"the files of the DICOM series {uid} lie in {listed}; put them into one "
                "folder and import them into the database again",
            )
        missing = [file for file in files if not file.is_file()]
        if missing:
            return DicomSeries(
                uid,
                tuple(files),
                problem=f"{len(missing)} of the {len(files)} files of the DICOM series {uid} are "
                f"gone ({missing[0]}, ...); import them into the database again",
            )
        wanted = set(files)
        for entry in self._in(places[0]):
            if entry.uid == uid or wanted.intersection(entry.files):
                return entry
        return None

    def _in(self, folder: Path) -> list[DicomSeries]:
        if folder not in self._found:
            self._found[folder] = find_dicom_series(folder)
        return self._found[folder]


def _name(series: DicomSeries, taken: set[str]) -> str:
    """A name for files, which no other series has, whether letters are small or capital."""
    described = series.description or (f"series{series.number}" if series.number else series.uid)
    named = fitting_name("_".join(filter(None, [series.patient, described]))).strip("._")
    # There may be nothing but signs in both.
    plain = named or series.uid
    name, number = plain, 2
    while name.casefold() in taken:
        name, number = f"{plain}_{number}", number + 1
    return name
