"""What goes wrong in a campaign is said, and the rest goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.errors import ConfigurationError
from SAIMCore.project.project import Project
from Testing.unit.campaign.bench import Bench, MakeBench
from Testing.unit.campaign.stand_ins import Desk, Window


def test_a_series_that_cannot_be_read_is_named_and_the_others_go_on(
    folder: Path, make: MakeBench
) -> None:
    source = folder.parent / "images" / "pool_a.nii.gz"
    away = source.rename(source.with_name("away"))
    bench = make()
    assert bench.window.complaints == []
    bench.campaign.next()
    bench.settle()
    assert "'pool_a' cannot be read" in bench.complaint()
    bench.campaign.next()
    bench.settle()
    assert bench.campaign.annotating.current == "pool_b"
    # Put back, it is read anew.
    away.rename(source)
    bench.open("pool_a")


def test_errors_of_the_place_are_complaints(bench: Bench, plain_labels: np.ndarray) -> None:
    bench.open("pool_b")
    bench.desk.drawn = None
    bench.campaign.accept_series()
    assert "open the series again" in bench.complaint()
    assert bench.campaign.annotating.current == "pool_b"
    bench.desk.drawn = plain_labels[:2]
    bench.campaign.accept_series()
    assert "are uint8 of shape (2, 6, 5)" in bench.complaint()
    bench.desk.drawn = plain_labels
    bench.campaign.accept_series()
    bench.settle()
    assert bench.window.complaints == []


def test_a_place_that_cannot_show_a_series_is_a_complaint(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ConfigurationError("the segments do not fit; clear them first")

    with monkeypatch.context() as patch:
        patch.setattr(bench.desk, "open", refuse)
        bench.campaign.next()
        bench.settle()
        assert bench.complaint() == "the segments do not fit; clear them first"
        assert bench.campaign.annotating.current is None
    bench.campaign.next()
    bench.settle()
    assert bench.campaign.annotating.current == "pool_b"


def test_a_damaged_model_keeps_nobody_from_annotating(with_model: Path, make: MakeBench) -> None:
    (with_model / "models" / "first-model" / "model.safetensors").write_bytes(b"damaged")
    bench = make()
    bench.campaign.next()
    bench.settle()
    assert "'pool_a' was not segmented beforehand" in bench.complaint()
    bench.campaign.rank()
    bench.settle()
    assert "first-model" in bench.complaint()
    assert bench.campaign.annotating.current == "pool_a"


def test_settings_that_cannot_be_leave_the_project_closed(folder: Path) -> None:
    settings = (folder / "project.toml").read_text(encoding="utf-8")
    (folder / "project.toml").write_text(settings.replace('"entropy"', '"by hand"'), "utf-8")
    with pytest.raises(ConfigurationError, match="by hand"):
        Campaign(folder, Window(), Desk(), "ada")
    # Nobody holds it.
    Project.open(folder).close()


def test_what_was_found_when_the_project_was_opened_is_told(folder: Path) -> None:
    (folder / "annotations" / "pool_a.nii.gz").write_bytes(b"never accepted")
    bench = Bench(folder)
    assert "its acceptance was interrupted" in bench.complaint()
    bench.campaign.close()
