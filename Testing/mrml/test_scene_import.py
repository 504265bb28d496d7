"""Volumes of the scene become series: their own files where these still hold them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import slicer
import vtk

from SAIMCore.classes import ClassTable
from SAIMCore.data.orientation import axis_order
from SAIMCore.data.reading import Volume, read_series
from SAIMCore.errors import InvalidImageError, ProjectError
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.scene_import import collect_volumes, volumes_in
from SAIMCore.mrml.temporary_nodes import add_temporary_node
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.importers.preflight import preflight
from Testing.conftest import LargestFile
from Testing.mrml.scenes import DIRECTIONS, add_transform, add_volume

CLASSES = ClassTable.from_names(["background", "liver"])

Load = Callable[..., slicer.vtkMRMLScalarVolumeNode]


@pytest.fixture
def load(scene: slicer.vtkMRMLScene) -> Load:
    """As Slicer loads a file (``slicer.util.loadVolume`` needs the application)."""

    def loaded(path: Path, name: str = "", files: list[Path] | None = None) -> object:
        listed = vtk.vtkStringArray()
        for file in files or []:
            listed.InsertNextValue(str(file))
        logic = slicer.modules.volumes.logic()
        return logic.AddArchetypeVolume(str(path), name or path.stem, 0, listed if files else None)

    return loaded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where volumes are written to; it is made when it is needed."""
    return tmp_path / "project" / "images"


def image_file(path: Path, direction: tuple[float, ...] = (1, 0, 0, 0, 1, 0, 0, 0, 1)) -> Path:
    values = np.random.default_rng(0).integers(-900, 900, (4, 8, 9)).astype(np.int16)
    image = sitk.GetImageFromArray(values)
    image.SetSpacing((0.7, 0.8, 2.5))
    image.SetDirection(direction)
    sitk.WriteImage(image, str(path))
    return path


def expect_same(read: Volume, node: slicer.vtkMRMLScalarVolumeNode) -> None:
    order = axis_order(read.geometry, SliceGrid(node).geometry)
    assert order is not None
    np.testing.assert_array_equal(order.apply(read.array), slicer.util.arrayFromVolume(node))


def test_only_images_that_users_see_could_be_series(scene: slicer.vtkMRMLScene) -> None:
    first, second = add_volume(scene), add_volume(scene)
    label = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "labels")
    label.SetAndObserveImageData(first.GetImageData())
    color = scene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "color")
    image = vtk.vtkImageData()
    image.SetDimensions(5, 4, 3)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 3)
    color.SetAndObserveImageData(image)
    scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "nothing in it")
    hidden = add_temporary_node(scene, "vtkMRMLScalarVolumeNode", "SAIM uncertainty")
    hidden.SetAndObserveImageData(first.GetImageData())
    assert volumes_in(scene) == [first, second]


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("superior", [1, -1], ids=["right-handed", "left-handed"])
def test_a_volume_as_it_was_loaded_stays_where_it_is(
    load: Load, tmp_path: Path, folder: Path, suffix: str, superior: int
) -> None:
    file = image_file(tmp_path / f"a{suffix}", (1, 0, 0, 0, 1, 0, 0, 0, superior))
    node = load(file, "MR: 1st visit")
    (entry,) = collect_volumes([node], folder).series
    assert (entry.name, entry.source.path, entry.source.files) == ("MR_1st_visit", file, (file,))
    expect_same(read_series(entry.source), node)
    assert not folder.exists()


@pytest.mark.parametrize(
    "change", ["voxels", "grid", "file changed", "file gone"], ids=lambda value: value
)
def test_a_volume_that_is_not_that_of_its_file_any_more_is_written(
    load: Load, tmp_path: Path, folder: Path, change: str
) -> None:
    file = image_file(tmp_path / "a.nrrd")
    node = load(file)
    if change == "voxels":
        slicer.util.arrayFromVolume(node)[1, 2, 3] += 1
    elif change == "grid":
        node.SetOrigin(1, 2, 3)
    elif change == "file changed":
        file.write_bytes(b"NRRD0004\n")
    else:
        file.unlink()
    (entry,) = collect_volumes([node], folder).series
    assert entry.source.path == folder / "a.nrrd"
    expect_same(read_series(entry.source), node)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_volume_without_file_is_written_as_it_is(
    scene: slicer.vtkMRMLScene, folder: Path, direction: str
) -> None:
    node = add_volume(scene, directions=DIRECTIONS[direction], spacing=(0.8, 3.0, 0.9))
    (entry,) = collect_volumes([node], folder).series
    read = read_series(entry.source)
    assert read.geometry.difference(SliceGrid(node).geometry, 1e-9) is None
    np.testing.assert_array_equal(read.array, slicer.util.arrayFromVolume(node))
    assert sitk.ReadImage(str(entry.source.path)).GetPixelID() == sitk.sitkInt32


