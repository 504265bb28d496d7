"""The picture of the panel in docs/first-campaign.md, on the stand-in for Slicer's Qt.

``python -m Testing.desktop.panel_picture Resources/pictures/campaign-panel.png`` makes the phantom
project, trains its first model (two minutes), ranks the pool and opens the first series.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from Testing.desktop.clinic import Clinic
from Testing.desktop.stand_in.installation import installed

SIZE = 440, 1240


def wait(clinic: Clinic, seconds: float = 600) -> None:
    """Let the panel live until nothing is under way."""
    end = time.monotonic() + seconds
    while clinic.campaign.poll(0.05) or clinic.campaign.queue.busy:
        clinic.host.process()
        if time.monotonic() > end:
            raise SystemExit(f"it did not end: {clinic.campaign.training.state.sentence}")


def main(out: Path) -> None:
    """Draw the panel to ``out``."""
    from SAIMCore.campaign.phantom_campaign import make_phantom_campaign

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = make_phantom_campaign(folder / "phantoms")
        with installed(folder / "settings") as host:
            clinic = Clinic(host)
            clinic.open(project)
            clinic.campaign.train()
            wait(clinic)
            clinic.campaign.next()
            wait(clinic)
            clinic.settle()
            clinic.panel.annotation.onLook()
            clinic.campaign.thumbnails.want([row.name for row in clinic.campaign.queue.rows])
            wait(clinic)
            clinic.panel.refresh()
            clinic.panel.rows_changed(None)
            clinic.window.resize(*SIZE)
            clinic.picture(out)
            clinic.close()
            host.segment_editor.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
