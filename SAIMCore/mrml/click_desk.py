"""The click effect of one Segment Editor: what its user sees of what is open, and may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from SAIMCore.device import describe_device
from SAIMCore.mrml.effect_options import EffectOptions
from SAIMCore.mrml.open_series import OpenSeries
from SAIMCore.mrml.pointer_gesture import Gesture, PointerGesture
from SAIMCore.mrml.series_desk import SeriesDesk
from SAIMCore.mrml.translation import tr as _
from SAIMCore.session.igniter_model import IgniterModel
from SAIMCore.session.round_answers import SessionModel

__all__ = ["ClickDesk"]


class ClickDesk(SeriesDesk):
    """A desk (``SeriesDesk``) with the commands of the effect, by the names of ``COMMANDS``.

    Without an open series every command says what is missing.
    """

    # -- what its user sees -------------------------------------------------------------------

    @property
    def status(self) -> str:
        """What is going on, or what is missing, in one sentence."""
        if self.series is not None:
            return _who_answers(self.series.session.predictor)
        if self._opening is not None:
            name = self._opening.series.grid.volume.GetName()
            if self._opening.progress is not None:
                return _("The igniter proposes labels for {name}.").format(name=name)
            return _("Preparing {name}.").format(name=name)
        if self._problem:
            return self._problem
        if self.source is None:
            return _("Choose a model: the folder of a project, or that of a model.")
        return _("Choose a segmentation and a source volume.")

    @property
    def remark(self) -> str:
        """What is to be said of the last click, "" for nothing."""
        return "" if self.series is None else self.series.effect.remark

    @property
    def progress(self) -> tuple[int, int] | None:
        """Slices done and slices in all, while a series is being segmented.

        Parts of the volume, while an igniter that looks at volumes proposes labels.
        """
        if self._opening is not None:
            return self._opening.progress
        return None if self.series is None else self.series.effect.progress

    @property
    def accepted(self) -> tuple[int, int] | None:
        """Accepted slices and slices in all; None without a session."""
        if self.series is None:
            return None
        session = self.series.session
        return len(session.accepted_slices), session.shape[0]

    @property
    def slice_accepted(self) -> bool:
        """Whether the shown slice is accepted."""
        if self.series is None:
            return False
        return self.series.session.result(self.series.effect.slice_index).accepted

    @property
    def always_conditioned(self) -> bool:
        """Whether answers agree with the marks, whatever the options say of that."""
        return self.series is not None and self.series.effect.always_conditioned

    @property
    def options(self) -> EffectOptions:
        """What the user has switched on; may be replaced at any time."""
        return self._options

    @options.setter
    def options(self, options: EffectOptions) -> None:
        begins = options.predict_on_arrival and not self._options.predict_on_arrival
        self._options = options
        self._apply_options()
        if begins and self._active and self.series is not None:
            self.series.arrive()
            self._wake()
        self._host.refresh()

    # -- what its user does -------------------------------------------------------------------

    def click(self, gesture: Gesture, radius: int = 0) -> None:
        """A click or drag: the class of the selected segment is here, or the background."""

        def click(series: OpenSeries) -> None:
            class_index = 0 if gesture.background else self._selected_class(series)
            if class_index is not None:
                series.click(gesture.points, class_index, radius)

        self._act(click)

    def preview(self, gesture: PointerGesture) -> None:
        """Show what is being dragged, as far as it is shown before it is done."""
        if self.series is not None:
            self.series.effect.preview(gesture.points)

    def select_segment(self, number: int) -> None:
        """Select the segment ``number`` (from 1) of the segmentation; ignored if there is none."""
        if self._content is None or self._content.segmentation is None:
            return
        known = self._content.segmentation.GetSegmentation().GetSegmentIDs()
        if 1 <= number <= len(known):
            self._content.editor.SetSelectedSegmentID(known[number - 1])

    def segment_slice(self) -> None:
        """Let the network answer on the shown slice without anything new from the user."""
        self._act(lambda series: series.effect.segment_slice(series.effect.slice_index))

    def segment_series(self) -> None:
        """Segment all slices that nobody touched."""

        def segment(series: OpenSeries) -> None:
            # It may take minutes, in which nothing can be kept.
            self.keep()
            series.effect.segment_series()

        self._act(segment)

    def cancel(self) -> None:
        """End ``segment_series``, and drop what waits; a series opens without further proposals."""
        if self._opening is not None:
            self._opening.task.cancel()
        if self.series is not None:
            self.series.effect.cancel()

    def toggle_accepted(self) -> None:
        """Mark the shown slice as finished, or take the mark back."""
        self._act(lambda series: series.effect.toggle_accepted(series.effect.slice_index))

    def reset_slice(self) -> None:
        """Forget all about the shown slice, its labels included."""
        self._act(lambda series: series.effect.reset_slice(series.effect.slice_index))

    def undo(self) -> None:
        """Take the last step back, where the host has no history of its own."""
        self._act(lambda series: series.effect.undo())

    def redo(self) -> None:
        """Take the last undone step again, where the host has no history of its own."""
        self._act(lambda series: series.effect.redo())

    def next_slice(self) -> None:
        """Show the slice after this one."""
        self._act(lambda series: series.step(1))

    def previous_slice(self) -> None:
        """Show the slice before this one."""
        self._act(lambda series: series.step(-1))

    def next_uncertain_slice(self) -> None:
        """Show the slice of which the model is least certain."""
        self._act(lambda series: series.go_to_uncertain())

    def toggle_uncertainty(self) -> None:
        """The uncertainty overlay on or off."""
        self.options = replace(self.options, shows_uncertainty=not self.options.shows_uncertainty)

    def toggle_boxes(self) -> None:
        """Let a drag be a box, or a stroke."""
        self.options = replace(self.options, draws_boxes=not self.options.draws_boxes)

    def _act(self, act: Callable[[OpenSeries], object]) -> None:
        """Something that the user does to the open series; without one, what is missing is said."""
        if self.series is None:
            self._host.complain(self.status)
            return
        with self._complaining():
            act(self.series)
        self.series.acted()
        self._wake()

    def _selected_class(self, series: OpenSeries) -> int | None:
        selected = series.content.editor.GetSelectedSegmentID()
        known = series.classes
        if selected in known:
            return known[selected]
        names = ", ".join(
            series.segments.classes[i].name for i in series.segments.classes.foreground
        )
        sentence = _(
            "The selected segment is none of the model's classes ({names}); select one of these, "
            "or assign the segment to a class under Classes."
        )
        self._host.complain(sentence.format(names=names))
        return None


def _who_answers(model: SessionModel) -> str:
    """A sentence about what a session runs on."""
    if not isinstance(model, IgniterModel):
        device = describe_device(model.device)
        return _("Model {name} on {device}.").format(name=model.version, device=device)
    if model.trains:
        return _("Igniter {name}, made to agree with your marks.").format(name=model.name)
    return _("Igniter {name}; your marks are written into its proposal.").format(name=model.name)
