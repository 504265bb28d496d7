"""What the user of the click effect has switched on."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EffectOptions"]


@dataclass(frozen=True)
class EffectOptions:
    """predict_on_arrival: segment a slice when it is shown for the first time.

    shows_uncertainty: the entropy of the shown slice lies over it. start_from_neighbor: an
    untouched slice starts with what an adjacent one has.
    """

    predict_on_arrival: bool = False
    shows_uncertainty: bool = False
    start_from_neighbor: bool = False
