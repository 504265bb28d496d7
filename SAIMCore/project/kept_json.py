"""Small JSON files that a project keeps beside its database: what is wrong with one is said."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from SAIMCore.errors import ConfigurationError, ProjectError

__all__ = ["damage_said"]


@contextlib.contextmanager
def damage_said(path: Path, loss: str) -> Iterator[None]:
    """What goes wrong while ``path`` is read and understood, as ProjectError in one sentence.

    loss: what it means to remove the file. A file that is not there stays FileNotFoundError.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ProjectError(f"{path} cannot be read ({error.strerror}); make it readable") from error
    except (ValueError, KeyError, TypeError, ConfigurationError) as error:
        raise ProjectError(
            f"{path} is damaged; restore it from a backup, or remove it{loss}"
        ) from error
