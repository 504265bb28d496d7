"""A project of phantoms in Slicer's module Sample Data: made on the spot, without a network."""

from pathlib import Path

import qt
import slicer

ICON = Path(__file__).resolve().parents[1] / "Resources" / "Icons" / "SAIMActiveLearning.svg"
CATEGORY = "SAIM"
SAMPLE = "SAIM phantom project"


def registerSampleData():
    """Offer the phantom project in the module Sample Data, if this Slicer has that module."""
    try:
        import SampleData
    except ImportError:
        # A custom application may be built without it.
        return
    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category=CATEGORY,
        sampleName=SAMPLE,
        # Nothing is downloaded: the module calls customDownloader in its place.
        uris="",
        fileNames=SAMPLE,
        nodeNames=SAMPLE,
        thumbnailFileName=ICON.as_posix(),
        customDownloader=openPhantomProject,
    )


def openPhantomProject(source):
    """Make the project in the user's documents, unless it is there, and open it in the panel.

    source: what was registered; Slicer passes it.
    """
    from SAIMSegmentEditorLib.RequiredPackages import RequiredPackages

    from SAIMCore.installing import CAMPAIGN

    slicer.util.selectModule("SAIMActiveLearning")
    # Else the panel says what has to be installed first.
    if not RequiredPackages(CAMPAIGN).missing():
        panel = slicer.util.getModuleWidget("SAIMActiveLearning").panel
        panel.act(_open, panel)


def _open(panel):
    from SAIMCore.campaign.phantom_campaign import make_phantom_campaign

    documents = qt.QStandardPaths.writableLocation(qt.QStandardPaths.DocumentsLocation)
    panel.openProject(make_phantom_campaign(Path(documents) / SAMPLE))
