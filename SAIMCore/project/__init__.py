"""The project on disk: series, accepted annotations, scores, rounds and models.

Start at ``SAIMCore.project.project.Project``. This file imports nothing, so that the command line
stays fast.
"""

from __future__ import annotations
