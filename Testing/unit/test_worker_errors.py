"""What the training worker cannot work with is named, and its events are kept."""

from __future__ import annotations

import errno
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from SAIMCore.errors import ConfigurationError
from SAIMCore.job import JOB_FILE, TrainingJob
from SAIMCore.worker import EventWriter
from SAIMCore.worker_events import read_events
from Testing.unit.worker_runs import Worker


def test_what_makes_a_training_impossible_is_said_in_one_sentence(
    job: TrainingJob, tmp_path: Path
) -> None:
    replace(job, series={**job.series, "validation": ()}).write(tmp_path / "run")
    code, events, words = Worker(tmp_path / "run").finish()
    assert code == 2
    assert events[-1]["event"] == "error"
    assert "no validation series" in events[-1]["message"]
    assert words.strip() == events[-1]["message"]


def test_a_missing_folder_and_a_damaged_job_are_named(tmp_path: Path) -> None:
    code, _, words = Worker(tmp_path / "nowhere").finish()
    assert (code, words.strip()) == (
        2, f"{tmp_path / 'nowhere'} is no folder; give the run folder of a job"
    )  # fmt: skip
    (tmp_path / JOB_FILE).write_text("{", encoding="utf-8")
    code, events, _ = Worker(tmp_path).finish()
    assert code == 2
    assert "is no readable training job" in events[-1]["message"]


def test_a_job_of_a_newer_format_is_refused(job: TrainingJob, tmp_path: Path) -> None:
    job.write(tmp_path)
    entry = json.loads((tmp_path / JOB_FILE).read_text(encoding="utf-8"))
    (tmp_path / JOB_FILE).write_text(json.dumps({**entry, "format_version": 99}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="has format 99, this SAIM reads up to 1"):
        TrainingJob.read(tmp_path)


def test_events_are_kept_when_nobody_listens_any_more(tmp_path: Path) -> None:
    class ClosedPipe(io.StringIO):
        def flush(self) -> None:
            # What Windows says of a pipe whose other end is gone.
            raise OSError(errno.EINVAL, "Invalid argument")

    events = EventWriter(ClosedPipe())
    events.keep_in(tmp_path)
    for number in (1, 2):
        events({"event": "epoch", "epoch": number})
    events.close()
    assert [event["epoch"] for event in read_events(tmp_path)] == [1, 2]
