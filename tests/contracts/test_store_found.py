"""What a tool found of somebody goes with what they wrote, wherever the tool was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.storage.store import SqlStore
from bot.talk.message import Addressed, Conversation, Message, Person, Place
from bot.talk.policy import Consent, Forgotten
from bot.talk.turn import GONE, Call, Image, Line, Part, Piece, Question, Reply, Result, Results, TurnState, Whose
from tests.contracts.scene import TALK
from tests.contracts.secret import SECRET, Act, deleting, expiring, forgetting
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import CLEO, HARBOUR, cut, final, line, opened, picture, piece, question, reply, summary
from tests.storage.homes import Home

SEARCH = Call(id="c", name="search_history", arguments="{}")
BOTH = Results(results=(Result(call_id="d", name="clock", content="noon"),))
LONG_AFTER = START.replace(year=START.year + 1)


async def wrote(store: SqlStore, text: str = SECRET, *, by: Person = BEN, place: Place = GENERAL) -> Message:
    message = said(text, by=by, place=place, addressed=Addressed.NO)
    assert await store.record(message, keep=True)
    return message


def whose(message: Message) -> Whose:
    return Whose(message=message.id, author=message.author.key)


def results(*of: Message) -> tuple[Part, Piece]:
    """What a search gave, and beside it what a clock did."""
    content = " ".join(message.text for message in of)
    found = Result(call_id="c", name="search_history", content=content, of=tuple(map(whose, of)))
    return Results(results=(found, *BOTH.results)), piece(content)


def shown(of: Message, image: Image) -> tuple[Part, Piece]:
    return question(Line(text="(picture)", images=(image,), message=of.id, author=of.author.key, found=True))


async def asks(
    store: SqlStore,
    *parts: tuple[Part, Piece],
    place: Place = GENERAL,
    only: str | None = None,
    meanwhile: Act | None = None,
) -> Conversation:
    """A question of Ana's, and what tools found for it."""
    message = replace(said("what was it?", by=ANA, place=place), only=only)
    turn = await opened(store, message)
    if meanwhile is not None:
        await meanwhile(store)
    step = Reply(text="", calls=(SEARCH,)), piece("call")
    whole = [question(line(message)), step, *parts, reply("it was so")]
    await store.close_turn(
        turn.id, state=TurnState.DONE, delivery=final(turn, message, "it was so"), parts=whole, at=START
    )
    return message.conversation


async def pieces_of(store: SqlStore, talk: Conversation) -> tuple[Sequence[Part], Sequence[int]]:
    """All parts of a conversation, and the places among them of those that have to be rendered again."""
    pieces = (await store.ledger(talk)).pieces
    parts = await store.parts(talk, [stored.seq for stored in pieces])
    return list(parts.values()), [at for at, stored in enumerate(pieces) if stored.piece is None]


async def test_what_tools_found_is_kept_with_whose_it_is(store: SqlStore) -> None:
    found = await wrote(store)
    await store.save_image(picture("p"), b"p")
    talk = await asks(store, results(found), shown(found, picture("p")))
    parts, stale = await pieces_of(store, talk)
    assert parts[2:4] == [results(found)[0], shown(found, picture("p"))[0]]
    assert not stale


@pytest.mark.parametrize("only", [None, ANA.key])
@pytest.mark.parametrize("way", ["deleted", "forgotten", "expired", "left"])
async def test_it_goes_with_the_message_and_its_picture_and_the_rest_of_the_turn_stays(
    store: SqlStore, home: Home, way: str, only: str | None
) -> None:
    elsewhere = replace(GENERAL, id="pier", name="pier")
    found = await wrote(store, place=elsewhere)
    await store.save_image(picture("p"), SECRET.encode())
    await home.clock.advance(40 * 24 * 3600)
    talk = await asks(store, results(found), shown(found, picture("p")), only=only)

    async def left(store: SqlStore) -> None:
        await store.forget_place(elsewhere)

    ways: dict[str, Act] = {
        "deleted": deleting(found.id),
        "forgotten": forgetting(BEN.key),
        "expired": left,
        "left": left,
    }
    await ways[way](store)
    parts, stale = await pieces_of(store, talk)
    gone = Result(call_id="c", name="search_history", content=GONE)
    assert parts[2:] == [
        Results(results=(gone, *BOTH.results)),
        Question(lines=(Line(text=GONE),)),
        Reply(text="it was so"),
    ]
    assert stale == [2, 3]
    assert not await store.images(["p"])
    assert SECRET not in await home.everything()


