"""A project of tiny phantoms to emulate on, and figures of an emulation that never ran."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from SAIMCore.classes import ClassTable
from SAIMCore.data.phantom import Phantom, make_phantom
from SAIMCore.experiments.options import EmulationOptions
from SAIMCore.experiments.result import (
    ClassicalResult,
    ClickScores,
    EmulationResult,
    RoundResult,
)
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from SAIMCore.rounds.options import RoundOptions


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Phantom:
    """Six series of 32 x 32 pixels: one each to train, validate and test, three in the pool."""
    return make_phantom(tmp_path_factory.mktemp("series") / "phantom", 6, size=(32, 32, 6))


@pytest.fixture(scope="session")
def create_project(phantom: Phantom) -> Callable[[Path], Project]:
    def create(folder: Path) -> Project:
        plan = plan_import(phantom.images, phantom.labels, splits=str(phantom.splits_file))
        return Project.create(folder, plan)

    return create


@pytest.fixture
def project(create_project: Callable[[Path], Project], tmp_path: Path) -> Project:
    return create_project(tmp_path / "project")


@pytest.fixture(scope="session")
def options_in() -> Callable[..., EmulationOptions]:
    """Options with which an emulation takes seconds, with the report in a folder."""

    def make(folder: Path, **changes: object) -> EmulationOptions:
        training = RoundOptions(
            encoder="resnet18",
            memory="cumulative",
            pretrained=False,
            epochs=1,
            steps_per_epoch=1,
            device="cpu",
        )
        values = {"rounds": 1, "query_size": 2, "training": training, **changes}
        return EmulationOptions(folder=folder, **values)  # type: ignore[arg-type]

    return make


@pytest.fixture
def result(tmp_path: Path) -> EmulationResult:
    """Three rounds on 10 series; classical at rounds 1 and 2, in which 8 of 10 are annotated."""
    classes = ClassTable.from_names(["background", "liver", "tumor<liver"])

    def scores(*mean_iou: float) -> dict[int, ClickScores]:
        return {
            clicks: ClickScores(
                value, value + 0.1, {"liver": value + 0.1, "tumor": value - 0.1},
                {"liver": value + 0.2, "tumor": value},
            )
            for clicks, value in enumerate(mean_iou)
        }  # fmt: skip

    def done(
        number: int, series: int, clicks: int, label_iou: float | None, *miou: float
    ) -> RoundResult:
        names = tuple(f"s{place}" for place in range(series - 3, series)) if number else ()
        return RoundResult(
            number, f"round-{number + 1:03d}", names, series, series / 10, clicks,
            30 if number else 0, 20.0 if number else 0.0, label_iou, scores(*miou),
        )  # fmt: skip

    return EmulationResult(
        options=EmulationOptions(rounds=2, query_size=3, folder=tmp_path, clicks=1),
        classes=classes,
        initial=("a", "b"),
        pool=tuple(f"s{place}" for place in range(8)),
        rounds=(
            done(0, 2, 0, None, 0.40, 0.50),
            done(1, 5, 120, 0.8, 0.55, 0.72),
            done(2, 8, 90, 0.9, 0.60, 0.68),
        ),
        classical=(
            ClassicalResult(1, 5, 0.5, scores(0.6, 0.75)),
            ClassicalResult(2, 8, 0.8, scores(0.7, 0.80)),
        ),
        facts={"device": "cpu"},
    )
