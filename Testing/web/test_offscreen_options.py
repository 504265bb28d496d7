"""Options of the click effect on the page: what a browser sets is what the desk works with."""

from __future__ import annotations

from typing import Any

import pytest

from SAIMCore.mrml.click_effect import ClickEffect
from SAIMCore.mrml.effect_options import EffectOptions
from SAIMCore.session.conditioning import SliceConditioning
from Testing.web.workbench import Workbench

SLICE, ROW, COLUMN = 2, 20, 26


@pytest.fixture
def opened(workbench: Workbench) -> Workbench:
    workbench.open_next()
    return workbench


def options(opened: Workbench) -> EffectOptions:
    desk = opened.program.editor.desk
    assert desk is not None
    return desk.options


def put(opened: Workbench, **values: Any) -> None:
    """What a browser sends."""
    opened.state.update(values)
    opened.settle()


def conditioning(opened: Workbench) -> SliceConditioning | None:
    """How the answer to one more click is made to agree with the marks."""
    view = opened.state.main_view
    opened.click(view, opened.place(view, SLICE, ROW, COLUMN))
    return opened.series.session.conditioning


def test_the_network_is_left_as_it_is_unless_wished(opened: Workbench) -> None:
    assert not opened.state.conditioned
    assert conditioning(opened) is None


def test_the_mode_and_its_growth_are_taken_from_the_page(opened: Workbench) -> None:
    put(opened, conditioned=True)
    assert conditioning(opened) == SliceConditioning()
    put(opened, grows=True, growth_threshold=0.75, growth_reach=4)
    assert conditioning(opened) == SliceConditioning(threshold=0.75, reach=4)
    put(opened, conditioned=False)
    assert conditioning(opened) is None
    assert opened.state.problem == ""


def test_options_outlive_the_series(opened: Workbench) -> None:
    put(opened, conditioned=True, grows=True, growth_reach=4, draws_boxes=True)
    before = options(opened)
    opened.program.campaign_page.save_for_later()
    opened.settle()
    opened.program.campaign_page.open_series(opened.campaign.queue.rows[-1].name)
    opened.settle()
    assert options(opened) == before
    assert (opened.state.conditioned, opened.state.growth_reach) == (True, 4)
    assert conditioning(opened) == before.conditioning()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("growth_threshold", "wide"),
        ("growth_threshold", -1),
        ("growth_reach", None),
        ("growth_reach", [1, 2]),
    ],
)
def test_what_no_growth_can_be_is_said_and_taken_back(
    opened: Workbench, name: str, value: Any
) -> None:
    before = options(opened)
    put(opened, **{name: value})
    assert opened.state.problem
    assert options(opened) == before
    assert opened.state[name] == getattr(before, name)


def test_an_igniter_agrees_with_the_marks_in_any_case(
    opened: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not opened.state.always_conditioned
    monkeypatch.setattr(ClickEffect, "always_conditioned", True)
    opened.program.editor_page.refresh()
    opened.settle()
    assert opened.state.always_conditioned
    assert not opened.state.conditioned
    assert conditioning(opened) == SliceConditioning()


def test_boxes_are_chosen_by_key_and_by_box(opened: Workbench) -> None:
    opened.program.editor_page.press("e")
    opened.settle()
    assert opened.state.draws_boxes
    put(opened, draws_boxes=False)
    assert not options(opened).draws_boxes
