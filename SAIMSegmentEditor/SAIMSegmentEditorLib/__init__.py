"""The effect SAIM of the Segment Editor: Qt around ``SAIMCore.mrml.click_desk``."""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent

try:
    import SAIMCore  # noqa: F401 (only whether it is found)
except ImportError:
    # In a checkout the engine lies beside the folder of this module.
    sys.path.insert(0, str(_HERE.parent.parent))

# With forward slashes, which Qt wants on Windows, too.
EFFECT_FILE = (_HERE / "SegmentEditorEffect.py").as_posix()

from .SegmentEditorEffect import SegmentEditorEffect  # noqa: E402, F401 (where Slicer looks)
