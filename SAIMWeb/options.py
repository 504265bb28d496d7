"""How the server is started, and which ways are refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from SAIMCore.errors import ConfigurationError

__all__ = ["LOOPBACK", "ServerOptions"]

# Names of this machine that nothing outside can reach.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Short ones can be tried out.
SHORTEST_TOKEN = 12


@dataclass(frozen=True)
class ServerOptions:
    """project: folder of the project. host, port: where the page is; port 0: any free one.

    token: what a browser must give before it gets anything. browser: open one on this machine.
    Raises ConfigurationError for a host that others can reach without a token, for a token that
    is too short, and for a port that there is not.
    """

    project: Path
    host: str = LOOPBACK[0]
    port: int = 8080
    token: str = ""
    device: str = "auto"
    browser: bool = False

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK and not self.token:
            raise ConfigurationError(
                f"others could open the page at {self.host} and change the project; give --token "
                "as well, a secret that the page asks them for"
            )
        if 0 < len(self.token) < SHORTEST_TOKEN:
            raise ConfigurationError(
                f"the token has {len(self.token)} characters; use at least {SHORTEST_TOKEN}"
            )
        if not 0 <= self.port < 1 << 16:
            raise ConfigurationError(f"there is no port {self.port}; use 1 to 65535")
