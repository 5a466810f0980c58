"""A question has one turn, and a conversation one ledger: its head and its pieces, in order."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.storage.store import SqlStore
from bot.talk.delivery import DeliveryState, Shown, ShownMessage
from bot.talk.message import Conversation
from bot.talk.record import Usage
from bot.talk.turn import Call, Instructions, Line, Piece, Question, Reply, Result, Results, ToolSpec, TurnState
from tests.contracts.scene import ROOM, TALK, after
from tests.fakes import ANA, START, said
from tests.storage.acts import answered, close, cut, final, line, opened, picture, piece, question, reply


async def test_a_turn_is_opened_once_and_taken_up_again_with_what_is_shown(store: SqlStore) -> None:
    message = said("hello?")
    first = await opened(store, message)
    assert (first.attempts, first.shown) == (0, Shown())
    shown = Shown(messages=(ShownMessage(id="s1", digest="a"),))
    await store.save_shown(first.delivery_id, shown)
    again = await store.open_turn(message, at=after(1))
    # What the earlier attempt sent last may not be written down.
    assert again == replace(first, shown=replace(shown, since=START))
    await close(store, first, message)
    assert await store.open_turn(message, at=after(2)) is None


async def test_a_turn_whose_delivery_was_never_sent_is_taken_up_without_a_doubt(store: SqlStore) -> None:
    message = said("hello?")
    first = await opened(store, message)
    assert await store.open_turn(message, at=after(1)) == first
    await store.save_shown(first.delivery_id, Shown(since=after(2)))  # it is about to be
    assert await store.open_turn(message, at=after(3)) == replace(first, shown=Shown(since=after(2)))


async def test_two_who_open_one_turn_at_once_get_the_same(store: SqlStore) -> None:
    message = said("hello?")
    await store.record(message, keep=True)
    turns = await asyncio.gather(*(store.open_turn(message, at=START) for _ in range(5)))
    assert len({turn.id for turn in turns if turn}) == 1
    assert [turn.attempts for turn in turns if turn] == [0] * 5


async def test_a_turn_counts_how_often_it_was_brought_before_the_engine_not_how_often_it_was_opened(
    store: SqlStore,
) -> None:
    message = said("hello?")
    turn = await opened(store, message)
    for number in (1, 2, 3):
        assert await store.count_attempt(turn.id) == number
        again = await store.open_turn(message, at=after(number))
        assert again == replace(turn, attempts=number)
    await close(store, turn, message)
    assert await store.count_attempt(turn.id) == 0
    assert await store.count_attempt("unknown") == 0


async def test_an_attempt_that_was_ended_by_us_is_given_back_once(store: SqlStore) -> None:
    turn = await opened(store, said("hello?"))
    await store.count_attempt(turn.id, by=-1)
    assert await store.count_attempt(turn.id) == 1
    await store.count_attempt(turn.id, by=-1)
    assert await store.count_attempt(turn.id) == 1


async def test_attempts_counted_at_the_same_moment_are_all_counted(store: SqlStore) -> None:
    turn = await opened(store, said("hello?"))
    counts = await asyncio.gather(*(store.count_attempt(turn.id) for _ in range(5)))
    assert sorted(counts) == [1, 2, 3, 4, 5]


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
    await store.save_image(image, b"bytes")
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
    await store.save_image(picture("i"), b"bytes")
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
    part = (await store.parts(TALK, seqs))[seqs[0]]
    anew, unasked = piece("new form", template="t2"), piece("nobody asked")
    await store.save_rendered(TALK, {seqs[0]: (part, anew), 999: (part, unasked)})
    first, second = (one.piece for one in (await store.ledger(TALK)).pieces)
    assert first == piece("new form", template="t2")
    assert second == piece("an answer")


async def test_a_cut_hides_older_pieces_and_never_goes_back(store: SqlStore) -> None:
    await answered(store, said("one"))
    await answered(store, said("two"))
    seqs = [one.seq for one in (await store.ledger(TALK)).pieces]
    await cut(store, TALK, before=seqs[2])
    revision = (await store.ledger(TALK)).revision
    assert not await store.cut(TALK, before=seqs[1], cause="budget", summary=None, revision=revision)
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


async def test_a_thousand_pieces_load_in_order(store: SqlStore) -> None:
    message = said("long")
    turn = await opened(store, message)
    parts = [question(line(message)), *(reply(f"{n} " * 100) for n in range(1000))]
    await store.close_turn(turn.id, state=TurnState.DONE, delivery=final(turn, message, "x"), parts=parts, at=START)
    found = [one.piece for one in (await store.ledger(TALK)).pieces]
    assert found == [rendered for _, rendered in parts]
    assert isinstance(found[-1], Piece)
