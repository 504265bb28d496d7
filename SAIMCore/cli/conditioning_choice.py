"""What ``saim predict`` was told of training the last layers for its clicks."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from SAIMCore.errors import ConfigurationError

if TYPE_CHECKING:
    from SAIMCore.predictor import Predictor
    from SAIMCore.session.conditioning import SliceConditioning
    from SAIMCore.session.igniter_model import IgniterModel

__all__ = ["chosen_conditioning", "refuse_untrained"]


def chosen_conditioning(options: argparse.Namespace, igniter: bool) -> SliceConditioning | None:
    """How answers are made to agree with the clicks; ``igniter``: it is one that answers.

    Raises ConfigurationError for options that would do nothing.
    """
    from SAIMCore.conditioning.inference import ConditioningOptions
    from SAIMCore.session.conditioning import SliceConditioning

    if options.grow is not None and not options.grow >= 0:
        raise ConfigurationError(f"--grow is {options.grow}; give 0 or more")
    given = [f"--{name}" for name in ("grow", "layers", "steps") if _is_given(options, name)]
    # An igniter takes no clicks: there is no other way.
    if not (options.condition or igniter):
        if given:
            raise ConfigurationError(f"{given[0]} is about --condition; give both, or leave it out")
        return None
    if options.condition:
        given.insert(0, "--condition")
    if options.clicks is None and given:
        raise ConfigurationError(f"there is nothing to agree with; give --clicks with {given[0]}")
    chosen = ConditioningOptions()
    if options.steps is not None:
        chosen = replace(chosen, steps=options.steps)
    if options.layers is not None:
        names = (name.strip() for name in options.layers.split(","))
        chosen = replace(chosen, layers=tuple(name for name in names if name))
    return SliceConditioning(chosen, threshold=options.grow)


def refuse_untrained(model: Predictor | IgniterModel, options: argparse.Namespace) -> None:
    """Raise ConfigurationError for options about a training that ``model`` cannot have."""
    from SAIMCore.session.igniter_model import IgniterModel

    if not isinstance(model, IgniterModel) or model.trains:
        return
    given = [f"--{name}" for name in ("layers", "steps") if _is_given(options, name)]
    if given:
        raise ConfigurationError(
            f"nothing of the igniter {model.name} can be trained, and clicks are written into what "
            f"it proposes; leave {' and '.join(given)} out"
        )


def _is_given(options: argparse.Namespace, name: str) -> bool:
    return getattr(options, name) is not None
