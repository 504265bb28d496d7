"""Volumes of the scene as series for a project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk
import slicer

from SAIMCore.data.atomic import disk_errors_named
from SAIMCore.data.dicom_series import DicomSeries, find_dicom_series
from SAIMCore.data.formats import detached_files, image_suffix
from SAIMCore.data.orientation import axis_order
from SAIMCore.data.reading import read_series
from SAIMCore.data.sources import SeriesSource
from SAIMCore.data.writing import write_image
from SAIMCore.errors import InvalidImageError, ProjectError, SaimError
from SAIMCore.mrml.file_names import fitting_names
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.project.importers.plan import Collection, PlannedSeries
from SAIMCore.project.importers.preflight import Progress, silent

__all__ = ["VolumeCollector", "collect_volumes", "volumes_in"]

SUFFIX = ".nrrd"
PATIENT_ATTRIBUTE = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMPatientIDAttributeName()
PATIENT_LEVEL = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMLevelPatient()


def volumes_in(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """The volumes that could be series: images with one intensity per voxel that users see."""
    return [
        node
        for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", scene)
        if not node.IsA("vtkMRMLLabelMapVolumeNode")
        and not node.GetHideFromEditors()
        and node.GetImageData() is not None
        and node.GetImageData().GetNumberOfScalarComponents() == 1
    ]


def collect_volumes(
    volumes: Sequence[slicer.vtkMRMLScalarVolumeNode], folder: Path, progress: Progress = silent
) -> Collection:
    """``volumes`` as series, named as they are in the scene (see ``VolumeCollector``).

    ``progress`` is told. Raises what ``VolumeCollector`` raises, before anything is written for
    what can be seen beforehand.
    """
    for volume in volumes:
        _checked(volume)
    collector = VolumeCollector(folder)
    for done, volume in enumerate(volumes):
        progress(done, len(volumes), volume.GetName())
        collector.add(volume)
    return Collection(collector.series, notes=collector.notes)


class VolumeCollector:
    """Volumes as series, one by one: files are read for each, and a window must not wait for all.

    A volume that is still as in the file that it was loaded from is that file; any other is written
    to ``folder``, where no file is replaced. Patients are those of DICOM files, else those of
    Slicer's data tree. Files that were written by the time of an error are found by the next
    attempt.
    """

    def __init__(self, folder: Path) -> None:
        self._sources = _SceneSources(folder)
        self._series: dict[tuple[Path, ...], PlannedSeries] = {}
        self._notes: list[str] = []

    @property
    def series(self) -> tuple[PlannedSeries, ...]:
        """What was found so far."""
        return tuple(self._series.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was left out."""
        return tuple(self._notes)

    def add(self, volume: slicer.vtkMRMLScalarVolumeNode) -> PlannedSeries | None:
        """The series of ``volume``; None when another volume is from the same file.

        Raises ProjectError when the volume lies under a transform or cannot be written,
        InvalidImageError when it has no image or several channels.
        """
        source = self._sources.of(_checked(volume))
        other = self._series.get(source.files)
        if other is not None:
            self._notes.append(
                f"the volume {volume.GetName()!r} was left out: it is from the same file as "
                f"{other.name!r}"
            )
            return None
        self._series[source.files] = PlannedSeries(source)
        return self._series[source.files]


