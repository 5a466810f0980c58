"""The transport of streams, against a server that writes byte for byte what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest

from bot.inference import gulps
from bot.inference.gulps import GulpTransport

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"
Script = Callable[["Peer"], Awaitable[None]]


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


@dataclass(slots=True)
class Peer:
    """The server's end of one connection. `request`: what came until the body was whole."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    request: bytes = b""
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


@asynccontextmanager
async def server(script: Script) -> AsyncGenerator[tuple[httpx.AsyncClient, list[Peer]]]:
    """Reads a request with a body of four bytes, then does what the script says and closes."""
    peers: list[Peer] = []
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        peers.append(peer)
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                peer.request = await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(4)
                await script(peer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            peer.gone.set()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    timeout = httpx.Timeout(None, connect=2)
    async with (
        listening,
        httpx.AsyncClient(
            base_url=f"http://ana:secret@127.0.0.1:{port}/api/", transport=GulpTransport(), timeout=timeout
        ) as client,
    ):
        yield client, peers
    # No connection is left to the garbage collector, which would complain in another test.
    if connections:
        _, hanging = await asyncio.wait(connections, timeout=1)
        for task in hanging:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


def ask(client: httpx.AsyncClient) -> httpx.Request:
    return client.build_request("POST", "generate?x=1", content=b"body")


async def blocks(client: httpx.AsyncClient) -> list[bytes]:
    async with client.stream("POST", "generate", content=b"body") as response:
        return [block async for block in response.aiter_raw()]


async def test_what_came_together_is_read_together() -> None:
    async def together(peer: Peer) -> None:
        await peer.write(HEAD + chunk(b"one ") + chunk(b"two ") + chunk(b"three") + LAST)

    async with server(together) as (client, peers):
        assert await blocks(client) == [b"one two three"]
        assert peers[0].request.startswith(b"POST /api/generate HTTP/1.1\r\nHost: 127.0.0.1:")
        assert b"Authorization: Basic " in peers[0].request
        assert peers[0].request.endswith(b"\r\n\r\nbody")


async def test_the_first_word_comes_at_once_and_those_close_behind_it_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gulps, "GULP_SECONDS", 0.5)
    seen = asyncio.Event()

    async def word_for_word(peer: Peer) -> None:
        await peer.write(HEAD + chunk(b"first "))
        await seen.wait()
        for word in (b"a ", b"b ", b"c "):
            await peer.write(chunk(word))
        await peer.write(LAST)

    async with server(word_for_word) as (client, _), client.stream("POST", "x", content=b"body") as response:
        words = response.aiter_raw()
        assert await anext(words) == b"first "
        seen.set()
        assert [block async for block in words] == [b"a b c "]


async def test_nobody_pauses_for_more_where_more_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gulps, "GULP_SECONDS", 0.2)
    much = b"x" * 200 * gulps.GULP_BYTES

    async def flood(peer: Peer) -> None:
        await peer.write(HEAD + chunk(much) + LAST)

    async with server(flood) as (client, _), asyncio.timeout(30):
        response = await client.send(ask(client))
        assert response.content == much


async def test_leaving_a_stream_closes_its_connection() -> None:
    async def endless(peer: Peer) -> None:
        await peer.write(HEAD + chunk(b"first "))
        assert await peer.reader.read() == b""

    async with server(endless) as (client, peers):
        async with client.stream("POST", "x", content=b"body") as response:
            assert await anext(response.aiter_raw()) == b"first "
        async with asyncio.timeout(30):
            await peers[0].gone.wait()


async def test_cancelling_a_question_closes_its_connection() -> None:
    asked = asyncio.Event()

    async def silent(peer: Peer) -> None:
        asked.set()
        assert await peer.reader.read() == b""

    async with server(silent) as (client, peers):
        asking = asyncio.create_task(client.send(ask(client)))
        await asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with asyncio.timeout(30):
            await peers[0].gone.wait()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2 * gulps.HEAD_BYTES, id="an endless head"),
        pytest.param(HEAD + b"5\r\nfir", id="half a chunk"),
        pytest.param(HEAD + chunk(b"first"), id="no last chunk"),
        pytest.param(HEAD + b"nonsense\r\n", id="a chunk without a length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst", id="less than promised"),
    ],
)
async def test_an_answer_that_is_broken_is_an_error_of_the_protocol(said: bytes) -> None:
    async with server(lambda peer: peer.write(said)) as (client, _):
        with pytest.raises(httpx.RemoteProtocolError):
            await client.send(ask(client))


async def test_an_answer_may_end_with_its_connection_or_at_its_length() -> None:
    for head in (b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"):
        said = b"HTTP/1.1 103 Early Hints\r\n\r\n" + head + b"whole"

        async def say(peer: Peer, said: bytes = said) -> None:
            await peer.write(said)

        async with server(say) as (client, _):
            assert (await client.send(ask(client))).content == b"whole"


async def test_a_reset_in_mid_stream_is_an_error_of_the_network() -> None:
    async def reset(peer: Peer) -> None:
        await peer.write(HEAD + chunk(b"first"))
        peer.writer.transport.abort()

    async with server(reset) as (client, _):
        with pytest.raises((httpx.NetworkError, httpx.RemoteProtocolError)):
            await client.send(ask(client))


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", f"http://{'x' * 64}.invalid"])
async def test_where_nobody_listens_there_is_no_connection(address: str) -> None:
    async with httpx.AsyncClient(transport=GulpTransport()) as client:
        with pytest.raises(httpx.ConnectError):
            await client.post(address, content=b"body")


async def test_encryption_is_spoken_where_the_address_asks_for_it() -> None:
    async with server(lambda peer: peer.write(HEAD + LAST)) as (client, peers):
        url = client.base_url.copy_with(scheme="https")
        with pytest.raises((httpx.ConnectError, httpx.ConnectTimeout)):
            await client.post(url, content=b"body", timeout=httpx.Timeout(None, connect=0.2))
        assert peers[0].request == b""
