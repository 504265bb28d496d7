"""Series that nobody looks at any more, open still because they could not be kept."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from SAIMCore.mrml.editor_content import EditorContent
from SAIMCore.mrml.open_series import OpenSeries

__all__ = ["HeldSeries"]


class HeldSeries:
    """What a full disk, say, would have lost. ``complaining`` makes contexts that tell the user."""

    def __init__(self, complaining: Callable[[], contextlib.AbstractContextManager[None]]) -> None:
        self._complaining = complaining
        self._held: list[OpenSeries] = []

    def keep_or_hold(self, series: OpenSeries) -> None:
        """Keep a series that is left; hold it where that fails."""
        try:
            with self._complaining():
                series.keep_now()
        finally:
            if not series.kept and series.segments.node.GetScene() is not None:
                self._held.append(series)

    def keep_again(self) -> None:
        """Try once more to keep them: room may have been made."""
        held, self._held = self._held, []
        with contextlib.ExitStack() as parts:
            for series in held:
                parts.callback(self.keep_or_hold, series)

    def take(self, content: EditorContent) -> OpenSeries | None:
        """The series of ``content``, if it is held and cannot be kept, not even now."""
        found = next((series for series in self._held if series.content.same(content)), None)
        if found is None:
            return None
        with self._complaining():
            found.keep_now()
        self._held.remove(found)
        return None if found.kept else found
