"""Fetches what an address stands for: every hop through the guard, every stage with its limit."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import cast
from urllib.parse import urljoin

import httpx

from bot.ports import Clock
from bot.web.address import Address, Refused
from bot.web.client import NotAdmitted
from bot.web.decoding import Decoding, TooMuch, Undecodable, encodings
from bot.web.guard import Guard

ACCEPT = "text/html, text/markdown, text/plain, application/json, application/xml;q=0.9, application/pdf;q=0.8"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HOSTS_REMEMBERED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """Of one fetch: seconds in all, until a connection stands and between two blocks; bytes as they come and decoded.

    `at_once`: fetches at the same time; `pause`: seconds between two requests to one host.
    """

    total_seconds: float = 6.0
    connect_seconds: float = 4.0
    silent_seconds: float = 6.0
    body_bytes: int = 4 * 2**20
    decoded_bytes: int = 4 * 2**20
    head_bytes: int = 32 * 1024
    head_lines: int = 100
    redirects: int = 5
    at_once: int = 4
    pause: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came in the end, decoded. `media`: the Content-Type as it stands; `cut`: there was more; `broken`: which did
    not come."""

    url: str
    media: str
    data: bytes
    cut: bool = False
    broken: bool = False


class Broken(Exception):
    """The host, or the way to it, failed; the message says how."""


class Fetcher:
    def __init__(self, client: httpx.AsyncClient, guard: Guard, limits: FetchLimits, *, clock: Clock) -> None:
        self._client = client
        self._guard = guard
        self._limits = limits
        self._clock = clock
        self._turns = asyncio.Semaphore(limits.at_once)
        self._next: OrderedDict[str, float] = OrderedDict()

    async def fetch(self, url: str, *, accept: str = ACCEPT) -> Fetched:
        """Raises Refused or Broken."""
        deadline = asyncio.get_running_loop().time() + self._limits.total_seconds
        try:
            async with asyncio.timeout_at(deadline):
                await self._turns.acquire()
        except TimeoutError:
            raise Broken("too many pages are being read at the moment") from None
        try:
            return await self._follow(self._guard.check(url), accept, deadline)
        except NotAdmitted as error:
            raise Refused(str(error)) from error
        except TimeoutError:
            raise Broken(f"it did not answer within {self._limits.total_seconds:g} seconds") from None
        except httpx.TimeoutException:
            raise Broken("it did not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Broken(f"the connection failed ({type(error).__name__})") from None
        finally:
            self._turns.release()

    async def _follow(self, address: Address, accept: str, deadline: float) -> Fetched:
        for _ in range(self._limits.redirects + 1):
            async with asyncio.timeout_at(deadline):
                await self._wait_for(address.host)
                response = await self._ask(address, accept)
            async with _closing(response):
                location = response.headers.get("location")
                if response.status_code in REDIRECTS and location:
                    address = self._guard.check(_joined(address.url, location))
                    continue
                if not response.is_success:
                    raise Broken(f"it answered with HTTP status {response.status_code}")
                return await self._read(response, address, deadline)
        raise Refused(f"it leads on from page to page, more than {self._limits.redirects} times")

    async def _ask(self, address: Address, accept: str) -> httpx.Response:
        timeout = httpx.Timeout(self._limits.silent_seconds, connect=self._limits.connect_seconds)
        headers = {"Accept": accept, "Accept-Encoding": "gzip, deflate, br, zstd"}
        request = self._client.build_request("GET", address.url, headers=headers, timeout=timeout)
        return await self._client.send(request, stream=True)

    async def _read(self, response: httpx.Response, address: Address, deadline: float) -> Fetched:
        lines = response.headers.raw
        if len(lines) > self._limits.head_lines or sum(map(len, sum(lines, ()))) > self._limits.head_bytes:
            raise Refused("its headers are too large")
        decoding = Decoding(encodings(response.headers.get("content-encoding", "")), most=self._limits.decoded_bytes)
        whole, taken, cut, broken = bytearray(), 0, False, False
        try:
            async with asyncio.timeout_at(deadline), aclosing(_blocks(response)) as blocks:
                async for block in blocks:
                    room = self._limits.body_bytes - taken
                    taken += len(block)
                    for piece in decoding.feed(block[:room]):
                        whole += piece
                    if cut := len(block) > room:
                        break
                    await asyncio.sleep(0)  # what has to be decoded must not keep everything else waiting
        except TooMuch:
            cut = True
        except Undecodable:
            if not whole:
                raise Broken("its body is not encoded as it says") from None
            cut = True
        except (TimeoutError, httpx.HTTPError):
            if not whole:
                raise
            cut = broken = True
        media = response.headers.get("content-type", "")
        return Fetched(url=address.url, media=media, data=bytes(whole), cut=cut, broken=broken)

    async def _wait_for(self, host: str) -> None:
        now = self._clock.monotonic()
        at = max(now, self._next.pop(host, now))
        self._next[host] = at + self._limits.pause
        while len(self._next) > HOSTS_REMEMBERED:
            self._next.popitem(last=False)
        if at > now:
            await self._clock.sleep(at - now)


@asynccontextmanager
async def _closing(response: httpx.Response) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await response.aclose()


def _blocks(response: httpx.Response) -> AsyncGenerator[bytes]:
    return cast("AsyncGenerator[bytes]", response.aiter_raw())  # httpx calls its generators iterators


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise Refused("it leads on to no address") from None
