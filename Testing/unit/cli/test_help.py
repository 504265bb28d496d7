"""Help comes at once, and what it says about choices is true."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from SAIMCore.cli import COMMANDS
from SAIMCore.cli.arguments import DECODERS, MEMORIES, STRATEGIES_HELP, click_counts, positive

HEAVY = ("torch", "numpy", "scipy", "SimpleITK", "sqlalchemy", "matplotlib")

SHOW_ALL_HELP = f"""
import contextlib, io, json, sys
from SAIMCore.cli import COMMANDS, main
shown = {{}}
for name in COMMANDS:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        main([name, "--help"])
    shown[name] = out.getvalue()
heavy = [name for name in {HEAVY!r} if name in sys.modules]
print(json.dumps({{"shown": shown, "heavy": heavy}}))
"""


@pytest.fixture(scope="module")
def helps(repository: Path) -> dict[str, object]:
    result = subprocess.run(
        [sys.executable, "-c", SHOW_ALL_HELP],
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_no_help_waits_for_a_heavy_package(helps: dict[str, object]) -> None:
    assert helps["heavy"] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(helps: dict[str, object], command: str) -> None:
    shown = helps["shown"]
    assert isinstance(shown, dict)
    assert f"usage: saim {command}" in shown[command]


def test_the_memories_and_decoders_that_can_be_chosen_are_those_that_exist() -> None:
    from SAIMCore.memory import MEMORY_VARIANTS
    from SAIMCore.networks.factory import NETWORKS

    assert set(MEMORIES) == set(MEMORY_VARIANTS)
    assert set(DECODERS) == set(NETWORKS)


def test_the_strategies_that_are_named_are_those_that_exist() -> None:
    from SAIMCore.acquisition import STRATEGIES

    assert set(STRATEGIES_HELP.replace(" or ", ", ").split(", ")) == set(STRATEGIES)


def test_numbers_of_clicks_are_put_in_order_and_named_once() -> None:
    assert click_counts("3, 0,1,3") == (0, 1, 3)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["evaluate", "P", "--clicks", "0,one"], "'one' is no whole number of at least 0"),
        (["train", "P", "--epochs", "0"], "'0' is no whole number of at least 1"),
        (["train", "P", "--memory", "elephant"], "invalid choice: 'elephant'"),
        (["predict", "P", "case"], "required: -o/--output"),
        (["annotate", "P"], "say where the annotation comes from: --labels DIR"),
        (["annotate", "P", "--virtual-user"], "name the series; 'saim status P --series'"),
        (["annotate", "P", "a", "--virtual-user", "--labels", "D"], "not allowed with argument"),
        (["annotate", "P", "a", "--virtual-user", "--minutes", "1"], "--minutes is for --labels"),
        (["annotate", "P", "a", "--labels", "D", "--reference", "D"], "what the virtual user sees"),
        (["annotate", "P", "--virtual-user", "a", "--virtuall"], "unrecognized arguments"),
        (["train", "P", "Q"], "unrecognized arguments: Q"),
        (["train"], "required: PROJECT"),
        (["models", "P", "sell"], "invalid choice: 'sell'"),
        (["dance"], "invalid choice: 'dance'"),
    ],
)
def test_a_wrong_command_line_is_explained(saim, arguments: list[str], complaint: str) -> None:
    answer = saim(*arguments)
    assert answer.code == 2
    assert complaint in answer.err


def test_positive_numbers_pass() -> None:
    assert positive("12") == 12
