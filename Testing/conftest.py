"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

# A shell starts what it runs in the background with Ctrl+C ignored, which processes that the tests
# start would inherit: those that test Ctrl+C would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root folder of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with the real series; the test is skipped where they are absent."""
    folder = Path(os.environ.get("SAIM_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real series at {folder}; set SAIM_TEST_DATA to their folder")
    return folder
