"""The line between browsers and a server: it can be cut, and it can die without a word."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

HOST = "127.0.0.1"
PART = 1 << 16


class Wire:
    """Leads to ``port`` of this machine from ``address``; ``close`` it in the end."""

    def __init__(self, port: int) -> None:
        self._target = port
        # Unset, nothing goes through in either direction, and nobody is told.
        self._alive = threading.Event()
        self._alive.set()
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._port = 0
        self.mend()

    @property
    def address(self) -> str:
        """Where a browser finds the page."""
        return f"http://{HOST}:{self._port}/"

    def die(self) -> None:
        """Lead nowhere from now on, as where a laptop sleeps."""
        self._alive.clear()

    def live(self) -> None:
        """Lead to the server again; what was on its way arrives."""
        self._alive.set()

    def cut(self) -> None:
        """End all connections, and take no new ones."""
        for end in (self._listener, *self._ends):
            # The other side may have gone before.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def mend(self) -> None:
        """Take connections at the same address."""
        self._listener = socket.create_server((HOST, self._port))
        self._port = self._listener.getsockname()[1]
        self._start(self._accept, self._listener)

    def close(self) -> None:
        """Leave no thread behind."""
        self.live()
        self.cut()
        for thread in self._threads:
            thread.join()

    def _accept(self, listener: socket.socket) -> None:
        # It ends when the listener is closed.
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection((HOST, self._target))
                self._ends += [near, far]
                self._start(self._lead, near, far)
                self._start(self._lead, far, near)

    def _lead(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(PART):
                self._alive.wait()
                target.sendall(part)
        self._alive.wait()
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _start(self, act: Callable[..., None], *sockets: socket.socket) -> None:
        thread = threading.Thread(target=act, args=sockets, daemon=True)
        self._threads.append(thread)
        thread.start()
