"""What the user of the click effect has switched on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from SAIMCore.errors import ConfigurationError
from SAIMCore.session.conditioning import SliceConditioning

__all__ = ["EffectOptions"]


@dataclass(frozen=True)
class EffectOptions:
    """predict_on_arrival: segment a slice when it is shown for the first time.

    shows_uncertainty: the entropy of the shown slice lies over it. start_from_neighbor: an
    untouched slice starts with what an adjacent one has. draws_boxes: a drag is a box, no stroke.

    conditioned: the network's answers are made to agree with what the user marked
    (``SAIMCore.conditioning``). grows: marks grow into pixels around them whose intensity differs
    by less than growth_threshold (standard deviations of the series), at most growth_reach pixels
    far.

    Raises ConfigurationError for a growth that cannot be.
    """

    predict_on_arrival: bool = False
    shows_uncertainty: bool = False
    start_from_neighbor: bool = False
    draws_boxes: bool = False
    conditioned: bool = False
    grows: bool = False
    growth_threshold: float = 0.2
    growth_reach: int = 10

    def __post_init__(self) -> None:
        if not 0 <= self.growth_threshold < math.inf or self.growth_reach < 0:
            raise ConfigurationError(
                f"marks cannot grow by an intensity of {self.growth_threshold} and "
                f"{self.growth_reach} pixels; give 0 or more"
            )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> EffectOptions:
        """The options among ``values``, by their names; those that are missing as they begin.

        Raises ConfigurationError for one that is no number where it should be one.
        """
        given = {}
        for name, value in asdict(cls()).items():
            kind = type(value)
            try:
                given[name] = kind(values.get(name, value))
            except (OverflowError, TypeError, ValueError) as error:
                raise ConfigurationError(
                    f"the option {name} is {values[name]!r}; give a number"
                ) from error
        return cls(**given)

    def conditioning(self, *, always: bool = False) -> SliceConditioning | None:
        """How answers are made to agree with the marks; None: they are not, unless ``always``."""
        if not (self.conditioned or always):
            return None
        if not self.grows:
            return SliceConditioning()
        return SliceConditioning(threshold=self.growth_threshold, reach=self.growth_reach)
