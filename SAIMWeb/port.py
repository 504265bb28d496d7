"""Whether the page can be where it is wanted, found out before anything that takes long."""

from __future__ import annotations

import errno
import os
import socket
import sys

from SAIMCore.errors import ConfigurationError

__all__ = ["require_free_port"]


def require_free_port(host: str, port: int) -> None:
    """Raise ConfigurationError when nothing can be served at ``port`` of ``host``.

    ``host`` may be a name with several addresses; one of them is enough.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise _unusable(host, port, error) from error
    refusals: list[OSError] = []
    for family, kind, protocol, _, address in found:
        try:
            _bind(socket.socket(family, kind, protocol), address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ConfigurationError(
                    f"port {port} is taken by another program (is SAIM open already? Look at "
                    f"http://{host}:{port}); choose another port: --port {port + 1}, or make run "
                    f"PORT={port + 1}"
                ) from error
            refusals.append(error)
    if len(refusals) == len(found):
        raise _unusable(host, port, refusals[0]) from refusals[0]


def _unusable(host: str, port: int, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"the page cannot be served at {host}:{port} ({error.strerror}); choose another --port or "
        "--host"
    )


def _bind(made: socket.socket, address: object) -> None:
    """Take the address for a moment, in the way in which the server will."""
    with made:
        if os.name == "posix" and sys.platform != "cygwin":
            # A server that has just ended is in nobody's way.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if made.family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)  # type: ignore[arg-type]
