"""The commands of the click effect and their keys: the same in every host."""

from __future__ import annotations

from dataclasses import dataclass

from SAIMCore.mrml.translation import tr as _

__all__ = ["COMMANDS", "SEGMENT_KEYS", "Command"]

# The numbers of the keyboard select the first nine segments.
SEGMENT_KEYS = tuple(str(number) for number in range(1, 10))


@dataclass(frozen=True)
class Command:
    """``name`` is that of a method of ``ClickDesk``, ``key`` a letter, ``text`` translated."""

    name: str
    key: str
    text: str


# None of the letters is one of the Segment Editor's own (Q, W, Z, Y, I) or of the slice views'
# that annotators use (B, F, G, R, T, V).
COMMANDS = (
    Command("toggle_accepted", "A", _("accept the slice, or reopen it")),
    Command("next_slice", "S", _("next slice")),
    Command("previous_slice", "D", _("previous slice")),
    Command("next_uncertain_slice", "U", _("slice of which the model is least certain")),
    Command("segment_slice", "P", _("segment the slice without clicks")),
    Command("toggle_uncertainty", "O", _("uncertainty overlay on or off")),
    Command("toggle_boxes", "E", _("a left drag is a box, or a stroke")),
)
