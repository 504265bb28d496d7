"""A network that takes its time, and a timer that the application should not keep waiting."""

import time
from itertools import pairwise

import qt


class SlowNetwork:
    """Lets the network of ``session`` work for ``seconds`` on each answer, over and over again.

    Not asleep: like a large network, it wants Python as often as PyTorch does.
    """

    def __init__(self, session, seconds):
        self.readyAt = []
        self._seconds = seconds
        self._answer = session.predictor.probabilities
        session.predictor.probabilities = self._probabilities

    def _probabilities(self, image, memory):
        end = time.perf_counter() + self._seconds
        answer = self._answer(image, memory)
        while time.perf_counter() < end:
            answer = self._answer(image, memory)
        self.readyAt.append(time.perf_counter())
        return answer


class Writings:
    """When the labels of an answer were in the segments of ``annotation``."""

    def __init__(self, annotation):
        self.doneAt = []
        self._show = annotation.show
        annotation.show = self._shown

    def _shown(self, result):
        shown = self._show(result)
        self.doneAt.append(time.perf_counter())
        return shown


class Heartbeat:
    """A timer of 20 Hz in the application."""

    def __init__(self):
        self._times = []
        # Kept here, or it would be collected and never beat.
        self._timer = qt.QTimer()
        self._timer.setInterval(50)
        self._timer.connect("timeout()", self._beat)
        self._timer.start()

    def stop(self):
        """End it; the times between its beats, in ms."""
        self._timer.stop()
        self._timer.disconnect("timeout()", self._beat)
        return [1000 * (after - before) for before, after in pairwise(self._times)]

    def _beat(self):
        self._times.append(time.perf_counter())
