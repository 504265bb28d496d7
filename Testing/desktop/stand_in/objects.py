"""Qt objects as PythonQt shows them to Python, on PySide6.

Read off PythonQt (``PythonQtInstanceWrapper.cpp``, ``PythonQtClassInfo.cpp``) and slicer-facts.md,
J: a property is an attribute, which hides a method of the same name; nothing else can be set; a
deleted object is falsy, and not to be used. What PySide6 has and PythonQt has not is an
AttributeError, so that code which only PySide6 understands fails here as it would in Slicer.
"""

from __future__ import annotations

import enum
import functools
import weakref
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QAbstractTableModel, QObject, QTimer, SignalInstance

from Testing.desktop.stand_in import connections
from Testing.desktop.stand_in.printing import printing
from Testing.desktop.stand_in.table_model import TableModelShell

__all__ = ["PythonQtObject", "bare", "class_of", "wrapped"]

# PythonQt leaves this one out: there are setSingleShot and isSingleShot.
NO_PROPERTIES = ((QTimer, "singleShot"),)
# Classes that Python may derive from, and what calls the methods that it overrides.
SHELLS: dict[type[QObject], type[QObject]] = {QAbstractTableModel: TableModelShell}

_shown: weakref.WeakValueDictionary[int, PythonQtObject] = weakref.WeakValueDictionary()


class PythonQtClass(type):
    """A class of Qt objects; enumerators and static methods are its attributes."""

    qt_type: type[QObject]

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _member(getattr(cls.qt_type, name))

    def __instancecheck__(cls, instance: object) -> bool:
        return type.__instancecheck__(PythonQtObject, instance) and isinstance(
            instance._qt, cls.qt_type
        )


class PythonQtObject(metaclass=PythonQtClass):
    """One QObject. ``class_of`` makes the classes; few of them can be derived from in Python."""

    __slots__ = ("__weakref__", "_address", "_qt")
    qt_type = QObject

    def __init_subclass__(cls, qt_type: type[QObject] | None = None) -> None:
        if qt_type is None and cls.qt_type not in SHELLS:
            raise TypeError("the stand-in would not call what is overridden: do not derive")
        cls.qt_type = qt_type or SHELLS[cls.qt_type]

    def __init__(self, *arguments: Any) -> None:
        made = type(self).qt_type(*map(bare, arguments))
        if isinstance(made, tuple(SHELLS.values())):
            made.call = _overridden(self)
        self._hold(made)

    # -- attributes -------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if not self:
            raise ValueError(f"{name!r} of a destroyed {self.className()} object")
        known = _property(self._qt, name)
        if known is not None:
            return wrapped(_read(self._qt, known))
        found = getattr(self._qt, name, None)
        if isinstance(found, SignalInstance):
            raise AttributeError(f"connect {name!r} by its signature: connect('{name}()', ...)")
        if found is not None:
            return _member(found)
        for child in self._qt.children():
            if child.objectName() == name:
                return wrapped(child)
        raise AttributeError(f"{self.className()} has no attribute named {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if not self:
            raise AttributeError(f"{name!r} of a destroyed {self.className()} object")
        known = _property(self._qt, name)
        if known is None and hasattr(self, "__dict__"):
            # Of a class that was derived in Python.
            object.__setattr__(self, name, value)
            return
        if known is None:
            raise AttributeError(f"{self.className()} has no property {name!r}")
        # Enumerators are whole numbers in PythonQt.
        given = value.value if isinstance(value, enum.Enum) else bare(value)
        if not self._qt.setProperty(known, given):
            raise AttributeError(f"{self.className()}.{name} does not accept {value!r}")

    def __bool__(self) -> bool:
        return bool(shiboken6.isValid(self._qt))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PythonQtObject) and self._address == other._address

    def __hash__(self) -> int:
        return self._address

    # -- what PythonQt gives every object ---------------------------------------------------------

    def className(self) -> str:
        """The name of its class, also of a destroyed object."""
        return str(self._qt.metaObject().className()) if self else type(self).__name__

    def connect(self, signal: str, slot: Callable[..., object]) -> bool:
        """Call ``slot`` with as many of the signal's arguments as it takes."""
        return connections.connect(bare(self), signal, slot, wrapped)

    def disconnect(self, signal: str, slot: Callable[..., object]) -> bool:
        """Take such a connection back."""
        return connections.disconnect(bare(self), signal, slot)

    def _hold(self, qt: QObject) -> None:
        object.__setattr__(self, "_qt", qt)
        object.__setattr__(self, "_address", shiboken6.getCppPointer(qt)[0])
        _shown[self._address] = self


@functools.cache
def class_of(qt_type: type[QObject]) -> type[PythonQtObject]:
    """The class as which PythonQt shows ``qt_type``."""
    if qt_type is QObject:
        return PythonQtObject
    base = next(base for base in qt_type.__mro__[1:] if issubclass(base, QObject))
    return PythonQtClass(qt_type.__name__, (class_of(base),), {"__slots__": ()}, qt_type=qt_type)


def wrapped(value: Any) -> Any:
    """``value`` as Python gets it from PythonQt; an object is the same one every time."""
    if isinstance(value, QObject):
        known = _shown.get(shiboken6.getCppPointer(value)[0])
        if known:
            return known
        made = object.__new__(class_of(type(value)))
        made._hold(value)
        return made
    if type(value) in (list, tuple):
        return type(value)(map(wrapped, value))
    return value


def bare(value: Any) -> Any:
    """``value`` as PySide6 takes it. Raises ValueError for an object that is destroyed."""
    if isinstance(value, PythonQtObject):
        if not value:
            raise ValueError(f"a destroyed {value.className()} object is used")
        return value._qt
    if type(value) in (list, tuple):
        return type(value)(map(bare, value))
    return value


def _overridden(python: PythonQtObject) -> Callable[..., Any]:
    """Calls a method of ``python``, which it does not keep alive: then there is no answer."""
    known = weakref.ref(python)

    def call(method: str, *arguments: Any) -> Any:
        found = known()
        if found is not None:
            with printing():
                return bare(getattr(found, method)(*map(wrapped, arguments)))
        return None

    return call


def _property(qt: QObject, name: str) -> str | None:
    """The name in Qt of the property that is shown as ``name``, None if there is none."""
    if any(isinstance(qt, owner) and name == left_out for owner, left_out in NO_PROPERTIES):
        return None
    for known in (name, "objectName" if name == "name" else name):
        if qt.metaObject().indexOfProperty(known) >= 0:
            return known
    return None


def _read(qt: QObject, name: str) -> Any:
    try:
        return qt.property(name)
    except RuntimeError:
        # PySide6 cannot convert the values of some enumerations.
        return getattr(qt, name)()


def _member(found: Any) -> Any:
    """A method that takes and gives what PythonQt shows; anything else as it is."""
    if isinstance(found, type) or not callable(found):
        return found

    @functools.wraps(found, updated=())
    def call(*arguments: Any) -> Any:
        return wrapped(found(*map(bare, arguments)))

    return call
