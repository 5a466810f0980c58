"""A word that must be found nowhere once it is forgotten, and what else holds it: a quote, a file."""

from __future__ import annotations

from bot.storage.store import SqlStore
from bot.talk.message import Attachment, Quote, QuoteKind
from bot.talk.record import Upload
from tests.fakes import START

SECRET = "periwinkle"


def quoting(of: str, reply_to: str) -> tuple[Quote, ...]:
    assert reply_to
    return (Quote(kind=QuoteKind.REPLIED, author="Ana", text=of),)


async def file(store: SqlStore, upload_id: str) -> tuple[Attachment, ...]:
    await store.save_upload(Upload(id=upload_id, name=SECRET, media_type="t", data=SECRET.encode()), at=START)
    return (Attachment(id=upload_id, name=SECRET, media_type="t", size=1),)
