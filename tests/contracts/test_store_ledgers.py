"""A store keeps the ledgers that it read last. Nobody can tell, not even when another process changes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.storage.store import SqlStore
from bot.talk.message import Conversation
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import answered, line, piece, summary
from tests.storage.homes import Home

TALK = Conversation(place=GENERAL)
Act = Callable[[SqlStore], Awaitable[object]]


async def three_turns(store: SqlStore) -> None:
    """Ana asks, then Ben with words of Ana in his question, then Ana again, long afterwards."""
    ana, ben = said("the moon", by=ANA, message_id="1"), said("the sea", by=BEN, message_id="2")
    await answered(store, ana)
    await answered(store, ben, lines=[line(ana), line(ben)])
    await answered(store, said("the tide", by=ANA, message_id="3", at=START + timedelta(days=50)))


async def add(store: SqlStore) -> None:
    await answered(store, said("the wind", by=BEN, message_id="4"))


async def cut(store: SqlStore) -> None:
    ledger = await store.ledger(TALK)
    assert await store.cut(
        TALK, before=ledger.pieces[2].seq, cause="cut", summary=summary(1, 2), revision=ledger.revision
    )


async def sum_up(store: SqlStore) -> None:
    revision = (await store.ledger(TALK)).revision
    assert await store.save_summary(TALK, summary(1, 2), revision=revision)


async def cut_after_an_edit(store: SqlStore) -> None:
    await store.revise(said("the stars", by=ANA, message_id="1"))
    await cut(store)


async def save_head(store: SqlStore) -> None:
    await store.save_head(TALK, piece("persona"), fingerprint="f")


async def render_again(store: SqlStore) -> None:
    seq = (await store.ledger(TALK)).pieces[0].seq
    parts = await store.parts(TALK, [seq])
    await store.save_rendered(TALK, {seq: (parts[seq], piece("anew", template="t2"))})


async def delete(store: SqlStore) -> None:
    await store.delete_messages(GENERAL, ["1"])


async def forget(store: SqlStore) -> None:
    await store.forget(ANA.key)


async def forget_place(store: SqlStore) -> None:
    await store.forget_place(GENERAL)


async def forget_and_begin_anew(store: SqlStore) -> None:
    await store.forget_place(GENERAL)
    await answered(store, said("hello again", by=BEN, message_id="5"))


async def expire(store: SqlStore) -> None:
    await store.expire(now=START + timedelta(days=60), default_days=30)


ACTS: list[Act] = [
    add,
    cut,
    sum_up,
    cut_after_an_edit,
    save_head,
    render_again,
    delete,
    forget,
    forget_place,
    forget_and_begin_anew,
    expire,
]


@pytest.mark.parametrize("act", ACTS)
async def test_a_ledger_that_was_read_before_is_seen_as_another_process_left_it(
    store: SqlStore, home: Home, act: Act
) -> None:
    await three_turns(store)
    before = await store.ledger(TALK)
    async with home.open() as other:
        await act(other)
        now = await other.ledger(TALK)
    async with home.open() as fresh:
        assert await fresh.ledger(TALK) == now
    assert now != before
    assert await store.ledger(TALK) == now
    await answered(store, said("one more", by=BEN, message_id="6"))
    async with home.open() as fresh:
        assert await store.ledger(TALK) == await fresh.ledger(TALK)


@pytest.mark.parametrize("act", ACTS)
async def test_a_ledger_that_was_read_before_is_seen_as_this_process_left_it(
    store: SqlStore, home: Home, act: Act
) -> None:
    await three_turns(store)
    before = await store.ledger(TALK)
    await act(store)
    async with home.open() as fresh:
        assert before != await store.ledger(TALK) == await fresh.ledger(TALK)


async def test_only_what_is_new_is_read_again(store: SqlStore) -> None:
    await three_turns(store)
    before = (await store.ledger(TALK)).pieces
    await add(store)
    after = (await store.ledger(TALK)).pieces
    assert len(after) == len(before) + 2
    assert all(one is other for one, other in zip(before, after, strict=False))
