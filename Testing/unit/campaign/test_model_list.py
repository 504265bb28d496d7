"""The list of models, each against the shared one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from SAIMCore.campaign.model_list import listed_models, model_table
from SAIMCore.project.records import ModelRecord


def model(version: str, mean_iou: float | None, **values: Any) -> ModelRecord:
    plain: dict[str, Any] = {
        "round": 1,
        "folder": Path(version),
        "validation": None if mean_iou is None else {"overall": mean_iou},
        "test": None,
        "parent": None,
        "created": "2026-01-01T00:00:00",
        "published": None,
        "current": False,
    }
    return ModelRecord(version=version, **{**plain, **values})


SHARED = model("b", 0.5, published="2026-01-02T03:04:05.678+00:00", current=True)


def test_the_newest_comes_first() -> None:
    table = model_table(listed_models([model("a", None), SHARED, model("c", 0.625, test=None)]))
    assert table.headers == ("model", "validation mIoU", "test mIoU", "published (UTC)")
    assert table.rows == (
        ("c", "62.5 %", "", "never"),
        ("b (shared)", "50.0 %", "", "2026-01-02T03:04"),
        ("a", "", "", "never"),
    )


def test_a_model_is_compared_with_the_shared_one() -> None:
    better, shared, unknown = listed_models([model("a", None), SHARED, model("c", 0.625)])
    assert better.sentence == ("c has a validation mIoU of 62.5 %, the shared model b 50.0 %.")
    assert shared.sentence == "b is the model that everybody uses now."
    assert unknown.sentence == "a cannot be compared with b."
    assert [each.question for each in (better, shared, unknown)] == ["", "", ""]


def test_a_worse_one_is_asked_about() -> None:
    _, worse = listed_models([model("a", 0.25), SHARED])
    assert worse.question == (
        "a has a validation mIoU of 25.0 %, the shared model b 50.0 %. It is worse. Use it all the "
        "same, everywhere?"
    )


def test_without_a_shared_model_nothing_is_compared() -> None:
    (only,) = listed_models([model("a", 0.25)])
    assert only.sentence == "a cannot be compared with another model."
    assert only.question == ""
    assert listed_models([]) == []


def test_a_value_that_is_no_number_is_none() -> None:
    (only,) = listed_models([model("a", float("nan"))])
    assert only.validation is None
