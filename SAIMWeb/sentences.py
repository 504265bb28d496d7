"""What the engine says, as the page shows it."""

from __future__ import annotations

__all__ = ["as_sentence", "count_of", "in_minutes", "in_percent"]


def as_sentence(text: str) -> str:
    """``text`` with a capital letter and a full stop; "" stays empty."""
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"


def in_percent(value: float | None) -> str:
    """A share (0 to 1) in percent, "" where there is none."""
    return "" if value is None else f"{100 * value:.1f} %"


def in_minutes(minutes: float) -> str:
    """A time as one says it."""
    return "under 1 min" if minutes < 1 else f"{minutes:.0f} min"


def count_of(number: int, what: str) -> str:
    """So many of something; ``what``: one of them."""
    return f"{number} {what}{'' if number == 1 or what == 'series' else 's'}"
