"""Commands on a disk that gets full: one sentence, nothing half-written, nothing lost.

The limit counts for the worker of a training too, since a process hands it on to its children.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.project.project import Project

# Bytes: more than SQLite needs to read a project, less than what the commands write.
LIMIT = 50_000


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image whose labelmap, which .nii stores as it is, is larger than the limit."""
    voxels = np.random.default_rng(0).integers(0, 900, (32, 48, 48)).astype(np.int16)
    written = sitk.GetImageFromArray(voxels)
    written.SetSpacing((1.0, 1.0, 3.0))
    folder = tmp_path / "images"
    folder.mkdir()
    sitk.WriteImage(written, folder / "patient.nii.gz")
    return folder / "patient.nii.gz"


@pytest.mark.parametrize("earlier", [b"", b"mine"])
def test_a_labelmap_that_does_not_fit_is_not_written(
    saim, trained: Path, image: Path, tmp_path: Path, largest_file, earlier: bytes
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    if earlier:
        (folder / "labels.nii").write_bytes(earlier)
    with largest_file(LIMIT):
        answer = saim(
            "predict", trained, image, "-o", folder / "labels.nii", "--overwrite", "--device", "cpu"
        )
    assert answer.code == 2
    assert f"saim: cannot write {folder / 'labels.nii'}: " in answer.err
    assert "free some space" in answer.err or "larger than allowed" in answer.err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == (
        {"labels.nii": earlier} if earlier else {}
    )


@pytest.mark.parametrize("kind", ["torchscript", "folder"])
def test_an_export_that_does_not_fit_is_not_written(
    saim, trained: Path, tmp_path: Path, largest_file, kind: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with largest_file(LIMIT):
        answer = saim(
            "models", trained, "export", "current", "--format", kind, "-o", folder / "model"
        )
    assert answer.code == 2
    assert f"saim: cannot write {folder / 'model'}: " in answer.err
    assert list(folder.iterdir()) == []


def test_a_training_that_does_not_fit_says_so_and_goes_on_when_there_is_space(
    saim, made: Path, short_training, largest_file
) -> None:
    # Room for the job, the cache and the database, but not for the state of the training.
    with largest_file(1_000_000):
        answer = saim("train", made, *short_training, "--epochs", "1")
    assert answer.code == 2
    assert "saim: cannot write " in answer.err
    assert "larger than allowed" in answer.err
    assert "Traceback" not in answer.err
    assert list(made.rglob(".saim-writing-*")) == []
    with Project.open(made, read_only=True) as project:
        assert project.models.all() == []
        assert project.rounds.running() is not None

    answer = saim("train", made)
    assert answer.code == 0, answer.err
    assert "going on with round 1, which was interrupted" in answer.out
    with Project.open(made, read_only=True) as project:
        current = project.models.current()
        assert current is not None
        assert current.version == "round-001"
