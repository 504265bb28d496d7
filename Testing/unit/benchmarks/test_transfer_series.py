"""Which series belong to the igniter."""

from __future__ import annotations

from Testing.benchmarks.transfer_series import intensity_groups


def test_series_are_parted_at_the_largest_ratios() -> None:
    levels = {"a": 90.0, "d": 400_000.0, "b": 130.0, "c": 700.0, "e": 350_000.0}
    assert intensity_groups(levels, 3) == [{"a", "b"}, {"c"}, {"d", "e"}]


def test_a_single_group_holds_all() -> None:
    assert intensity_groups({"a": 1.0, "b": 9.0}, 1) == [{"a", "b"}]
