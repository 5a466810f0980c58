"""A deleted message takes along what was made of it, and nothing of others."""

from __future__ import annotations

from dataclasses import replace

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Addressed, Conversation, Place, Quote, QuoteKind
from bot.talk.policy import Forgotten
from bot.talk.turn import Question
from tests.contracts.scene import TALK
from tests.contracts.secret import SECRET, file, quoting
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import answered, close, line, opened, picture, piece, shows
from tests.storage.homes import Home


async def test_a_deleted_question_takes_its_turn_its_picture_its_file_and_its_answer_along(
    store: SqlStore, home: Home
) -> None:
    await store.save_image(picture("p"), SECRET.encode())
    message = said(SECRET, by=replace(ANA, name=SECRET), attachments=await file(store, "u"))
    await answered(store, message, text=SECRET, lines=[line(message, picture("p"))])
    other = said("other")
    await answered(store, other)
    gone = await store.delete_messages(GENERAL, [message.id, "unknown"])
    assert gone == Forgotten(messages=1, turns=1, images=1)
    assert await store.delete_messages(GENERAL, [message.id]) == Forgotten()
    assert SECRET not in await home.everything()
    assert [one.piece for one in (await store.ledger(TALK)).pieces] == [piece("other"), piece("an answer")]
    assert not await store.record(message, keep=True)
    assert await store.upload("u") is None


async def test_a_picture_that_another_turn_shows_stays(store: SqlStore) -> None:
    await store.save_image(picture("p"), b"bytes")
    first, second = said("one"), said("two")
    await answered(store, first, lines=[line(first, picture("p"))])
    await answered(store, second, lines=[line(second, picture("p"))])
    assert (await store.delete_messages(GENERAL, [first.id])).images == 0
    assert await store.images(["p"]) == {"p": b"bytes"}
    assert (await store.delete_messages(GENERAL, [second.id])).images == 1
    assert await store.images(["p"]) == {}


async def test_a_deleted_line_leaves_other_turns_and_their_pieces_are_rendered_again(
    store: SqlStore, home: Home
) -> None:
    await store.save_image(picture("p"), SECRET.encode())
    aside = said(SECRET, by=BEN, addressed=Addressed.NO)
    await store.record(aside, keep=True)
    message = said("well?")
    await answered(store, message, lines=[line(aside, picture("p")), line(message)])
    assert await store.delete_messages(GENERAL, [aside.id]) == Forgotten(messages=1, turns=0, images=1)
    assert SECRET not in await home.everything()
    first, second = (await store.ledger(TALK)).pieces
    assert first.piece is None
    assert second.piece == piece("an answer")
    rest = (await store.parts(TALK, [first.seq]))[first.seq]
    assert rest == Question(lines=(line(message),))
    await store.save_rendered(TALK, {first.seq: (rest, piece("well?"))})
    assert (await store.ledger(TALK)).pieces[0].piece == piece("well?")


async def test_a_piece_rendered_from_words_that_were_deleted_meanwhile_is_not_saved(
    store: SqlStore, home: Home
) -> None:
    aside = said(SECRET, by=BEN, addressed=Addressed.NO)
    await store.record(aside, keep=True)
    message = said("well?")
    await answered(store, message, lines=[line(aside), line(message)])
    (first, _) = (await store.ledger(TALK)).pieces
    whole = (await store.parts(TALK, [first.seq]))[first.seq]
    await store.delete_messages(GENERAL, [aside.id])
    late = {first.seq: (whole, piece(f"{SECRET} well?"))}
    await store.save_rendered(TALK, late)
    assert SECRET not in await home.everything()
    assert (await store.ledger(TALK)).pieces[0].piece is None
    # Somebody else, who renders the same, was quicker.
    rest = (await store.parts(TALK, [first.seq]))[first.seq]
    await store.save_rendered(TALK, {first.seq: (rest, piece("well?"))})
    await store.save_rendered(TALK, late)
    assert SECRET not in await home.everything()
    assert (await store.ledger(TALK)).pieces[0].piece == piece("well?")


