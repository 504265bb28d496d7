"""Qt signals with the slots that hear them, to be let go of together."""


class Connections:
    """Connects each (sender, signal, slot) of ``connections``.

    A slot that is a method keeps its object alive until ``disconnectAll``. Falsy without any.
    """

    def __init__(self, connections=()):
        self._made = []
        for sender, signal, slot in connections:
            self.add(sender, signal, slot)

    def __len__(self):
        return len(self._made)

    def add(self, sender, signal, slot):
        """Let ``slot`` hear ``signal`` of ``sender``, too."""
        sender.connect(signal, slot)
        self._made.append((sender, signal, slot))

    def disconnectAll(self):
        """Let go of all slots; a second time does nothing."""
        for sender, signal, slot in self._made:
            sender.disconnect(signal, slot)
        self._made = []
