"""Colors of the page, and how its widgets look where nothing else is said."""

from __future__ import annotations

from typing import Any

__all__ = ["VUETIFY"]

# Dark, so that images are seen as in a reading room; the accents are those of Okabe and Ito, which
# people with any color vision tell apart.
VUETIFY: dict[str, Any] = {
    "theme": {
        "defaultTheme": "saim",
        "themes": {
            "saim": {
                "dark": True,
                "colors": {
                    "background": "#0d0f12",
                    "surface": "#16191e",
                    "surface-light": "#1f242b",
                    "primary": "#56b4e9",
                    "on-primary": "#08131a",
                    "secondary": "#8f9aa8",
                    "success": "#1fb489",
                    "warning": "#e69f00",
                    "on-warning": "#1a1200",
                    "error": "#d55e00",
                    "info": "#56b4e9",
                },
            }
        },
    },
    "defaults": {
        "VBtn": {"variant": "tonal", "density": "comfortable", "rounded": "md"},
        "VTextField": {"density": "compact", "variant": "outlined", "hideDetails": True},
        "VSelect": {"density": "compact", "variant": "outlined", "hideDetails": True},
        "VCheckbox": {"density": "compact", "hideDetails": True},
        "VSlider": {"density": "compact", "hideDetails": True, "thumbSize": 12, "trackSize": 2},
        "VTooltip": {"openDelay": 500},
    },
}
