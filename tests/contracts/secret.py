"""A word that must be found nowhere once it is forgotten, what else holds it (a quote, a file), and how words go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.storage.store import SqlStore
from bot.talk.message import Attachment, Quote, QuoteKind
from bot.talk.record import Upload
from tests.fakes import GENERAL, START

SECRET = "periwinkle"

Act = Callable[[SqlStore], Awaitable[object]]


def quoting(of: str, reply_to: str) -> tuple[Quote, ...]:
    assert reply_to
    return (Quote(kind=QuoteKind.REPLIED, author="Ana", text=of),)


async def file(store: SqlStore, upload_id: str) -> tuple[Attachment, ...]:
    await store.save_upload(Upload(id=upload_id, name=SECRET, media_type="t", data=SECRET.encode()), at=START)
    return (Attachment(id=upload_id, name=SECRET, media_type="t", size=1),)


def deleting(message: str) -> Act:
    async def act(store: SqlStore) -> None:
        await store.delete_messages(GENERAL, [message])

    return act


def forgetting(person: str) -> Act:
    async def act(store: SqlStore) -> None:
        await store.forget(person)

    return act


async def leaving(store: SqlStore) -> None:
    await store.forget_place(GENERAL)


def expiring(now: datetime) -> Act:
    """What is older than 30 days then."""

    async def act(store: SqlStore) -> None:
        await store.expire(now=now, default_days=30)

    return act
