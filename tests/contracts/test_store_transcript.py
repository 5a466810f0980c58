"""What was said is recorded once, comes back whole, is overheard by the next turn, and waits for its answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, Shown, ShownMessage
from bot.talk.message import Addressed, Attachment, Place, Quote, QuoteKind
from bot.talk.policy import Consent
from bot.talk.turn import Line, TurnState
from tests.contracts.scene import ROOM, TALK, after
from tests.fakes import ANA, BEN, START, said
from tests.storage.acts import answered, close, opened


async def test_a_message_is_recorded_once_even_by_two_at_once(store: SqlStore) -> None:
    message = said("ahoy")
    outcomes = await asyncio.gather(*(store.record(message, keep=True) for _ in range(8)))
    assert sorted(outcomes) == [False] * 7 + [True]


async def test_the_same_id_on_another_platform_is_another_message(store: SqlStore) -> None:
    assert await store.record(said("ahoy", message_id="1"), keep=True)
    assert await store.record(said("ahoy", message_id="1", place=Place(platform="discord", id="7")), keep=True)


async def test_a_message_comes_back_whole(store: SqlStore) -> None:
    file = Attachment(id="f", name="ピア.png", media_type="image/png", size=9, source="s/f")
    quotes = (
        Quote(kind=QuoteKind.REPLIED, author="Ben", text="before", attachments=(file,)),
        Quote(kind=QuoteKind.EMBED, text="page"),
    )
    message = replace(
        said("“quoted” \\ 'text'\n🐚 עברית", attachments=(file,), quotes=quotes, reply_to="0", at=after(0.000001)),
        author=replace(ANA, locale="fr", bot=True),
        edited_at=after(3),
    )
    await store.record(message, keep=True)
    assert await store.waiting(since=START) == (message,)


@pytest.mark.parametrize("text", ["nul \0 inside", "lone \ud800 half", "\0", ""])
async def test_text_that_a_database_cannot_hold_is_recorded_all_the_same(store: SqlStore, text: str) -> None:
    message = replace(said(text), author=replace(ANA, name=f"Ana {text}"))
    turn = await opened(store, message)
    await close(store, turn, message, text=f"answer {text}", lines=[Line(text=text, message=message.id)])
    (first, second) = (await store.ledger(TALK)).pieces
    assert first.piece is not None
    assert second.piece is not None
    assert second.piece.text == "answer " + text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")


async def test_an_edit_changes_the_words_of_a_known_message_only(store: SqlStore) -> None:
    message = said("teh harbour")
    await store.record(message, keep=True)
    await store.revise(replace(message, text="the harbour", edited_at=after(2)))
    await store.revise(replace(message, text="late news", edited_at=after(1)))
    await store.revise(said("never heard of"))
    assert [m.text for m in await store.waiting(since=START)] == ["the harbour"]


async def test_overheard_are_the_last_kept_lines_before_the_question_oldest_first(store: SqlStore) -> None:
    lines = [said(f"line {n}", by=BEN, addressed=Addressed.NO) for n in range(5)]
    for one in lines:
        await store.record(one, keep=True)
    asked = said("well?")
    await store.record(asked, keep=True)
    await store.record(said("too late", addressed=Addressed.NO), keep=True)
    heard = await store.overheard(TALK, before=asked, limit=3)
    assert heard == tuple(lines[2:])


async def test_what_was_said_before_the_first_turn_can_be_left_out(store: SqlStore) -> None:
    before, first = said("before", addressed=Addressed.NO), said("first")
    await store.record(before, keep=True)
    await store.record(first, keep=True)
    assert await store.overheard(TALK, before=first, limit=9) == (before,)
    assert await store.overheard(TALK, before=first, limit=9, since_turn=True) == ()
    turn = await store.open_turn(first, at=START)
    assert turn is not None
    await close(store, turn, first)
    between, second = said("between", addressed=Addressed.NO), said("second")
    await store.record(between, keep=True)
    await store.record(second, keep=True)
    assert await store.overheard(TALK, before=second, limit=9, since_turn=True) == (between,)


async def test_what_a_turn_covered_is_not_overheard_again(store: SqlStore) -> None:
    await store.record(said("before", addressed=Addressed.NO), keep=True)
    await answered(store, said("first"))
    between = said("between", addressed=Addressed.NO)
    await store.record(between, keep=True)
    asked = said("second")
    await store.record(asked, keep=True)
    assert await store.overheard(TALK, before=asked, limit=10) == (between,)


async def test_a_failed_turn_covers_nothing_and_its_question_is_overheard_by_the_next(store: SqlStore) -> None:
    first = said("first")
    await close(store, await opened(store, first), first, state=TurnState.FAILED)
    asked = said("second")
    await store.record(asked, keep=True)
    assert await store.overheard(TALK, before=asked, limit=10) == (first,)
    assert (await store.ledger(TALK)).pieces == ()


async def test_lines_of_other_places_of_silent_people_and_open_questions_are_not_overheard(store: SqlStore) -> None:
    await store.record(said("elsewhere", place=replace(ROOM, id="x"), addressed=Addressed.NO), keep=True)
    await store.record(said("not kept", addressed=Addressed.NO), keep=False)
    await store.record(said("waits for its own answer"), keep=True)
    await store.record(said("silent", by=BEN, addressed=Addressed.NO), keep=True)
    await store.save_consent(BEN.key, Consent(opted_out=True))
    asked = said("well?")
    await store.record(asked, keep=True)
    assert await store.overheard(TALK, before=asked, limit=10) == ()


async def test_waiting_are_unanswered_questions_and_older_ones_are_late_until_a_notice_closes_them(
    store: SqlStore,
) -> None:
    late, begun, seen = said("late", at=after(-10)), said("begun and late", at=after(-9)), said("seen", at=after(-8))
    fresh, newer = said("fresh", at=after(1)), said("newer", at=after(2))
    for message in (newer, fresh):
        await store.record(message, keep=True)
    for message in (late, begun, seen):
        await store.record(message, keep=True, age=timedelta(hours=1))
    unseen = await store.open_turn(begun, at=START)
    assert unseen is not None
    half_shown = await store.open_turn(seen, at=START)
    assert half_shown is not None
    await store.save_shown(half_shown.delivery_id, Shown(messages=(ShownMessage(id="s", digest="d"),)))
    assert (await store.open_turn(fresh, at=START)) is not None
    await answered(store, said("done", at=after(3)))
    await store.record(said("not for us", addressed=Addressed.NO, at=after(3)), keep=True)

    assert await store.waiting(since=START) == (fresh, newer)
    assert await store.late(before=START) == (late, begun, seen)
    notice = Delivery(id="notice", conversation=late.conversation, text="I was away.", reply_to=seen.id)
    ids = [late.id, begun.id, seen.id]
    # Of what was begun people may see something, written down or not: it is left to be brought to an end.
    left = await store.close_late(late.place, ids, notice)
    assert {each.delivery.id for each in left} == {"notice", half_shown.delivery_id, unseen.delivery_id}
    assert await store.late(before=START) == ()
    assert await store.waiting(since=START) == (fresh, newer)
    for message in (late, begun, seen):
        assert await store.open_turn(message, at=START) is None
    # Once: whoever tries again finds nothing to close, and writes no second notice.
    assert await store.close_late(late.place, ids, replace(notice, id="another")) == ()
    assert {one.delivery.id for one in await store.undelivered()} == {each.delivery.id for each in left}


async def test_recent_messages_are_known_with_their_edits(store: SqlStore) -> None:
    old, plain, edited = said("old", at=after(-100)), said("plain", at=after(1)), said("edited", at=after(2))
    for message in (old, plain, edited):
        await store.record(message, keep=True)
    await store.revise(replace(edited, text="edited since", edited_at=after(5)))
    gone = said("gone", at=after(3))
    await store.record(gone, keep=True)
    await store.delete_messages(gone.place, [gone.id])
    found = await store.recent(plain.place.platform, since=START, limit=10)
    assert {(each.message, each.edited_at) for each in found} == {(plain.id, None), (edited.id, after(5))}
    assert len(await store.recent(plain.place.platform, since=START, limit=1)) <= 1
    assert await store.recent("elsewhere", since=START, limit=10) == ()
