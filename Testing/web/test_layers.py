"""Only one folder knows trame, whose interfaces change."""

from __future__ import annotations

from pathlib import Path

import pytest

from Testing.unit.test_layers import imported_names

REPOSITORY = Path(__file__).resolve().parents[2]
HOST = REPOSITORY / "SAIMWeb"
OTHERS = [path for path in sorted(HOST.rglob("*.py")) if HOST / "trame_host" not in path.parents]


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_nothing_else_imports_it(path: Path) -> None:
    names = [name for _, name in imported_names(path.read_text(encoding="utf-8"), "SAIMWeb")]
    assert not [name for name in names if name.startswith(("trame", "wslink"))]
