"""The file with the plans of a project's sessions."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from SAIMCore.campaign import time_plans
from SAIMCore.campaign.time_plan import PlanEntry, TimePlan
from SAIMCore.campaign.time_plans import PLANS_FILE, keep_plan, read_plans
from SAIMCore.errors import ProjectError
from SAIMCore.project.project import Project

PLAN = TimePlan(
    "2026-01-01T10:00:00",
    "2026-01-01T11:00:00",
    60.0,
    "hard-first",
    "round-001",
    (PlanEntry("a", 8.0, 10.5, accepted=True), PlanEntry("b", None, 1.0, planned=False)),
)
OTHER = TimePlan("2026-01-02T10:00:00", "2026-01-02T10:00:00", 30.0, "entropy", None, ())


def test_plans_are_read_as_they_were_kept(plain_project: Project) -> None:
    assert read_plans(plain_project.folder) == []
    keep_plan(plain_project, PLAN)
    keep_plan(plain_project, OTHER)
    assert read_plans(plain_project.folder) == [PLAN, OTHER]


def test_the_plan_of_a_session_is_kept_once(plain_project: Project) -> None:
    for minutes in (10.0, 20.0):
        keep_plan(plain_project, replace(PLAN, minutes=minutes))
    assert [plan.minutes for plan in read_plans(plain_project.folder)] == [20.0]


def test_the_oldest_sessions_are_forgotten(
    plain_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_plans, "MOST_KEPT", 2)
    plans = [replace(OTHER, began=f"2026-01-{day:02d}") for day in (1, 2, 3)]
    for plan in plans:
        keep_plan(plain_project, plan)
    assert read_plans(plain_project.folder) == plans[1:]


def test_a_read_only_project_keeps_none(plain_project: Project) -> None:
    with (
        Project.open(plain_project.folder, read_only=True) as looked_at,
        pytest.raises(ProjectError, match="read-only"),
    ):
        keep_plan(looked_at, PLAN)
    assert not (plain_project.folder / PLANS_FILE).exists()


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"format": 1}',
        '{"format": 1, "plans": 3}',
        '{"format": 1, "plans": [{"began": "2026"}]}',
        '{"format": 1, "plans": ["2026"]}',
    ],
)
def test_a_damaged_file_is_named_and_left_as_it_is(plain_project: Project, content: str) -> None:
    path = plain_project.folder / PLANS_FILE
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ProjectError, match=f"{PLANS_FILE} is damaged; restore it"):
        read_plans(plain_project.folder)
    with pytest.raises(ProjectError, match="is damaged"):
        keep_plan(plain_project, PLAN)
    assert path.read_text(encoding="utf-8") == content


def test_a_file_of_a_later_saim_is_refused(plain_project: Project) -> None:
    content = json.dumps({"format": 2, "plans": []})
    (plain_project.folder / PLANS_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(ProjectError, match="has format 2, this SAIM reads up to 1; update SAIM"):
        read_plans(plain_project.folder)


def test_a_full_disk_leaves_the_earlier_plans(
    plain_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_plan(plain_project, PLAN)

    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(ProjectError, match="the disk is full"):
            keep_plan(plain_project, OTHER)
    assert read_plans(plain_project.folder) == [PLAN]
