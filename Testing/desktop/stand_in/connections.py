"""Signals that call Python, as PythonQt connects them: by signature."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

import shiboken6
from PySide6.QtCore import SIGNAL, QMetaObject, QObject

from Testing.desktop.stand_in.printing import printing

__all__ = ["connect", "disconnect", "forget_all"]

Slot = Callable[..., object]

# Flag of a function that takes any number of arguments (inspect.CO_VARARGS).
VARARGS = 4


class _Connection:
    """Calls ``slot`` with as many of the arguments of ``signal`` as it takes."""

    def __init__(self, signal: str, slot: Slot, convert: Callable[[Any], Any]) -> None:
        self.signal = signal
        self.slot: Slot | None = slot
        self._convert = convert
        self._limit = _argument_count(slot)

    def deliver(self, *arguments: Any) -> None:
        if self.slot is not None:
            with printing():
                self.slot(*map(self._convert, arguments[: self._limit]))


# By the address of the sender, until that is destroyed. As in Slicer, where Python's garbage
# collector does not see the connections, each of them keeps its slot alive.
_connections: dict[int, list[_Connection]] = {}


def connect(sender: QObject, signal: str, slot: Slot, convert: Callable[[Any], Any]) -> bool:
    """Call ``slot`` with ``convert``-ed arguments when ``sender`` emits ``signal``.

    Raises AttributeError for a signal that does not exist (PythonQt prints a line and returns
    False), TypeError for a slot that cannot be called.
    """
    normalized = _normalized(sender, signal)
    if not callable(slot):
        raise TypeError(f"{slot!r} is connected to {signal}, but cannot be called")
    connection = _Connection(normalized, slot, convert)
    # A function, since PySide6 would hold a method's object weakly.
    QObject.connect(sender, SIGNAL(normalized), lambda *given: connection.deliver(*given))
    address = shiboken6.getCppPointer(sender)[0]
    if address not in _connections:
        sender.destroyed.connect(lambda: _connections.pop(address, None))
    _connections.setdefault(address, []).append(connection)
    return True


def disconnect(sender: QObject, signal: str, slot: Slot) -> bool:
    """Take the connection of an equal slot back.

    Raises AttributeError for a signal that does not exist, ValueError where there is no such
    connection (PythonQt returns False).
    """
    normalized = _normalized(sender, signal)
    known = _connections.get(shiboken6.getCppPointer(sender)[0], [])
    for connection in known:
        if connection.signal == normalized and connection.slot == slot:
            connection.slot = None
            known.remove(connection)
            return True
    raise ValueError(f"{signal} of {sender} is not connected to {slot!r}")


def forget_all() -> None:
    """Let go of every slot."""
    for known in _connections.values():
        for connection in known:
            connection.slot = None
        known.clear()


def _normalized(sender: QObject, signal: str) -> str:
    normalized = QMetaObject.normalizedSignature(signal).data().decode()
    if sender.metaObject().indexOfSignal(normalized) < 0:
        kind = sender.metaObject().className()
        raise AttributeError(f"{kind} has no signal {signal!r}")
    return normalized


def _argument_count(slot: Slot) -> int | None:
    """How many arguments PythonQt passes at most; None for all that there are."""
    function = slot.__func__ if isinstance(slot, MethodType) else slot
    if not isinstance(function, FunctionType) or function.__code__.co_flags & VARARGS:
        return None
    return function.__code__.co_argcount - isinstance(slot, MethodType)
