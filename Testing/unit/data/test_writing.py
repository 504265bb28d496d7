"""Images that cannot be written: the reason is named, and nothing is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from SAIMCore.data import writing
from SAIMCore.data.writing import write_image
from SAIMCore.errors import ProjectError


@pytest.fixture
def noise() -> sitk.Image:
    """An image of 1.2 MB that cannot be compressed."""
    values = np.random.default_rng(0).integers(0, 2**15, (60, 100, 100))
    return sitk.GetImageFromArray(values.astype(np.int16))


@pytest.mark.parametrize("suffix", [".nii.gz", ".nii", ".nrrd", ".mha"])
def test_the_reason_of_the_disk_is_named(
    tmp_path: Path, noise: sitk.Image, suffix: str, largest_file: Any
) -> None:
    path = tmp_path / f"a{suffix}"
    with (
        largest_file(300_000),
        pytest.raises(ProjectError, match="the file is larger than allowed here"),
    ):
        write_image(noise, path)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_only_blamed_when_it_is_full(tmp_path: Path) -> None:
    image = sitk.Image((4, 4, 4), sitk.sitkLabelUInt8)
    path = tmp_path / "a.nii.gz"
    path.write_bytes(b"earlier")
    with pytest.raises(ProjectError, match=f"cannot write {path}: Pixel type: label") as told:
        write_image(image, path)
    assert "choose another format" in str(told.value)
    assert "\n" not in str(told.value)
    assert path.read_bytes() == b"earlier"
    assert [file.name for file in tmp_path.iterdir()] == ["a.nii.gz"]


def test_what_was_written_is_looked_at(
    tmp_path: Path, intensities: NDArray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "defect", lambda path: "is truncated: 3 bytes")
    path = tmp_path / "a.nrrd"
    with pytest.raises(ProjectError, match="what was written is truncated: 3 bytes; try again"):
        write_image(sitk.GetImageFromArray(intensities), path)
    assert list(tmp_path.iterdir()) == []