def test_series_get_names_of_their_own_that_files_can_have(
    scene: slicer.vtkMRMLScene, folder: Path
) -> None:
    nodes = []
    for number, name in enumerate(("T2 / axial", "t2_Axial", ".hidden", "???", "Übersicht")):
        node = add_volume(scene)
        node.SetName(name)
        slicer.util.arrayFromVolume(node)[0] = number
        nodes.append(node)
    collected = collect_volumes(nodes, folder)
    names = [entry.name for entry in collected.series]
    assert names == ["T2_axial", "t2_Axial_2", "hidden", "unnamed", "Übersicht"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{n}.nrrd" for n in names)
    for entry, node in zip(collected.series, nodes, strict=True):
        expect_same(read_series(entry.source), node)
    assert preflight(ImportPlan(CLASSES, collected.series)).problems == ()


def test_files_are_never_replaced_and_found_again(scene: slicer.vtkMRMLScene, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "series.nrrd").write_text("somebody's", encoding="utf-8")
    node = add_volume(scene)
    first = collect_volumes([node], folder)
    assert [entry.source.path.name for entry in first.series] == ["series_2.nrrd"]
    assert collect_volumes([node], folder) == first
    slicer.util.arrayFromVolume(node)[:] = 7
    slicer.util.arrayFromVolume(node)[0] = 8
    assert [entry.name for entry in collect_volumes([node], folder).series] == ["series_3"]
    assert (folder / "series.nrrd").read_text(encoding="utf-8") == "somebody's"


def test_a_file_that_was_loaded_twice_is_one_series(
    load: Load, tmp_path: Path, folder: Path
) -> None:
    file = image_file(tmp_path / "a.nrrd")
    collected = collect_volumes([load(file, "one"), load(file, "two")], folder)
    assert [entry.name for entry in collected.series] == ["one"]
    assert collected.notes == ("the volume 'two' was left out: it is from the same file as 'one'",)


def test_a_dicom_series_stays_where_it_is_with_its_patient(
    load: Load, shared_data: Path, tmp_path: Path, folder: Path
) -> None:
    place = tmp_path / "dicom"
    shutil.copytree(shared_data / "io" / "ct_dicom_3slice", place)
    files = sorted(place.glob("*.dcm"), reverse=True)
    node = load(files[0], "CT", files)
    (entry,) = collect_volumes([node], folder).series
    assert entry.source.is_dicom
    assert entry.source.path == place
    assert (entry.name, entry.source.patient) == ("CT", "99000")
    expect_same(read_series(entry.source), node)
    # What is left of it there is another series.
    files[0].unlink()
    (entry,) = collect_volumes([node], folder).series
    assert entry.source.path == folder / "CT.nrrd"


def test_the_patient_is_that_of_the_data_tree(scene: slicer.vtkMRMLScene, folder: Path) -> None:
    constants = slicer.vtkMRMLSubjectHierarchyConstants
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    with_patient, without = add_volume(scene), add_volume(scene)
    slicer.util.arrayFromVolume(without)[:] += 1
    patient = tree.CreateSubjectItem(tree.GetSceneItemID(), "somebody")
    tree.SetItemAttribute(patient, constants.GetDICOMPatientIDAttributeName(), "P-007")
    study = tree.CreateStudyItem(patient, "first visit")
    # In the application volumes have their items by themselves.
    tree.CreateItem(study, with_patient)
    tree.CreateItem(tree.GetSceneItemID(), without)
    found = collect_volumes([with_patient, without], folder).series
    assert [entry.source.patient for entry in found] == ["P-007", None]


def test_what_was_downloaded_into_a_cache_is_written(
    scene: slicer.vtkMRMLScene, load: Load, tmp_path: Path, folder: Path
) -> None:
    cache = slicer.vtkCacheManager()
    cache.SetRemoteCacheDirectory(str(tmp_path / "cache"))
    scene.SetCacheManager(cache)
    (tmp_path / "cache").mkdir(exist_ok=True)
    node = load(image_file(tmp_path / "cache" / "a.nrrd"))
    (entry,) = collect_volumes([node], folder).series
    assert entry.source.path == folder / "a.nrrd"


def test_what_no_file_can_hold_is_refused_before_anything_is_written(
    scene: slicer.vtkMRMLScene, folder: Path
) -> None:
    good, moved = add_volume(scene), add_volume(scene)
    moved.SetName("moved one")
    moved.SetAndObserveTransformNodeID(add_transform(scene).GetID())
    with pytest.raises(ProjectError, match=r"'moved one' lies under the transform 'moved'.*harden"):
        collect_volumes([good, moved], folder)
    moved.SetAndObserveTransformNodeID(None)
    moved.GetImageData().AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 3)
    with pytest.raises(InvalidImageError, match="'moved one' has 3 channels"):
        collect_volumes([good, moved], folder)
    moved.SetAndObserveImageData(None)
    with pytest.raises(InvalidImageError, match="'moved one' has no image"):
        collect_volumes([good, moved], folder)
    assert not folder.exists()


def test_a_full_disk_leaves_no_part_of_a_file(
    scene: slicer.vtkMRMLScene, folder: Path, largest_file: LargestFile
) -> None:
    node = add_volume(scene, (64, 64, 16))
    array = slicer.util.arrayFromVolume(node)
    array[:] = np.random.default_rng(0).integers(0, 1 << 30, array.shape)
    with largest_file(1 << 14), pytest.raises(ProjectError, match="larger than allowed"):
        collect_volumes([node], folder)
    assert list(folder.iterdir()) == []


def test_progress_is_told(scene: slicer.vtkMRMLScene, folder: Path) -> None:
    told: list[tuple[int, int, str]] = []
    nodes = [add_volume(scene), add_volume(scene)]
    collect_volumes(nodes, folder, lambda *state: told.append(state))
    assert told == [(0, 2, "series"), (1, 2, "series")]


def test_what_the_engine_cannot_use_is_named_by_the_preflight(
    scene: slicer.vtkMRMLScene, folder: Path
) -> None:
    node = add_volume(scene)
    values = slicer.util.arrayFromVolume(node).astype(np.float32)
    values[0, 0, 0] = np.nan
    slicer.util.updateVolumeFromArray(node, values)
    collected = collect_volumes([node], folder)
    (problem,) = preflight(ImportPlan(CLASSES, collected.series)).problems
    assert "NaN" in str(problem)
    assert isinstance(collected.series[0], PlannedSeries)
