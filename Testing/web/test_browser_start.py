"""From a folder of series to the page, with the command that ``make run`` gives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from SAIMCore.data.phantom import make_phantom

SECONDS = 60


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Somebody's series, of which two have no labels."""
    phantom = make_phantom(tmp_path / "liver", 6, size=(32, 32, 4))
    phantom.splits_file.unlink()
    for name in phantom.names[:2]:
        (phantom.labels / f"{name}.nii.gz").unlink()
    return phantom.folder


@pytest.fixture
def started(series: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "SAIMCore.cli", "web", "--data", str(series)]
    command += ["--folder", str(tmp_path / "made"), "--port", "0", "--device", "cpu"]
    with subprocess.Popen(
        [*command, "--no-browser"], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        yield process
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def test_a_folder_becomes_a_page_and_ctrl_c_ends_it(
    started: subprocess.Popen[str], context: BrowserContext, tmp_path: Path
) -> None:
    assert started.stdout is not None
    line = next(line for line in started.stdout if line.startswith("SAIM is at "))
    page = context.new_page()
    page.goto(line.split()[3])
    page.locator("[data-project]").wait_for()
    page.wait_for_function("window.trame?.state?.get('queue_total') === 6")
    assert "made" in page.locator("[data-project]").inner_text()
    assert (tmp_path / "made" / "project" / "project.toml").is_file()
    page.close()
    # The command and its server, as the terminal does.
    os.killpg(started.pid, signal.SIGINT)
    assert started.wait(SECONDS) == 0
