"""The plans of a project's sessions, in ``plans.json`` in its folder.

A file, and no table of the database: nothing else refers to a plan, whoever has the project open
for writing is its only writer, and an earlier SAIM can still open the project.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.campaign.time_plan import TimePlan
from SAIMCore.data.atomic import write_json
from SAIMCore.errors import ProjectError
from SAIMCore.project.kept_json import damage_said
from SAIMCore.project.sections import from_section, to_section

if TYPE_CHECKING:
    from SAIMCore.project.project import Project

__all__ = ["PLANS_FILE", "keep_plan", "read_plans"]

PLANS_FILE = "plans.json"
FORMAT = 1
# So many sessions are kept, the latest.
MOST_KEPT = 200


def keep_plan(project: Project, plan: TimePlan) -> None:
    """Keep ``plan``, in place of what was kept of the same session before.

    Raises ProjectError when the project is open read-only, or its file is damaged or cannot be
    written.
    """
    project.require_writable()
    others = [kept for kept in read_plans(project.folder) if kept.began != plan.began]
    plans = [*others, plan][-MOST_KEPT:]
    content = {"format": FORMAT, "plans": [_to_json(kept) for kept in plans]}
    write_json(project.folder / PLANS_FILE, content)


def read_plans(folder: Path) -> list[TimePlan]:
    """The plans of the project in ``folder``, oldest first.

    Raises ProjectError when their file is damaged, cannot be read, or is of a later SAIM.
    """
    path = folder / PLANS_FILE
    try:
        with damage_said(path, ": it says only how well the plans of earlier sessions held"):
            content = json.loads(path.read_text(encoding="utf-8"))
            found = content["format"]
            if isinstance(found, int) and found > FORMAT:
                raise ProjectError(
                    f"{path} has format {found}, this SAIM reads up to {FORMAT}; update SAIM"
                )
            return [from_section(TimePlan, entry, "plan") for entry in content["plans"]]
    except FileNotFoundError:
        return []


def _to_json(plan: TimePlan) -> Mapping[str, Any]:
    return {**to_section(plan), "series": [to_section(entry) for entry in plan.series]}
