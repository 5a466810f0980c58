"""What every store forgets, and that nothing of it is left in any row of any table."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.storage.store import SqlStore
from bot.talk.delivery import Action, Delivery, DeliveryState
from bot.talk.message import Addressed, Attachment, Conversation, Message, Person, Place, PlaceKind, Quote, QuoteKind
from bot.talk.policy import Consent, Forgotten, Keep, Policy
from bot.talk.record import Upload
from bot.talk.turn import Line, Question, TurnState
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import CLEO, HARBOUR, answered, close, line, opened, picture, piece, shows
from tests.storage.homes import Home

TALK = Conversation(place=GENERAL)
SECRET = "periwinkle"


def after(days: float) -> datetime:
    return START + timedelta(days=days)


def quoting(of: str, reply_to: str) -> tuple[Quote, ...]:
    assert reply_to
    return (Quote(kind=QuoteKind.REPLIED, author="Ana", text=of),)


async def file(store: SqlStore, upload_id: str) -> tuple[Attachment, ...]:
    await store.save_upload(Upload(id=upload_id, name=SECRET, media_type="t", data=SECRET.encode()), at=START)
    return (Attachment(id=upload_id, name=SECRET, media_type="t", size=1),)


# messages that are not to be kept


@pytest.mark.parametrize("state", [TurnState.DONE, TurnState.STOPPED, TurnState.FAILED])
async def test_a_question_that_is_not_kept_is_erased_with_its_answer(
    store: SqlStore, home: Home, state: TurnState
) -> None:
    message = said(SECRET, by=replace(ANA, name=SECRET), attachments=await file(store, "u"))
    await store.save_image(picture("p"), SECRET.encode())
    turn = await opened(store, message, keep=False)
    delivery = await close(
        store, turn, message, text=f"about {SECRET}", lines=[line(message, picture("p"))], state=state
    )
    # Until it is shown, the answer itself has to stay.
    assert [one.delivery.text for one in await store.undelivered()] == [f"about {SECRET}"]
    await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    assert SECRET not in await home.everything()
    assert (await store.ledger(TALK)).pieces == ()
    assert not await store.record(message, keep=True)
    assert await store.open_turn(message, at=START) is None
    assert await store.entries(GENERAL, limit=9) == ()


async def test_a_line_that_is_neither_kept_nor_for_us_leaves_no_words_at_all(store: SqlStore, home: Home) -> None:
    message = said(SECRET, addressed=Addressed.NO, attachments=await file(store, "u"))
    assert await store.record(message, keep=False)
    assert not await store.record(message, keep=False)
    assert SECRET not in await home.everything()


async def test_who_has_opted_out_is_not_kept_even_where_the_caller_says_so(store: SqlStore, home: Home) -> None:
    await store.save_consent(ANA.key, Consent(opted_out=True))
    await store.record(said(SECRET, addressed=Addressed.NO), keep=True)
    await answered(store, said(SECRET))
    assert SECRET not in await home.everything()


async def test_who_opts_out_while_being_answered_leaves_nothing_of_the_turn(store: SqlStore, home: Home) -> None:
    message = said(SECRET)
    turn = await opened(store, message)
    await store.save_consent(ANA.key, Consent(opted_out=True))
    delivery = await close(store, turn, message, text=SECRET)
    await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    assert SECRET not in await home.everything()


async def test_lines_of_somebody_who_opted_out_meanwhile_are_left_out_of_the_turn(store: SqlStore, home: Home) -> None:
    aside = said("an aside", by=BEN, addressed=Addressed.NO)
    await store.record(aside, keep=True)
    message = said("well?")
    turn = await opened(store, message)
    await store.save_consent(BEN.key, Consent(opted_out=True))
    await close(store, turn, message, lines=[line(aside), line(message)])
    first = (await store.ledger(TALK)).pieces[0]
    assert first.piece is None
    assert (await store.parts(TALK, [first.seq]))[first.seq] == Question(lines=(line(message),))


async def test_an_edit_after_opting_out_is_not_kept(store: SqlStore, home: Home) -> None:
    message = said("plain", addressed=Addressed.NO)
    await store.record(message, keep=True)
    await store.save_consent(ANA.key, Consent(opted_out=True))
    await store.revise(replace(message, text=SECRET))
    assert SECRET not in await home.everything()


# deleting messages


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
    assert (await store.parts(TALK, [first.seq]))[first.seq] == Question(lines=(line(message),))
    await store.save_rendered(TALK, {first.seq: piece("well?")})
    assert (await store.ledger(TALK)).pieces[0].piece == piece("well?")


async def test_a_piece_rendered_from_words_that_were_deleted_meanwhile_is_not_saved(
    store: SqlStore, home: Home
) -> None:
    aside = said(SECRET, by=BEN, addressed=Addressed.NO)
    await store.record(aside, keep=True)
    message = said("well?")
    await answered(store, message, lines=[line(aside), line(message)])
    (first, _) = (await store.ledger(TALK)).pieces
    await store.parts(TALK, [first.seq])
    await store.delete_messages(GENERAL, [aside.id])
    await store.save_rendered(TALK, {first.seq: piece(f"{SECRET} well?")})
    assert SECRET not in await home.everything()
    assert (await store.ledger(TALK)).pieces[0].piece is None


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


# what people quote of each other


def replying(to: Message, *, by: Person = BEN, text: str = "this?") -> Message:
    """A reply that carries what it answers, as platforms make it."""
    quote = Quote(
        kind=QuoteKind.REPLIED,
        author=to.author.name,
        text=to.text,
        attachments=to.attachments,
        author_key=to.author.key,
        message=to.id,
    )
    return said(text, by=by, reply_to=to.id, quotes=(quote,))


async def test_forgetting_a_person_reaches_what_others_quoted_of_messages_that_were_never_recorded(
    store: SqlStore, home: Home
) -> None:
    unknown = said(SECRET, by=replace(ANA, name=SECRET))
    asked = replying(unknown)
    theirs = Line(text=SECRET, message=unknown.id, author=ANA.key, images=(picture("p"),))
    await store.save_image(picture("p"), SECRET.encode())
    await answered(store, asked, lines=[theirs, line(asked)])
    await store.record(replace(replying(unknown, by=CLEO), addressed=Addressed.NO), keep=True)
    spoken = said(f'I quote "by":"{ANA.key}" for fun', by=BEN)
    await store.record(spoken, keep=True)
    assert (await store.forget(ANA.key)).images == 1
    assert SECRET not in await home.everything()
    assert await store.waiting(since=START) == (spoken,)
    told = [one.message for one in await store.entries(GENERAL, limit=9) if one.message]
    assert [(one.text, one.quotes) for one in told] == [("this?", ()), ("this?", ()), (spoken.text, ())]


async def test_forgetting_a_person_leaves_what_was_quoted_of_others(store: SqlStore) -> None:
    asked = replying(said("plain", by=replace(ANA, id="an")))
    await store.record(asked, keep=True)
    await store.forget("local:a")
    await store.forget("local:%")
    assert await store.waiting(since=START) == (asked,)


@pytest.mark.parametrize("edited", [False, True])
async def test_who_has_opted_out_is_not_kept_in_the_replies_of_others(
    store: SqlStore, home: Home, edited: bool
) -> None:
    await store.save_consent(ANA.key, Consent(opted_out=True))
    theirs = said(SECRET, by=replace(ANA, name=SECRET))
    reply = replying(theirs)
    turn = await opened(store, reply)
    if edited:
        await store.revise(replace(reply, text="that?"))
    assert SECRET not in await home.everything()
    await store.save_image(picture("p"), SECRET.encode())
    words = Line(text=SECRET, message=theirs.id, author=ANA.key, images=(picture("p"),))
    await close(store, turn, reply, lines=[words, line(reply)])
    assert SECRET not in await home.everything()


async def test_a_quoted_picture_goes_with_the_message_that_it_was_posted_in(store: SqlStore, home: Home) -> None:
    await store.save_image(picture("p"), SECRET.encode())
    theirs = said("look", by=ANA, attachments=await file(store, "u"), addressed=Addressed.NO)
    await store.record(theirs, keep=True)
    asked = replying(theirs)
    quoted = Line(text=SECRET, message=theirs.id, author=ANA.key, images=(picture("p"),))
    await answered(store, asked, lines=[quoted, line(asked)])
    assert await store.delete_messages(GENERAL, [theirs.id]) == Forgotten(messages=1, images=1)
    assert SECRET not in await home.everything()


# forgetting a person, a place, a guild


async def test_forgetting_a_person_reaches_everything_and_counts_it(store: SqlStore, home: Home) -> None:
    await store.save_image(picture("p"), SECRET.encode())
    ana = replace(ANA, name=SECRET)
    await answered(store, said(SECRET, by=ana), text=SECRET)
    aside = said(SECRET, by=ana, addressed=Addressed.NO, attachments=await file(store, "u"))
    await store.record(aside, keep=True)
    question = said("Ben asks", by=BEN, reply_to=aside.id, quotes=quoting(SECRET, aside.id))
    await answered(store, question, lines=[line(aside, picture("p")), line(question)])
    open_turn = await opened(store, said(SECRET, by=ana))
    private = Conversation(place=GENERAL, only=ANA.key)
    await store.save_head(private, piece("head"), fingerprint="f")
    secret = Delivery(id="d", conversation=private, text=SECRET, actions=(Action(id="a", label=SECRET),), handle=SECRET)
    await store.save_delivery(secret, DeliveryState.READY, at=START)

    assert await store.forget(ANA.key) == Forgotten(messages=3, turns=2, images=1)
    assert await store.forget(ANA.key) == Forgotten()
    found = await home.everything()
    assert SECRET not in found
    assert ANA.key not in found
    assert [one.delivery.id for one in await store.undelivered()] == [open_turn.delivery_id]
    assert [one.message.text for one in await store.entries(GENERAL, limit=9) if one.message] == ["Ben asks"]


async def test_an_opt_out_outlives_being_forgotten(store: SqlStore) -> None:
    await store.save_consent(ANA.key, Consent(opted_out=True))
    await store.forget(ANA.key)
    assert await store.consent(ANA.key) == Consent(opted_out=True)


async def test_a_replay_of_a_forgotten_message_is_known_for_a_while(store: SqlStore, home: Home) -> None:
    message = said(SECRET)
    await answered(store, message)
    await store.forget(ANA.key)
    assert not await store.record(message, keep=True)
    await home.clock.advance(timedelta(days=9).total_seconds())
    await store.expire(now=home.clock.now(), default_days=3650)
    assert await home.rows("messages") == 0
    assert await home.rows("turns") == 0


async def test_a_person_whose_key_begins_like_anothers_is_not_forgotten_with_them(store: SqlStore) -> None:
    await answered(store, said("Ana says", by=replace(ANA, id="an")))
    assert await store.forget("local:a") == Forgotten()
    assert len((await store.ledger(TALK)).pieces) == 2


async def test_a_place_goes_with_its_threads_and_nothing_else(store: SqlStore, home: Home) -> None:
    await store.save_image(picture("p"), SECRET.encode())
    thread = Place(platform="local", id="t", kind=PlaceKind.THREAD, parent=GENERAL.id)
    sibling = Place(platform="local", id="s", kind=PlaceKind.CHANNEL, parent=GENERAL.id)
    for place in (GENERAL, thread):
        message = said(SECRET, place=place, attachments=await file(store, place.id))
        await answered(store, message, text=SECRET, lines=[line(message, picture("p"))])
    running = said(SECRET, place=thread)
    turn = await opened(store, running)
    await answered(store, said("stays", place=sibling))
    await store.save_policy(GENERAL, Policy(keep=Keep.ALWAYS))
    assert await store.forget_place(GENERAL) == Forgotten(messages=3, turns=3, images=1)
    await close(store, turn, running, text=SECRET)
    assert SECRET not in await home.everything()
    assert await store.places("local") == (sibling,)
    assert await store.policy(GENERAL) == Policy()
    assert len((await store.ledger(Conversation(place=sibling))).pieces) == 2


async def test_a_place_can_be_forgotten_without_what_was_decided_there_and_in_its_threads(
    store: SqlStore, home: Home
) -> None:
    def thread(name: str) -> Place:
        return Place(platform="local", id=name, kind=PlaceKind.THREAD, name=SECRET, parent=GENERAL.id)

    kept = Policy(keep=Keep.ALWAYS, retention_days=3)
    for place, policy in ((GENERAL, kept), (thread("ruled"), Policy(keep=Keep.NEVER)), (thread("plain"), Policy())):
        await store.save_policy(place, replace(policy, since=START, announced=True))
        await answered(store, said(SECRET, place=place))
    assert await store.forget_place(GENERAL, rules=True) == Forgotten(messages=3, turns=3)
    assert SECRET not in await home.everything()
    assert await store.policy(GENERAL) == kept
    assert await store.policy(thread("ruled")) == Policy(keep=Keep.NEVER)
    assert await store.policy(thread("plain")) == Policy()
    assert GENERAL in await store.places("local")


async def test_a_guild_goes_with_all_its_places(store: SqlStore, home: Home) -> None:
    await answered(store, said(SECRET, place=HARBOUR), text=SECRET)
    await answered(store, said(SECRET, place=replace(HARBOUR, id="pier")), text=SECRET)
    await answered(store, said("stays"))
    assert await store.forget_guild("discord", "marseille") == Forgotten()
    assert await store.forget_guild("local", "marseille") == Forgotten(messages=2, turns=2)
    assert SECRET not in await home.everything()
    assert await store.places("local") == (GENERAL,)


# retention


async def test_what_is_older_than_its_places_rules_expires(store: SqlStore, home: Home) -> None:
    await store.save_policy(HARBOUR, Policy(retention_days=2))
    for place, age in ((GENERAL, 8), (GENERAL, 6), (HARBOUR, 3), (HARBOUR, 1)):
        await answered(store, said(f"{place.id} {age} days", place=place, at=after(-age)))
    assert await store.expire(now=START, default_days=7) == Forgotten(messages=2, turns=2)
    assert await store.expire(now=START, default_days=7) == Forgotten()
    left = [
        one.message.text for place in (GENERAL, HARBOUR) for one in await store.entries(place, limit=9) if one.message
    ]
    assert left == ["general 6 days", "harbour 1 days"]
    assert await home.rows("deliveries") == 2


@pytest.mark.parametrize(("own", "age", "left"), [(None, 3, False), (None, 1, True), (9, 8, True), (1, 1.5, False)])
async def test_a_thread_keeps_nothing_longer_than_its_channel_unless_it_has_days_of_its_own(
    store: SqlStore, home: Home, own: int | None, age: float, left: bool
) -> None:
    thread = Place(platform="local", id="t", kind=PlaceKind.THREAD, parent=GENERAL.id)
    await store.save_policy(GENERAL, Policy(retention_days=2))
    await store.save_policy(thread, Policy(retention_days=own))
    await answered(store, said(SECRET, place=thread, at=after(-age)))
    await store.expire(now=START, default_days=30)
    assert (SECRET in await home.everything()) is left


async def test_more_messages_than_one_transaction_takes_expire_all(store: SqlStore, home: Home) -> None:
    for n in range(210):
        await store.record(said(SECRET, message_id=f"e{n}", addressed=Addressed.NO, at=after(-9)), keep=True)
    assert await store.expire(now=START, default_days=7) == Forgotten(messages=210)
    assert SECRET not in await home.everything()


async def test_pictures_and_files_that_nothing_came_to_use_go_after_a_day(store: SqlStore, home: Home) -> None:
    await store.save_image(picture("unused"), b"1")
    await file(store, "unused")
    message = said("uses", attachments=await file(store, "used"))
    await store.save_image(picture("used"), b"2")
    await answered(store, message, lines=[line(message, picture("used"))])
    assert (await store.expire(now=after(0.9), default_days=30)).images == 0
    assert (await store.expire(now=after(1.1), default_days=30)).images == 1
    assert await store.images(["unused", "used"]) == {"used": b"2"}
    assert await store.upload("unused") is None
    assert await store.upload("used") is not None


# whatever happened before, nothing is left

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["say", "ask", "ask-open", "ask-unkept", "fail", "reply", "overhear", "edit", "early"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=9,
)
_runs = iter(range(1_000_000))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
async def test_after_forgetting_a_person_no_row_anywhere_has_a_word_of_theirs(
    store: SqlStore, home: Home, steps: list[tuple[str, bool]]
) -> None:
    run = next(_runs)
    word = f"periwinkle{run}x"
    place = Place(platform="local", id=f"p{run}")
    ana = Person(platform="local", id=f"a{run}", name=word)
    heard = [said(word, by=ana, place=place, addressed=Addressed.NO, message_id=f"{run}-first")]
    await store.record(heard[0], keep=True)
    for n, (step, hers) in enumerate(steps):
        text = f"{word} {n}" if hers else f"plain {n}"
        message = said(text, by=ana if hers else BEN, place=place, message_id=f"{run}-{n}")
        if step in ("say", "overhear"):
            quiet = replace(message, addressed=Addressed.NO)
            await store.record(quiet, keep=True)
            heard.append(quiet)
        elif step == "reply":
            to = heard[-1]
            quote = Quote(kind=QuoteKind.REPLIED, author=to.author.name, text=to.text)
            await store.record(replace(message, reply_to=to.id, quotes=(quote,)), keep=True)
        elif step == "edit":
            await store.revise(replace(heard[0], text=f"{word} edited"))
        elif step in ("ask-open", "early"):
            turn = await opened(store, message)
            if step == "early":
                view = Delivery(id=turn.delivery_id, conversation=message.conversation, text=text, final=False)
                await store.save_delivery(view, DeliveryState.OPEN, at=START)
        elif step == "fail":
            await close(store, await opened(store, message), message, text="sorry", state=TurnState.FAILED)
        else:
            # What the model says in somebody else's turn is not a word of theirs: it stays.
            lines = [*(line(one) for one in heard[-3:]), line(message)]
            answer = text if hers else "plain"
            await answered(store, message, text=answer, lines=lines, keep=step == "ask")
    await store.forget(ana.key)
    found = await home.everything()
    assert word not in found
    assert ana.key not in found
