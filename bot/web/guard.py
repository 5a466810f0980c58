"""The one place that every address named by a person, a page, a tool or the model passes on its way out.

It is httpcore's own network backend, so nothing can go round it: whoever opens a connection names a host and a port,
and gets a connection to an address that was looked up and checked here, or none.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import httpcore

from bot.web.address import DEFAULT_PORTS, Address, Named, Refused, host_of, parse, usual
from bot.web.ranges import IP, canonical, local, public
from bot.web.resolving import Resolver

ADDRESSES = 32
"""A name that stands for more is refused: all of them are checked."""

TRIED = 4
"""Addresses of one name that are tried, at most."""

UNREADABLE = "this host cannot be read from here"
"""The same for a name that stands for nothing and one that stands for a local address: neither shows which it is."""

Option = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class Dial(Protocol):
    async def __call__(self, address: str, port: int, *, seconds: float) -> httpcore.AsyncNetworkStream:
        """A connection to an IP address. Raises httpcore.ConnectError or ConnectTimeout."""
        ...


async def dial(address: str, port: int, *, seconds: float) -> httpcore.AsyncNetworkStream:
    backend = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())  # there is another one without anyio
    return await backend.connect_tcp(address, port, timeout=seconds)


def own(address: IP) -> bool:
    """Whether this machine itself has the address, be it a public one: its services may rely on a firewall outside.

    Nothing is sent: the system is asked which of its addresses it would send from.
    """
    with socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((str(address), 9))
        except OSError:
            return False  # there is no way to it
        return canonical(str(probe.getsockname()[0])) == address


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`ports` that may be asked for; seconds for finding a name, and for a connection."""

    ports: Collection[int] = frozenset(DEFAULT_PORTS.values())
    resolve_seconds: float = 3.0
    connect_seconds: float = 4.0


class Guard(httpcore.AsyncNetworkBackend):
    """`named`: hosts that are allowed although they are local. Every connection looks its name up anew."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        bounds: Bounds | None = None,
        named: Collection[Named] = (),
        dial: Dial = dial,
        own: Callable[[IP], bool] = own,
    ) -> None:
        self._resolver = resolver
        self._bounds = bounds or Bounds()
        self._named = tuple(named)
        self._dial = dial
        self._own = own

    def with_named(self, named: Iterable[Named]) -> Guard:
        """The same, with more hosts of the operator's."""
        every = (*self._named, *named)
        return Guard(self._resolver, bounds=self._bounds, named=every, dial=self._dial, own=self._own)

    def check(self, url: str) -> Address:
        """Raises Refused for what can be told from the address alone."""
        address = parse(url)
        usual(address, ports=self._bounds.ports, named=self._named)
        return address

    async def addresses(self, host: str, port: int) -> Sequence[IP]:
        """What may be connected to for this host now. Raises Refused, unless every one of its addresses may be."""
        address = Address(scheme="http", host=host_of(f"[{host}]" if ":" in host else host), port=port, target="/")
        named = usual(address, ports=self._bounds.ports, named=self._named)
        literal = canonical(address.host)
        found = [literal] if literal is not None else await self._look_up(address.host, named)
        if literal is not None and named is not None:
            return [literal]
        if not found or len(found) > ADDRESSES:
            raise Refused(UNREADABLE)
        for each in found:
            if each is None or not (self._local(each) if named is not None else self._elsewhere(each)):
                raise Refused(UNREADABLE)
        return [each for each in found if each is not None][:TRIED]

    def _elsewhere(self, address: IP) -> bool:
        return public(address) and not self._own(address)

    def _local(self, address: IP) -> bool:
        """Also public, or this machine's own: what the operator names may be anywhere that is somewhere."""
        return public(address) or local(address)

    async def _look_up(self, host: str, named: Named | None) -> list[IP | None]:
        try:
            async with asyncio.timeout(self._bounds.resolve_seconds):
                found = await self._resolver.resolve(host, absolute=named is None)
        except (OSError, UnicodeError, TimeoutError):
            raise Refused(UNREADABLE) from None
        return [canonical(each) for each in found]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Option] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises Refused, httpcore.ConnectError or ConnectTimeout."""
        addresses = await self.addresses(host, port)
        seconds = self._bounds.connect_seconds / len(addresses)
        for each in addresses[:-1]:
            try:
                return await self._dial(str(each), port, seconds=seconds)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._dial(str(addresses[-1]), port, seconds=seconds)

    async def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        raise Refused("only hosts can be read")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
