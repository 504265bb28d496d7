"""Small pictures of the series."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image

from SAIMCore.campaign.thumbnails import Thumbnails
from SAIMCore.classes import ClassTable
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import InvalidImageError, ProjectError
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.project import Project

Draw = Callable[..., np.ndarray]

IDENTITY = (1.0, 0, 0, 0, 1, 0, 0, 0, 1)
# Axes I, J, K toward the patient's right, front and head, as NIfTI files often have them.
TURNED = (-1.0, 0, 0, 0, -1, 0, 0, 0, 1)
# I toward the left, J toward the head, K toward the back: a coronal acquisition, from below.
CORONAL = (1.0, 0, 0, 0, 0, 1, 0, 1, 0)
# I toward the feet, J toward the back, K toward the left: a sagittal one, lying on its side.
SAGITTAL = (0.0, 0, 1, 0, 1, 0, -1, 0, 0)


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """The thumbnail (64, 64) of a series with these voxels (K, J, I)."""

    def make(
        voxels: np.ndarray,
        spacing: tuple[float, float, float] = (1.0, 1.0, 5.0),
        direction: tuple[float, ...] = IDENTITY,
    ) -> np.ndarray:
        image = sitk.GetImageFromArray(voxels.astype(np.int16))
        image.SetSpacing(spacing)
        image.SetDirection(direction)
        path = tmp_path / "a.nii.gz"
        sitk.WriteImage(image, os.fspath(path))
        classes = ClassTable.from_names(["background", "liver"])
        plan = ImportPlan(classes, (PlannedSeries(SeriesSource("a", path, (path,))),))
        with Project.create(tmp_path / "drawn", plan) as project:
            return np.asarray(Image.open(Thumbnails(project).make("a")))

    return make


def quadrants(pixels: np.ndarray) -> list[list[bool]]:
    """Where the picture is bright: upper left and right, lower left and right."""
    return [[bool(pixels[y, x] > 127) for x in (16, 48)] for y in (16, 48)]


def one_bright_quadrant() -> np.ndarray:
    """Voxels (K, J, I) that are bright where J and I are low."""
    voxels = np.zeros((3, 8, 8))
    voxels[:, :4, :4] = 100
    return voxels


def test_a_thumbnail_is_a_gray_png_of_64_pixels(plain_project: Project) -> None:
    thumbnails = Thumbnails(plain_project)
    path = thumbnails.make("pool_a")
    assert path.parent == plain_project.folder / "cache" / "thumbnails"
    with Image.open(path) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (64, 64))


def test_a_thumbnail_is_made_once(plain_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Thumbnails(plain_project).make("pool_a")
    monkeypatch.setattr(plain_project, "cached", None)
    assert Thumbnails(plain_project).make("pool_a") == path


def test_each_series_has_its_own(plain_project: Project) -> None:
    thumbnails = Thumbnails(plain_project)
    assert thumbnails.make("pool_a") != thumbnails.make("pool_b")


def test_a_changed_image_has_no_thumbnail(plain_project: Project) -> None:
    thumbnails = Thumbnails(plain_project)
    before = thumbnails.make("pool_a")
    (image,) = plain_project.series_named("pool_a").source.files
    content = image.read_bytes()
    image.write_bytes(plain_project.series_named("pool_b").source.path.read_bytes())
    os.utime(image, ns=(1, 1))
    with pytest.raises(InvalidImageError, match="'pool_a' has changed since it was added"):
        thumbnails.make("pool_a")
    # Put back, with another time.
    image.write_bytes(content)
    assert thumbnails.make("pool_a").read_bytes() == before.read_bytes()


def test_an_image_that_is_gone_has_no_thumbnail(plain_project: Project) -> None:
    thumbnails = Thumbnails(plain_project)
    thumbnails.make("pool_a")
    (image,) = plain_project.series_named("pool_a").source.files
    image.unlink()
    with pytest.raises(InvalidImageError, match=r"pool_a\.nii\.gz cannot be read .*put it back"):
        thumbnails.make("pool_a")


def test_an_unknown_series_is_refused(plain_project: Project) -> None:
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        Thumbnails(plain_project).make("nobody")


def test_a_full_disk_leaves_nothing(plain_project: Project, largest_file) -> None:
    thumbnails = Thumbnails(plain_project)
    plain_project.cached("pool_a")
    with largest_file(100), pytest.raises(ProjectError, match=r"cannot write .*thumbnails"):
        thumbnails.make("pool_a")
    assert list((plain_project.cache.folder / "thumbnails").iterdir()) == []


def test_the_middle_slice_is_shown(draw: Draw) -> None:
    voxels = np.zeros((5, 8, 8))
    voxels[2, :, 4:] = 100
    voxels[[0, 1, 3, 4], :, :4] = 100
    assert quadrants(draw(voxels)) == [[False, True], [False, True]]


def test_gray_goes_from_the_1st_to_the_99th_percentile(draw: Draw) -> None:
    voxels = np.tile(np.arange(64.0) * 10, (3, 64, 1))
    # One pixel of metal must not make the rest black.
    voxels[1, 0, 0] = 30_000
    pixels = draw(voxels)
    assert (pixels[32, 0], pixels[32, 63]) == (0, 255)
    assert int(pixels[32, 32]) == pytest.approx(128, abs=4)
    assert (np.diff(pixels[32].astype(int)) >= 0).all()


def test_a_constant_slice_is_black(draw: Draw) -> None:
    assert not draw(np.full((3, 8, 8), 50)).any()


def test_the_aspect_ratio_is_that_in_millimeters(draw: Draw) -> None:
    # 8 rows of 1 mm and 8 columns of 2 mm: twice as wide as high.
    checkered = np.indices((3, 8, 8)).sum(axis=0) % 2
    pixels = draw(checkered, spacing=(2.0, 1.0, 5.0))
    rows, columns = (np.flatnonzero(pixels.any(axis=axis)) for axis in (1, 0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (16, 47, 0, 63)


def test_a_series_in_the_axes_of_the_patient_is_shown_as_it_is(draw: Draw) -> None:
    assert quadrants(draw(one_bright_quadrant())) == [[True, False], [False, False]]


def test_the_front_is_on_top_whichever_way_the_axes_go(draw: Draw) -> None:
    found = quadrants(draw(one_bright_quadrant(), direction=TURNED))
    assert found == [[False, False], [False, True]]


def test_the_head_is_on_top(draw: Draw) -> None:
    # Bright where J is low, at the feet, and I is low, on the patient's right.
    found = quadrants(draw(one_bright_quadrant(), direction=CORONAL))
    assert found == [[False, False], [True, False]]


def test_a_series_that_lies_on_its_side_is_set_upright(draw: Draw) -> None:
    # Bright where I is low, at the head, and J is low, in front.
    voxels = np.zeros((3, 4, 8))
    voxels[:, :2, :4] = 100
    pixels = draw(voxels, direction=SAGITTAL)
    # 8 mm high and 4 mm wide, in the middle.
    assert not pixels[:, :16].any()
    assert not pixels[:, 48:].any()
    assert [[bool(pixels[y, x]) for x in (24, 40)] for y in (16, 48)] == [
        [True, False],
        [False, False],
    ]
