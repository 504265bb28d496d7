"""The hidden module, and what Slicer lists of its effect."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import slicer

from SAIMCore.installing import ANNOTATING
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.scripted_module import load_module
from Testing.desktop.workplace import EFFECT, MODULE, Workplace, in_bare_slicer


def registered(host: SlicerStandIn) -> list[str]:
    return [effect.values["name"] for effect in host.factory.registered]


def test_the_effect_is_registered_when_slicer_has_started(host: SlicerStandIn) -> None:
    module = load_module(MODULE)
    assert module.parent.hidden
    assert registered(host) == []
    host.application.startupCompleted.emit()
    assert registered(host) == [EFFECT]


def test_a_second_one_of_its_name_is_not(host: SlicerStandIn) -> None:
    module = load_module(MODULE)
    host.application.startupCompleted.emit()
    module.registerEffect()
    assert registered(host) == [EFFECT]


def test_it_needs_no_selected_segment(workplace: Workplace) -> None:
    effect = workplace.effect.scriptedEffect
    assert (effect.name, effect.title) == ("SAIM", "SAIM")
    assert not effect.perSegment
    assert not effect.requireSegments


def test_its_help_names_every_key(workplace: Workplace) -> None:
    text = workplace.effect.helpText()
    for key in ("Ctrl", "1 - 9", "<b>A:</b>", "<b>U:</b>", "Z, Y"):
        assert key in text


def test_its_picture_exists(workplace: Workplace) -> None:
    (picture,) = re.findall('src="(.*?)"', workplace.effect.helpText())
    assert Path(picture).is_file()


def test_its_icon_can_be_made_a_cursor(workplace: Workplace) -> None:
    icon = workplace.effect.icon()
    # Slicer takes the first size, as large as those of its own effects.
    assert [(size.width(), size.height()) for size in icon.availableSizes()] == [(21, 21)]
    assert not icon.pixmap(21, 21).isNull()


def test_every_file_loads_and_works_as_far_as_it_can_without_packages() -> None:
    found = in_bare_slicer("effect")
    assert set(found["loaded"]) == {
        f"SAIMSegmentEditorLib.{path.stem}" for path in MODULE.parent.rglob("*Lib/[A-Z]*.py")
    }
    assert found["heavy"] == []
    for package in ANNOTATING:
        assert package.module in found["message"]
    assert f"{sum(package.megabytes for package in ANNOTATING)} MB" in found["message"]
    assert "The extension PyTorch is needed" in found["complaint"]


@pytest.mark.parametrize("name", ["qt", "ctk", "slicer.i18n", "SAIMSegmentEditorLib"])
def test_the_stand_in_is_gone_afterwards(name: str) -> None:
    assert name not in sys.modules
    assert not hasattr(slicer, "app")
    assert not hasattr(slicer, "mrmlScene")
