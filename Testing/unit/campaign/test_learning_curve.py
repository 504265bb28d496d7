"""The learning curve of a project's models, and the advice on where to start."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from SAIMCore.campaign.learning_curve import learning_curve
from SAIMCore.campaign.starting_advice import starting_advice
from SAIMCore.checkpoint import ModelConfig
from SAIMCore.data.sources import SeriesSource
from SAIMCore.job import JOB_FILE, LabeledSource, TrainingJob
from SAIMCore.project.models import MODEL_FILES
from SAIMCore.project.project import Project
from SAIMCore.training.configuration import TrainingConfig


def measured(liver: float | None, names: tuple[str, ...] = ("exam",)) -> dict[str, Any]:
    """Metrics after 0 and 1 clicks: the liver has this IoU, and 0.1 more after the click."""
    values = (liver, None if liver is None else round(liver + 0.1, 6))
    return {
        "overall": liver,
        "clicks": {
            str(count): {
                "mean_iou": value,
                "iou": {"liver": value},
                "per_series": dict.fromkeys(names),
            }
            for count, value in enumerate(values)
        },
    }


@dataclass
class Rounds:
    """Adds models to ``project`` as a round would."""

    project: Project
    config: ModelConfig

    def train(self, series: int, published: bool = True, **metrics: Any) -> Path:
        """A model that was trained on ``series`` series; returns its run folder."""
        record = self.project.rounds.begin()
        version = f"round-{record.number:03d}"
        named = {
            "training": [f"t{n}" for n in range(series)],
            "validation": ["val"],
            "test": ["exam"],
        }
        job = TrainingJob(
            self.config,
            TrainingConfig(),
            self.project.cache.folder,
            {split: tuple(map(_labeled, names)) for split, names in named.items()},
        )
        job.write(record.run_folder)
        self.add(version, record.number, **metrics)
        if published:
            self.project.models.publish(version)
        self.project.rounds.finish(record.number, "finished", "done", version)
        return record.run_folder

    def add(self, version: str, number: int | None, **metrics: Any) -> None:
        folder = self.project.models_folder / version
        folder.mkdir(parents=True)
        for name in MODEL_FILES:
            (folder / name).write_text("content", encoding="utf-8")
        self.project.models.add(version, folder, number, **metrics)


def _labeled(name: str) -> LabeledSource:
    path = Path(f"/images/{name}.nii.gz")
    return LabeledSource(SeriesSource(name, path, (path,)), path)


@pytest.fixture
def rounds(plain_project: Project, small_config: Callable[..., ModelConfig]) -> Rounds:
    return Rounds(plain_project, small_config())


def test_each_measured_model_is_a_point(rounds: Rounds) -> None:
    rounds.train(3, test=measured(0.5), validation=measured(0.9, ("val",)))
    rounds.train(7, published=False, test=measured(0.6))
    first, second = learning_curve(rounds.project)
    assert (first.version, first.round, first.series, first.split) == ("round-001", 1, 3, "test")
    assert first.mean_iou == {0: 0.5, 1: 0.6}
    assert first.iou == {0: {"liver": 0.5}, 1: {"liver": 0.6}}
    assert first.published is not None
    assert (second.version, second.series, second.published) == ("round-002", 7, None)
    assert first.comparable
    assert second.comparable


def test_a_model_that_was_not_measured_is_none(rounds: Rounds) -> None:
    rounds.train(3)
    assert learning_curve(rounds.project) == []
    assert starting_advice(rounds.project) is None


def test_clicks_are_in_the_order_of_their_numbers(rounds: Rounds) -> None:
    entry = measured(0.5)["clicks"]["0"]
    clicks = {str(count): entry for count in (10, 2, 0)}
    rounds.train(3, test={"overall": 0.5, "clicks": clicks})
    assert list(learning_curve(rounds.project)[0].mean_iou) == [0, 2, 10]


def test_models_that_were_measured_on_other_series_are_marked(rounds: Rounds) -> None:
    rounds.train(3, test=measured(0.5, ("exam", "gone")))
    rounds.train(5, validation=measured(0.5, ("val",)))
    rounds.train(7, test=measured(0.5))
    assert [(point.split, point.comparable) for point in learning_curve(rounds.project)] == [
        ("test", False),
        ("validation", False),
        ("test", True),
    ]


def test_without_a_test_set_the_validation_series_count_and_it_is_said(rounds: Rounds) -> None:
    rounds.project.set_status("exam", "annotated")
    rounds.train(3, test=measured(0.5))
    rounds.train(5, validation=measured(0.6, ("val",)))
    assert [(point.split, point.comparable) for point in learning_curve(rounds.project)] == [
        ("test", False),
        ("validation", True),
    ]


def test_where_the_metrics_name_no_series_the_job_does(rounds: Rounds) -> None:
    metrics = measured(0.5)
    for entry in metrics["clicks"].values():
        del entry["per_series"]
    run = rounds.train(3, test=metrics)
    assert learning_curve(rounds.project)[0].comparable
    shutil.rmtree(run)
    assert not learning_curve(rounds.project)[0].comparable


@pytest.mark.parametrize("damage", [shutil.rmtree, lambda run: (run / JOB_FILE).write_text("{")])
def test_a_model_whose_run_is_gone_has_no_number_of_series(
    rounds: Rounds, damage: Callable[[Path], object]
) -> None:
    damage(rounds.train(3, test=measured(0.5)))
    (point,) = learning_curve(rounds.project)
    assert (point.series, point.mean_iou[0]) == (None, 0.5)
    assert starting_advice(rounds.project) is None


def test_a_model_from_elsewhere_has_no_round(rounds: Rounds) -> None:
    rounds.add("igniter", None, test=measured(0.5))
    (point,) = learning_curve(rounds.project)
    assert (point.version, point.round, point.series) == ("igniter", None, None)


def test_the_advice_judges_the_newest_model_without_clicks(rounds: Rounds) -> None:
    rounds.train(4, test=measured(0.2))
    rounds.train(8, test=measured(0.36))
    advice = starting_advice(rounds.project)
    assert advice is not None
    assert not advice.good_enough
    assert "with 8 the mIoU is 36.0 %" in advice.sentence
    assert advice.expected is not None


def test_a_class_without_a_value_does_not_count_as_good(rounds: Rounds) -> None:
    rounds.train(4, test=measured(None))
    advice = starting_advice(rounds.project)
    assert advice is not None
    assert not advice.good_enough
