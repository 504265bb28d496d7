"""The figures of the click effect in an MRML scene alone.

python -m Testing.benchmarks.scene --help
"""

from __future__ import annotations

import sys

from Testing.benchmarks.command import main
from Testing.benchmarks.scene.options import SCENE_BENCHMARKS

if __name__ == "__main__":
    sys.exit(main(SCENE_BENCHMARKS))
