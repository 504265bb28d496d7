"""A stand-in for the page's server, and how it was started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["STAND_IN", "Started", "opened"]

# A server that writes down how it was started, and that it was asked whether it could be.
STAND_IN = """
import json, os, pathlib, sys
note = pathlib.Path(os.environ["NOTE"])
if "--check" in sys.argv:
    note.with_suffix(".check").touch()
    sys.exit(int(os.environ.get("CHECK", "0")))
note.write_text(json.dumps({"arguments": sys.argv[1:], "token": os.environ.get("SAIM_WEB_TOKEN")}))
sys.exit(int(os.environ.get("CODE", "0")))
"""

Started = Callable[[], dict[str, Any] | None]


def opened(started: Started) -> Path:
    found = started()
    assert found is not None
    return Path(found["arguments"][0])
