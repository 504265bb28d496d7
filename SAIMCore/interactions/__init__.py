"""Interactions: what the user says about pixels of one slice ("these are class c").

A new interaction type is one file here and one entry in ``INTERACTION_TYPES`` (``kinds.py``).
Everybody imports from here. Method: DDG-SIM (Mikhailov et al., 2023), section 4.1.1 (binary
interaction masks per class); boxes: Sambaturu et al., 2021, appendix A.3.
"""

from __future__ import annotations

from SAIMCore.interactions.box import Box
from SAIMCore.interactions.click import Click, click_area, interaction_radius
from SAIMCore.interactions.drawing import (
    draw,
    draw_masks,
    impose_drawings,
    impose_interactions,
    mask_indices,
)
from SAIMCore.interactions.interaction import Drawing, Interaction, whole_number
from SAIMCore.interactions.kinds import INTERACTION_TYPES, interaction_from_json
from SAIMCore.interactions.stroke import Stroke

__all__ = [
    "INTERACTION_TYPES",
    "Box",
    "Click",
    "Drawing",
    "Interaction",
    "Stroke",
    "click_area",
    "draw",
    "draw_masks",
    "impose_drawings",
    "impose_interactions",
    "interaction_from_json",
    "interaction_radius",
    "mask_indices",
    "whole_number",
]
