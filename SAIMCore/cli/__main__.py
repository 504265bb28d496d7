"""``python -m SAIMCore.cli``: the same as ``saim``."""

from __future__ import annotations

import sys

from SAIMCore.cli import main

if __name__ == "__main__":
    sys.exit(main())
