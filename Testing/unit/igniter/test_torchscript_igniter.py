"""TorchScript files, and those that only look like one."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from SAIMCore.errors import CheckpointError, ConfigurationError
from SAIMCore.export import export_torchscript
from SAIMCore.igniter.opening import open_igniter

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")

Write = Callable[..., Path]


class Trap:
    """Unpickling it leaves a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".ckpt", ".pkl"])
@pytest.mark.parametrize("how", ["zip", "legacy", "plain"])
def test_a_pickle_is_refused_and_nothing_of_it_is_run(
    tmp_path: Path, suffix: str, how: str
) -> None:
    path, trace = tmp_path / f"model{suffix}", tmp_path / "trace"
    if how == "plain":
        path.write_bytes(pickle.dumps(Trap(trace)))
    else:
        torch.save(Trap(trace), path, _use_new_zipfile_serialization=how == "zip")
    with pytest.raises(
        CheckpointError, match=r"is a pickle \(torch.save\), .* and is refused; exp"
    ):
        open_igniter(path, "cpu")
    assert not trace.exists()


def test_a_pickle_that_poses_as_torchscript_is_not_run_either(
    write_torchscript: Write, tmp_path: Path
) -> None:
    path, trace = write_torchscript(), tmp_path / "trace"
    torch.save(Trap(trace), path)
    with zipfile.ZipFile(path, "a") as archive:
        inside = archive.namelist()[0].partition("/")[0]
        archive.writestr(f"{inside}/code/__torch__.py", "")
        archive.writestr(f"{inside}/constants.pkl", pickle.dumps(()))
    with pytest.raises(CheckpointError, match=r"model.ts cannot be loaded"):
        open_igniter(path, "cpu")
    assert not trace.exists()


def test_a_state_dict_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save(nn.Conv2d(1, 3, 3).state_dict(), path)
    with pytest.raises(CheckpointError, match="is a pickle"):
        open_igniter(path, "cpu")


@pytest.mark.parametrize("operation", ["from_file", "save"])
def test_operations_that_reach_for_files_are_refused(
    write_torchscript: Write, operation: str
) -> None:
    class Reader(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            return image + torch.from_file("/tmp/secret", False, 1)

    class Writer(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            torch.save(image, "/tmp/secret")
            return image

    path = write_torchscript(Reader() if operation == "from_file" else Writer())
    with pytest.raises(CheckpointError, match=rf"uses the operation {operation}, which reads or"):
        open_igniter(path, "cpu")


def test_a_truncated_file_is_named(write_torchscript: Write) -> None:
    path = write_torchscript()
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=r"model.ts is truncated or damaged"):
        open_igniter(path, "cpu")


def test_a_file_with_damaged_parts_is_named(write_torchscript: Write, tmp_path: Path) -> None:
    path, damaged = write_torchscript(), tmp_path / "damaged.ts"
    with zipfile.ZipFile(path) as found, zipfile.ZipFile(damaged, "w") as made:
        for name in found.namelist():
            made.writestr(name, b"" if name.endswith("data.pkl") else found.read(name))
    path.with_suffix(".toml").rename(damaged.with_suffix(".toml"))
    with pytest.raises(CheckpointError, match=r"damaged.ts cannot be loaded \(.*\); give a comple"):
        open_igniter(damaged, "cpu")


# Where the entries of an archive's list begin, and what of them is changed to which value.
_ENTRY = b"PK\x01\x02"
_FLAGS, _METHOD, _NAME = 8, 10, 46


@pytest.mark.parametrize(("place", "value"), [(_FLAGS, 1), (_METHOD, 99), (_NAME, 0xFF)])
def test_a_damaged_list_of_the_archive_is_named(
    write_torchscript: Write, place: int, value: int
) -> None:
    path = write_torchscript()
    content = path.read_bytes()
    damaged = bytearray(content)
    # Each entry has its name at the end.
    damaged[content.rfind(_ENTRY, 0, content.rfind(b"code/__torch__")) + place] = value
    path.write_bytes(damaged)
    with pytest.raises(
        CheckpointError, match=r"model.ts is truncated or damaged \(.*\); give a co"
    ):
        open_igniter(path, "cpu")


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        # PyTorch quotes the line, which is no text.
        ("code/__torch__", b"return", b"ret\xe3rn"),
        ("data.pkl", b"Thresholds", b"Threshold\xff"),
        ("data.pkl", b"scale", b"sca\xb5e"),
        ("version", b"3", b"\xff"),
    ],
)
def test_parts_that_are_no_text_are_named(
    write_torchscript: Write, part: str, old: bytes, new: bytes
) -> None:
    path = write_torchscript()
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            changed = content.replace(old, new) if part in name else content
            archive.writestr(name, changed)
    with pytest.raises(CheckpointError, match=r"model.ts (is truncated or damaged|cannot be load)"):
        open_igniter(path, "cpu")


@pytest.mark.parametrize("content", [b"", b"# no network\n"])
def test_something_else_is_no_torchscript(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model.pt is no TorchScript file; export the netwo"):
        open_igniter(path, "cpu")


def test_a_missing_description_is_asked_for(write_torchscript: Write) -> None:
    path = write_torchscript()
    path.with_suffix(".toml").unlink()
    with pytest.raises(ConfigurationError, match=r"model.toml does not exist; write it beside the"):
        open_igniter(path, "cpu")


def test_the_description_may_lie_elsewhere(write_torchscript: Write, tmp_path: Path) -> None:
    path = write_torchscript()
    elsewhere = path.with_suffix(".toml").rename(tmp_path / "about.toml")
    assert open_igniter(path, "cpu", elsewhere).class_names[1] == "liver"


def test_other_weights_or_another_description_are_another_version(
    write_torchscript: Write, threshold_network: nn.Module
) -> None:
    versions = [open_igniter(write_torchscript(), "cpu").version]
    versions.append(open_igniter(write_torchscript(), "cpu").version)
    assert versions[0] == versions[1]
    versions.append(open_igniter(write_torchscript(multiple=2), "cpu").version)
    with torch.no_grad():
        next(threshold_network.parameters()).add_(1)
    versions.append(open_igniter(write_torchscript(threshold_network), "cpu").version)
    assert len(set(versions)) == 3


def test_a_network_of_several_inputs_is_refused(
    small_checkpoint: Callable[..., Path], write_torchscript: Write
) -> None:
    path = write_torchscript()
    export_torchscript(small_checkpoint(), path)
    with pytest.raises(CheckpointError, match=r"takes 2 inputs \(image, memory\), but an igniter"):
        open_igniter(path, "cpu")
