"""Whatever proposes labels is opened by its path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from SAIMCore.data.phantom import make_phantom
from SAIMCore.data.reading import read_labelmap, read_series
from SAIMCore.data.sources import find_series
from SAIMCore.errors import CheckpointError
from SAIMCore.igniter.class_mapping import ClassMapping
from SAIMCore.igniter.labelmap_igniter import LabelmapIgniter
from SAIMCore.igniter.opening import IGNITER_KINDS, open_igniter
from SAIMCore.igniter.proposer import IgniterSeries

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    for name in ("model.pt", "model.onnx", "folder"):
        with pytest.raises(
            CheckpointError, match=rf"igniter .*{name} does not exist; check the pa"
        ):
            open_igniter(tmp_path / name)


def test_something_else_is_told_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.touch()
    with pytest.raises(CheckpointError, match=r"is nothing that proposes labels; give the folder"):
        open_igniter(path)


def test_each_path_has_its_kind(
    small_checkpoint: Callable[..., Path], write_torchscript: Callable[..., Path], tmp_path: Path
) -> None:
    paths = [
        small_checkpoint(),
        write_torchscript(),
        tmp_path / "model.onnx",
        tmp_path / "labels",
    ]
    paths[2].touch()
    paths[3].mkdir()
    kinds = [next(kind for kind in IGNITER_KINDS if kind.fits(path)) for path in paths]
    assert kinds == list(IGNITER_KINDS)


def test_phantom_labels_pass_through_a_mapping(tmp_path: Path) -> None:
    """What a project does with an igniter, from the folder to labels of its own classes."""
    phantom = make_phantom(tmp_path / "phantom", 4, size=(32, 32, 6))
    names = "\n".join(f'"{entry.name}" = {entry.value}' for entry in phantom.classes)
    (phantom.labels / "labels.toml").write_text(f"[labels]\n{names}\n", encoding="utf-8")
    igniter = open_igniter(phantom.labels)
    assert isinstance(igniter, LabelmapIgniter)
    others = igniter.class_names[2:]
    text = f"{igniter.class_names[1]}=big,{','.join(f'{name}=small' for name in others)}"
    mapped = ClassMapping.from_text(text).between(
        igniter.class_names, ("background", "small", "big")
    )
    for source in find_series(phantom.images):
        volume = read_series(source)
        series = IgniterSeries.of(source.name, volume)
        found = {index: mapped.apply(part) for index, part in igniter.propose(series)}
        stack = torch.stack([found[index].argmax(dim=0) for index in range(len(found))]).numpy()
        labels = read_labelmap(
            phantom.labels / f"{source.name}.nii.gz", volume.geometry, phantom.classes
        )
        expected = np.array([0, 2, *[1] * len(others)])[
            np.moveaxis(labels, 2 - volume.geometry.acquisition_axis, 0)
        ]
        np.testing.assert_array_equal(stack, expected)
