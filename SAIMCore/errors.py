"""The errors that a user can act on.

Every one carries one sentence that names what was found and what to do. The command line prints
that sentence and exits with code 2; the desktop and browser hosts show it.
"""

from __future__ import annotations

_REASON_LENGTH = 160


def reason_of(error: BaseException) -> str:
    """The last line of what a library says, short enough for a sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = lines[-1] if lines else type(error).__name__
    return reason if len(reason) <= _REASON_LENGTH else f"{reason[:_REASON_LENGTH]} ..."


class SaimError(Exception):
    """Base of all errors whose message is meant for the user."""


class InvalidImageError(SaimError):
    """An image file that cannot be used as a series (truncated, 2D, RGB, NaN, ...)."""


class InvalidLabelmapError(SaimError):
    """A labelmap that does not fit its series or the class table."""


class GeometryMismatchError(InvalidLabelmapError):
    """A labelmap whose grid differs from that of its series."""


class ClassTableError(SaimError):
    """A class table that contradicts itself, or a class that does not exist."""


class ConfigurationError(SaimError):
    """An option or a combination of options that cannot work."""


class CheckpointError(SaimError):
    """Model files that are missing, damaged, too new, or made for other classes."""


class ProjectError(SaimError):
    """A project folder that is missing, damaged or used wrongly."""


class ProjectLockedError(ProjectError):
    """A project that another process has open for writing."""


class TrainingError(SaimError):
    """A training that cannot start or could not finish."""


class InteractionError(SaimError):
    """An interaction outside the series, or of a class that does not exist."""
