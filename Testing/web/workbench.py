"""The program behind the page with views that nobody sees, and a mouse for them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import slicer
from numpy.typing import NDArray
from trame.app.core import AVAILABLE_SERVERS
from trame_slicer.views import DirectViewFactory, ViewLayoutDefinition
from trame_slicer.views.render_scheduler import NoScheduleRendering

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.open_series import OpenSeries
from SAIMWeb.trame_host.page_server import new_server
from SAIMWeb.trame_host.program import Program
from SAIMWeb.trame_host.view_3d import SurfaceView

VIEW_SIZE = (300, 240)
SECONDS = 60
_numbers = itertools.count()


class _UnseenViews(DirectViewFactory):
    def _create_threed_view(
        self, app_logic: Any, scene: Any, view: ViewLayoutDefinition
    ) -> SurfaceView:
        made = SurfaceView(scene, app_logic, view.singleton_tag, NoScheduleRendering())
        return self._update_view_properties(made, view)


class Workbench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Another one each time: trame keeps what it made by the name, until it is closed.
        self.server = new_server(f"workbench {next(_numbers)}")
        self.server.state.ready()
        self.program = Program(
            self.server, folder, lambda app: [_UnseenViews(do_render_offscreen=True)], "cpu"
        )
        for view in self.program.views.slices.values():
            view.render_window().SetSize(*VIEW_SIZE)
            view.interactor().UpdateSize(*VIEW_SIZE)
            # Nobody looks, and drawing in software takes most of the time.
            view.set_scheduled_render(NoScheduleRendering())
        self.settle()

    @property
    def state(self) -> Any:
        return self.server.state

    @property
    def campaign(self) -> Campaign:
        return self.program.campaign_page.campaign

    @property
    def series(self) -> OpenSeries:
        desk = self.program.editor.desk
        assert desk is not None
        assert desk.series is not None, desk.status
        return desk.series

    @property
    def grid(self) -> SliceGrid:
        return self.series.effect.annotation.grid

    def settle(self) -> None:
        """Wait until nothing is left to wait for."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            # What a test has changed in the page's state is heard of then.
            self.state.flush()
            wait = self.program.pulse.beat()
            self.state.flush()
            if wait is None:
                return
            time.sleep(min(wait, 0.005))
        raise AssertionError("it never ended")

    def until(self, reached: Callable[[], object]) -> None:
        """Wait for something, whatever else goes on."""
        deadline = time.monotonic() + SECONDS
        while not reached():
            assert time.monotonic() < deadline, "it never came"
            self.state.flush()
            wait = self.program.pulse.beat()
            self.state.flush()
            time.sleep(min(wait or 0.0, 0.005))

    def open_next(self) -> None:
        self.program.campaign_page.next()
        self.settle()
        assert self.state.series, self.state.problem

    def close(self) -> None:
        """A second time does nothing."""
        if self.server.name not in AVAILABLE_SERVERS:
            return
        self.program.close()
        # Else trame keeps it, and what VTK calls back keeps all the rest: Python's collector does
        # not see such circles. That is 7,000 objects for each test.
        AVAILABLE_SERVERS.pop(self.server.name)
        program = self.program
        for part in (program.editor, program.campaign_page, program.editor_page, program.views):
            vars(part).clear()

    # -- the mouse ------------------------------------------------------------------------------

    def place(self, view: str, slice_index: int, row: int, column: int) -> tuple[int, int]:
        """The pixel of a view at which a pixel of a slice lies; the view is sent there first."""
        node = self.program.views.node(view)
        point = self.grid.point(slice_index, row, column)
        node.JumpSliceByOffsetting(*point.tolist())
        to_view = np.linalg.inv(slicer.util.arrayFromVTKMatrix(node.GetXYToRAS()))
        x, y = (to_view @ [*point, 1])[:2]
        return round(x), round(y)

    def press(self, view: str, place: tuple[int, int], *, ctrl: bool = False) -> None:
        self._at(view, place, ctrl)
        self._interactor(view).InvokeEvent("LeftButtonPressEvent")

    def move(self, view: str, place: tuple[int, int], *, shift: bool = False) -> None:
        self._at(view, place, False, shift)
        if shift:
            # Nobody holds a key who has not pressed it.
            self._interactor(view).SetKeySym("Shift_L")
            self._interactor(view).InvokeEvent("KeyPressEvent")
        self._interactor(view).InvokeEvent("MouseMoveEvent")

    def release(self, view: str) -> None:
        self._interactor(view).InvokeEvent("LeftButtonReleaseEvent")

    def click(self, view: str, place: tuple[int, int], *, ctrl: bool = False) -> None:
        self.move(view, place)
        self.press(view, place, ctrl=ctrl)
        self.release(view)
        self.settle()

    def drag(
        self,
        view: str,
        start: tuple[int, int],
        end: tuple[int, int],
        button: str = "Left",
        *,
        shift: bool = False,
    ) -> None:
        """Hold ``button`` (Left, Middle or Right) from one pixel of a view to another one."""
        interactor = self._interactor(view)
        self.move(view, start, shift=shift)
        interactor.InvokeEvent(f"{button}ButtonPressEvent")
        self.move(view, end, shift=shift)
        interactor.InvokeEvent(f"{button}ButtonReleaseEvent")
        self.settle()

    def wheel(self, view: str) -> None:
        self._interactor(view).InvokeEvent("MouseWheelForwardEvent")
        self.settle()

    def _interactor(self, view: str) -> Any:
        return self.program.views.slices[view].interactor()

    def _at(self, view: str, place: tuple[int, int], ctrl: bool, shift: bool = False) -> None:
        self._interactor(view).SetEventInformation(*place, int(ctrl), int(shift), "\0", 0, None)

    # -- what came of it ------------------------------------------------------------------------

    def voxels(self) -> NDArray[np.bool_]:
        """What each segment holds, (segments, K, J, I), as Slicer exports it."""
        editor = self.program.editor
        return np.stack(
            [
                slicer.util.arrayFromSegmentBinaryLabelmap(
                    editor.segmentation, segment_id, editor.volume
                )
                > 0
                for segment_id in editor.segmentation.GetSegmentation().GetSegmentIDs()
            ]
        )
