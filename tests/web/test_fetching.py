"""What is fetched comes whole, or cut at a limit and told so, or with a reason why not; never late and never more."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.operate.clock import SystemClock
from bot.web.address import Refused
from bot.web.client import USER_AGENT
from bot.web.fetching import Broken, FetchLimits
from tests.web.bombs import gzipped
from tests.web.hosts import HERE, Request, Serve, host, paths, response, says, web

URL = "http://example.org/"
MIB = 2**20
LATE = 30.0
"""Seconds that a busy machine may take for what ends after two."""


def dripping(head: bytes, drop: bytes, *, every: float) -> Serve:
    async def serve(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(every)

    return serve


ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"


async def test_a_request_says_who_asks_and_nothing_of_whoever_asked() -> None:
    async with host(says(response("x"))) as there, web({(HERE, 80): there.port}) as here:
        await here.fetcher.fetch(URL)
    headers = dict(there.seen[0].headers)
    assert headers.pop("user-agent") == USER_AGENT
    assert set(headers) == {"host", "accept", "accept-encoding", "connection"}


async def test_a_body_without_end_is_cut_at_the_limit_and_the_connection_closed() -> None:
    limits = FetchLimits(body_bytes=MIB, decoded_bytes=MIB, pause=0)
    serve = dripping(ENDLESS, b"x" * 65536, every=0)
    async with host(serve) as there, web({(HERE, 80): there.port}, limits=limits) as here:
        fetched = await here.fetcher.fetch(URL)
    assert fetched.cut
    assert fetched.data == b"x" * MIB


async def test_a_dripping_body_ends_with_the_time_and_what_came_is_kept() -> None:
    limits = FetchLimits(total_seconds=2.0, pause=0)
    began = time.monotonic()
    async with (
        host(dripping(ENDLESS, b"drip ", every=0.02)) as there,
        web({(HERE, 80): there.port}, limits=limits) as here,
    ):
        fetched = await here.fetcher.fetch(URL)
    assert fetched.cut
    assert fetched.data.startswith(b"drip ")
    assert time.monotonic() - began < LATE


async def test_dripping_headers_and_endless_interim_answers_end_with_the_time() -> None:
    limits = FetchLimits(total_seconds=0.7, pause=0)
    for drop in (b"X-A: b\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"):
        head = b"HTTP/1.1 200 OK\r\n" if drop.startswith(b"X") else b""
        began = time.monotonic()
        async with (
            host(dripping(head, drop, every=0.05)) as there,
            web({(HERE, 80): there.port}, limits=limits) as here,
        ):
            with pytest.raises(Broken):
                await here.fetcher.fetch(URL)
        assert time.monotonic() - began < LATE


async def test_a_host_that_says_nothing_is_left() -> None:
    limits = FetchLimits(silent_seconds=0.3, pause=0)
    async with host(dripping(b"", b"", every=0.05)) as there, web({(HERE, 80): there.port}, limits=limits) as here:
        with pytest.raises(Broken, match="in time"):
            await here.fetcher.fetch(URL)


async def test_a_bomb_is_cut_where_it_is_decoded() -> None:
    answer = response(gzipped(64), media="text/plain", Content_Encoding="gzip")
    limits = FetchLimits(decoded_bytes=MIB, pause=0)
    async with host(says(answer)) as there, web({(HERE, 80): there.port}, limits=limits) as here:
        fetched = await here.fetcher.fetch(URL)
    assert (fetched.data, fetched.cut, fetched.broken) == (bytes(MIB), True, False)


async def test_headers_beyond_the_limit_are_refused() -> None:
    many = response("x", **{f"X-{each}": "y" for each in range(200)})
    long = response("x", X_Long="y" * 50_000)
    endless = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500_000
    for answer in (many, long, endless):
        async with host(says(answer)) as there, web({(HERE, 80): there.port}) as here:
            with pytest.raises((Refused, Broken)):
                await here.fetcher.fetch(URL)


@pytest.mark.parametrize(
    "answer",
    [
        response("no", status="404 Not Found"),
        response("no", status="500 Internal Server Error"),
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n",
        b"",
        response(b"\x17not gzip", Content_Encoding="gzip"),
        response("x", Content_Encoding="compress"),
    ],
)
async def test_what_is_no_page_is_told_as_a_reason(answer: bytes) -> None:
    async with host(says(answer)) as there, web({(HERE, 80): there.port}) as here:
        with pytest.raises((Broken, Refused)):
            await here.fetcher.fetch(URL)


async def test_a_body_that_breaks_off_is_given_as_far_as_it_came() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nbegun"
    async with host(says(answer)) as there, web({(HERE, 80): there.port}) as here:
        fetched = await here.fetcher.fetch(URL)
    assert (fetched.data, fetched.cut, fetched.broken) == (b"begun", True, True)


async def test_a_fetch_that_is_cancelled_leaves_no_connection_and_no_turn_taken() -> None:
    limits = FetchLimits(at_once=1, pause=0)
    answers, asked = paths({"/b": response("after")}), asyncio.Event()

    async def serve(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.target == "/a":
            asked.set()
            await asyncio.sleep(30)
        await answers(request, writer)

    async with host(serve) as there, web({(HERE, 80): there.port}, limits=limits) as here:
        first = asyncio.create_task(here.fetcher.fetch(f"{URL}a"))
        await asked.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await here.fetcher.fetch(f"{URL}b")).data == b"after"


async def test_so_many_pages_at_once_and_no_more() -> None:
    limits, at_once, most = FetchLimits(at_once=2, pause=0), 0, 0

    async def serve(_request: Request, writer: asyncio.StreamWriter) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.05)
        at_once -= 1
        writer.write(response("x"))

    async with host(serve) as there, web({(HERE, 80): there.port}, limits=limits) as here:
        await asyncio.gather(*(here.fetcher.fetch(URL) for _ in range(6)))
        assert (there.connections, most) == (6, 2)


class Waits(SystemClock):
    """Time stands still but for what is waited."""

    def __init__(self) -> None:
        self.waited = 0.0

    def monotonic(self) -> float:
        return self.waited

    async def sleep(self, seconds: float) -> None:
        self.waited += seconds


async def test_one_host_is_asked_with_pauses_and_another_at_once() -> None:
    clock = Waits()
    limits = FetchLimits(pause=0.3)
    async with host(says(response("x"))) as there, web({(HERE, 80): there.port}, limits=limits, clock=clock) as here:
        for url, waited in ((URL, 0), ("http://example.com/", 0), (URL, 0.3)):
            await here.fetcher.fetch(url)
            assert clock.waited == pytest.approx(waited)
