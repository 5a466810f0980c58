"""Builds what goes out to the web: one guard, and behind it pages and search where the operator wants them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app.parts import Shared
from bot.errors import SettingsError
from bot.ports import Documents
from bot.settings import Web
from bot.web.address import DEFAULT_PORTS, Named, Refused, named_hosts, parse
from bot.web.client import Clients
from bot.web.guard import Bounds, Guard
from bot.web.resolving import SystemResolver

if TYPE_CHECKING:
    from bot.web.fetching import Fetcher
    from bot.web.pages import Pages
    from bot.web.searxng import SearxNG

PAGE_CHARS = 200_000
"""Of a page's text, at most; a tool's result is cut to `AGENT_TOOL_CHARS` besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """`clients`: for whoever talks to other servers that somebody named."""

    clients: Clients
    pages: Pages | None = None
    search: SearxNG | None = None


@asynccontextmanager
async def opened_web(
    settings: Web, *, documents: Documents | None, shared: Shared, pages: bool = False
) -> AsyncGenerator[Outside]:
    """`pages`: there are pages to be read also where the model may read none. Raises SettingsError for hosts and ports
    that there are not."""
    async with AsyncExitStack() as stack:
        clients = await stack.enter_async_context(guarded_clients(settings))
        _, own = _named(settings)
        read: Pages | None = None
        search: SearxNG | None = None
        if settings.read or pages:
            from bot.web.pages import Pages  # noqa: PLC0415 - what most programs do without

            fetcher = await _fetcher(stack, clients, settings, shared)
            read = Pages(fetcher, documents=documents, chars=PAGE_CHARS, counters=shared.counters)
        if settings.searxng_url is not None:
            from bot.web.searxng import SearxNG  # noqa: PLC0415 - likewise

            fetcher = await _fetcher(stack, clients, settings, shared, named=own)
            url, safe = settings.searxng_url, settings.safe_search
            search = SearxNG(fetcher, url=url, safe=safe, counters=shared.counters)
        yield Outside(clients=clients, pages=read, search=search)


@asynccontextmanager
async def guarded_clients(settings: Web) -> AsyncGenerator[Clients]:
    """Behind the one guard. Raises SettingsError as `opened_web` does."""
    named, _ = _named(settings)
    async with SystemResolver() as resolver:
        yield Clients(Guard(resolver, bounds=Bounds(ports=_ports(settings.ports)), named=named))


async def _fetcher(
    stack: AsyncExitStack, clients: Clients, settings: Web, shared: Shared, *, named: tuple[Named, ...] = ()
) -> Fetcher:
    from bot.web.fetching import Fetcher, FetchLimits  # noqa: PLC0415 - likewise

    client, guard = await clients.new(named=named)
    await stack.enter_async_context(client)
    limits = FetchLimits(
        total_seconds=settings.seconds,
        body_bytes=settings.mib * 2**20,
        decoded_bytes=settings.mib * 2**20,
        redirects=settings.redirects,
        at_once=settings.at_once,
        pause=settings.pause_seconds,
    )
    return Fetcher(client, guard, limits, clock=shared.clock)


def _named(settings: Web) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    """Hosts that pages may be read from although they are local, and the one of SearXNG."""
    try:
        named = named_hosts(settings.allow_hosts)
    except Refused as error:
        raise SettingsError(f"WEB_ALLOW_HOSTS: {error}") from error
    if settings.searxng_url is None:
        return named, ()
    try:
        address = parse(settings.searxng_url)
    except Refused as error:
        raise SettingsError(f"WEB_SEARXNG_URL: {error}") from error
    if "?" in settings.searxng_url or "#" in settings.searxng_url:
        raise SettingsError("WEB_SEARXNG_URL: give SearXNG's address alone, without a query")
    return named, (Named(host=address.host, port=address.port),)


def _ports(listed: str) -> frozenset[int]:
    ports = set(DEFAULT_PORTS.values())
    for each in filter(None, (part.strip() for part in listed.split(","))):
        if not (each.isascii() and each.isdigit() and 0 < int(each[:6]) < 2**16):
            raise SettingsError(f"WEB_PORTS: {each!r} is no port")
        ports.add(int(each))
    return frozenset(ports)
