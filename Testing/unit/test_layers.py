"""Imports point down only: the layers of docs/architecture.md, enforced by reading the imports.

A new module or package of SAIMCore takes its place in ``LAYERS`` here and in that document.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CORE = REPOSITORY / "SAIMCore"

# Top to bottom. A module may import what stands in its own line or in a lower one.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("mrml",),
    ("cli", "experiments", "benchmarks", "doctor"),
    ("campaign",),
    (
        "project",
        "rounds",
        "scoring",
        "worker",
        "worker_events",
        "job",
        "training_run",
        "virtual_annotation",
    ),
    ("training", "evaluation", "virtual_user"),
    ("session", "predictor", "export", "conditioning", "igniter"),
    ("networks", "memory", "interactions", "checkpoint"),
    (
        "data",
        "classes",
        "errors",
        "graphics",
        "acquisition",
        "metrics",
        "device",
        "installing",
        "likeliest",
        "threads",
    ),
    ("__init__",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

# Toolkits of the hosts, and the hosts themselves.
SCENE = {"slicer", "vtk", "vtkmodules", "mrml"}
HOSTS = {"qt", "ctk", "PythonQt", "PySide6", "PyQt5", "PyQt6", "trame", "trame_slicer"}
HOSTS |= {"SAIMSegmentEditor", "SAIMSegmentEditorLib", "SAIMWeb"}
HOSTS |= {"SAIMActiveLearning", "SAIMActiveLearningLib"}

SOURCES = sorted(path.relative_to(REPOSITORY).as_posix() for path in CORE.rglob("*.py"))


def imported_names(source: str, package: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that ``source`` imports, inside functions too.

    ``from a import b`` gives ``a.b``; relative imports are resolved against ``package``.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join([*(parents if node.level else []), *filter(None, [node.module])])
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            name = node.args[0] if node.args else None
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield node.lineno, name.value


def part_of(module: str) -> str:
    """The module or package directly below SAIMCore to which a path or dotted name belongs."""
    parts = module.removesuffix(".py").replace("/", ".").split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def violations(path: str, source: str) -> list[str]:
    """What ``source``, the file at ``path`` (relative to the repository), may not import."""
    part = part_of(path)
    found = []
    package = path.rpartition("/")[0].replace("/", ".")
    for line, name in imported_names(source, package):
        top = name.split(".")[0]
        if top in HOSTS or top.startswith("trame"):
            found.append(f"{path}:{line} imports {name}, which belongs to a host")
        elif top in SCENE and part != "mrml":
            found.append(f"{path}:{line} imports {name}; only SAIMCore/mrml may")
        elif top == "SAIMCore":
            # A name that is no module (``from SAIMCore import __version__``) is of the package.
            target = part_of(name) if part_of(name) in LEVEL else "__init__"
            if LEVEL[target] < LEVEL[part]:
                found.append(f"{path}:{line} imports {name}, which is in a layer above it")
    return found


@pytest.mark.parametrize("path", SOURCES)
def test_every_module_has_a_place_in_the_layers(path: str) -> None:
    assert part_of(path) in LEVEL, (
        f"{path} is in no layer: add {part_of(path)!r} to LAYERS here and to docs/architecture.md"
    )


@pytest.mark.parametrize("path", [path for path in SOURCES if part_of(path) in LEVEL])
def test_imports_point_down_only(path: str) -> None:
    found = violations(path, (REPOSITORY / path).read_text(encoding="utf-8"))
    assert not found, "\n" + "\n".join(found)


def test_the_document_and_the_table_agree() -> None:
    text = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition("## Layers")[2].partition("\n## ")[0]
    rows = re.findall(r"^\d+\. (.*)$", section, flags=re.MULTILINE)
    documented = [set(re.findall(r"`(\w+)`", row)) for row in rows]
    assert documented, "docs/architecture.md lists no layers"
    known = set().union(*documented)
    table = [known.intersection(names) for names in LAYERS]
    assert [names for names in table if names] == documented


@pytest.mark.parametrize(
    ("path", "source", "complaint"),
    [
        (
            "SAIMCore/memory.py",
            "from SAIMCore.session import InteractiveSession",
            "SAIMCore/memory.py:1 imports SAIMCore.session.InteractiveSession, "
            "which is in a layer above it",
        ),
        (
            "SAIMCore/data/cache.py",
            "def late():\n    from SAIMCore import predictor",
            "SAIMCore/data/cache.py:2 imports SAIMCore.predictor, which is in a layer above it",
        ),
        (
            "SAIMCore/data/cache.py",
            "from ..networks import factory",
            "SAIMCore/data/cache.py:1 imports SAIMCore.networks.factory, "
            "which is in a layer above it",
        ),
        (
            "SAIMCore/classes.py",
            "import importlib\nimportlib.import_module('SAIMCore.cli.train')",
            "SAIMCore/classes.py:2 imports SAIMCore.cli.train, which is in a layer above it",
        ),
        (
            "SAIMCore/session.py",
            "import slicer.util",
            "SAIMCore/session.py:1 imports slicer.util; only SAIMCore/mrml may",
        ),
        (
            "SAIMCore/mrml/segments.py",
            "import qt",
            "SAIMCore/mrml/segments.py:1 imports qt, which belongs to a host",
        ),
        (
            "SAIMCore/mrml/segments.py",
            "from trame_vtk.widgets import view",
            "SAIMCore/mrml/segments.py:1 imports trame_vtk.widgets.view, which belongs to a host",
        ),
        (
            "SAIMCore/cli/show.py",
            "from SAIMCore.mrml import segments",
            "SAIMCore/cli/show.py:1 imports SAIMCore.mrml.segments, which is in a layer above it",
        ),
    ],
)
def test_a_forbidden_import_is_named(path: str, source: str, complaint: str) -> None:
    assert violations(path, source) == [complaint]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("SAIMCore/session.py", "from SAIMCore.memory import create_memory"),
        ("SAIMCore/session.py", "from SAIMCore import __version__, errors"),
        ("SAIMCore/data/cache.py", "from . import atomic\nfrom .atomic import write_json"),
        ("SAIMCore/mrml/segments.py", "import slicer, vtk\nfrom SAIMCore import session"),
        ("SAIMCore/networks/unet.py", "import torch\nfrom SAIMCore.networks import blocks"),
    ],
)
def test_imports_of_the_same_layer_and_below_pass(path: str, source: str) -> None:
    assert violations(path, source) == []
