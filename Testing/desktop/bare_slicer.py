"""The effect in a Slicer in which none of the packages that it needs is installed.

Run by ``test_module.py`` in a Python of its own; prints what it found as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from pathlib import Path

from SAIMCore.installing import ANNOTATING

HEAVY = ("SAIMCore.predictor", "SAIMCore.session.interactive", "SAIMCore.mrml.click_desk")


def report(settings_folder: Path) -> dict[str, object]:
    """Everything that works without the packages, done once."""
    from Testing.desktop.stand_in.installation import installed
    from Testing.desktop.workplace import EFFECT, MODULE, Workplace

    with installed(settings_folder) as host:
        workplace = Workplace(host)
        workplace.editor.activate(EFFECT)
        message = workplace.ui.missingLabel.text
        workplace.ui.installButton.click()
        assert host.dialogs() == []
        assert host.printed() == []
        complaint = workplace.ui.messageLabel.text
        files = (MODULE.parent / "SAIMSegmentEditorLib").glob("[A-Z]*.py")
        loaded = [importlib.import_module(f"SAIMSegmentEditorLib.{f.stem}") for f in files]
        workplace.editor.close()
        return {
            "message": message,
            "complaint": complaint,
            "loaded": [module.__name__.rpartition(".")[2] for module in loaded],
            "heavy": [name for name in HEAVY if name in sys.modules],
        }


if __name__ == "__main__":
    for package in ANNOTATING:
        sys.modules[package.module] = None  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(report(Path(folder))))
