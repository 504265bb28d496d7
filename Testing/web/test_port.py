"""Where the page cannot be is said before anything that takes long."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from SAIMCore.errors import ConfigurationError
from SAIMWeb.__main__ import main
from SAIMWeb.port import require_free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of this machine at which another program listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_that_is_taken_comes_with_what_to_do(taken: int, host: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        require_free_port(host, taken)
    assert f"port {taken} is taken by another program" in str(caught.value)
    assert f"--port {taken + 1}, or make run PORT={taken + 1}" in str(caught.value)


def test_a_port_that_was_just_given_back_is_free() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            # The side that ends a connection keeps its port for a while.
            server.accept()[0].close()
    require_free_port("127.0.0.1", port)


def test_a_host_of_another_machine_is_refused() -> None:
    # Of TEST-NET-1, which no machine has.
    with pytest.raises(ConfigurationError, match=r"cannot be served at 192.0.2.1:8080"):
        require_free_port("192.0.2.1", 8080)


def test_a_host_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ConfigurationError, match=r"at nowhere:8080 \(Name or service not known\)"):
        require_free_port("nowhere", 8080)


def test_one_address_of_a_name_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    tcp = (socket.AF_INET, socket.SOCK_STREAM, 0, "")
    found = [(*tcp, ("192.0.2.1", 0)), (*tcp, ("127.0.0.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    require_free_port("here", 0)


def test_a_check_needs_no_project_and_serves_nothing(tmp_path: Path) -> None:
    assert main([str(tmp_path / "to come"), "--check", "--port", "0", "--device", "cpu"]) == 0


def test_a_check_says_what_is_in_the_way(
    taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, complaint in (
        (("--port", str(taken)), "is taken"),
        (("--port", "0", "--device", "abacus"), "unknown device 'abacus'"),
        (("--port", "0", "--host", "0.0.0.0"), "give --token"),
    ):
        assert main([str(tmp_path), "--check", *words]) == 2
        assert complaint in capsys.readouterr().err


def test_without_a_project_no_server_is_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--port", "0"]) == 2
    assert "is no project" in capsys.readouterr().err
