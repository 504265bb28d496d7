"""The panel of annotation campaigns: Qt around ``SAIMCore.campaign``."""

import sys
from pathlib import Path

try:
    import SAIMCore  # noqa: F401 (only whether it is found)
except ImportError:
    # In a checkout the engine lies beside the folder of this module.
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
