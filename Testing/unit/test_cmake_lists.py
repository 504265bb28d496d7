"""What CMake installs into Slicer is what lies on the disk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

MODULE_FOLDERS = [
    folder
    for folder in ("SAIMCore", "SAIMSegmentEditor", "SAIMActiveLearning")
    if (REPOSITORY / folder).is_dir()
]

# Not installed: tests of a module, its build file, its translations, what Python leaves behind.
LEFT_OUT = {"Testing", "Translations", "__pycache__"}


def cmake_list(text: str, variable: str) -> list[str]:
    """Entries of ``set(variable ...)`` in the text of a CMake file, comments removed."""
    code = re.sub(r"#.*", "", text)
    found = re.search(rf"\bset\s*\(\s*{variable}\b([^)]*)\)", code)
    assert found, f"the CMake file sets no list {variable}"
    return found.group(1).split()


def files_on_disk(folder: Path) -> list[str]:
    """Files under ``folder`` that belong into Slicer, as CMake writes their paths."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
        and path.name != "CMakeLists.txt"
        and not LEFT_OUT.intersection(path.relative_to(folder).parts)
    )


def difference(listed: list[str], present: list[str]) -> str:
    """One line per file that is in only one of the two; empty when they agree."""
    lines = [f"not listed: {name}" for name in present if name not in listed]
    lines += [f"listed but not there: {name}" for name in listed if name not in present]
    lines += [
        f"listed twice: {name}" for name in sorted({n for n in listed if listed.count(n) > 1})
    ]
    return "\n".join(lines)


@pytest.mark.parametrize("module", MODULE_FOLDERS)
def test_every_script_is_listed_and_every_listed_script_exists(module: str) -> None:
    folder = REPOSITORY / module
    listed = cmake_list(
        (folder / "CMakeLists.txt").read_text(encoding="utf-8"), "MODULE_PYTHON_SCRIPTS"
    )
    present = [name for name in files_on_disk(folder) if name.endswith(".py")]
    assert not difference(listed, present), f"\n{module}:\n{difference(listed, present)}"


@pytest.mark.parametrize("module", MODULE_FOLDERS)
def test_every_resource_is_listed_and_every_listed_resource_exists(module: str) -> None:
    folder = REPOSITORY / module
    listed = cmake_list(
        (folder / "CMakeLists.txt").read_text(encoding="utf-8"), "MODULE_PYTHON_RESOURCES"
    )
    present = [name for name in files_on_disk(folder) if not name.endswith(".py")]
    assert not difference(listed, present), f"\n{module}:\n{difference(listed, present)}"


@pytest.mark.parametrize("module", MODULE_FOLDERS)
def test_the_extension_builds_the_module(module: str) -> None:
    text = (REPOSITORY / "CMakeLists.txt").read_text(encoding="utf-8")
    assert f"add_subdirectory({module})" in text


def test_the_core_is_installed_as_a_package() -> None:
    text = (REPOSITORY / "SAIMCore" / "CMakeLists.txt").read_text(encoding="utf-8")
    assert re.search(r"\bWITH_SUBDIR\b", text), "without WITH_SUBDIR the files land side by side"
    assert not re.search(r"\bWITH_GENERIC_TESTS\b", text), "SAIMCore is no Slicer module"


def test_the_comparison_names_what_is_missing_superfluous_and_repeated() -> None:
    text = "set(MODULE_PYTHON_SCRIPTS  # all of them\n  a.py\n  gone.py\n  a.py\n  )"
    listed = cmake_list(text, "MODULE_PYTHON_SCRIPTS")
    assert listed == ["a.py", "gone.py", "a.py"]
    assert difference(listed, ["a.py", "new/b.py"]).splitlines() == [
        "not listed: new/b.py",
        "listed but not there: gone.py",
        "listed twice: a.py",
    ]
