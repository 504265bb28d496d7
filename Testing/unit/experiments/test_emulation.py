"""The emulated scenario from end to end, with real worker processes, killed several times."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.data.geometry import to_slices
from SAIMCore.data.phantom import Phantom
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import ProjectError, TrainingError
from SAIMCore.experiments.classical import classical_rounds
from SAIMCore.experiments.emulation import ANNOTATOR, emulate
from SAIMCore.experiments.options import EmulationOptions
from SAIMCore.experiments.report import write_report
from SAIMCore.experiments.result import EmulationResult
from SAIMCore.experiments.state import STATE_FILE
from SAIMCore.interactions import interaction_from_json
from SAIMCore.job import TrainingJob
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.project import Project
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.runner import TrainingRound

Event = dict[str, Any]


class KilledError(Exception):
    """Stands for a kill: nothing that comes after it is done."""


# One kill each: with the queue half annotated, in the initial and in the last training, after a
# model was published but before the emulation took note of it, and in the classical training.
KILLS: tuple[Callable[[Event], bool], ...] = (
    lambda event: event["event"] == "start",
    lambda event: event["event"] == "published",
    lambda event: event["event"] == "progress" and event["total"] == 3 and event["done"] == 2,
    lambda event: event["event"] == "progress" and event["total"] == 2 and event["done"] == 1,
    lambda event: event["event"] == "published",
    lambda event: event["event"] == "stage" and event["stage"] == "classical",
)


@pytest.fixture(scope="module")
def finished(
    create_project: Callable[[Path], Project],
    options_in: Callable[..., EmulationOptions],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Project, EmulationResult, list[Event]]]:
    """The project, the result and all events of an emulation that was killed again and again."""
    folder = tmp_path_factory.mktemp("emulation")
    create_project(folder / "project").close()
    options = options_in(folder / "report")
    events: list[Event] = []
    for kill in KILLS:

        def report(event: Event, kill: Callable[[Event], bool] = kill) -> None:
            events.append(event)
            if kill(event):
                raise KilledError

        with Project.open(folder / "project") as project, pytest.raises(KilledError):
            emulate(project, options, report)
    with Project.open(folder / "project") as project:
        result = emulate(project, options, events.append)
        write_report(project, result, "cpu")
        yield project, result, events


Finished = tuple[Project, EmulationResult, list[Event]]


def test_it_goes_on_where_it_was_killed_and_does_nothing_twice(finished: Finished) -> None:
    project, result, _ = finished
    assert [entry.number for entry in result.rounds] == [0, 1]
    assert [record.status for record in project.rounds.all()] == ["finished", "finished"]
    assert [record.version for record in project.models.all()] == ["round-001", "round-002"]
    for name in result.rounds[1].annotated:
        assert len(project.annotations.history(name)) == 1


def test_every_new_model_is_published(finished: Finished) -> None:
    project, result, _ = finished
    assert all(record.published for record in project.models.all())
    current = project.models.current()
    assert current is not None
    assert current.version == result.rounds[-1].model


def test_the_queue_leads_the_ranking_of_the_model_that_annotates_it(finished: Finished) -> None:
    project, result, _ = finished
    scores = project.scores.latest("entropy", "round-001")
    assert set(scores) == set(result.pool)
    ranked = sorted(scores, key=lambda name: -scores[name].value)
    assert list(result.rounds[1].annotated) == ranked[:2]


def test_the_labels_come_from_the_virtual_user_with_the_model_before(finished: Finished) -> None:
    project, result, _ = finished
    for name in result.rounds[1].annotated:
        record = project.series_named(name)
        assert record.annotation is not None
        assert record.annotation.annotator == ANNOTATOR
        assert record.annotation.model_version == "round-001"
        reference = project.load_reference(name)
        accepted = project.annotations.load(name)
        assert (accepted != reference).any(), "the reference itself was accepted"
        _assert_clicks_obeyed(project, name, accepted, reference)


def _assert_clicks_obeyed(
    project: Project, name: str, accepted: np.ndarray, reference: np.ndarray
) -> None:
    axis = project.series_named(name).geometry.acquisition_axis
    stacks = to_slices(accepted, axis), to_slices(reference, axis)
    logged = [interaction_from_json(entry.content) for entry in project.interactions.of(name)]
    annotation = project.series_named(name).annotation
    assert annotation is not None
    assert annotation.clicks == len(logged) > 0
    for click in logged:
        rows, columns = click.pixels(stacks[0].shape[1:])
        for stack in stacks:
            assert (stack[click.slice_index, rows, columns] == click.class_index).all()


def test_the_classical_training_uses_the_reference_labels_of_the_same_series(
    finished: Finished, phantom: Phantom
) -> None:
    project, _, _ = finished
    loop = TrainingJob.read(project.runs_folder / "round-002")
    classical = TrainingJob.read(project.runs_folder / "classical-002")
    names = [entry.source.name for entry in loop.series["training"]]
    assert [entry.source.name for entry in classical.series["training"]] == names
    assert [entry.labels.parent for entry in classical.series["training"]] == [phantom.labels] * 3
    assert classical.series["test"] == loop.series["test"]
    assert classical.training == loop.training
    assert classical.model.network == loop.model.network
    assert classical.start_from is None


def test_test_series_are_never_trained_on(finished: Finished, phantom: Phantom) -> None:
    project, _, _ = finished
    held_out = {*phantom.splits["test"], *phantom.splits["validation"]}
    jobs = [TrainingJob.read(path.parent) for path in project.runs_folder.glob("*/job.json")]
    assert len(jobs) == 3
    for job in jobs:
        training = {entry.source.name for entry in job.series["training"]}
        assert training
        assert not training & held_out
        assert {entry.source.name for entry in job.series["test"]} == set(phantom.splits["test"])


def test_the_result_counts_series_clicks_and_minutes(finished: Finished) -> None:
    project, result, _ = finished
    initial, last = result.rounds
    assert (initial.series, initial.share, initial.clicks) == (1, 0.25, 0)
    assert (last.series, last.share, last.slices) == (3, 0.75, 12)
    accepted = [project.series_named(name).annotation for name in last.annotated]
    assert last.clicks == sum(entry.clicks for entry in accepted if entry)
    assert last.minutes == pytest.approx((last.clicks * 3 + last.slices * 2) / 60)
    assert sum(entry.minutes for entry in accepted if entry) == pytest.approx(last.minutes)
    assert sorted(last.test) == [0, 1, 2, 3]
    stored = project.models.named(last.model).test
    assert stored is not None
    assert last.test[3].mean_iou == stored["clicks"]["3"]["mean_iou"]
    assert [point.number for point in result.classical] == [1]


def test_the_report_holds_the_figures_of_the_result(finished: Finished) -> None:
    _, result, _ = finished
    folder = result.options.folder
    rows = list(csv.DictReader((folder / "report.csv").open(encoding="utf-8")))
    # Two rounds and one classical training, 4 classes and their mean, 0 to 3 clicks.
    assert len(rows) == 3 * 5 * 4
    wanted = {"labels": "saim", "round": "1", "class": "mean", "clicks": "3"}
    (row,) = [entry for entry in rows if wanted.items() <= entry.items()]
    assert float(row["iou"]) == pytest.approx(result.rounds[1].test[3].mean_iou, abs=1e-6)
    document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert document["rounds"][1]["annotated"] == list(result.rounds[1].annotated)
    page = (folder / "report.html").read_text(encoding="utf-8")
    for name in (*result.pool, *result.initial, "cumulative", "resnet18"):
        assert name in page
    for name in ("curve", "classes", "examples"):
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_each_step_is_reported(finished: Finished) -> None:
    _, _, events = finished
    stages = [(event["stage"], event["round"]) for event in events if event["event"] == "stage"]
    assert set(stages) == {
        ("train", 0), ("select", 1), ("annotate", 1), ("train", 1), ("classical", 1)
    }  # fmt: skip


def test_a_finished_emulation_is_not_computed_again(finished: Finished) -> None:
    project, result, _ = finished
    events: list[Event] = []
    again = emulate(project, result.options, events.append)
    assert again == result
    assert {event["event"] for event in events} == {"round"}


def test_a_kill_before_the_outcome_was_noted_costs_nothing(finished: Finished) -> None:
    project, result, _ = finished
    path = result.options.folder / STATE_FILE
    state = json.loads(path.read_text(encoding="utf-8"))
    state["rounds"][1] |= {"project_round": None, "model": None}
    state["annotations"] = {}
    path.write_text(json.dumps(state), encoding="utf-8")
    events: list[Event] = []
    assert emulate(project, result.options, events.append) == result
    assert not [event for event in events if event["event"] == "start"]


def test_the_assumptions_on_time_may_be_corrected_later(finished: Finished) -> None:
    project, result, _ = finished
    slower = replace(result.options, seconds_per_click=6.0, classical_minutes=10.0)
    again = emulate(project, slower)
    gained = again.rounds[1].minutes - result.rounds[1].minutes
    assert gained == pytest.approx(result.rounds[1].clicks * 3 / 60)
    assert again.saim_minutes(0) == 10.0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"query_size": 1}, "begun with query_size 2, now it is 1"),
        ({"seed": 5}, "begun with seed 0, now it is 5"),
        ({"strategy": "random"}, "begun with strategy entropy, now it is random"),
    ],
)
def test_other_options_do_not_continue_an_emulation(
    finished: Finished, change: dict[str, Any], sentence: str
) -> None:
    project, result, _ = finished
    with pytest.raises(ProjectError, match=sentence):
        emulate(project, replace(result.options, **change))


def test_another_project_does_not_continue_an_emulation(
    finished: Finished, project: Project
) -> None:
    _, result, _ = finished
    state = json.loads((result.options.folder / STATE_FILE).read_text(encoding="utf-8"))
    state["project"] = "another day"
    folder = project.folder.parent / "report"
    folder.mkdir()
    (folder / STATE_FILE).write_text(json.dumps(state), encoding="utf-8")
    with pytest.raises(ProjectError, match="holds the emulation of another project"):
        emulate(project, replace(result.options, folder=folder))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("{", "is damaged"), ('{"format_version": 99}', "has format 99"), ("[]", "is damaged")],
)
def test_a_damaged_or_newer_state_is_refused(
    project: Project, options_in: Callable[..., EmulationOptions], text: str, sentence: str
) -> None:
    folder = project.folder.parent / "report"
    folder.mkdir()
    (folder / STATE_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match=sentence):
        emulate(project, options_in(folder))


def test_an_empty_pool_is_refused(
    project: Project, options_in: Callable[..., EmulationOptions], tmp_path: Path
) -> None:
    for record in project.pool():
        project.set_status(record.name, "excluded")
    with pytest.raises(ProjectError, match="the pool is empty"):
        emulate(project, options_in(tmp_path / "report"))


def test_a_pool_without_reference_labels_is_refused(
    project: Project, options_in: Callable[..., EmulationOptions], tmp_path: Path
) -> None:
    # Other voxels, since the same image is no second series.
    file = tmp_path / "unlabeled.nii.gz"
    sitk.WriteImage(sitk.ReadImage(project.pool()[0].source.path) + 1, file)
    source = SeriesSource("unlabeled", file, (file,))
    project.add_series(ImportPlan(project.classes, (PlannedSeries(source),)))
    with pytest.raises(ProjectError, match=r"1 series of the pool .* 'unlabeled'"):
        emulate(project, options_in(tmp_path / "report"))


def test_a_project_without_test_series_is_refused(
    project: Project, options_in: Callable[..., EmulationOptions], tmp_path: Path
) -> None:
    for record in project.series("test"):
        project.set_status(record.name, "annotated")
    with pytest.raises(ProjectError, match="no series has the status test"):
        emulate(project, options_in(tmp_path / "report"))


def test_an_unfinished_round_of_somebody_else_is_refused(
    project: Project, options_in: Callable[..., EmulationOptions], tmp_path: Path
) -> None:
    project.rounds.begin()
    with pytest.raises(TrainingError, match="round 1 is not finished"):
        emulate(project, options_in(tmp_path / "report"))


def test_the_initial_model_is_trained_in_full_even_when_later_ones_are_fine_tuned(
    project: Project,
    options_in: Callable[..., EmulationOptions],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[RoundOptions] = []

    def run(self: TrainingRound, options: RoundOptions) -> None:
        asked.append(options)
        raise KilledError

    monkeypatch.setattr(TrainingRound, "run", run)
    with pytest.raises(KilledError):
        emulate(project, options_in(tmp_path, training=RoundOptions(fine_tune=True)))
    assert [options.fine_tune for options in asked] == [False]


def test_what_is_refused_leaves_no_state_behind(
    project: Project, options_in: Callable[..., EmulationOptions], tmp_path: Path
) -> None:
    project.rounds.begin()
    with pytest.raises(TrainingError):
        emulate(project, options_in(tmp_path / "report"))
    assert not (tmp_path / "report" / STATE_FILE).exists()


@pytest.mark.parametrize(
    ("last", "rounds"), [(0, []), (1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (6, [1, 3, 6])]
)
def test_classical_trainings_are_at_the_first_the_middle_and_the_last_round(
    last: int, rounds: list[int]
) -> None:
    assert classical_rounds(last) == rounds
