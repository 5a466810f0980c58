"""What every store keeps: one suite on SQLite and on PostgreSQL. Forgetting has a file of its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import AlreadyRunning
from bot.ports import Examined, ImageBytes, Store, Views
from bot.storage.store import SqlStore
from bot.talk.delivery import Action, Delivery, DeliveryState, Shown, ShownMessage
from bot.talk.finding import Level
from bot.talk.message import Addressed, Attachment, Conversation, Place, PlaceKind, Quote, QuoteKind
from bot.talk.policy import Consent, Keep, Policy
from bot.talk.record import Upload, Usage
from bot.talk.turn import Call, Instructions, Line, Piece, Question, Reply, Result, Results, ToolSpec, TurnState
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import answered, close, final, line, opened, picture, piece, question, reply, shows
from tests.storage.homes import Home

ROOM = GENERAL
TALK = Conversation(place=ROOM)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_the_store_is_all_that_the_ports_ask_for(store: SqlStore) -> None:
    ports: tuple[Store, Views, ImageBytes, Examined] = (store, store, store, store)
    assert all(ports)


# what may be kept


async def test_an_unknown_place_and_an_unknown_person_have_the_default_rules(store: SqlStore) -> None:
    assert await store.policy(ROOM) == Policy()
    assert await store.consent(ANA.key) == Consent()


async def test_rules_come_back_as_they_were_saved(store: SqlStore) -> None:
    rules = Policy(keep=Keep.ALWAYS, retention_days=7, since=START, announced=True)
    await store.save_policy(ROOM, rules)
    await store.save_consent(ANA.key, Consent(opted_out=True))
    assert await store.policy(ROOM) == rules
    assert await store.consent(ANA.key) == Consent(opted_out=True)
    await store.save_consent(ANA.key, Consent())
    assert await store.consent(ANA.key) == Consent()


async def test_asking_for_a_policy_makes_the_place_known_and_renames_it(store: SqlStore) -> None:
    await store.policy(ROOM)
    await store.save_policy(ROOM, Policy(announced=True))
    renamed = replace(ROOM, name="plaza", parent="cat", kind=PlaceKind.THREAD, guild="g")
    assert (await store.policy(renamed)).announced
    assert await store.places("local") == (renamed,)


async def test_an_event_without_name_and_guild_does_not_blank_the_known_ones(store: SqlStore) -> None:
    await store.save_place(replace(ROOM, guild="g"))
    await store.save_place(replace(ROOM, name="", guild=None))
    assert await store.places("local") == (replace(ROOM, guild="g"),)
    assert await store.places("discord") == ()


# inbox and transcript


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


async def test_waiting_are_unanswered_questions_and_older_ones_are_closed_as_failed(store: SqlStore) -> None:
    late = said("late", at=after(-10))
    begun = said("begun and late", at=after(-9))
    seen = said("seen and late", at=after(-8))
    fresh = said("fresh", at=after(1))
    newer = said("newer", at=after(2))
    for message in (newer, late, fresh):
        await store.record(message, keep=True)
    await opened(store, begun)
    shown = Shown(messages=(ShownMessage(id="s", digest="d"),))
    half_shown = await opened(store, seen)
    await store.save_shown(half_shown.delivery_id, shown)
    assert (await store.open_turn(fresh, at=START)) is not None
    await answered(store, said("done", at=after(3)))
    await store.record(said("not for us", addressed=Addressed.NO, at=after(3)), keep=True)

    assert await store.waiting(since=START) == (fresh, newer)
    assert await store.waiting(since=START) == (fresh, newer)
    for message in (late, begun, seen):
        assert await store.open_turn(message, at=START) is None
    # Only what people can see half of is left to be brought to an end.
    assert [one.delivery.id for one in await store.undelivered()] == [half_shown.delivery_id]


# turns and the ledger


async def test_a_turn_is_opened_once_and_taken_up_again_with_what_is_shown(store: SqlStore) -> None:
    message = said("hello?")
    first = await opened(store, message)
    assert (first.attempts, first.shown) == (1, Shown())
    shown = Shown(messages=(ShownMessage(id="s1", digest="a"),))
    await store.save_shown(first.delivery_id, shown)
    again = await store.open_turn(message, at=after(1))
    assert again == replace(first, shown=shown, attempts=2)
    await close(store, first, message)
    assert await store.open_turn(message, at=after(2)) is None


async def test_two_who_open_one_turn_at_once_get_the_same(store: SqlStore) -> None:
    message = said("hello?")
    await store.record(message, keep=True)
    turns = await asyncio.gather(*(store.open_turn(message, at=START) for _ in range(5)))
    assert len({turn.id for turn in turns if turn}) == 1
    assert sorted(turn.attempts for turn in turns if turn) == [1, 2, 3, 4, 5]


async def test_an_unknown_message_has_no_turn(store: SqlStore) -> None:
    assert await store.open_turn(said("never recorded"), at=START) is None


async def test_a_new_turn_has_an_open_delivery_that_replies_to_the_question(store: SqlStore) -> None:
    message = said("hello?")
    turn = await opened(store, message)
    (entry,) = [one.outgoing for one in await store.entries(ROOM, limit=9) if one.outgoing]
    assert (entry.state, entry.turn, entry.created_at) == (DeliveryState.OPEN, turn.id, START)
    assert entry.delivery == replace(final(turn, message, ""), final=False)


async def test_a_conversation_without_turns_has_an_empty_ledger(store: SqlStore) -> None:
    ledger = await store.ledger(TALK)
    assert (ledger.head, ledger.fingerprint, ledger.pieces) == (None, "", ())


async def test_the_ledger_is_head_and_pieces_in_order_as_they_were_saved(store: SqlStore) -> None:
    head = piece("persona", picture("h"))
    await store.save_head(TALK, head, fingerprint="f1")
    first, second = said("one"), said("two")
    image = picture("p")
    await answered(store, first, lines=[line(first, image)])
    await answered(store, second, text="reply two")
    ledger = await store.ledger(TALK)
    assert (ledger.head, ledger.fingerprint) == (head, "f1")
    assert [one.piece for one in ledger.pieces] == [
        piece("one", image),
        piece("an answer"),
        piece("two"),
        piece("reply two"),
    ]
    seqs = [one.seq for one in ledger.pieces]
    assert seqs == sorted(set(seqs))
    assert len({one.turn for one in ledger.pieces}) == 2


async def test_parts_of_every_kind_come_back_whole(store: SqlStore) -> None:
    message = said("count")
    call = Call(id="c1", name="calc", arguments='{"x": 1')
    parts = [
        Question(lines=(Line(text="(clock)"), line(message, picture("i")))),
        Reply(text="", calls=(call,)),
        Results(results=(Result(call_id="c1", name="calc", content="no", failed=True),)),
        Reply(text="done"),
        Instructions(persona="p", tools=(ToolSpec(name="t", description="d", parameters={"type": "object"}),)),
    ]
    turn = await opened(store, message)
    delivery = final(turn, message, "done")
    rendered = [(part, piece(str(n))) for n, part in enumerate(parts)]
    usage = Usage(steps=2, predicted=5, reported=5, reply_tokens=1)
    await store.close_turn(turn.id, state=TurnState.STOPPED, delivery=delivery, parts=rendered, usage=usage, at=START)
    seqs = [one.seq for one in (await store.ledger(TALK)).pieces]
    found = await store.parts(TALK, [*seqs, 999])
    assert [found[seq] for seq in seqs] == parts
    assert len(found) == len(parts)


async def test_pieces_rendered_again_replace_the_old_ones(store: SqlStore) -> None:
    await answered(store, said("one"))
    seqs = [one.seq for one in (await store.ledger(TALK)).pieces]
    await store.parts(TALK, seqs)
    await store.save_rendered(TALK, {seqs[0]: piece("new form", template="t2"), 999: piece("nobody asked")})
    first, second = (one.piece for one in (await store.ledger(TALK)).pieces)
    assert first == piece("new form", template="t2")
    assert second == piece("an answer")


async def test_a_cut_hides_older_pieces_and_never_goes_back(store: SqlStore) -> None:
    await answered(store, said("one"))
    await answered(store, said("two"))
    seqs = [one.seq for one in (await store.ledger(TALK)).pieces]
    await store.cut(TALK, before=seqs[2], cause="budget")
    await store.cut(TALK, before=seqs[1], cause="budget")
    assert [one.seq for one in (await store.ledger(TALK)).pieces] == seqs[2:]
    assert len(await store.parts(TALK, seqs)) == 4


async def test_closing_a_turn_twice_or_one_that_never_was_changes_nothing(store: SqlStore) -> None:
    message = said("one")
    turn = await opened(store, message)
    await close(store, turn, message)
    await close(store, turn, message, text="again", state=TurnState.FAILED)
    nobody = replace(turn, id="0" * 32, delivery_id="nowhere")
    await close(store, nobody, message)
    assert len((await store.ledger(TALK)).pieces) == 2
    assert [one.delivery.text for one in await store.undelivered()] == ["an answer"]


async def test_conversations_of_one_place_have_ledgers_of_their_own(store: SqlStore) -> None:
    await answered(store, said("for all"))
    private = Conversation(place=ROOM, only=ANA.key)
    await store.save_head(private, piece("private"), fingerprint="p")
    assert (await store.ledger(private)).pieces == ()
    assert (await store.ledger(TALK)).head is None


# outbox


async def test_a_delivery_comes_back_whole_until_it_is_sent(store: SqlStore) -> None:
    buttons = (Action(id="stop", label="Stop", danger=True), Action(id="more", label="…"))
    delivery = Delivery(
        id="d1",
        conversation=Conversation(place=ROOM, only=ANA.key),
        text="ready",
        reply_to="m",
        handle="token",
        actions=buttons,
        lead="a demo speaks",
    )
    await store.save_delivery(delivery, DeliveryState.READY, at=START)
    (waiting,) = await store.undelivered()
    assert (waiting.delivery, waiting.created_at, waiting.turn) == (delivery, START, None)
    await store.save_shown("d1", shows(delivery), DeliveryState.SENT)
    assert await store.undelivered() == ()
    found = await store.shown_by(ROOM, "shown-d1")
    assert found is not None
    assert found.delivery == replace(delivery, handle=None)
    assert (found.state, found.shown) == (DeliveryState.SENT, shows(delivery))


async def test_saving_a_delivery_again_leaves_what_is_shown(store: SqlStore) -> None:
    delivery = Delivery(id="d1", conversation=TALK, text="first", final=False)
    await store.save_delivery(delivery, DeliveryState.OPEN, at=START)
    await store.save_shown("d1", shows(delivery))
    await store.save_delivery(replace(delivery, text="second"), DeliveryState.READY, at=after(9))
    (one,) = await store.undelivered()
    assert (one.delivery.text, one.shown, one.created_at) == ("second", shows(delivery), START)


async def test_an_early_view_never_overwrites_the_final_text(store: SqlStore) -> None:
    message = said("hello?")
    turn = await opened(store, message)
    early = replace(final(turn, message, "an ans"), final=False)
    await store.save_delivery(early, DeliveryState.OPEN, at=START)
    await close(store, turn, message)
    await store.save_delivery(early, DeliveryState.OPEN, at=START)
    (one,) = await store.undelivered()
    assert (one.delivery.text, one.state) == ("an answer", DeliveryState.READY)


async def test_undelivered_are_ready_ones_and_open_ones_that_nobody_is_writing(store: SqlStore) -> None:
    message = said("being answered")
    await opened(store, message)
    done = await answered(store, said("answered", at=after(-5)), show=False)
    orphan = Delivery(id="orphan", conversation=TALK, text="half", final=False)
    await store.save_delivery(orphan, DeliveryState.OPEN, at=after(-9))
    gone = Delivery(id="gone", conversation=TALK, text="x")
    await store.save_delivery(gone, DeliveryState.FAILED, at=START)
    assert [one.delivery.id for one in await store.undelivered()] == ["orphan", done.delivery.id]


async def test_a_message_of_ours_that_is_no_longer_shown_belongs_to_nothing(store: SqlStore) -> None:
    delivery = Delivery(id="d1", conversation=TALK, text="long", final=False)
    await store.save_delivery(delivery, DeliveryState.OPEN, at=START)
    two = Shown(messages=(ShownMessage(id="a", digest="1"), ShownMessage(id="b", digest="2")))
    await store.save_shown("d1", two)
    await store.save_shown("d1", Shown(messages=(ShownMessage(id="a", digest="3"),)))
    assert await store.shown_by(ROOM, "a") is not None
    assert await store.shown_by(ROOM, "b") is None
    assert await store.shown_by(replace(ROOM, id="other"), "a") is None
    await store.save_shown("never heard of", two)


# images, uploads, facts


async def test_pictures_and_files_come_back_byte_for_byte(store: SqlStore) -> None:
    data = bytes(range(256)) * 40
    await store.save_image(picture("one"), data)
    await store.save_image(picture("one"), data)
    assert await store.images(["one", "two"]) == {"one": data}
    assert await store.images([]) == {}
    upload = Upload(id="u", name="a.bin", media_type="x/y", data=data)
    await store.save_upload(upload, at=START)
    assert await store.upload("u") == upload
    assert await store.upload("v") is None


async def test_a_fact_is_what_was_saved_last(store: SqlStore) -> None:
    assert await store.fact("digest") is None
    await store.save_fact("digest", "1")
    await store.save_fact("digest", "2")
    assert await store.fact("digest") == "2"


# views


async def test_entries_are_what_was_said_and_answered_by_time(store: SqlStore) -> None:
    first, second = said("one", at=after(0)), said("two", at=after(10))
    await answered(store, first, text="answer one")
    await store.record(said("aside", addressed=Addressed.NO, at=after(5)), keep=True)
    running = await opened(store, second)
    private = Delivery(id="p", conversation=Conversation(place=ROOM, only=ANA.key), text="for Ana")
    await store.save_delivery(private, DeliveryState.READY, at=after(6))
    seen = await store.entries(ROOM, limit=10)
    texts = [one.message.text if one.message else one.outgoing and one.outgoing.delivery.text for one in seen]
    assert texts == ["one", "answer one", "aside", "two", ""]
    assert seen[-1].outgoing is not None
    assert seen[-1].outgoing.turn == running.id
    assert await store.entries(ROOM, limit=2) == seen[-2:]
    assert await store.entries(ROOM, before=after(10), limit=1) == seen[2:3]
    assert await store.entries(replace(ROOM, id="elsewhere"), limit=5) == ()
    assert all(one.at.tzinfo is UTC for one in seen)


# holding, examining, coming back


async def test_a_second_holder_of_the_same_shards_is_refused_and_told_why(store: SqlStore) -> None:
    async with store.hold("0"):
        with pytest.raises(AlreadyRunning, match=r"shards 0 .* Stop it first"):
            async with store.hold("0"):
                pass
        async with store.hold("1"):
            pass
    async with store.hold("0"):
        pass


async def test_the_doctor_finds_a_database_in_use_whole(store: SqlStore) -> None:
    findings = await store.examine()
    assert {one.topic for one in findings} == {"database"}
    assert [one.level for one in findings] == [Level.OK, Level.OK]


async def test_all_is_there_after_a_restart(home: Home) -> None:
    message = said("before")
    async with home.open() as store:
        await answered(store, message)
    async with home.open() as store:
        assert [one.piece for one in (await store.ledger(TALK)).pieces] == [piece("before"), piece("an answer")]
        assert not await store.record(message, keep=True)


async def test_a_caller_that_is_cancelled_leaves_the_store_usable(store: SqlStore) -> None:
    for n in range(20):
        task = asyncio.create_task(store.record(said(f"{n}", message_id=f"c{n}"), keep=True))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await store.record(said("after"), keep=True)
    # What had begun was finished: the transcript has whole messages, each at most once.
    texts = [message.text for message in await store.waiting(since=START)]
    assert len(texts) == len(set(texts))


async def test_a_thousand_pieces_load_in_order(store: SqlStore) -> None:
    message = said("long")
    turn = await opened(store, message)
    parts = [question(line(message)), *(reply(f"{n} " * 100) for n in range(1000))]
    await store.close_turn(turn.id, state=TurnState.DONE, delivery=final(turn, message, "x"), parts=parts, at=START)
    found = [one.piece for one in (await store.ledger(TALK)).pieces]
    assert found == [rendered for _, rendered in parts]
    assert isinstance(found[-1], Piece)
