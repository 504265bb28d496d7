"""Which intensities are told apart, from black to white, in the usual ways of looking at a CT."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CT_PRESETS", "WindowPreset", "presets_for"]

# Of air in Hounsfield units, and of what scanners put around it (as low as -3024); an image of
# another kind begins at 0, or far below. Nothing in a patient is above.
AIR = (-3100, -500)
LIGHTEST_METAL, MOST = 200, 32767


@dataclass(frozen=True)
class WindowPreset:
    """``low`` is black, ``high`` white; in Hounsfield units."""

    name: str
    low: float
    high: float


def _preset(name: str, window: float, level: float) -> WindowPreset:
    return WindowPreset(name, level - window / 2, level + window / 2)


CT_PRESETS = (
    _preset("Soft tissue", 400, 40),
    _preset("Lung", 1500, -600),
    _preset("Bone", 1800, 400),
    _preset("Brain", 80, 40),
)


def presets_for(low: float, high: float) -> tuple[WindowPreset, ...]:
    """The presets that suit an image with intensities from ``low`` to ``high``.

    Those of a CT where the numbers look like Hounsfield units with air in the picture, else none.
    """
    hounsfield = AIR[0] <= low <= AIR[1] and LIGHTEST_METAL <= high <= MOST
    return CT_PRESETS if hounsfield else ()
