"""Next, accepting slices and series, and what is kept, as the page asks for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from Testing.web.workbench import Workbench


def accept_all_slices(workbench: Workbench) -> None:
    for index in range(workbench.grid.shape[0]):
        workbench.series.views.go_to(index)
        workbench.settle()
        workbench.program.editor_page.press("a")
        workbench.settle()


def test_the_queue_is_there_at_once(workbench: Workbench) -> None:
    assert workbench.state.queue_count == 20
    ranked = [row["rank"] for row in workbench.state.rows if row["rank"]]
    assert ranked == list(range(1, len(ranked) + 1))
    assert all(row["thumbnail"].startswith("/thumbnails/") for row in workbench.state.rows)


def test_next_opens_the_first_series_of_the_queue(workbench: Workbench) -> None:
    first = workbench.state.rows[0]["name"]
    workbench.open_next()
    assert workbench.state.series == first
    assert workbench.state.ready
    assert [segment["name"] for segment in workbench.state.segments] == [
        workbench.campaign.project.classes[index].name
        for index in workbench.campaign.project.classes.foreground
    ]
    assert workbench.campaign.project.series_named(first).status == "in progress"


def test_the_view_with_the_slices_is_the_large_one(workbench: Workbench) -> None:
    workbench.open_next()
    view = workbench.program.views.node(workbench.state.main_view)
    assert workbench.grid.shows_one_slice(view)
    assert set(workbench.state[f"view_{workbench.state.main_view}"]["sides"]) == {
        "left",
        "right",
        "top",
        "bottom",
    }


def test_accepting_a_series_asks_where_slices_are_not_accepted(workbench: Workbench) -> None:
    workbench.open_next()
    name = workbench.state.series
    workbench.program.campaign_page.accept_series()
    assert "not accepted" in workbench.state.question
    workbench.program.messages.answer(False)
    workbench.settle()
    assert workbench.state.series == name
    assert workbench.campaign.project.series_named(name).annotation is None


def test_yes_accepts_the_series_and_opens_the_next(workbench: Workbench) -> None:
    workbench.open_next()
    name = workbench.state.series
    workbench.program.campaign_page.accept_series()
    workbench.program.messages.answer(True)
    workbench.settle()
    assert workbench.state.question == ""
    assert workbench.state.series not in ("", name)
    assert workbench.campaign.project.series_named(name).status == "annotated"


def test_what_is_accepted_is_what_the_segments_hold(workbench: Workbench) -> None:
    workbench.open_next()
    main = workbench.state.main_view
    workbench.click(main, workbench.place(main, 2, 20, 26))
    accept_all_slices(workbench)
    held = workbench.voxels()
    name = workbench.state.series
    workbench.program.campaign_page.accept_series()
    # Something may be missing altogether with such a model.
    workbench.program.messages.answer(True)
    workbench.settle()
    project = workbench.campaign.project
    labels = project.annotations.load(name)
    expected = np.stack(
        [np.isin(labels, project.classes.members(index)) for index in project.classes.foreground]
    )
    np.testing.assert_array_equal(expected, held)


def test_the_slice_is_accepted_and_reopened(workbench: Workbench) -> None:
    workbench.open_next()
    assert workbench.state.accepted == [0, 6]
    workbench.program.editor_page.do("toggle_accepted")
    workbench.settle()
    assert workbench.state.slice_accepted
    assert workbench.state.accepted == [1, 6]
    workbench.program.editor_page.do("toggle_accepted")
    workbench.settle()
    assert not workbench.state.slice_accepted


def test_later_closes_the_series_and_it_goes_on_where_it_was(
    open_workbench: Callable[[], Workbench],
) -> None:
    first = open_workbench()
    first.open_next()
    name, main = first.state.series, first.state.main_view
    first.click(main, first.place(main, 2, 20, 26))
    held = first.voxels()
    first.program.campaign_page.save_for_later()
    first.settle()
    assert first.state.series == ""
    assert first.state.segments == []
    first.close()
    second = open_workbench()
    second.program.campaign_page.open_series(name)
    second.settle()
    np.testing.assert_array_equal(second.voxels(), held)
    assert len(second.series.session.interactions(2)) == 1


def test_nothing_is_lost_when_the_program_ends(open_workbench: Callable[[], Workbench]) -> None:
    first = open_workbench()
    first.open_next()
    name, main = first.state.series, first.state.main_view
    first.click(main, first.place(main, 2, 20, 26))
    held = first.voxels()
    first.close()
    second = open_workbench()
    second.program.campaign_page.open_series(name)
    second.settle()
    np.testing.assert_array_equal(second.voxels(), held)


def test_a_command_without_a_series_says_what_is_missing(workbench: Workbench) -> None:
    workbench.program.editor_page.do("segment_slice")
    assert workbench.state.problem.startswith("No series is open")
    workbench.open_next()
    assert workbench.state.problem == ""


def test_the_queue_is_filtered(workbench: Workbench) -> None:
    workbench.state.queue_text = "_00"
    workbench.settle()
    assert 0 < workbench.state.queue_count < 20
    workbench.state.queue_status = "test"
    workbench.settle()
    assert {row["status"] for row in workbench.state.rows} == {"test"}


def test_another_order_is_kept(workbench: Workbench) -> None:
    workbench.state.strategy = "random"
    workbench.settle()
    assert workbench.campaign.project.settings.selection.strategy == "random"


def test_ranking_shows_scores(workbench: Workbench) -> None:
    workbench.program.campaign_page.queue.rank()
    workbench.settle()
    assert all(row["score"] for row in workbench.state.rows if row["rank"])


@pytest.mark.usefixtures("held_elsewhere")
def test_where_somebody_else_writes_all_is_shown_and_nothing_changed(workbench: Workbench) -> None:
    assert workbench.state.read_only_because
    assert workbench.state.rows
    workbench.program.campaign_page.next()
    workbench.settle()
    assert workbench.state.series == ""
    assert workbench.state.read_only_because.casefold() in workbench.state.problem.casefold()