class _SceneSources:
    """Where the series are that volumes were loaded from, or are written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[str] = set()
        self._dicom: dict[Path, list[DicomSeries]] = {}

    def of(self, grid: SliceGrid) -> SeriesSource:
        source = self._loaded(grid.volume)
        if source is None or not _holds(source, grid):
            source = self._written(grid)
        self._taken.add(source.name.casefold())
        return source

    def _names(self, volume: slicer.vtkMRMLScalarVolumeNode) -> Iterator[str]:
        names = fitting_names(volume.GetName())
        # Some file systems do not tell upper from lower case.
        return (name for name in names if name.casefold() not in self._taken)

    def _loaded(self, volume: slicer.vtkMRMLScalarVolumeNode) -> SeriesSource | None:
        """What the volume was loaded from, if it still is where it was, and will be."""
        files = _files(volume)
        if not files or not all(file.is_file() for file in files):
            return None
        name, (file, *_) = next(self._names(volume)), files
        if image_suffix(file) is not None:
            return SeriesSource(name, file, (file, *detached_files(file)), _patient(volume))
        for entry in self._dicom_series(file.parent):
            if set(entry.files) == set(files):
                patient = entry.patient or _patient(volume)
                return SeriesSource(name, file.parent, entry.files, patient, entry.problem)
        return None

    def _dicom_series(self, folder: Path) -> list[DicomSeries]:
        if folder not in self._dicom:
            try:
                self._dicom[folder] = find_dicom_series(folder)
            except ProjectError:
                # It cannot be read again, as the user's own folders can; the voxels are here.
                self._dicom[folder] = []
        return self._dicom[folder]

    def _written(self, grid: SliceGrid) -> SeriesSource:
        """A file in the folder that holds the volume, a new one if none does."""
        patient = _patient(grid.volume)
        paths = ((name, self._folder / f"{name}{SUFFIX}") for name in self._names(grid.volume))
        sources = (SeriesSource(name, path, (path,), patient) for name, path in paths)
        source = next(each for each in sources if not each.path.exists() or _holds(each, grid))
        if not source.path.exists():
            with disk_errors_named(self._folder):
                self._folder.mkdir(parents=True, exist_ok=True)
            image = sitk.GetImageFromArray(slicer.util.arrayFromVolume(grid.volume))
            grid.geometry.apply_to(image)
            write_image(image, source.path)
        return source


def _checked(volume: slicer.vtkMRMLScalarVolumeNode) -> SliceGrid:
    """The grid of a volume that can be a series. Raises what ``collect_volumes`` does."""
    transform, name = volume.GetParentTransformNode(), volume.GetName()
    if transform is not None:
        raise ProjectError(
            f"the volume {name!r} lies under the transform {transform.GetName()!r}, which no file "
            "of a series holds; harden the transform on it or take it out (module Transforms) first"
        )
    grid = SliceGrid(volume)
    channels = volume.GetImageData().GetNumberOfScalarComponents()
    if channels > 1:
        raise InvalidImageError(
            f"the volume {name!r} has {channels} channels; give one of a single channel"
        )
    return grid


def _files(volume: slicer.vtkMRMLScalarVolumeNode) -> list[Path]:
    """The files that the volume says it was loaded from, where they are to stay."""
    storage = volume.GetStorageNode()
    if storage is None or not storage.GetFileName():
        return []
    names = [storage.GetNthFileName(number) for number in range(storage.GetNumberOfFileNames())]
    first = storage.GetFullNameFromFileName()
    files = [Path(name).absolute() for name in dict.fromkeys([first, *names])]
    cache = volume.GetScene().GetCacheManager()
    downloads = None if cache is None else cache.GetRemoteCacheDirectory()
    # What was downloaded is deleted when the cache is full.
    if downloads and any(file.is_relative_to(Path(downloads).absolute()) for file in files):
        return []
    return files


def _holds(source: SeriesSource, grid: SliceGrid) -> bool:
    """Whether the engine reads from ``source`` each voxel that the volume has, at its place."""
    try:
        found = read_series(source)
    except SaimError:
        return False
    # Slicer turns the slices of left-handed files around when it loads them.
    order = axis_order(found.geometry, grid.geometry)
    return order is not None and all(
        np.array_equal(expected, shown.astype(np.float32))
        for expected, shown in zip(
            order.apply(found.array), slicer.util.arrayFromVolume(grid.volume), strict=True
        )
    )


def _patient(volume: slicer.vtkMRMLScalarVolumeNode) -> str | None:
    """The ID of the patient under whom the volume stands in Slicer's data tree."""
    tree = volume.GetScene().GetFirstNodeByClass("vtkMRMLSubjectHierarchyNode")
    item = 0 if tree is None else tree.GetItemByDataNode(volume)
    if not item:
        return None
    return tree.GetAttributeFromItemAncestor(item, PATIENT_ATTRIBUTE, PATIENT_LEVEL) or None
