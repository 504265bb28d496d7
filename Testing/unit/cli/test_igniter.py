"""``saim igniter``: somebody else's model proposes until our own one is better."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from SAIMCore.data.phantom import Phantom
from SAIMCore.project.project import Project

MAPPING = "organ=organ,lesion=lesion,node=node,gland=gland"


@pytest.fixture
def labelmaps(phantom: Phantom, tmp_path: Path) -> Path:
    """Labelmaps of all series but the last of the pool, as a colleague hands them on."""
    folder = Path(shutil.copytree(phantom.labels, tmp_path / "colleague"))
    (folder / f"{phantom.splits['pool'][-1]}.nii.gz").unlink()
    names = {"labels": {"background": 0, "organ": 1, "lesion": 2, "node": 3, "gland": 4}}
    (folder / "dataset.json").write_text(json.dumps(names), encoding="utf-8")
    return folder


@pytest.fixture
def with_igniter(saim, made: Path, labelmaps: Path) -> Path:
    answer = saim("igniter", made, "set", labelmaps, "--device", "cpu")
    assert answer.code == 0, answer.err
    return made


def test_a_project_without_an_igniter_says_so(saim, made: Path) -> None:
    answer = saim("igniter", made)
    assert answer.code == 0
    assert "Nobody proposes: there is no model and no igniter." in answer.out
    document = saim("igniter", made, "--json").document
    assert document["proposer"] == "nobody"
    assert document["igniter"] is None


def test_an_igniter_is_measured_when_it_is_set(saim, made: Path, labelmaps: Path) -> None:
    answer = saim("igniter", made, "set", labelmaps, "--mapping", MAPPING, "--json")
    assert answer.code == 0, answer.err
    document = answer.document
    assert document["proposer"] == "igniter"
    assert document["igniter"]["path"] == str(labelmaps)
    assert document["igniter"]["mapping"]["lesion"] == ["lesion"]
    assert document["igniter"]["validation"]["overall"] == 1.0
    assert list(document["igniter"]["validation"]["clicks"]["0"]["per_series"]) == ["phantom_003"]
    assert saim("igniter", made, "--json").document["version"].startswith("igniter:colleague-")
    shown = saim("igniter", made, "show").out
    assert "The igniter colleague proposes: the project has no model of its own yet." in shown
    assert "validation mIoU of 100.0 %" in shown


def test_series_without_a_proposal_are_said(saim, made: Path, labelmaps: Path, pool) -> None:
    answer = saim("igniter", made, "set", labelmaps)
    assert answer.code == 0
    assert f"1 series have no proposal: the folder {labelmaps} has no labelmap" in answer.err
    assert repr(pool[-1]) in answer.err


def test_proposals_become_sessions_in_which_nobody_said_anything(
    saim, with_igniter: Path, pool
) -> None:
    answer = saim("igniter", with_igniter, "propose", "--json")
    assert answer.code == 0
    assert answer.document["proposed"] == list(pool[:-1])
    assert list(answer.document["without"]) == [pool[-1]]
    sessions = sorted(path.name for path in (with_igniter / "sessions").iterdir())
    assert sessions == [f"{name}.session" for name in pool[:-1]]
    # Never counted as annotated.
    assert saim("status", with_igniter, "--json").document["series"]["unannotated"] == 3
    again = saim("igniter", with_igniter, "propose", pool[0], "--json")
    assert again.document["proposed"] == []
    assert again.document["left"] == [pool[0]]


def test_the_pool_is_ranked_by_the_igniter_before_the_first_model(
    saim, with_igniter: Path, pool
) -> None:
    answer = saim("rank", with_igniter, "--json")
    assert answer.code == 0
    assert answer.document["model"].startswith("igniter:colleague-")
    scored = [entry["series"] for entry in answer.document["queue"] if entry["score"] is not None]
    assert sorted(scored) == sorted(pool[:-1])[:2]
    assert list(answer.document["unreadable"]) == [pool[-1]]


def test_the_virtual_user_corrects_what_the_igniter_proposes(
    saim, with_igniter: Path, pool
) -> None:
    answer = saim(
        "annotate", with_igniter, pool[0], pool[-1], "--virtual-user", "--clicks", "1", "--device",
        "cpu", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    first, last = answer.document["annotations"]
    assert answer.document["model"].startswith("igniter:colleague-")
    # The colleague's labels are right, and there are none of the last series.
    assert first["clicks"] == 0
    assert first["against_reference"]["mean_iou"] == 1.0
    assert last["clicks"] > 0
    with Project.open(with_igniter, read_only=True) as project:
        accepted = project.series_named(pool[0]).annotation
        assert accepted is not None
        assert accepted.model_version == answer.document["model"]


def test_a_check_tries_every_series_and_writes_nothing(saim, with_igniter: Path, pool) -> None:
    before = sorted(path.name for path in with_igniter.iterdir())
    answer = saim("igniter", with_igniter, "check", "--json")
    assert answer.code == 0
    assert answer.document["problems"] == {}
    assert list(answer.document["without"]) == [pool[-1]]
    assert sorted(path.name for path in with_igniter.iterdir()) == before
    assert "no series 'nobody'" in saim("igniter", with_igniter, "check", "nobody").err


def test_an_igniter_is_removed(saim, with_igniter: Path) -> None:
    answer = saim("igniter", with_igniter, "remove")
    assert answer.code == 0
    assert "the igniter is removed" in answer.out
    assert saim("igniter", with_igniter, "--json").document["igniter"] is None
    assert not (with_igniter / "igniter.json").exists()
    again = saim("igniter", with_igniter, "remove")
    assert again.code == 2
    assert "has no igniter to remove" in again.err


def test_the_status_says_who_proposes(saim, with_igniter: Path) -> None:
    assert "The igniter colleague proposes" in saim("status", with_igniter).out
    document = saim("status", with_igniter, "--json").document
    assert document["proposer"]["proposer"] == "igniter"
    assert "correct and accept what the igniter proposes" not in document["next"]


def test_the_status_of_a_project_without_an_igniter_says_nothing_of_one(
    saim, trained: Path
) -> None:
    assert "proposes" not in saim("status", trained).out


def test_what_the_igniter_proposes_is_to_be_corrected_first(
    saim, with_igniter: Path, phantom: Phantom
) -> None:
    for name in phantom.splits["train_initial"]:
        saim("status", with_igniter, "--set", name, "test")
    asked = saim("status", with_igniter, "--json").document["next"]
    assert "correct and accept what the igniter proposes" in asked
    assert asked.endswith(f"saim web {with_igniter}")


def test_a_better_igniter_stays_after_the_training(
    saim, with_igniter: Path, short_training
) -> None:
    answer = saim("train", with_igniter, *short_training, "--epochs", "1", "--json")
    assert answer.code == 0, answer.err
    sentence = answer.document["proposer"]
    assert sentence.startswith("The igniter colleague proposes: it has a validation mIoU of 100.0")
    assert "round-001 without clicks" in sentence
    assert saim("igniter", with_igniter, "--json").document["igniter"]["switch"] is None


def test_a_model_that_is_better_takes_over_for_good(
    saim, trained: Path, labelmaps: Path, pool
) -> None:
    # All that this igniter finds is background.
    nothing = "organ=,lesion=,node=,gland="
    answer = saim("igniter", trained, "set", labelmaps, "--mapping", nothing, "--json")
    assert answer.code == 0, answer.err
    switch = answer.document["igniter"]["switch"]
    assert switch["model"] == "round-001"
    assert switch["igniter"] == 0
    assert switch["sustainer"] > 0
    shown = saim("igniter", trained).out
    assert "round-001 proposes: since" in shown
    assert "and the igniter colleague 0.0 %" in shown
    refused = saim("igniter", trained, "propose", pool[0])
    assert refused.code == 2
    assert "the igniter does not propose any more: round-001 proposes" in refused.err
    # Another one begins anew.
    answer = saim("igniter", trained, "set", labelmaps, "--json")
    assert answer.document["proposer"] == "igniter"
