"""A summary stands for what was cut, and goes with any word of what it was made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.store import SqlStore
from bot.talk.message import Addressed, Conversation, Message
from bot.talk.policy import Consent
from bot.talk.turn import Question, Reply
from tests.contracts.scene import ROOM, TALK, after
from tests.contracts.secret import SECRET, Act, deleting, expiring, forgetting, leaving
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import CLEO, answered, close, cut, line, opened, piece, summary
from tests.storage.homes import Home


async def talk(store: SqlStore) -> list[int]:
    """Ana asks, Ben asks and Cleo is overheard, Ana asks; of two pieces each."""
    aside = said("Cleo says", by=CLEO, addressed=Addressed.NO, message_id="c", at=after(1))
    ben = said("Ben asks", by=BEN, message_id="b", at=after(2))
    await answered(store, said("Ana asks", message_id="a"))
    await store.record(aside, keep=True)
    await answered(store, ben, lines=[line(aside), line(ben)])
    await answered(store, said("Ana asks again", message_id="d", at=after(100)))
    return [one.seq for one in (await store.ledger(TALK)).pieces]


async def test_a_cut_leaves_its_summary_in_the_ledger(store: SqlStore, home: Home) -> None:
    seqs = await talk(store)
    before = await store.ledger(TALK)
    assert (before.summary, before.cut_before) == (None, 0)
    told = summary(seqs[0], seqs[1], by_model=False)
    await cut(store, TALK, before=seqs[2], summary=told)
    ledger = await store.ledger(TALK)
    assert (ledger.summary, ledger.cut_before) == (told, seqs[2])
    assert [one.seq for one in ledger.pieces] == seqs[2:]
    async with home.open() as other:
        assert await other.ledger(TALK) == ledger


async def test_the_next_cut_brings_its_own_summary_or_none(store: SqlStore) -> None:
    seqs = await talk(store)
    await cut(store, TALK, before=seqs[2], summary=summary(seqs[0], seqs[1]))
    await cut(store, TALK, before=seqs[2], summary=summary(seqs[0], seqs[1], text="better"))
    assert (await store.ledger(TALK)).summary == summary(seqs[0], seqs[1], text="better")
    await cut(store, TALK, before=seqs[4])
    assert (await store.ledger(TALK)).summary is None


async def test_a_summary_can_be_replaced_without_a_cut(store: SqlStore) -> None:
    seqs = await talk(store)
    await cut(store, TALK, before=seqs[2])
    revision = (await store.ledger(TALK)).revision
    assert await store.save_summary(TALK, summary(seqs[0], seqs[1]), revision=revision)
    assert not await store.save_summary(TALK, summary(seqs[0], seqs[1], text="late"), revision=revision)
    assert (await store.ledger(TALK)).summary == summary(seqs[0], seqs[1])
    nowhere = Conversation(place=ROOM, only=BEN.key)
    assert not await store.save_summary(nowhere, summary(1, 1), revision=0)
    assert not await store.cut(nowhere, before=1, cause="cut", summary=None, revision=0)


async def another_cut(store: SqlStore) -> None:
    await cut(store, TALK, before=(await store.ledger(TALK)).pieces[0].seq + 1)


async def another_summary(store: SqlStore) -> None:
    await store.save_summary(TALK, summary(1, 1), revision=(await store.ledger(TALK)).revision)


@pytest.mark.parametrize(
    "act",
    [
        another_cut,
        another_summary,
        deleting("a"),
        deleting("c"),
        deleting("d"),
        forgetting(BEN.key),
        leaving,
        expiring(after(3) + timedelta(days=30)),
    ],
)
async def test_what_was_prepared_before_words_went_or_another_cut_is_refused(store: SqlStore, act: Act) -> None:
    seqs = await talk(store)
    revision = (await store.ledger(TALK)).revision
    await act(store)
    now = await store.ledger(TALK)
    prepared = summary(seqs[0], seqs[3], text="prepared")
    assert not await store.cut(TALK, before=seqs[4], cause="cut", summary=prepared, revision=revision)
    assert not await store.save_summary(TALK, prepared, revision=revision)
    assert await store.ledger(TALK) == now


async def test_what_is_rendered_again_or_added_meanwhile_does_not_hinder_a_cut(store: SqlStore) -> None:
    seqs = await talk(store)
    revision = (await store.ledger(TALK)).revision
    parts = await store.parts(TALK, seqs)
    await store.save_rendered(TALK, {seqs[0]: (parts[seqs[0]], piece("anew", template="t2"))})
    await store.save_head(TALK, piece("persona"), fingerprint="f")
    await answered(store, said("more"))
    told = summary(seqs[0], seqs[1])
    assert await store.cut(TALK, before=seqs[2], cause="cut", summary=told, revision=revision)
    assert len((await store.ledger(TALK)).pieces) == 6


async def test_a_summary_made_for_a_channel_that_was_forgotten_is_not_taken_by_its_successor(store: SqlStore) -> None:
    seqs = await talk(store)
    revision = (await store.ledger(TALK)).revision
    await store.forget_place(GENERAL)
    await talk(store)
    told = summary(seqs[0], seqs[1])
    assert not await store.cut(TALK, before=seqs[2], cause="cut", summary=told, revision=revision)
    assert not await store.save_summary(TALK, told, revision=revision)


# words that go take the summary along


@pytest.mark.parametrize(
    "act",
    [
        deleting("a"),
        deleting("c"),
        forgetting(ANA.key),
        forgetting(CLEO.key),
        expiring(after(3) + timedelta(days=30)),
    ],
)
async def test_any_word_that_goes_takes_the_summary_along_and_leaves_the_cut(
    store: SqlStore, home: Home, act: Act
) -> None:
    seqs = await talk(store)
    await cut(store, TALK, before=seqs[4], summary=summary(seqs[0], seqs[3], text=SECRET))
    assert SECRET in await home.everything()
    await act(store)
    ledger = await store.ledger(TALK)
    assert (ledger.summary, ledger.cut_before) == (None, seqs[4])
    assert SECRET not in await home.everything()


@pytest.mark.parametrize("act", [deleting("d"), deleting("b"), forgetting(BEN.key)])
async def test_words_that_the_summary_was_not_made_from_leave_it_as_it_is(store: SqlStore, act: Act) -> None:
    seqs = await talk(store)
    await cut(store, TALK, before=seqs[2], summary=summary(seqs[0], seqs[1]))
    await act(store)
    assert (await store.ledger(TALK)).summary == summary(seqs[0], seqs[1])


async def test_a_summary_of_pieces_that_were_not_cut_goes_with_their_words_too(store: SqlStore, home: Home) -> None:
    seqs = await talk(store)
    await cut(store, TALK, before=seqs[2], summary=summary(seqs[0], seqs[5], text=SECRET))
    await store.delete_messages(GENERAL, ["d"])
    assert SECRET not in await home.everything()


async def test_what_expires_beside_the_summary_leaves_it(store: SqlStore) -> None:
    """Only words of the pieces that it was made from count."""
    await store.record(said("old", addressed=Addressed.NO, at=after(-9)), keep=True)
    seqs = await talk(store)
    await cut(store, TALK, before=seqs[2], summary=summary(seqs[0], seqs[1]))
    gone = await store.expire(now=after(-1) + timedelta(days=30), default_days=30)
    assert gone.messages == 1
    assert (await store.ledger(TALK)).summary == summary(seqs[0], seqs[1])


async def test_an_opt_out_while_the_answer_is_written_leaves_nothing_to_sum_up(store: SqlStore) -> None:
    message = said(SECRET)
    turn = await opened(store, message)
    await store.save_consent(ANA.key, Consent(opted_out=True))
    await close(store, turn, message)
    assert await store.past(TALK, before=99, limit=9) == {}


async def test_forgetting_a_place_or_a_person_takes_private_summaries_along(store: SqlStore, home: Home) -> None:
    seqs = await talk(store)
    await cut(store, TALK, before=seqs[2], summary=summary(seqs[0], seqs[1], text=SECRET))
    private = Conversation(place=ROOM, only=BEN.key)
    await store.save_head(private, piece("head"), fingerprint="f")
    revision = (await store.ledger(private)).revision
    assert await store.save_summary(private, summary(1, 1, text=SECRET), revision=revision)
    await store.forget_place(GENERAL)
    assert SECRET not in await home.everything()


# reading back


async def test_the_past_is_the_last_parts_before_a_piece_whether_cut_or_not(store: SqlStore) -> None:
    seqs = await talk(store)
    await cut(store, TALK, before=seqs[4])
    found = await store.past(TALK, before=seqs[5], limit=3)
    assert list(found) == seqs[2:5]
    assert isinstance(found[seqs[2]], Question)
    assert found[seqs[3]] == Reply(text="an answer")
    assert await store.past(TALK, before=seqs[0], limit=3) == {}
    assert await store.past(Conversation(place=ROOM, only="x"), before=99, limit=3) == {}


async def test_the_latest_conversations_are_those_with_a_turn_closed_since(store: SqlStore) -> None:
    def there(name: str) -> Message:
        return said(f"in {name}", place=replace(ROOM, id=name, name=name))

    for name, at in (("old", -1), ("first", 0), ("second", 5), ("first", 9)):
        message = there(name)
        turn = await opened(store, message)
        await close(store, turn, message, at=after(at))
    await opened(store, there("running"))
    found = await store.latest(since=START, limit=9)
    assert [one.place.id for one in found] == ["first", "second"]
    assert found[0] == Conversation(place=replace(ROOM, id="first", name="first"))
    assert await store.latest(since=START, limit=1) == found[:1]
