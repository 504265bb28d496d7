"""Asking where a file is to be written."""

from pathlib import Path

import qt


def askForFile(parent, title, proposal, suffix):
    """The file that the user chose, with ``suffix`` when none was typed; None: they did not want.

    proposal: the path to begin with. The dialog itself asks before a file is replaced.
    """
    filters = f"*{suffix}" if suffix else ""
    chosen = qt.QFileDialog.getSaveFileName(parent, title, Path(proposal).as_posix(), filters)
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix or not suffix else path.with_name(path.name + suffix)
