"""What is on a series when it is opened again: all that was done in it, in whatever way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from Testing.campaign.conftest import MakeProject
from Testing.campaign.desktop import Desktop

OpenDesktop = Callable[[Path], Desktop]


def test_a_correction_of_one_slice_keeps_all_others(with_model: Path, desktop: OpenDesktop) -> None:
    clinic = desktop(with_model)
    clinic.settle()
    clinic.open("phantom_001")
    before = clinic.place.labels()
    assert np.array_equal(before, clinic.campaign.project.annotations.load("phantom_001"))
    clinic.click_on(2, 1)
    clinic.answer()
    corrected = clinic.place.labels()
    clinic.campaign.save_for_later()
    clinic.open("phantom_001")
    assert np.array_equal(clinic.place.labels(), corrected)
    assert clinic.slices(corrected)[3].any()
    assert np.array_equal(clinic.slices(corrected)[3], clinic.slices(before)[3])
    clinic.campaign.accept_series()
    assert np.array_equal(clinic.campaign.project.annotations.load("phantom_001"), corrected)


def test_what_was_drawn_before_the_first_model_is_kept_and_goes_on_with_clicks(
    make_project: MakeProject, desktop: OpenDesktop
) -> None:
    folder = make_project()
    clinic = desktop(folder)
    clinic.settle()
    clinic.open("phantom_005")
    assert clinic.editor.desk is None
    drawn = clinic.draw(0, 1, 3)
    clinic.campaign.save_for_later()
    assert not list(folder.glob("sessions/*.session"))
    clinic.open("phantom_005")
    assert np.array_equal(clinic.place.labels(), drawn)
    clinic.campaign.save_for_later()
    clinic.publish_a_model()
    clinic.settle()
    clinic.open("phantom_005")
    # What the user drew is not replaced by what the model would say.
    assert np.array_equal(clinic.place.labels(), drawn)
    clinic.click_on(3, 1)
    clinic.answer()
    clicked = clinic.place.labels()
    assert np.array_equal(clinic.slices(clicked)[:2], clinic.slices(drawn)[:2])
    clinic.campaign.save_for_later()
    clinic.open("phantom_005")
    assert np.array_equal(clinic.place.labels(), clicked)
    clinic.campaign.accept_series()
    assert np.array_equal(clinic.campaign.project.annotations.load("phantom_005"), clicked)
    assert not list(folder.glob("sessions/*.draft.nii.gz"))
    assert clinic.window.complaints == clinic.editor.window.complaints == []


def test_an_earlier_annotation_that_was_restored_is_what_is_opened(
    with_model: Path, desktop: OpenDesktop
) -> None:
    clinic = desktop(with_model)
    clinic.settle()
    clinic.open("phantom_001")
    clinic.click_on(2, 1)
    clinic.answer()
    clinic.campaign.accept_series()
    clinic.until_open()
    project = clinic.campaign.project
    project.annotations.restore("phantom_001", 1)
    clinic.open("phantom_001")
    assert np.array_equal(clinic.place.labels(), project.annotations.load("phantom_001", 1))
