"""The options of the effect: boxes and numbers in, ``EffectOptions`` of the desk out."""

from SAIMSegmentEditorLib.Connections import Connections
from SAIMSegmentEditorLib.NumberBox import NumberBox


class OptionsSection:
    """The widgets of ``ui`` that show and change the options of the desk of ``effect``."""

    def __init__(self, ui, effect):
        self.ui = ui
        self._effect = effect
        self._boxes = {
            "shows_uncertainty": self.ui.uncertaintyBox,
            "start_from_neighbor": self.ui.neighborBox,
            "predict_on_arrival": self.ui.arrivalBox,
            "draws_boxes": self.ui.boxesBox,
            "conditioned": self.ui.conditionedBox,
            "grows": self.ui.growBox,
        }
        self._numbers = {"growth_threshold": self.ui.thresholdBox, "growth_reach": self.ui.reachBox}
        self._shown = {name: NumberBox(box) for name, box in self._numbers.items()}
        self._connections = Connections(
            [
                *((box, "clicked()", self.onChanged) for box in self._boxes.values()),
                (self.ui.thresholdBox, "valueChanged(double)", self.onChanged),
                (self.ui.reachBox, "valueChanged(int)", self.onChanged),
            ]
        )
        self.ui.conditionedFrame.visible = False

    def disconnectAll(self):
        """Let go of the slots."""
        self._connections.disconnectAll()
        for shown in self._shown.values():
            shown.disconnectAll()

    def onChanged(self, *_arguments):
        """A box was ticked or cleared, or a number was changed."""
        desk = self._effect.desk
        if desk is None:
            return
        from SAIMCore.mrml.effect_options import EffectOptions

        wanted = {name: box.checked for name, box in self._boxes.items()}
        wanted.update((name, box.value) for name, box in self._numbers.items())
        if desk.always_conditioned:
            # Then the box shows what the user did not choose.
            wanted["conditioned"] = desk.options.conditioned
        desk.options = EffectOptions(**wanted)

    def show(self, desk):
        """Show the options of ``desk``."""
        options = desk.options
        for name, box in self._boxes.items():
            box.checked = getattr(options, name)
        for name, box in self._numbers.items():
            self._shown[name].show(getattr(options, name))
            box.enabled = options.grows
        conditioned = options.conditioned or desk.always_conditioned
        self.ui.conditionedBox.checked = conditioned
        self.ui.conditionedBox.enabled = not desk.always_conditioned
        self.ui.conditionedFrame.visible = conditioned
