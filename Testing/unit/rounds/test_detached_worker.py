"""A worker that is found again, told to stop and ended by the folder it works in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.rounds.detached_worker import DetachedWorker
from SAIMCore.rounds.worker_process import LOG_FILE
from SAIMCore.training.run_lock import HOLDER_FILE, run_lock
from SAIMCore.worker import STOP_FILE

WAIT = ("-c", "import sys; print('ready', flush=True); sys.stdin.read()")


def ended(folder: Path, code: str) -> DetachedWorker:
    """A worker that ran ``code`` and has ended."""
    worker = DetachedWorker.start(folder, ("-c", code))
    assert worker._process is not None
    worker._process.wait()
    return worker


def test_a_worker_leads_a_session_and_reads_and_writes_nothing(tmp_path: Path) -> None:
    code = (
        "import os, sys; sys.stdout.write('lost'); "
        "print(os.getsid(0) == os.getpid(), sys.stdin.read() == '', sys.argv[1:], file=sys.stderr)"
    )
    ended(tmp_path, code)
    log = (tmp_path / LOG_FILE).read_text(encoding="utf-8")
    assert log == f"True True ['{tmp_path}', '--polite']\n"


def test_a_worker_is_at_work_until_it_ends_or_its_folder_is_free(tmp_path: Path) -> None:
    worker = ended(tmp_path, "")
    assert not worker.is_at_work()
    with run_lock(tmp_path, 0):
        assert worker.is_at_work()
        assert DetachedWorker(tmp_path).is_at_work()
    assert not DetachedWorker(tmp_path).is_at_work()


@pytest.mark.parametrize(
    ("code", "reason", "resumable"),
    [
        ("import os; os.kill(os.getpid(), 9)", "was killed (SIGKILL)", True),
        ("raise ImportError('no torch')", "failed: ImportError: no torch", False),
        ("import sys; sys.exit('the disk is full')", "failed: the disk is full", False),
        ("import sys; print('the disk is full', file=sys.stderr); sys.exit(2)",
         "failed: the disk is full", True),
    ],
)  # fmt: skip
def test_the_end_of_a_worker_that_wrote_no_event_is_told(
    tmp_path: Path, code: str, reason: str, resumable: bool
) -> None:
    (tmp_path / LOG_FILE).write_text("of an earlier worker\n", encoding="utf-8")
    assert ended(tmp_path, code).silent_end() == (f"the training process {reason}", resumable)


def test_a_worker_that_could_not_even_say_why_it_ended_can_go_on(tmp_path: Path) -> None:
    reason, resumable = ended(tmp_path, "import sys; sys.exit(2)").silent_end()
    assert "without a word (exit code 2), as on a full disk" in reason
    assert resumable


def test_a_worker_whose_folder_was_deleted_can_begin_anew(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    worker = ended(folder, "import sys; sys.exit('the folder is gone')")
    shutil.rmtree(folder)
    reason, resumable = worker.silent_end()
    assert "ended without a word (exit code 1)" in reason
    assert resumable


def test_a_worker_of_another_process_that_ended_silently_can_go_on(tmp_path: Path) -> None:
    reason, resumable = DetachedWorker(tmp_path).silent_end()
    assert "ended without a word" in reason
    assert resumable


def test_an_earlier_request_to_stop_does_not_stop_the_next_worker(tmp_path: Path) -> None:
    DetachedWorker(tmp_path).stop()
    assert (tmp_path / STOP_FILE).exists()
    ended(tmp_path, "")
    assert not (tmp_path / STOP_FILE).exists()


def test_a_folder_that_is_away_is_said_when_a_stop_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="cannot be asked to stop"):
        DetachedWorker(tmp_path / "away").stop()


def test_only_the_process_that_works_in_the_folder_is_killed(tmp_path: Path) -> None:
    # A killed worker left its number, which is another's by now: that of this very process.
    (tmp_path / HOLDER_FILE).write_text(f"{os.getpid()}\n", encoding="utf-8")
    DetachedWorker(tmp_path).kill()
    command = [sys.executable, *WAIT, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        # A moment after it was started it has no command line that could be looked at.
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        (tmp_path / HOLDER_FILE).write_text(f"{process.pid}\n", encoding="utf-8")
        DetachedWorker(tmp_path).kill()
        assert not psutil.pid_exists(process.pid)
    DetachedWorker(tmp_path).kill()
