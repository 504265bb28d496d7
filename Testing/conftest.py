"""Fixtures shared by all tests."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

LargestFile = Callable[[int], AbstractContextManager[None]]

REPOSITORY = Path(__file__).resolve().parent.parent

# A shell starts what it runs in the background with Ctrl+C ignored, which processes that the tests
# start would inherit: those that test Ctrl+C would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was imported: 700,000 objects that stay."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let it go with the rest at the end, or the libraries complain of what is left of them."""
    gc.unfreeze()


@contextlib.contextmanager
def _largest_file(size: int) -> Iterator[None]:
    resource = pytest.importorskip("resource", reason="no limit on file sizes on Windows")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def largest_file() -> LargestFile:
    """No file may grow beyond so many bytes in the block, as if the disk were full."""
    return _largest_file


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
