"""Igniters that cannot be used: one sentence, exit code 2, and nothing half-written."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from torch import Tensor, nn

from SAIMCore.data.phantom import Phantom
from SAIMCore.igniter.description import IgniterDescription
from SAIMCore.igniter.normalization import IntensityNormalization

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")

Refused = Callable[..., str]


class Brightness(nn.Module):
    """Logits of background and organ; no number where an image is bright (phantoms are)."""

    def __init__(self, fails_above: float, classes: int = 2, channels: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, classes, 1)
        self.fails_above = fails_above

    def forward(self, image: Tensor) -> Tensor:
        answer = self.first(image)
        return torch.where(image.amax() > self.fails_above, answer * float("nan"), answer)


@pytest.fixture
def labelmaps(phantom: Phantom, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(phantom.labels, tmp_path / "colleague"))
    names = {"labels": {"background": 0, "organ": 1, "lesion": 2, "node": 3, "gland": 4}}
    (folder / "dataset.json").write_text(json.dumps(names), encoding="utf-8")
    return folder


@pytest.fixture
def network(tmp_path: Path) -> Callable[..., Path]:
    """Writes a TorchScript network of two classes with its description beside it."""

    def write(module: nn.Module, classes: tuple[str, ...] = ("background", "organ")) -> Path:
        path = tmp_path / "network.ts"
        torch.jit.save(torch.jit.script(module), path)
        about = IgniterDescription(
            kind="2d",
            output="logits",
            classes=classes,
            normalization=IntensityNormalization("none"),
            multiple=1,
        )
        about.write(path.with_suffix(".toml"))
        return path

    return write


@pytest.fixture
def refused(saim, made: Path) -> Refused:
    """Sets an igniter that cannot be used; the one sentence that is said, nothing written."""
    before = _contents(made)

    def refuse(*arguments: object) -> str:
        answer = saim("igniter", made, "set", *arguments, "--device", "cpu")
        assert answer.code == 2, answer.out
        assert answer.out == ""
        assert answer.err.startswith("saim: ")
        assert answer.err.count("\n") == 1
        assert _contents(made) == before
        assert saim("igniter", made, "--json").document["igniter"] is None
        return str(answer.err)

    return refuse


def _contents(folder: Path) -> dict[str, bytes]:
    """All files but those of the cache, which may be deleted at any time, and the database."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "cache" not in path.parts and not path.name.startswith("saim.sqlite")
    }


def test_a_file_that_is_not_there(refused: Refused, tmp_path: Path) -> None:
    assert "network.ts does not exist; check the path" in refused(tmp_path / "network.ts")


