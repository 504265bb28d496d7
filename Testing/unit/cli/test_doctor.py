"""``saim doctor``: every finding with its remedy, and an exit code for scripts."""

from __future__ import annotations

import pytest

from SAIMCore import doctor
from SAIMCore.doctor import Finding

FINE = [
    Finding("Python", "ok", "3.12"),
    Finding("graphics", "warning", "none", 'run: pip install "saim[web]"'),
]


def test_with_all_that_is_needed_the_exit_code_is_0(saim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "diagnose", lambda: FINE)
    answer = saim("doctor")
    assert answer.code == 0
    assert "ok       Python: 3.12" in answer.out
    assert '         run: pip install "saim[web]"' in answer.out
    assert saim("doctor", "--json").document == {
        "usable": True,
        "findings": [entry.to_json() for entry in FINE],
    }


def test_with_something_missing_the_exit_code_is_1(saim, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = [*FINE, Finding("torch", "missing", "not installed", "run: pip install torch")]
    monkeypatch.setattr(doctor, "diagnose", lambda: missing)
    answer = saim("doctor")
    assert answer.code == 1
    assert "SAIM does not work without what is missing: torch" in answer.out
    assert saim("doctor", "--json").document["usable"] is False


def test_this_machine_can_be_looked_at(saim) -> None:
    found = saim("doctor", "--json").document["findings"]
    assert {"Python", "torch", "device", "memory", "disk"} <= {entry["name"] for entry in found}
