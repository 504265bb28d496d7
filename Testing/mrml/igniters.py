"""Igniters in files for the project of ``desk_editor``, and giving them to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk
import torch
from torch import nn

from SAIMCore.igniter.description import IgniterDescription
from SAIMCore.igniter.normalization import IntensityNormalization
from SAIMCore.project.project import Project
from SAIMCore.project.settings import IgniterSettings
from Testing.mrml.desk_editor import Editor

__all__ = ["ORGAN", "set_igniter", "shown", "write_labelmaps", "write_network"]

# Slice 2, rows and columns of what the labelmap of case1 shows.
ORGAN = (2, slice(4, 12), slice(6, 20))


def write_network(folder: Path) -> Path:
    """Three seeded convolutions for slices, as TorchScript."""
    torch.manual_seed(1)
    layers = [nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.Conv2d(8, 3, 1)]
    path = folder / "network.ts"
    torch.jit.save(torch.jit.script(nn.Sequential(*layers)), path)
    IgniterDescription(
        "2d",
        "logits",
        ("background", "organ", "stone"),
        IntensityNormalization("zscore"),
        multiple=1,
    ).write(path.with_suffix(".toml"))
    return path


def write_labelmaps(
    folder: Path, project: Project, name: str = "case1", shift: float = 0.0
) -> Path:
    """A folder with a labelmap of series ``name``: an organ at ``ORGAN``, stones in the next.

    shift: how far (mm) it lies from where the series does.
    """
    place = folder / "labelmaps"
    place.mkdir()
    (place / "labels.toml").write_text("[labels]\norgan = 1\nstone = 2\n", encoding="utf-8")
    geometry = project.series_named("case1").geometry
    labels = np.zeros(geometry.array_shape, dtype=np.uint8)
    labels[ORGAN] = 1
    labels[3, 5:9, 5:9] = 2
    image = sitk.GetImageFromArray(labels)
    geometry.apply_to(image)
    image.SetOrigin([place + shift for place in image.GetOrigin()])
    sitk.WriteImage(image, str(place / f"{name}.nii.gz"))
    return place


def set_igniter(project: Project, path: Path) -> None:
    """Let the igniter at ``path`` propose in the project."""
    mapping = {"organ": ("liver",), "stone": ("kidney",)}
    project.change_settings(igniter=IgniterSettings(str(path), mapping))


def shown(editor: Editor) -> np.ndarray:
    """What the session has, as the segments show it."""
    labels = editor.series.session.labels()
    return np.stack([labels == index for index in (1, 2)])
