"""Messages that are kept to be found, and what a search finds of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.ports.history import Page, Wanted
from bot.storage.store import SqlStore
from bot.talk.message import Addressed, Message, Person, Place
from tests.fakes import ANA, GENERAL, START, said

ROOMS = frozenset({GENERAL.key})


async def keeps(store: SqlStore, *messages: Message, indexed: bool = True) -> None:
    for message in messages:
        assert await store.record(message, keep=True)
    if indexed:
        await indexes(store)


async def indexes(store: SqlStore) -> None:
    while (await store.index_due(now=START, limit=100)).messages:
        pass


def told(text: str, place: Place = GENERAL, by: Person = ANA, at: datetime | None = None, **more: Any) -> Message:
    message = said(text, by=by, place=place, addressed=Addressed.NO)
    return replace(message, sent_at=at or message.sent_at, **more)


async def finds(
    store: SqlStore,
    words: str = "",
    rooms: Collection[str] = ROOMS,
    *,
    limit: int = 10,
    author: str = "",
    by: str = "",
    places: Collection[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    older: str = "",
    but: str = "",
) -> Page:
    return await store.find(
        Wanted(
            platform="local",
            words=words,
            rooms=frozenset(rooms),
            places=frozenset(places),
            limit=limit,
            author=author,
            by=by,
            since=since,
            until=until,
            older=older,
            but=but,
        )
    )


async def texts(store: SqlStore, words: str = "", rooms: Collection[str] = ROOMS, **more: Any) -> Sequence[str]:
    page = await finds(store, words, rooms, **more)
    return [match.message.text for match in page.matches]
