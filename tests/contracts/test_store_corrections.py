"""An edit of words that the model has seen is owed until a turn tells of it, and written through at the next cut."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.store import SqlStore, open_store
from bot.talk.message import Addressed, Conversation, Message, Place
from bot.talk.policy import Consent
from bot.talk.turn import CORRECTION_CHARS, Line, Question, TurnState
from bot.talk.words import reading
from tests.contracts.scene import ROOM, TALK, after
from tests.contracts.secret import SECRET, Act, deleting, expiring, forgetting, leaving
from tests.fakes import ANA, BEN, START, said
from tests.storage.acts import answered, close, correcting, cut, line, opened, piece, summary
from tests.storage.homes import Home

FIRST = said("the tide is low", message_id="1")


def edited(message: Message, text: str, *, at: float = 60) -> Message:
    return replace(message, text=text, edited_at=after(at))


async def owed(store: SqlStore, talk: Conversation = TALK) -> list[str]:
    return [message.text for message in await store.corrections(talk, limit=9)]


async def question(store: SqlStore, seq: int) -> Question:
    part = (await store.parts(TALK, [seq]))[seq]
    assert isinstance(part, Question)
    return part


async def tell(store: SqlStore, message: Message, *, state: TurnState = TurnState.DONE) -> None:
    """A turn whose question has a correcting line of the message."""
    asked = said("well?")
    await close(store, await opened(store, asked), asked, lines=[correcting(message), line(asked)], state=state)


async def test_an_edit_of_what_the_model_saw_is_owed_once_a_piece_holds_it(store: SqlStore) -> None:
    await store.record(FIRST, keep=True)
    await store.revise(edited(FIRST, "the tide is high", at=1))
    assert await owed(store) == []
    await answered(store, said("other"))
    await store.revise(edited(FIRST, "the tide is up", at=2))
    assert await owed(store) == []
    asked = said("well?")
    overheard = edited(FIRST, "the tide is up", at=2)
    await answered(store, asked, lines=[line(overheard), line(asked)])
    assert await owed(store) == []
    await store.revise(now := edited(FIRST, "the tide is out", at=3))
    assert await store.corrections(TALK, limit=9) == (now,)


async def test_an_edit_that_changes_no_words_or_comes_late_is_not_owed(store: SqlStore) -> None:
    await answered(store, FIRST)
    assert await store.revise(edited(FIRST, FIRST.text)) is None
    assert await owed(store) == []
    await store.revise(edited(FIRST, "now", at=60))
    assert await store.revise(edited(FIRST, "before", at=50)) is None
    assert await owed(store) == ["now"]


async def test_the_oldest_edits_come_first_and_not_more_than_asked_for(store: SqlStore, home: Home) -> None:
    messages = [said(f"{n}", message_id=f"m{n}") for n in range(3)]
    for message in messages:
        await answered(store, message)
    for message in (messages[2], messages[0], messages[1], messages[2]):
        await home.clock.advance(1)
        await store.revise(edited(message, f"{message.text} edited"))
        await store.revise(edited(message, f"{message.text} again"))
    assert await owed(store) == ["0 again", "1 again", "2 again"]
    assert [one.text for one in await store.corrections(TALK, limit=2)] == ["0 again", "1 again"]


async def test_a_closed_turn_that_tells_of_an_edit_settles_it(store: SqlStore) -> None:
    await answered(store, FIRST)
    await store.revise(now := edited(FIRST, "the tide is high"))
    await tell(store, now, state=TurnState.FAILED)
    assert await owed(store) == ["the tide is high"]
    await tell(store, now)
    assert await owed(store) == []
    await store.revise(edited(FIRST, "the tide is gone", at=70))
    assert await owed(store) == ["the tide is gone"]


async def test_an_edit_that_was_changed_again_meanwhile_is_still_owed(store: SqlStore) -> None:
    await answered(store, FIRST)
    await store.revise(told := edited(FIRST, "the tide is high"))
    await store.revise(edited(FIRST, "the tide is gone", at=70))
    await tell(store, told)
    assert await owed(store) == ["the tide is gone"]


async def test_a_correction_of_a_long_message_may_be_cut_short(store: SqlStore) -> None:
    await answered(store, FIRST)
    await store.revise(now := edited(FIRST, "tide\n" * CORRECTION_CHARS))
    asked = said("well?")
    short = reading(now.text, limit=CORRECTION_CHARS)
    told = replace(correcting(now), text=short, words=(0, len(short)))
    await answered(store, asked, lines=[told, line(asked)])
    assert await owed(store) == []


async def test_what_is_edited_while_it_is_being_answered_is_owed(store: SqlStore) -> None:
    turn = await opened(store, FIRST)
    await store.revise(edited(FIRST, "the tide is high"))
    await close(store, turn, FIRST)
    assert await owed(store) == ["the tide is high"]


async def test_a_quote_is_as_old_as_the_reply_that_carries_it(store: SqlStore) -> None:
    await store.record(FIRST, keep=True)
    for sent, expected in ((70, []), (50, ["the tide is high"])):
        asked = said("this?", reply_to=FIRST.id, at=after(sent))
        turn = await opened(store, asked)
        await store.revise(edited(FIRST, "the tide is high", at=60))
        quoted = replace(line(FIRST), words=None)
        await close(store, turn, asked, lines=[quoted, line(asked)])
        assert await owed(store) == expected


@pytest.mark.parametrize("text", ["two\nlines", "nul \0", "half \ud800", "pair \ud83d\ude00 end", "", " "])
async def test_words_that_databases_or_lines_write_otherwise_are_recognised(store: SqlStore, text: str) -> None:
    message = edited(said(text), text, at=1)
    words = reading(text)
    whole = Line(text=f"Ana: {words} (x)", message=message.id, author=ANA.key, words=(5, 5 + len(words)))
    await answered(store, message, lines=[whole])
    assert await owed(store) == []
    await store.revise(edited(message, f"{text} more"))
    assert len(await owed(store)) == 1


async def test_conversations_of_other_places_and_platforms_are_not_told(store: SqlStore) -> None:
    there = Place(platform="discord", id="general")
    await answered(store, FIRST)
    await answered(store, said("same id", place=there, message_id=FIRST.id))
    await store.revise(edited(FIRST, "the tide is high"))
    assert await owed(store) == ["the tide is high"]
    assert await owed(store, Conversation(place=there)) == []


# writing through


async def test_a_cut_writes_edits_through_in_what_is_left_and_in_what_went(store: SqlStore) -> None:
    await answered(store, said("long ago"))
    old = [one.seq for one in (await store.ledger(TALK)).pieces]
    asked = said("well?")
    longer = Line(text="Ana: the tide is low (12:00)", message="1", author=ANA.key, words=(5, 20))
    await answered(store, FIRST)
    await answered(store, asked, lines=[longer, line(asked)])
    await store.revise(now := edited(FIRST, "the tide\nis high"))
    await tell(store, now)
    seqs = [one.seq for one in (await store.ledger(TALK)).pieces][2:]
    await cut(store, TALK, before=seqs[2], summary=summary(old[0], seqs[1]))
    pieces = (await store.ledger(TALK)).pieces
    assert [one.seq for one in pieces] == seqs[2:]
    assert [one.piece is None for one in pieces] == [True, False, False, False]
    first, second = await question(store, seqs[2]), await question(store, seqs[4])
    assert first.lines[0].text == "Ana: the tide\n  is high (12:00)"
    assert first.lines[0].own == "the tide\n  is high"
    assert second.lines[0].text == "now: the tide\n  is high"
    assert (await question(store, seqs[0])).lines[0].text == "the tide\n  is high"
    assert await owed(store) == []
    await store.revise(edited(FIRST, "the tide is gone", at=70))
    await cut(store, TALK, before=seqs[2])
    assert (await question(store, seqs[2])).lines[0].text == "Ana: the tide is gone (12:00)"


async def test_an_edit_that_no_turn_has_told_of_stays_owed_only_where_a_summary_may_hold_the_old_words(
    store: SqlStore,
) -> None:
    await answered(store, FIRST)
    await answered(store, said("other"))
    seqs = [one.seq for one in (await store.ledger(TALK)).pieces]
    await store.revise(edited(FIRST, "the tide is high"))
    await cut(store, TALK, before=seqs[2], summary=summary(seqs[0], seqs[1]))
    assert await owed(store) == ["the tide is high"]
    await cut(store, TALK, before=seqs[2])
    assert await owed(store) == []


async def test_an_edit_of_what_the_model_does_not_see_any_more_is_not_told_but_read(store: SqlStore) -> None:
    await answered(store, FIRST)
    await answered(store, said("other"))
    seqs = [one.seq for one in (await store.ledger(TALK)).pieces]
    await cut(store, TALK, before=seqs[2])
    await store.revise(edited(FIRST, "the tide is high"))
    assert await owed(store) == []
    past = await store.past(TALK, before=seqs[2], limit=9)
    assert past == {seqs[0]: Question(lines=(line(replace(FIRST, text="the tide is high")),)), seqs[1]: past[seqs[1]]}


async def test_a_piece_that_is_rendered_anyway_takes_up_the_edit(store: SqlStore) -> None:
    await answered(store, FIRST)
    seqs = [one.seq for one in (await store.ledger(TALK)).pieces]
    await store.revise(edited(FIRST, "the tide is high"))
    part = await question(store, seqs[0])
    assert part.lines[0].text == "the tide is high"
    await store.save_rendered(TALK, {seqs[0]: (part, piece("the tide is high", template="t2"))})
    revision = (await store.ledger(TALK)).revision
    assert await store.cut(TALK, before=0, cause="cut", summary=None, revision=revision)
    assert (await store.ledger(TALK)).pieces[0].piece == piece("the tide is high", template="t2")


async def test_a_piece_rendered_from_words_that_were_edited_meanwhile_is_not_saved(store: SqlStore) -> None:
    await answered(store, FIRST)
    seqs = [one.seq for one in (await store.ledger(TALK)).pieces]
    await store.revise(edited(FIRST, "the tide is high"))
    part = await question(store, seqs[0])
    await store.revise(edited(FIRST, "the tide is gone", at=70))
    await store.save_rendered(TALK, {seqs[0]: (part, piece("the tide is high", template="t2"))})
    assert (await store.ledger(TALK)).pieces[0].piece == piece("the tide is low")


# words that go


@pytest.mark.parametrize(
    "act",
    [
        deleting("1"),
        forgetting(ANA.key),
        leaving,
        expiring(START + timedelta(days=31)),
    ],
)
@pytest.mark.parametrize("told", [False, True])
async def test_a_deletion_takes_corrections_along(store: SqlStore, home: Home, act: Act, told: bool) -> None:
    asked = said("Ben asks", by=BEN, at=after(90_000))
    aside = replace(FIRST, addressed=Addressed.NO)
    await store.record(aside, keep=True)
    await answered(store, asked, lines=[line(aside), line(asked)])
    await store.revise(now := edited(aside, SECRET))
    if told:
        more = said("and?", by=BEN, at=after(90_000))
        await answered(store, more, lines=[correcting(now), line(more)])
    await act(store)
    assert await owed(store) == []
    assert SECRET not in await home.everything()
    assert await home.rows("corrections") == 0


async def test_who_opts_out_is_not_told_of(store: SqlStore) -> None:
    await answered(store, FIRST)
    await store.revise(edited(FIRST, "the tide is high"))
    await store.save_consent(ANA.key, Consent(opted_out=True))
    assert await owed(store) == []


async def test_an_edit_that_arrives_while_a_turn_is_closed_is_not_lost_between_two_processes(home: Home) -> None:
    def process() -> AbstractAsyncContextManager[SqlStore]:
        return open_store(home.settings, home.data_dir, clock=home.clock, busy_seconds=20)

    async with process() as store, process() as other:
        for n in range(8):
            message = said(f"teh {n}", message_id=f"r{n}", place=replace(ROOM, id=f"r{n}"))
            turn = await opened(store, message)
            await asyncio.gather(close(store, turn, message), other.revise(edited(message, f"the {n}")))
            assert await owed(store, message.conversation) == [f"the {n}"]
