from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from SAIMCore.acquisition import (
    STRATEGIES,
    class_balanced_entropy,
    entropy,
    expected_work,
    foreground_fraction,
    least_confidence,
    margin,
    pixel_entropy,
    rank,
    strategy_named,
    unscored,
)
from SAIMCore.errors import ConfigurationError
from SAIMCore.project.settings import SelectionSettings


def uniform_slice(distribution: Sequence[float], size: int = 4) -> Tensor:
    """(1, N, size, size): the same distribution at every pixel."""
    return torch.tensor(distribution)[None, :, None, None].expand(1, -1, size, size)


def series_scores(strategy_name: str, series: dict[str, Tensor], seed: int = 0) -> dict[str, float]:
    strategy = strategy_named(strategy_name)
    return {
        name: strategy.series_score(
            strategy.slice_scores(stack).tolist() if strategy.slice_scores else [], name, seed
        )
        for name, stack in series.items()
    }


def ranking(strategy_name: str, series: dict[str, Tensor], seed: int = 0) -> list[str]:
    return rank(series_scores(strategy_name, series, seed), strategy_named(strategy_name))


CERTAIN = uniform_slice([1.0, 0.0, 0.0])
LEANING = uniform_slice([0.7, 0.15, 0.15])
TORN_BETWEEN_TWO = uniform_slice([0.5, 0.5, 0.0])
TORN_BETWEEN_ALL = uniform_slice([0.34, 0.33, 0.33])
POOL = {
    "certain": CERTAIN,
    "leaning": LEANING,
    "two": TORN_BETWEEN_TWO,
    "all": TORN_BETWEEN_ALL,
}


def test_entropy_is_natural_and_normalized_by_that_of_equal_classes():
    assert pixel_entropy(CERTAIN).eq(0).all()
    assert pixel_entropy(uniform_slice([0.25] * 4)).numpy() == pytest.approx(1.0)
    expected = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1)) / math.log(2)
    assert float(entropy(uniform_slice([0.9, 0.1]))) == pytest.approx(expected)


def test_scores_of_one_pixel_distribution_are_what_their_formulas_say():
    stack = uniform_slice([0.6, 0.3, 0.1])
    assert float(least_confidence(stack)) == pytest.approx(0.4)
    assert float(margin(stack)) == pytest.approx(0.7)
    assert float(margin(uniform_slice([0.1, 0.3, 0.6]))) == pytest.approx(0.7)
    assert float(margin(uniform_slice([0.3, 0.1, 0.6]))) == pytest.approx(0.7)


def test_the_margin_is_that_of_the_two_largest_at_every_pixel():
    torch.manual_seed(0)
    stack = torch.randn(3, 6, 5, 7).softmax(dim=1)
    two = stack.topk(2, dim=1).values
    expected = (1 - (two[:, 0] - two[:, 1])).mean(dim=(1, 2))
    assert torch.allclose(margin(stack), expected)


def test_every_slice_gets_its_own_score():
    stack = torch.cat([CERTAIN, LEANING, TORN_BETWEEN_ALL])
    for function in (entropy, least_confidence, margin, class_balanced_entropy):
        scores = function(stack)
        assert scores.shape == (3,)
        assert scores[0] == 0
        assert scores[0] < scores[1] < scores[2]


def test_half_precision_probabilities_are_scored_in_single_precision():
    scores = entropy(LEANING.half())
    assert scores.dtype == torch.float32
    assert float(scores) == pytest.approx(float(entropy(LEANING)), abs=1e-3)


def test_entropy_least_confidence_and_margin_rank_a_pool_by_their_own_idea_of_doubt():
    assert ranking("entropy", POOL) == ["all", "leaning", "two", "certain"]
    assert ranking("least-confidence", POOL) == ["all", "two", "leaning", "certain"]
    assert ranking("margin", POOL) == ["two", "all", "leaning", "certain"]


def test_easy_first_is_the_reverse_of_entropy_and_shares_its_scores():
    assert ranking("easy-first", POOL) == ranking("entropy", POOL)[::-1]
    assert strategy_named("easy-first").stored_as == strategy_named("entropy").stored_as


def test_hard_first_and_easy_first_go_by_the_expected_work():
    scores = {"sure": 0.1, "torn": 0.9, "between": 0.5}
    work = {"sure": 30.0, "torn": 10.0, "between": 20.0}
    assert rank(scores, strategy_named("easy-first"), work) == ["torn", "between", "sure"]
    assert rank(scores, strategy_named("hard-first"), work) == ["sure", "between", "torn"]
    assert rank(scores, strategy_named("entropy"), work) == ["torn", "between", "sure"]


def test_the_uncertainty_decides_between_series_of_the_same_work():
    scores = {"b": 0.3, "c": 0.1, "a": 0.2, "d": None}
    work = dict.fromkeys("abcd", 7.0)
    assert rank(scores, strategy_named("easy-first"), work) == ["c", "a", "b", "d"]
    assert rank(scores, strategy_named("hard-first"), work) == ["b", "a", "c", "d"]


@pytest.mark.parametrize("name", ["easy-first", "hard-first"])
def test_series_of_unknown_work_come_last_whichever_way_it_goes(name):
    scores = {"a": None, "b": 0.5, "c": None, "d": 0.5}
    work = {"a": None, "b": 4.0, "c": 4.0, "d": math.nan}
    assert rank(scores, strategy_named(name), work) == ["b", "c", "d", "a"]


def test_without_measured_minutes_the_uncertainty_of_all_slices_stands_for_the_work():
    assert expected_work(0.2, 30, None) == pytest.approx(6.0)
    assert expected_work(0.2, 30, 12.5) == 12.5
    assert expected_work(None, 30, 12.5) == 12.5
    assert expected_work(0.2, 30, 0.0) == 0.0
    assert expected_work(None, 30, None) is None


