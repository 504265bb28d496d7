"""``make bench``: the figures of ``saim bench`` and those of the scene, in one table or document.

python -m Testing.benchmarks --help
"""

from __future__ import annotations

import sys

from SAIMCore.benchmarks.options import BENCHMARKS
from Testing.benchmarks.command import main
from Testing.benchmarks.scene.options import SCENE_BENCHMARKS
from Testing.benchmarks.web.options import WEB_BENCHMARKS

if __name__ == "__main__":
    sys.exit(main({**BENCHMARKS, **SCENE_BENCHMARKS, **WEB_BENCHMARKS}))