async def test_a_picture_that_went_while_another_turn_showed_it_is_no_part_of_that_turn(store: SqlStore) -> None:
    await store.save_image(picture("p"), b"bytes")
    first, second = said("look"), said("the same", by=BEN)
    await answered(store, first, lines=[line(first, picture("p"))])
    turn = await opened(store, second)
    assert (await store.delete_messages(GENERAL, [first.id])).images == 1
    await close(store, turn, second, lines=[line(second, picture("p"))])
    (asked, _) = (await store.ledger(TALK)).pieces
    assert asked.piece is None
    assert (await store.parts(TALK, [asked.seq]))[asked.seq] == Question(lines=(line(second),))


async def test_a_line_deleted_while_its_turn_runs_does_not_come_back_with_the_turn(store: SqlStore, home: Home) -> None:
    await store.save_image(picture("p"), SECRET.encode())
    aside = said(SECRET, by=BEN, addressed=Addressed.NO)
    await store.record(aside, keep=True)
    message = said("well?")
    turn = await opened(store, message)
    await store.delete_messages(GENERAL, [aside.id])
    await close(store, turn, message, lines=[line(aside, picture("p")), line(message)])
    assert SECRET not in await home.everything()
    assert len((await store.ledger(TALK)).pieces) == 2


async def test_a_question_deleted_while_it_is_answered_leaves_nothing(store: SqlStore, home: Home) -> None:
    message = said(SECRET)
    turn = await opened(store, message)
    early = Delivery(id=turn.delivery_id, conversation=TALK, text=SECRET, final=False)
    await store.save_delivery(early, DeliveryState.OPEN, at=START)
    assert await store.delete_messages(GENERAL, [message.id]) == Forgotten(messages=1, turns=1)
    assert SECRET not in await home.everything()
    await store.save_delivery(early, DeliveryState.OPEN, at=START)
    delivery = await close(store, turn, message, text=SECRET)
    assert [one.delivery.text for one in await store.undelivered()] == [SECRET]
    await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    assert SECRET not in await home.everything()
    assert (await store.ledger(TALK)).pieces == ()
    assert await store.open_turn(message, at=START) is None
    assert await store.waiting(since=START) == ()


async def test_after_a_crash_an_answer_to_a_deleted_question_is_left_to_the_outbox(store: SqlStore) -> None:
    message = said(SECRET)
    turn = await opened(store, message)
    await store.delete_messages(GENERAL, [message.id])
    assert [one.delivery.id for one in await store.undelivered()] == [turn.delivery_id]


async def test_an_answer_that_was_about_to_be_sent_to_a_deleted_question_is_not_sent(
    store: SqlStore, home: Home
) -> None:
    for keep in (True, False):
        done = await answered(store, said(SECRET), text=SECRET, keep=keep, show=False)
        await store.delete_messages(GENERAL, [done.message.id])
        assert await store.undelivered() == ()
    assert SECRET not in await home.everything()


async def test_quotes_in_other_peoples_replies_lose_the_deleted_words_only(store: SqlStore, home: Home) -> None:
    first = said(SECRET, addressed=Addressed.NO)
    await store.record(first, keep=True)
    page = Quote(kind=QuoteKind.EMBED, text="a page")
    second = said("I agree", by=BEN, reply_to=first.id, quotes=(*quoting(SECRET, first.id), page))
    await store.record(second, keep=True)
    await store.delete_messages(GENERAL, [first.id])
    assert SECRET not in await home.everything()
    assert await store.waiting(since=START) == (replace(second, quotes=(page,)),)


async def test_a_quoted_message_that_was_never_recorded_can_be_deleted_too(store: SqlStore, home: Home) -> None:
    message = said("this?", by=BEN, reply_to="77", quotes=quoting(SECRET, "77"))
    await answered(store, message, lines=[replace(line(message), text=SECRET, message="77"), line(message)])
    assert await store.delete_messages(GENERAL, ["77"]) == Forgotten()
    assert SECRET not in await home.everything()


async def test_the_same_id_on_another_platform_is_not_deleted(store: SqlStore) -> None:
    there = Place(platform="discord", id="general")
    message = said("there", place=there, message_id="5")
    await answered(store, message)
    assert await store.delete_messages(GENERAL, ["5"]) == Forgotten()
    assert len((await store.ledger(Conversation(place=there))).pieces) == 2
