"""Effect and panel in a Slicer in which none of the packages that they need is installed.

Run by ``test_module.py`` and ``test_campaign_module.py`` in a Python of its own; prints what it
found as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from SAIMCore.installing import CAMPAIGN
from Testing.desktop.stand_in.installation import SlicerStandIn, installed

HEAVY = (
    "SAIMCore.predictor",
    "SAIMCore.session.interactive",
    "SAIMCore.mrml.click_desk",
    "SAIMCore.campaign.campaign",
)


def effect(host: SlicerStandIn) -> dict[str, object]:
    """Everything of the effect that works without the packages, done once."""
    from Testing.desktop.workplace import EFFECT, MODULE, Workplace

    workplace = Workplace(host)
    workplace.editor.activate(EFFECT)
    message = workplace.ui.missingLabel.text
    workplace.ui.installButton.click()
    complaint = workplace.ui.messageLabel.text
    loaded = load_all(MODULE)
    workplace.editor.close()
    return {"message": message, "complaint": complaint, "loaded": loaded}


def panel(host: SlicerStandIn) -> dict[str, object]:
    """The same of the panel of campaigns."""
    from Testing.desktop.clinic import PANEL_MODULE, Clinic

    clinic = Clinic(host)
    ui = clinic.panel.ui
    message, works = ui.missingLabel.text, not ui.workFrame.isHidden()
    ui.installButton.click()
    complaint = ui.complaintLabel.text
    loaded = load_all(PANEL_MODULE)
    clinic.close()
    return {"message": message, "complaint": complaint, "loaded": loaded, "works": works}


def load_all(module: Path) -> list[str]:
    """Import every file of the library of ``module``; their names."""
    files = module.parent.glob("*Lib/[A-Z]*.py")
    return [importlib.import_module(f"{f.parent.name}.{f.stem}").__name__ for f in files]


def report(subject: Callable[[SlicerStandIn], dict[str, object]]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder, installed(Path(folder)) as host:
        found = subject(host)
        assert host.dialogs() == []
        assert host.printed() == []
        return {**found, "heavy": [name for name in HEAVY if name in sys.modules]}


if __name__ == "__main__":
    for package in CAMPAIGN:
        sys.modules[package.module] = None  # type: ignore[assignment]
    print(json.dumps(report({"effect": effect, "panel": panel}[sys.argv[1]])))