def test_a_file_that_is_no_igniter(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "network.docx"
    path.write_bytes(b"no network")
    assert "is nothing that proposes labels; give" in refused(path)


def test_a_file_that_cannot_be_loaded(refused: Refused, network: Callable[..., Path]) -> None:
    path = network(Brightness(1e9))
    path.write_bytes(path.read_bytes()[:300])
    assert str(path) in refused(path)


def test_a_file_that_needs_code_execution(refused: Refused, network: Callable[..., Path]) -> None:
    path = network(Brightness(1e9))
    path.write_bytes(pickle.dumps({"weights": 1}))
    assert str(path) in refused(path)
    torch.save(nn.Conv2d(1, 2, 1), path)
    assert str(path) in refused(path)


def test_a_network_without_a_description(refused: Refused, network: Callable[..., Path]) -> None:
    path = network(Brightness(1e9))
    path.with_suffix(".toml").unlink()
    assert ".toml" in refused(path)


def test_another_number_of_classes_than_is_described(
    refused: Refused, network: Callable[..., Path]
) -> None:
    assert "3" in refused(network(Brightness(1e9, classes=3)), "--mapping", "organ=organ")


def test_another_input_than_is_described(refused: Refused, network: Callable[..., Path]) -> None:
    assert "network.ts" in refused(network(Brightness(1e9, channels=3)))


def test_answers_that_are_no_numbers_on_the_project_s_own_series(
    refused: Refused, network: Callable[..., Path]
) -> None:
    # On noise of mean 0 it answers well, so that it can be opened.
    path = network(Brightness(fails_above=50.0))
    assert "network.ts" in refused(path, "--mapping", "organ=organ")


def test_a_class_that_is_not_mapped(refused: Refused, labelmaps: Path) -> None:
    words = refused(labelmaps, "--mapping", "organ=organ,lesion=lesion,node=node")
    assert "the mapping lacks the igniter's class gland" in words


def test_a_class_of_another_name_is_not_guessed(
    refused: Refused, network: Callable[..., Path]
) -> None:
    path = network(Brightness(1e9), ("background", "Leber"))
    assert "the mapping lacks the igniter's class Leber" in refused(path)


def test_a_mapping_onto_a_class_that_does_not_exist(refused: Refused, labelmaps: Path) -> None:
    words = refused(labelmaps, "--mapping", "organ=liver,lesion=lesion,node=node,gland=gland")
    assert "becomes 'liver', which is no class of this project" in words


def test_a_mapping_of_a_class_that_the_igniter_lacks(refused: Refused, labelmaps: Path) -> None:
    words = refused(labelmaps, "--mapping", "spleen=organ,organ=,lesion=,node=,gland=")
    assert "the igniter has no class 'spleen'" in words


def test_a_mapping_that_cannot_be_read(refused: Refused, labelmaps: Path, tmp_path: Path) -> None:
    assert "is no class=class" in refused(labelmaps, "--mapping", "organ")
    assert "mapping.toml" in refused(labelmaps, "--mapping", tmp_path / "mapping.toml")


def test_proposals_of_another_geometry(refused: Refused, labelmaps: Path, phantom: Phantom) -> None:
    path = labelmaps / f"{phantom.splits['validation'][0]}.nii.gz"
    image = sitk.ReadImage(str(path))
    image.SetOrigin((5000.0, 0.0, 0.0))
    sitk.WriteImage(image, str(path))
    assert "lies beside its series" in refused(labelmaps)


def test_labelmaps_of_other_series(refused: Refused, labelmaps: Path) -> None:
    for path in labelmaps.glob("*.nii.gz"):
        path.rename(path.with_name(f"other_{path.name}"))
    assert "has a proposal for none of the 6 series of the project" in refused(labelmaps)


def test_a_label_value_without_a_name(refused: Refused, labelmaps: Path, phantom: Phantom) -> None:
    path = labelmaps / f"{phantom.splits['validation'][0]}.nii.gz"
    image = sitk.ReadImage(str(path))
    odd = sitk.GetImageFromArray(np.full_like(sitk.GetArrayFromImage(image), 9))
    odd.CopyInformation(image)
    sitk.WriteImage(odd, str(path))
    assert "9" in refused(labelmaps)


def test_another_igniter_stays_when_a_new_one_cannot_be_used(
    saim, made: Path, labelmaps: Path, tmp_path: Path
) -> None:
    assert saim("igniter", made, "set", labelmaps).code == 0
    before = _contents(made)
    answer = saim("igniter", made, "set", tmp_path / "nothing.onnx")
    assert answer.code == 2
    assert _contents(made) == before


def test_a_series_with_a_bad_proposal_keeps_none_of_the_others_from_theirs(
    saim, made: Path, labelmaps: Path, pool
) -> None:
    path = labelmaps / f"{pool[0]}.nii.gz"
    image = sitk.ReadImage(str(path))
    image.SetOrigin((5000.0, 0.0, 0.0))
    sitk.WriteImage(image, str(path))
    assert saim("igniter", made, "set", labelmaps).code == 0
    answer = saim("igniter", made, "propose", "--json")
    assert answer.code == 2
    assert answer.document["proposed"] == list(pool[1:])
    assert list(answer.document["problems"]) == [pool[0]]
    assert "lies beside its series" in answer.err
    assert not (made / "sessions" / f"{pool[0]}.session").exists()
    assert saim("igniter", made, "check").code == 2


def test_an_igniter_that_is_gone_is_said(saim, made: Path, labelmaps: Path) -> None:
    assert saim("igniter", made, "set", labelmaps).code == 0
    labelmaps.rename(labelmaps.with_name("away"))
    for action in ("check", "propose"):
        answer = saim("igniter", made, action)
        assert answer.code == 2
        assert f"the igniter {labelmaps} does not exist; check the path" in answer.err
    # It is known all the same what it was.
    assert saim("igniter", made).code == 0
    assert saim("rank", made).code == 2


def test_a_damaged_record_is_said(saim, made: Path, labelmaps: Path) -> None:
    assert saim("igniter", made, "set", labelmaps).code == 0
    (made / "igniter.json").write_text("{", encoding="utf-8")
    answer = saim("igniter", made)
    assert answer.code == 2
    assert "igniter.json is damaged; restore it from a backup, or remove it" in answer.err


def test_a_project_without_an_igniter_has_none_to_try(saim, made: Path) -> None:
    for action in ("check", "propose"):
        answer = saim("igniter", made, action)
        assert answer.code == 2
        assert f"has no igniter; set one with 'saim igniter {made} set FILE'" in answer.err
