"""``saim status``: counts, the model, the round, and what to do next."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.data.phantom import Phantom
from SAIMCore.project.project import Project
from SAIMCore.training.run_lock import run_lock


def next_step(saim, folder: Path) -> str:
    return str(saim("status", folder, "--json").document["next"])


def test_a_new_project_shows_its_counts_and_asks_for_the_first_training(saim, made: Path) -> None:
    document = saim("status", made, "--json").document
    assert document["series"] == {
        "unannotated": 3, "in progress": 0, "annotated": 1, "validation": 1, "test": 1,
        "excluded": 0,
    }  # fmt: skip
    assert document["model"] is None
    assert document["scores"] is None
    assert document["round"] is None
    assert document["next"] == f"train the first model: saim train {made}"


def test_people_get_the_same_as_text(saim, made: Path) -> None:
    answer = saim("status", made)
    assert "background, organ, lesion (within organ), node, gland" in answer.out
    assert "There is no model yet" in answer.out
    assert f"Next: train the first model: saim train {made}" in answer.out


def test_a_trained_project_shows_its_model_and_asks_for_a_ranking(saim, trained: Path) -> None:
    document = saim("status", trained, "--json").document
    assert document["model"]["version"] == "round-001"
    assert set(document["model"]["test"]["clicks"]) == {"0", "1", "2", "3"}
    assert document["scores"] == {"strategy": "entropy", "fresh": 0, "stale": 0, "unscored": 3}
    assert document["next"] == f"find out which series to annotate next: saim rank {trained}"
    assert "test, IoU in %" in saim("status", trained).out


def test_scores_by_an_earlier_model_count_as_stale(saim, trained: Path, pool) -> None:
    with Project.open(trained) as project:
        project.scores.record("entropy", "an earlier one", {pool[0]: 0.3})
        project.scores.record("entropy", "round-001", {pool[1]: 0.4})
    found = saim("status", trained, "--json").document["scores"]
    assert (found["fresh"], found["stale"], found["unscored"]) == (1, 1, 1)


def test_with_all_scores_it_names_the_series_to_annotate(saim, trained: Path, pool) -> None:
    with Project.open(trained) as project:
        values = dict(zip(pool, (0.2, 0.4, 0.3), strict=True))
        project.scores.record("entropy", "round-001", values)
    assert next_step(saim, trained) == (
        f"annotate next: {pool[1]}, {pool[2]}; then accept the labelmaps: "
        f"saim annotate {trained} --labels DIR"
    )


def test_with_enough_new_annotations_it_asks_for_a_training(saim, trained: Path, pool) -> None:
    with Project.open(trained) as project:
        for name in pool[:2]:
            shape = project.series_named(name).geometry.array_shape
            project.annotations.accept(name, np.zeros(shape, np.uint8), "someone")
    assert next_step(saim, trained) == (
        f"train on what was annotated since round-001 (2 series): saim train {trained}"
    )


def test_with_an_empty_pool_it_points_to_prediction(saim, trained: Path, pool) -> None:
    for name in pool:
        saim("status", trained, "--set", name, "excluded")
    assert next_step(saim, trained).startswith("every series is annotated; segment new ones with")


def test_a_status_can_be_set_and_what_is_missing_is_asked_for(
    saim, made: Path, phantom: Phantom
) -> None:
    (name,) = phantom.splits["validation"]
    answer = saim("status", made, "--set", name, "annotated", "--json")
    assert answer.document["series"]["annotated"] == 2
    assert "set an annotated series aside for validation" in answer.document["next"]
    for annotated in (name, *phantom.splits["train_initial"]):
        saim("status", made, "--set", annotated, "test")
    asked = next_step(saim, made)
    assert "no series is annotated, so there is nothing to train on" in asked
    assert asked.endswith(f"saim annotate {made} --labels DIR")


def test_several_series_get_a_status_at_once(saim, made: Path, pool) -> None:
    answer = saim(
        "status", made, "--set", pool[0], pool[1], "excluded", "--set", pool[2], "in progress",
        "--json",
    )  # fmt: skip
    assert answer.document["series"]["excluded"] == 2
    assert answer.document["series"]["in progress"] == 1
    refused = saim("status", made, "--set", "test")
    assert refused.code == 2
    assert "write --set SERIES STATUS" in refused.err


def test_holding_out_what_the_model_was_trained_on_is_warned_of(
    saim, trained: Path, phantom: Phantom
) -> None:
    (name,) = phantom.splits["train_initial"]
    answer = saim("status", trained, "--set", name, "test", "--json")
    assert answer.code == 0
    assert answer.document["series"]["test"] == 2
    assert answer.document["warnings"][0].startswith(f"series {name!r} is for test now, but model")


def test_all_series_are_listed_when_asked_for(saim, made: Path, phantom: Phantom) -> None:
    document = saim("status", made, "--series", "--json").document
    assert [entry["name"] for entry in document["all_series"]] == list(phantom.names)
    assert {entry["slices"] for entry in document["all_series"]} == {4}
    assert "phantom_006" in saim("status", made, "--series").out


def test_an_interrupted_round_is_shown_with_its_epoch(saim, made: Path) -> None:
    with Project.open(made) as project:
        record = project.rounds.begin({})
        record.run_folder.mkdir(parents=True)
        events = [{"event": "start", "epochs": 5}, {"event": "epoch", "epoch": 2}]
        lines = [json.dumps(event) for event in events]
        (record.run_folder / "events.jsonl").write_text(
            "\n".join([*lines, '{"event": "ep']), encoding="utf-8"
        )
        running = saim("status", made, "--json").document
    interrupted = saim("status", made, "--json").document
    # A worker outlives the panel that started it.
    with run_lock(record.run_folder, 0):
        alone = saim("status", made, "--json").document
    assert alone["round"]["status"] == "running"
    assert alone["next"].startswith("wait: round 1 is being trained in the background")
    assert running["round"]["status"] == "running"
    assert running["next"].startswith("wait: round 1 has begun, and process ")
    assert interrupted["round"]["status"] == "interrupted"
    assert (interrupted["round"]["epoch"], interrupted["round"]["epochs"]) == (2, 5)
    assert interrupted["next"].startswith("go on with round 1, which was interrupted: saim train")


def test_missing_files_are_warned_of(saim, made: Path, phantom: Phantom) -> None:
    (name,) = phantom.splits["test"]
    lost = made / "annotations" / f"{name}.nii.gz"
    lost.unlink()
    answer = saim("status", made, "--json")
    assert answer.code == 0
    (warning,) = answer.document["warnings"]
    assert str(lost) in warning
    assert f"warning: {warning}" in answer.err


def test_the_status_of_a_project_that_somebody_writes_to_can_be_seen(saim, made: Path) -> None:
    with Project.open(made):
        assert saim("status", made).code == 0


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("nobody", "test"), "no series 'nobody'"),
        (("phantom_001", "asleep"), "unknown status 'asleep'"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    saim, made: Path, change: tuple[str, str], complaint: str
) -> None:
    answer = saim("status", made, "--set", *change)
    assert answer.code == 2
    assert complaint in answer.err


def test_a_series_without_labels_cannot_become_a_test_series(saim, made: Path, pool) -> None:
    answer = saim("status", made, "--set", pool[0], "test")
    assert answer.code == 2
    assert "no annotation of it has been accepted" in answer.err


def test_a_folder_without_a_project_is_refused(saim, tmp_path: Path) -> None:
    answer = saim("status", tmp_path)
    assert answer.code == 2
    assert "is no project" in answer.err


def test_a_damaged_settings_file_is_named(saim, made: Path) -> None:
    (made / "project.toml").write_text("format = ", encoding="utf-8")
    answer = saim("status", made)
    assert answer.code == 2
    assert "project.toml is damaged" in answer.err