async def test_what_was_found_yesterday_of_a_message_that_expires_today_goes_today(store: SqlStore, home: Home) -> None:
    old = replace(said(SECRET, by=BEN, addressed=Addressed.NO), sent_at=START.replace(year=START.year - 1))
    assert await store.record(old, keep=True)
    talk = await asks(store, results(old))
    await expiring(START)(store)
    parts, stale = await pieces_of(store, talk)
    assert stale == [2]
    assert SECRET not in repr(parts)
    assert SECRET not in await home.everything()


async def test_one_message_of_several_takes_the_whole_result_but_no_other(store: SqlStore) -> None:
    first, second, third = [await wrote(store, text) for text in ("one", "two", "three")]
    talk = await asks(store, results(first, second), results(third))
    await deleting(first.id)(store)
    parts, stale = await pieces_of(store, talk)
    assert stale == [2]
    assert parts[3] == results(third)[0]
    await deleting(second.id)(store)
    assert await pieces_of(store, talk) == (parts, stale)


async def test_a_place_that_is_left_takes_nothing_that_was_found_elsewhere(store: SqlStore) -> None:
    there, here = await wrote(store, "there", place=HARBOUR), await wrote(store, "here")
    talk = await asks(store, results(there), results(here))
    assert await store.forget_guild("local", "marseille") == Forgotten(messages=1)
    parts, stale = await pieces_of(store, talk)
    assert stale == [2]
    assert parts[3] == results(here)[0]


@pytest.mark.parametrize("way", ["deleted", "forgotten", "opted out", "left"])
async def test_what_goes_while_the_answer_is_being_written_is_not_kept(store: SqlStore, home: Home, way: str) -> None:
    elsewhere = replace(GENERAL, id="pier", name="pier")
    found = await wrote(store, place=elsewhere)
    await store.save_image(picture("p"), SECRET.encode())

    async def goes(store: SqlStore) -> None:
        if way == "deleted":
            await store.delete_messages(elsewhere, [found.id])
        elif way == "left":
            await store.forget_place(elsewhere)
        else:
            if way == "opted out":
                await store.save_consent(BEN.key, Consent(opted_out=True))
            await store.forget(BEN.key)

    talk = await asks(store, results(found), shown(found, picture("p")), meanwhile=goes)
    parts, stale = await pieces_of(store, talk)
    assert stale == [2, 3]
    assert parts[3] == Question(lines=(Line(text=GONE),))
    assert not await store.images(["p"])
    assert SECRET not in await home.everything()


async def test_a_summary_that_may_hold_what_was_found_goes_with_it(store: SqlStore, home: Home) -> None:
    found = await wrote(store)
    talk = await asks(store, results(found))
    await asks(store)
    pieces = (await store.ledger(talk)).pieces
    await cut(store, talk, before=pieces[4].seq, summary=summary(pieces[0].seq, pieces[3].seq, text=SECRET))
    await deleting(found.id)(store)
    assert (await store.ledger(talk)).summary is None
    assert SECRET not in await home.everything()


async def test_an_edit_of_what_was_found_is_not_told_where_it_was_found(store: SqlStore) -> None:
    """Who may read it by now is not known there."""
    found = await wrote(store, "teh tide")
    await store.save_image(picture("p"), b"p")
    talk = await asks(store, results(found), shown(found, picture("p")))
    await store.revise(replace(found, text="the tide", edited_at=LONG_AFTER))
    assert not await store.corrections(talk, limit=9)
    parts, stale = await pieces_of(store, talk)
    assert parts[2] == results(found)[0]
    assert not stale


async def test_an_edit_while_the_answer_is_being_written_is_not_told_either(store: SqlStore) -> None:
    found = await wrote(store, "teh tide")

    async def edited(store: SqlStore) -> None:
        await store.revise(replace(found, text="the tide", edited_at=LONG_AFTER))

    talk = await asks(store, shown(found, picture("p")), meanwhile=edited)
    assert not await store.corrections(talk, limit=9)


async def test_what_was_found_of_others_survives_when_somebody_else_is_forgotten(store: SqlStore) -> None:
    found = await wrote(store, "stays")
    talk = await asks(store, results(found))
    await store.forget(CLEO.key)
    parts, stale = await pieces_of(store, talk)
    assert parts[2] == results(found)[0]
    assert not stale
    assert talk == TALK
