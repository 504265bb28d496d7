"""Code in TorchScript files that does more than compute, and how it tries to hide."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from SAIMCore.errors import CheckpointError
from SAIMCore.igniter import torchscript_igniter
from SAIMCore.igniter.opening import open_igniter
from SAIMCore.igniter.torchscript_code import read_code, refuse_code, refuse_operations

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")

Write = Callable[..., Path]


class Writer(nn.Module):
    """Leaves a file when it is called."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = str(path)

    def forward(self, image: Tensor) -> Tensor:
        torch.save(image, self.path)
        return image


class WriterAtLoading(nn.Module):
    """Leaves a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = str(path)

    def forward(self, image: Tensor) -> Tensor:
        return image

    @torch.jit.export
    def __getstate__(self) -> tuple[str, bool]:
        return self.path, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[str, bool]) -> None:
        self.path = state[0]
        self.training = state[1]
        torch.save(torch.zeros(1), state[0])


class Parts(nn.Module):
    """Layers whose names are no Python names, and a sentence with all that is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            [nn.Conv2d(1, 3, 1), nn.ModuleDict({"a-b": nn.Conv2d(3, 3, 1)})]
        )
        self.ops = nn.Conv2d(3, 3, 1)

    def forward(self, image: Tensor) -> Tensor:
        if image.ndim == 9:
            raise ValueError('it\'s "C++ ops". save(\'#\', getattr(ops, "x")). from_file')
        for block in self.blocks:
            if isinstance(block, nn.ModuleDict):
                for inner in block.values():
                    image = inner(image)
            else:
                image = block(image)
        return self.ops(image)


def rewrite(path: Path, old: str, new: str) -> None:
    """Replace a part of the code in an archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = {
        name: part.replace(old.encode(), new.encode()) if name.endswith(".py") else part
        for name, part in parts.items()
    }
    assert changed != parts
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in changed.items():
            archive.writestr(name, part)


@pytest.mark.parametrize(
    "hidden",
    [
        "torch. \\\n  save(",
        "(torch.\n  save)(",
        'getattr(torch, "sa" "ve")(',
        "torch.autograd.save(",
    ],
)
def test_a_file_that_writes_is_refused_before_it_is_called(
    write_torchscript: Write, tmp_path: Path, hidden: str
) -> None:
    trace = tmp_path / "trace"
    path = write_torchscript(Writer(trace))
    rewrite(path, "torch.save(", hidden)
    torch.jit.load(path)(torch.zeros(1))
    assert trace.exists(), "PyTorch does not understand it"
    trace.unlink()
    with pytest.raises(CheckpointError, match="and is refused; use a network from a source that"):
        open_igniter(path, "cpu")
    assert not trace.exists()


def test_code_that_runs_at_loading_is_refused_unread(
    write_torchscript: Write, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    path = write_torchscript(WriterAtLoading(trace))
    torch.jit.load(path)
    assert trace.exists(), "it does not run at loading"
    trace.unlink()
    with pytest.raises(CheckpointError, match=r"uses the operation save, which reads or writes"):
        open_igniter(path, "cpu")
    assert not trace.exists()


def test_what_is_not_found_in_the_text_is_found_among_the_operations(
    write_torchscript: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torchscript_igniter, "refuse_code", lambda path, code: None)
    path = write_torchscript(Writer(tmp_path / "trace"))
    with pytest.raises(CheckpointError, match=r"uses the operation aten::save, which reads or"):
        open_igniter(path, "cpu")
    assert not (tmp_path / "trace").exists()


def test_operations_in_branches_and_loops_are_found() -> None:
    @torch.jit.script
    def nested(image: Tensor) -> Tensor:
        for count in range(3):
            if count > 1:
                image = image + torch.from_file("/tmp/secret", False, 1)
        return image

    with pytest.raises(CheckpointError, match="uses the operation aten::from_file"):
        refuse_operations(Path("model.ts"), [nested])


def test_operations_of_a_task_beside_are_found(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(4))

    def beside(image: Tensor) -> Tensor:
        return image + torch.from_file(str(secret), False, 1)

    def forking(image: Tensor) -> Tensor:
        return torch.jit.wait(torch.jit.fork(beside, image))

    traced = torch.jit.trace(forking, torch.zeros(1))
    assert traced.graph.findNode("aten::from_file") is None
    with pytest.raises(CheckpointError, match="uses the operation aten::from_file"):
        refuse_operations(Path("model.ts"), [traced])


@pytest.mark.parametrize(
    "line",
    [
        "f = torch.save",
        "t = torch\n    t.save(x)",
        'getattr(torch, "save")(x)',
        'getattr(torch, "\\163ave")(x)',
        'getattr(getattr(torch, "autograd"), "save")(x)',
        'g = getattr\n    g(torch, "save")(x)',
        'getattr(ops.image, "write_file")(x)',
        'getattr(__torch__.torch.classes._nnapi, "Compilation").x',
        'getattr(__torch__.torch.classes, "_nnapi").x',
        "ops.aten.save(x)",
        'ops.image.write_file("a", x)',
        "ops. prim.rpc_sync(x)",
        "ops.prim.rpc_sync(x)",
        "o = ops",
        "fork(torch.from_file, x)",
        "torch.\fsave(x)",
        "torch. # c\n save(x)",
        'a = "#"; torch.save(x)',
        "a = '\"'; torch.save(x, '\"')",
        '"""a\n"""; torch.save(x, "b"); """"""',
        '"a"""; torch.save(x, """b"',
        'a = "\\"; torch.save(x, "\\"',
    ],
)
def test_no_way_of_writing_it_passes(line: str) -> None:
    with pytest.raises(CheckpointError, match="and is refused; use a network from a source"):
        refuse_code(Path("model.ts"), f"def forward(self, x: Tensor) -> Tensor:\n    {line}\n")


@pytest.mark.parametrize("how", ["script", "trace"])
def test_what_networks_are_made_of_passes(write_torchscript: Write, how: str) -> None:
    module = Parts().eval()
    path = write_torchscript(module)
    if how == "trace":
        torch.jit.save(torch.jit.trace(module, torch.zeros(1, 1, 8, 8)), path)
    assert any("getattr(" in code for code in read_code(path))
    assert open_igniter(path, "cpu").class_names[1] == "liver"


def test_quantized_networks_pass() -> None:
    refuse_code(Path("model.ts"), "def f(x: Tensor) -> Tensor:\n  return ops.quantized.linear(x)")


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("CODE/__torch__/Code.PY", "two parts of its code have the same name"),
        # Its name is cut in the list of PyTorch.
        (f"code/__torch__/{'a' * 700}.py", "model.ts is truncated or damaged"),
        ("code/more.txt", "code/more.txt is no part of a TorchScript file"),
    ],
)
def test_code_that_could_be_taken_for_another_is_refused(
    write_torchscript: Write, name: str, complaint: str
) -> None:
    path = write_torchscript(Parts())
    with zipfile.ZipFile(path, "a") as archive:
        inside = archive.namelist()[0].partition("/")[0]
        archive.writestr(f"{inside}/code/__torch__/code.py", "")
        archive.writestr(f"{inside}/{name}", "")
    with pytest.raises(CheckpointError, match=complaint):
        open_igniter(path, "cpu")
