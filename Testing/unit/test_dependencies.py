"""pyproject.toml declares what the package imports, and nothing that it does not use."""

from __future__ import annotations

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = sorted((REPOSITORY / "SAIMCore").rglob("*.py"))

# Imported by name nowhere, needed all the same.
INDIRECT = {
    "tensorboard": "torch.utils.tensorboard writes through it",
}


def normalized(name: str) -> str:
    """A distribution's name as the package index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    return {normalized(re.split(r"[\[<>=!~; ]", text)[0]) for text in requirements}


def imported_packages(source: str) -> set[str]:
    """Top-level names of the absolute imports in ``source``."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def imported() -> set[str]:
    """Distributions from which SAIMCore imports."""
    packages = set().union(
        *(imported_packages(path.read_text(encoding="utf-8")) for path in SOURCES)
    )
    # The scene's packages come with Slicer or with slicer-core; test_layers.py says who may.
    packages -= set(sys.stdlib_module_names) | {"SAIMCore", "tomllib", "slicer", "vtk"}
    owners = metadata.packages_distributions()
    return {normalized(name) for package in packages for name in owners.get(package, [package])}


def test_every_import_is_of_a_declared_dependency(project: dict, imported: set[str]) -> None:
    known = declared(project["dependencies"])
    for requirements in project["optional-dependencies"].values():
        known |= declared(requirements)
    undeclared = imported - known
    assert not undeclared, f"not declared in pyproject.toml: {', '.join(sorted(undeclared))}"


def test_every_dependency_is_used(project: dict, imported: set[str]) -> None:
    unused = declared(project["dependencies"]) - imported - INDIRECT.keys()
    assert not unused, f"declared in pyproject.toml but not imported: {', '.join(sorted(unused))}"


def test_dependencies_have_lower_bounds_only(project: dict) -> None:
    for text in project["dependencies"]:
        requirement = text.split(";")[0].strip()
        assert re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?>=[\d.]+", requirement), requirement
