"""What is no page of SAIM, but speaks to its server like one."""

from __future__ import annotations

import asyncio
import http.client
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgpack
from wslink.chunking import HEADER_LENGTH, generate_chunks

from Testing.web.page_server import PageServer

SECRET = "wslink-secret"


@dataclass(frozen=True)
class Call:
    method: str
    arguments: tuple[Any, ...] = ()


def ask(server: PageServer, *calls: Call) -> list[dict[str, Any]]:
    """The answers to calls, one after the other: each has a ``result`` or an ``error``."""

    async def talk(socket: aiohttp.ClientWebSocketResponse) -> list[dict[str, Any]]:
        await _ask(socket, "system:hello", Call("wslink.hello", ({"secret": SECRET},)))
        return [await _ask(socket, f"rpc:{n}", call) for n, call in enumerate(calls)]

    return _connected(server, talk)


def closes_on(server: PageServer, *messages: bytes | str) -> bool:
    """Whether the server ends the connection of somebody who said hello, and then this."""

    async def talk(socket: aiohttp.ClientWebSocketResponse) -> bool:
        await _ask(socket, "system:hello", Call("wslink.hello", ({"secret": SECRET},)))
        try:
            for message in messages:
                if isinstance(message, str):
                    await socket.send_str(message)
                else:
                    await socket.send_bytes(message)
            # Answered by whoever is still there; the end may come among the messages.
            await _ask(socket, "rpc:alive", Call("saim.alive"))
        except ConnectionError:
            return True
        return False

    return _connected(server, talk)


def begin_of_message(number: int, size: int, content: bytes = b"?") -> bytes:
    """The first part of a message of ``size`` bytes."""
    header = b"".join(part.to_bytes(4, "little") for part in (number, 0, size))
    assert len(header) == HEADER_LENGTH
    return header + content


def fetch(server: PageServer, path: str, **headers: str) -> tuple[int, bytes]:
    """What a request gets whose path nobody has tidied up: status and content."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def _connected(server: PageServer, talk: Any) -> Any:
    async def run() -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{server.address}ws", max_msg_size=0) as socket,
        ):
            return await talk(socket)

    return asyncio.run(run())


async def _ask(socket: aiohttp.ClientWebSocketResponse, number: str, call: Call) -> dict[str, Any]:
    message = {"wslink": "1.0", "id": number, "method": call.method, "args": [*call.arguments]}
    for part in generate_chunks(msgpack.packb({**message, "kwargs": {}}), 0):
        await socket.send_bytes(part)
    content = b""
    async for received in socket:
        header, part = received.data[:HEADER_LENGTH], received.data[HEADER_LENGTH:]
        content = part if int.from_bytes(header[4:8], "little") == 0 else content + part
        if len(content) < int.from_bytes(header[8:12], "little"):
            continue
        answer: dict[str, Any] = msgpack.unpackb(content)
        # Pictures and changes of the state come in between.
        if answer["id"] == number:
            return answer
    raise ConnectionError(f"closed with {socket.close_code}")