def test_slices_are_averaged_over_the_series():
    pool = {
        "half doubtful": torch.cat([CERTAIN, TORN_BETWEEN_ALL]),
        "leaning": torch.cat([LEANING, LEANING]),
        "doubtful": torch.cat([TORN_BETWEEN_ALL, TORN_BETWEEN_ALL]),
    }
    scores = series_scores("entropy", pool)
    assert scores["half doubtful"] == pytest.approx(scores["doubtful"] / 2)
    assert rank(scores, strategy_named("entropy")) == ["doubtful", "leaning", "half doubtful"]


def test_class_balanced_entropy_lets_a_small_doubtful_structure_decide():
    small_doubt = uniform_slice([1.0, 0.0], size=10).clone()
    small_doubt[0, :, 0, 0] = torch.tensor([0.4, 0.6])
    wide_haze = uniform_slice([0.97, 0.03], size=10)
    pool = {"small doubt": small_doubt, "wide haze": wide_haze}
    assert ranking("entropy", pool) == ["wide haze", "small doubt"]
    assert ranking("class-balanced-entropy", pool) == ["small doubt", "wide haze"]
    alone = float(entropy(uniform_slice([0.4, 0.6])))
    assert float(class_balanced_entropy(small_doubt)) == pytest.approx(alone / 2)


def test_class_balanced_entropy_counts_predicted_classes_only():
    assert float(class_balanced_entropy(LEANING)) == pytest.approx(float(entropy(LEANING)))


def test_the_foreground_fraction_counts_pixels_whose_winner_is_not_background():
    stack = uniform_slice([0.6, 0.4]).clone()
    stack[0, :, 0, :] = torch.tensor([0.4, 0.6])[:, None]
    assert float(foreground_fraction(stack)) == 0.25


def test_random_needs_no_prediction_and_depends_on_name_and_seed_alone():
    strategy = strategy_named("random")
    assert strategy.slice_scores is None
    names = [f"series {number}" for number in range(50)]
    first = {name: strategy.series_score([], name, seed=1) for name in names}
    again = {name: strategy.series_score([], name, seed=1) for name in reversed(names)}
    other = {name: strategy.series_score([], name, seed=2) for name in names}
    assert first == again
    assert rank(first, strategy) == rank(again, strategy)
    assert rank(first, strategy) != rank(other, strategy)
    assert rank(first, strategy) != sorted(names)
    assert len(set(first.values())) == 50


def test_random_draws_are_spread_evenly():
    strategy = strategy_named("random")
    draws = [strategy.series_score([], f"s{number}") for number in range(2000)]
    assert np.mean(draws) == pytest.approx(0.5, abs=0.03)
    assert min(draws) > 0
    assert max(draws) <= 1


def test_foreground_random_draws_series_without_foreground_last():
    strategy = strategy_named("foreground-random")
    for seed in range(50):
        scores = {
            "empty b": strategy.series_score([0.0, 0.0], "empty b", seed),
            "tiny": strategy.series_score([0.0, 1e-5], "tiny", seed),
            "empty a": strategy.series_score([0.0], "empty a", seed),
            "full": strategy.series_score([0.5], "full", seed),
        }
        assert set(rank(scores, strategy)[:2]) == {"tiny", "full"}


def test_foreground_random_draws_in_proportion_to_the_foreground():
    strategy = strategy_named("foreground-random")
    firsts = []
    for seed in range(3000):
        scores = {
            name: strategy.series_score([weight], name, seed)
            for name, weight in (("a", 0.1), ("b", 0.3), ("c", 0.6))
        }
        firsts.append(rank(scores, strategy)[0])
    for name, share in (("a", 0.1), ("b", 0.3), ("c", 0.6)):
        assert firsts.count(name) / 3000 == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("name", STRATEGIES)
def test_series_without_a_score_come_last_and_are_told_apart(name):
    scores = {"d": None, "low": 0.0, "high": 1.0, "broken": math.nan, "a": None}
    strategy = strategy_named(name)
    expected = ["high", "low"] if strategy.highest_first else ["low", "high"]
    assert rank(scores, strategy) == [*expected, "a", "broken", "d"]
    assert unscored(scores) == ["a", "broken", "d"]


def test_a_score_of_zero_is_a_score():
    assert unscored({"a": 0.0}) == []
    assert rank({"b": 0.0, "a": None}, strategy_named("entropy")) == ["b", "a"]


def test_ties_go_by_name_whichever_way_the_strategy_sorts():
    scores = {"b": 1.0, "c": 1.0, "a": 1.0}
    assert rank(scores, strategy_named("entropy")) == ["a", "b", "c"]
    assert rank(scores, strategy_named("easy-first")) == ["a", "b", "c"]


def test_an_empty_pool_has_an_empty_ranking():
    assert rank({}, strategy_named("entropy")) == []


def test_a_series_without_slice_scores_is_refused_not_scored():
    with pytest.raises(ConfigurationError, match="'s7' has no slice scores"):
        strategy_named("entropy").series_score([], "s7")


def test_an_unknown_strategy_is_refused_with_the_known_ones():
    with pytest.raises(ConfigurationError, match=r"'entropi'.*least-confidence"):
        strategy_named("entropi")


def test_every_strategy_describes_itself_in_one_sentence():
    for name, strategy in STRATEGIES.items():
        assert strategy.name == name
        assert strategy.description.endswith(".")
        assert strategy.description.count(". ") == 0


def test_the_strategy_of_a_new_project_exists():
    assert SelectionSettings().strategy in STRATEGIES
