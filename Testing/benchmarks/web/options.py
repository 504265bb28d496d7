"""The benchmarks of the page in a browser, by name."""

from __future__ import annotations

__all__ = ["WEB_BENCHMARKS"]

# Name and what it measures; the module here of the name without "web-" has ``measure``.
WEB_BENCHMARKS: dict[str, str] = {
    "web-page": "clicks, scrolling, opening and resting of the page in a headless Chromium",
}
