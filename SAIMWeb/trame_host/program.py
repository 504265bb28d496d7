"""A project's campaign, its editor and its page, put together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from trame_server import Server
from trame_slicer.core import SlicerApp
from trame_slicer.rca_view import RemoteSliceViewFactory, RemoteViewFactory
from trame_slicer.views import IViewFactory, ViewType

from SAIMCore.mrml.editor_place import EditorPlace
from SAIMCore.project.lock import login_name
from SAIMCore.project.shared import lease_project
from SAIMWeb.pulse import Pulse
from SAIMWeb.trame_host.campaign_page import CampaignPage
from SAIMWeb.trame_host.editor_page import EditorPage
from SAIMWeb.trame_host.messages import Messages
from SAIMWeb.trame_host.ui.layout import build_page
from SAIMWeb.trame_host.ui.view_frame import view_frame
from SAIMWeb.trame_host.view_3d import SurfaceView
from SAIMWeb.trame_host.views import Views
from SAIMWeb.trame_host.web_editor import WebEditor

__all__ = ["Program", "streamed_views"]

# JPEG while something moves; a moment later the same once more, sharper.
FRAMES_PER_SECOND = 30
MOVING_QUALITY = 75
# Moves of the mouse come no faster.
SECONDS_BETWEEN_EVENTS = 0.02


def streamed_views(server: Server) -> Callable[[SlicerApp], Sequence[IViewFactory]]:
    """Views whose pictures go to the browser."""
    options = {
        "target_fps": FRAMES_PER_SECOND,
        # An answer may come in a view that the mouse is not over.
        "blur_fps": FRAMES_PER_SECOND,
        "interactive_quality": MOVING_QUALITY,
        "rca_event_throttle_s": SECONDS_BETWEEN_EVENTS,
    }
    return lambda app: [
        RemoteSliceViewFactory(server, populate_view_ui_f=view_frame, **options),
        RemoteViewFactory(server, SurfaceView, ViewType.THREE_D_VIEW, **options),
    ]


class Program:
    """Everything behind the page of the project in ``folder``, on a trame ``server``.

    ``pulse`` has to be kept beating. Raises what ``Campaign`` raises.
    """

    def __init__(
        self,
        server: Server,
        folder: Path,
        views: Callable[[SlicerApp], Sequence[IViewFactory]],
        device: str = "auto",
    ) -> None:
        self.pulse = Pulse()
        annotator = login_name()
        # One open project for all parts.
        lease = lease_project(folder, read_only_if_locked=True)
        with contextlib.ExitStack() as parts:
            parts.callback(lease.release)
            classes = lease.project.classes
            self.thumbnails = lease.project.cache.folder / "thumbnails"
            self.messages = Messages(server.state)
            self.views = Views(views)
            self.editor_page = EditorPage(
                server.state, self.pulse, self.messages, self.views, classes
            )
            self.editor = WebEditor(
                self.views, self.pulse, self.editor_page, folder, annotator, device
            )
            self.editor_page.attach(self.editor)
            self.campaign_page = CampaignPage(server.state, self.pulse, self.messages)
            place = EditorPlace(self.views.scene, self.editor, classes)
            self.campaign_page.open(folder, place, annotator, device)
        server.state.trame__title = f"{server.state.project_name} - SAIM"
        self.page = build_page(server, self.campaign_page, self.editor_page, self.messages)

    def close(self) -> None:
        """Keep what is open, and end for good; a training goes on by itself."""
        with contextlib.ExitStack() as parts:
            parts.callback(self.views.close)
            parts.callback(self.editor_page.close)
            parts.callback(self.editor.close)
            parts.callback(self.campaign_page.close)
