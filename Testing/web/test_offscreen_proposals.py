"""A series whose igniter proposes, on the page: shown, clicked, and handed to our first model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from SAIMCore.data.phantom import PHANTOM_CLASSES
from SAIMCore.project.project import Project
from SAIMCore.project.settings import IgniterSettings
from Testing.unit.campaign.stand_ins import publish_model
from Testing.web.page_bench import forget_models
from Testing.web.workbench import Workbench


@pytest.fixture
def ignited(template: Path, project: Path, open_workbench: Callable[[], Workbench]) -> Workbench:
    """Before the first training; a colleague has labelmaps of all series."""
    forget_models(project)
    shutil.copytree(template.parent / "series" / "labels", project.parent / "colleague")
    names = [entry.name for entry in PHANTOM_CLASSES if entry.value]
    lines = [f"{entry.name} = {entry.value}" for entry in PHANTOM_CLASSES if entry.value]
    toml = project.parent / "colleague" / "labels.toml"
    toml.write_text("\n".join(["[labels]", *lines]), encoding="utf-8")
    with Project.open(project) as made:
        settings = IgniterSettings("../colleague", {name: (name,) for name in names})
        made.change_settings(igniter=settings)
    workbench = open_workbench()
    workbench.open_next()
    return workbench


def test_the_proposals_are_shown_and_clicked(ignited: Workbench) -> None:
    assert ignited.state.ready
    assert ignited.state.effect_status == (
        "Igniter colleague; your marks are written into its proposal."
    )
    assert ignited.voxels().any()
    assert list(ignited.state.accepted) == [0, 6]
    ignited.program.editor_page.select_segment(ignited.state.segments[1]["id"])
    main: str = ignited.state.main_view
    ignited.click(main, ignited.place(main, 2, 20, 26))
    (made,) = ignited.series.session.interactions(2)
    assert ignited.series.session.result(2).labels[made.row, made.column] == 2
    assert ignited.state.problem == ""


def test_our_first_model_answers_in_the_open_series(ignited: Workbench) -> None:
    main: str = ignited.state.main_view
    ignited.click(main, ignited.place(main, 2, 20, 26))
    session, before = ignited.series.session, ignited.voxels()
    publish_model(ignited.campaign.project, "round-001")
    desk = ignited.program.editor.desk
    assert desk is not None
    desk.renew_model()
    ignited.settle()
    assert ignited.series.session is session
    assert "round-001" in ignited.state.effect_status
    assert (ignited.voxels() == before).all()
    ignited.click(main, ignited.place(main, 2, 30, 10))
    assert len(session.interactions(2)) == 2


def test_an_open_series_can_be_clicked_in_as_soon_as_something_answers(
    project: Path, labelmaps: Path, open_workbench: Callable[[], Workbench]
) -> None:
    forget_models(project)
    workbench = open_workbench()
    page = workbench.program.campaign_page
    workbench.open_next()
    name = workbench.state.series
    assert workbench.program.editor.desk is None
    page.igniter.look_at(str(labelmaps))
    workbench.settle()
    for theirs, ours in (("cyst", "lesion"), ("bone", "gland")):
        page.igniter.map_class(theirs, ours)
    page.igniter.use()
    workbench.settle()
    assert workbench.state.series == name
    assert workbench.voxels().any(), "what the igniter proposes"
    main: str = workbench.state.main_view
    workbench.click(main, workbench.place(main, 2, 20, 26))
    assert len(workbench.series.session.interactions(2)) == 1
    page.igniter.remove()
    workbench.settle()
    assert workbench.state.problem == ""
    assert workbench.series.session.predictor.version.startswith("igniter:colleague")
