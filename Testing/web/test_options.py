"""Which ways of starting the server are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.errors import ConfigurationError
from SAIMWeb.options import LOOPBACK, ServerOptions

PROJECT = Path("project")


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_needs_no_token(host: str) -> None:
    assert ServerOptions(PROJECT, host).token == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "saim.hospital.org"])
def test_other_hosts_need_one(host: str) -> None:
    with pytest.raises(ConfigurationError, match="give --token"):
        ServerOptions(PROJECT, host)
    assert ServerOptions(PROJECT, host, token="long enough it is").host == host


def test_a_short_token_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="6 characters; use at least 12"):
        ServerOptions(PROJECT, token="secret")


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_there_is_not_is_refused(port: int) -> None:
    with pytest.raises(ConfigurationError, match="no port"):
        ServerOptions(PROJECT, port=port)
