"""What staff write for askers: kept once, and gone with its message, its author, and in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.storage.store import SqlStore
from bot.talk.message import Message
from bot.talk.support import Relayed
from tests.contracts.secret import SECRET
from tests.contracts.test_store_cases import NOTES, opened, planned
from tests.fakes import ANA, BEN, START, said
from tests.storage.homes import Home


def relay(message: Message) -> Relayed:
    return Relayed(id="r1", case="one", place=NOTES, message=message.id, author=BEN.key, author_name="Ben", text=SECRET)


async def test_what_staff_wrote_is_kept_once_and_goes_with_its_message_and_its_author(
    store: SqlStore, home: Home
) -> None:
    await opened(store, note=False)
    message = said("x", by=BEN, place=NOTES)
    tells = replace(planned(), id="case-relay:r1", kind="case-relay")
    await store.save_relay(relay(message), tells)
    await store.save_relay(replace(relay(message), text="other"), replace(tells, due=START + timedelta(hours=1)))
    assert await store.relay("r1") == relay(message)
    assert [each.due for each in await store.plans(kind="case-relay", limit=9)] == [START]
    await store.record(message, keep=True)
    assert await store.relay("r1") == replace(relay(message), kept=True)
    await store.delete_messages(NOTES, [message.id])
    assert await store.relay("r1") is None
    await store.save_relay(relay(message), tells)  # whoever heard it was slower than whoever deleted it
    assert await store.relay("r1") is None
    await store.save_relay(relay(said("y", by=BEN)), tells)
    assert await store.relay("r1") is not None
    await store.forget(BEN.key)
    assert await store.relay("r1") is None
    await store.forget(ANA.key)
    await store.save_relay(relay(said("z", by=BEN)), tells)
    assert await store.relay("r1") is None


async def test_what_staff_wrote_goes_in_time_also_where_nobody_says_that_it_is_solved(store: SqlStore) -> None:
    await opened(store)
    tells = replace(planned(), id="case-relay:r1", kind="case-relay")
    await store.save_relay(relay(said("x", by=BEN, place=NOTES)), tells)
    await store.expire(now=START + timedelta(days=179), default_days=30)
    assert await store.relay("r1") is not None
    await store.expire(now=START + timedelta(days=181), default_days=30)
    assert await store.relay("r1") is None
    assert await store.case("one") is not None
