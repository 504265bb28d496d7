"""``saim rank``: every series of the pool scored once, unscored and stale ones marked."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore import scoring
from SAIMCore.acquisition import STRATEGIES
from SAIMCore.project.project import Project


def ranked(answer) -> list[str]:
    return [entry["series"] for entry in answer.document["queue"]]


def test_the_highest_scores_come_first_and_are_kept(saim, trained: Path, pool) -> None:
    answer = saim("rank", trained, "--top", "9", "--device", "cpu", "--json")
    assert answer.code == 0
    queue = answer.document["queue"]
    assert [entry["rank"] for entry in queue] == [1, 2, 3]
    assert {entry["series"] for entry in queue} == set(pool)
    values = [entry["score"] for entry in queue]
    assert values == sorted(values, reverse=True)
    assert all(0 < value <= 1 for value in values)
    assert not any(entry["stale"] for entry in queue)
    assert {entry["slices"] for entry in queue} == {4}
    assert (answer.document["strategy"], answer.document["model"]) == ("entropy", "round-001")
    with Project.open(trained, read_only=True) as project:
        kept = project.scores.latest("entropy", "round-001")
    assert {name: record.value for name, record in kept.items()} == {
        entry["series"]: entry["score"] for entry in queue
    }


def test_only_the_query_is_listed_by_default(saim, trained: Path) -> None:
    answer = saim("rank", trained)
    assert len(answer.out.splitlines()) == 5
    assert "1 more series are in the pool (--top 3)" in answer.out


def test_easy_first_is_the_reverse_order_of_the_same_scores(
    saim, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ranked(saim("rank", trained, "--top", "3", "--json"))

    def never(*_: object) -> float:
        raise AssertionError("the pool was scored again")

    monkeypatch.setattr(scoring, "score_slices", never)
    assert (
        ranked(saim("rank", trained, "--strategy", "easy-first", "--top", "3", "--json"))
        == (first[::-1])
    )


def test_a_scoring_that_was_interrupted_goes_on(
    saim, trained: Path, pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    score_slices = scoring.score_slices
    scored: list[str] = []

    def interrupted(predictor, slices, strategy, name, *rest) -> float:
        if len(scored) == 2:
            raise KeyboardInterrupt
        scored.append(name)
        return score_slices(predictor, slices, strategy, name, *rest)

    monkeypatch.setattr(scoring, "score_slices", interrupted)
    stopped = saim("rank", trained, "--json")
    assert stopped.code == 130
    assert stopped.out == ""
    assert "what was accepted or saved is kept" in stopped.err

    again: list[str] = []

    def counted(predictor, slices, strategy, name, *rest) -> float:
        again.append(name)
        return score_slices(predictor, slices, strategy, name, *rest)

    monkeypatch.setattr(scoring, "score_slices", counted)
    assert saim("rank", trained, "--json").code == 0
    assert sorted([*scored, *again]) == sorted(pool)


def test_pinned_series_come_first_whatever_their_scores(saim, trained: Path) -> None:
    before = ranked(saim("rank", trained, "--top", "3", "--json"))
    pinned = saim("rank", trained, "--top", "3", "--pin", before[-1])
    assert "pinned" in pinned.out
    document = saim("rank", trained, "--top", "3", "--json").document
    assert [entry["series"] for entry in document["queue"]] == [before[-1], *before[:-1]]
    assert [entry["pinned"] for entry in document["queue"]] == [True, False, False]
    assert ranked(saim("rank", trained, "--top", "3", "--unpin", before[-1], "--json")) == before


def test_skipped_series_come_last_until_they_are_taken_back(saim, trained: Path) -> None:
    before = ranked(saim("rank", trained, "--top", "3", "--json"))
    skipped = saim("rank", trained, "--top", "3", "--skip", before[0])
    assert "skipped" in skipped.out
    document = saim("rank", trained, "--top", "3", "--json").document
    assert [entry["series"] for entry in document["queue"]] == [*before[1:], before[0]]
    assert [entry["skipped"] for entry in document["queue"]] == [False, False, True]
    listed = saim("status", trained, "--series", "--json").document["all_series"]
    assert [entry["name"] for entry in listed if entry["skipped"]] == [before[0]]
    assert ranked(saim("rank", trained, "--top", "3", "--unskip", before[0], "--json")) == before


def test_random_order_needs_no_model_and_depends_on_the_seed(saim, made: Path) -> None:
    orders = {
        seed: ranked(
            saim("rank", made, "--strategy", "random", "--seed", seed, "--top", "3", "--json")
        )
        for seed in range(5)
    }
    assert len({tuple(order) for order in orders.values()}) > 1
    again = ranked(saim("rank", made, "--strategy", "random", "--seed", 3, "--top", "3", "--json"))
    assert again == orders[3]


def test_unscored_and_stale_series_are_marked(trained: Path, pool) -> None:
    strategy = STRATEGIES["entropy"]
    with Project.open(trained) as project:
        project.scores.record("entropy", "an earlier one", {pool[1]: 0.0})
        queue = scoring.rank_pool(project, strategy, "round-001")
    assert [(entry.name, entry.fresh) for entry in queue] == [
        (pool[1], False), (pool[0], False), (pool[2], False),
    ]  # fmt: skip
    first, *others = queue
    assert first.score is not None
    assert first.score.stale
    assert [entry.score for entry in others] == [None, None]


def test_an_image_that_cannot_be_read_is_named_and_the_others_are_ranked(
    saim, trained: Path, pool, tmp_path: Path
) -> None:
    with Project.open(trained, read_only=True) as project:
        image = project.series_named(pool[1]).source.path
    hidden = image.rename(image.with_name("moved"))
    try:
        answer = saim("rank", trained, "--top", "3", "--json")
        said = saim("rank", trained, "--top", "3")
        for name in (pool[0], pool[2]):
            saim("status", trained, "--set", name, "excluded")
        alone = saim("rank", trained)
    finally:
        hidden.rename(image)
    assert answer.code == 0
    assert ranked(answer)[-1] == pool[1]
    assert [entry["score"] is None for entry in answer.document["queue"]] == [False, False, True]
    assert list(answer.document["unreadable"]) == [pool[1]]
    assert said.code == 0
    assert f"series {pool[1]!r} was not scored: {image} cannot be read" in said.err
    assert f"saim status {trained} --set {pool[1]} excluded" in said.err
    assert alone.code == 2, "nothing could be ranked"


def test_an_empty_pool_is_said_to_be_empty(saim, trained: Path, pool) -> None:
    for name in pool:
        saim("status", trained, "--set", name, "excluded")
    assert "the pool is empty" in saim("rank", trained).out


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--strategy", "luck"), "unknown strategy 'luck'; choose one of entropy"),
        (("--device", "abacus"), "unknown device 'abacus'"),
        (("--pin", "nobody"), "no series 'nobody'"),
        (("--unskip", "nobody"), "no series 'nobody'"),
    ],
)
def test_what_does_not_exist_is_refused(saim, trained: Path, options, complaint: str) -> None:
    answer = saim("rank", trained, *options)
    assert answer.code == 2
    assert complaint in answer.err


def test_without_a_model_it_says_how_to_get_one(saim, made: Path) -> None:
    answer = saim("rank", made)
    assert answer.code == 2
    assert f"the project has no model yet; train one with 'saim train {made}'" in answer.err


def test_a_second_writer_is_refused_with_the_name_of_the_first(saim, trained: Path) -> None:
    with Project.open(trained):
        answer = saim("rank", trained)
    assert answer.code == 2
    assert "is open for writing by process" in answer.err
