"""``tr`` gives a sentence in the language of the user: Slicer's own, or the English one without it.

Slicer finds the context of a sentence by the file that calls ``tr``, so nothing may lie between.
"""

from __future__ import annotations

__all__ = ["tr"]

try:
    from slicer.i18n import tr
except ImportError:

    def tr(text: str) -> str:
        """The sentence as it is: there is no translation outside the desktop application."""
        return text
