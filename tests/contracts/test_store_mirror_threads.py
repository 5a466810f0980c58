"""Threads of linked channels: which is whose counterpart."""

from __future__ import annotations

from dataclasses import replace

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState, Shown, ShownMessage
from bot.talk.message import Conversation, Message, Place, PlaceKind
from bot.talk.mirror import Carried, Copy
from tests.contracts.mirroring import EN, FR, JA, linked, next_of, showing, shows, takes
from tests.fakes import START, said


def thread(of: Place, ident: str) -> Place:
    return Place(
        platform=of.platform, id=ident, kind=PlaceKind.THREAD, name="A leak", guild=of.guild, parent=of.id, open=True
    )


def inside(of: Place, ident: str, message_id: str) -> Message:
    return said("x", place=thread(of, ident), message_id=message_id)


async def copy_of(store: SqlStore, message: Message, target: Place = JA) -> Copy:
    await takes(store, message)
    return await next_of(store, target)


async def test_a_thread_and_its_counterpart_are_found_from_either_side(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    await shows(store, await next_of(store), "j1")
    copy = await copy_of(store, inside(EN, "e1", "e2"))
    assert (copy.within, copy.source.parent, copy.begins) == (replace(EN, name=""), EN.id, False)
    way = await store.way_into(copy, forum=False)
    assert way.thread is not None
    assert (way.title, way.thread.id, way.thread.parent, way.opened) == ("A leak", "j1", JA.id, False)
    await shows(store, await next_of(store, FR), "f1")
    back = await copy_of(store, inside(JA, "j1", "j2"), EN)
    found = await store.way_into(back, forum=False)
    assert found.thread is not None
    assert found.thread.id == "e1"
    other = await next_of(store, FR)
    assert (await store.way_into(other, forum=False)).thread == thread_of(FR, "f1")


def thread_of(of: Place, ident: str) -> Place:
    return replace(thread(of, ident), name="")


async def test_a_thread_that_begins_with_nothing_that_stands_there_needs_a_head_which_is_made_once(
    store: SqlStore,
) -> None:
    await linked(store)
    copy = await copy_of(store, inside(EN, "77", "e2"))
    assert (await store.way_into(copy, forum=False)).thread is None
    words = Carried(name="", text="A leak")
    head = await store.head_of(copy, words, at=START)
    assert head is not None
    assert (head.heads, head.original, head.begins, head.words) == (True, "77", True, words)
    assert await store.head_of(copy, words, at=START) == head
    await shows(store, head, "j7")
    way = await store.way_into(copy, forum=False)
    assert way.thread is not None
    assert (way.thread.id, way.opened) == ("j7", False)
    assert await store.head_of(copy, words, at=START) is None


async def test_a_thread_that_is_gone_is_closed_and_one_whose_beginning_went_before_it_was_begun_is_not(
    store: SqlStore,
) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    await shows(store, await next_of(store), "j1")
    copy = await copy_of(store, inside(EN, "e1", "e2"))
    assert (await store.way_into(copy, forum=False)).thread == thread_of(JA, "j1")
    await store.delete_messages(JA, ["j1"])
    again = await store.way_into(copy, forum=False)
    assert (again.thread, again.closed) == (None, False)
    head = await store.head_of(copy, Carried(name="", text="A leak"), at=START)
    assert head is not None
    await shows(store, head, "j7")
    assert (await store.way_into(copy, forum=False)).thread == thread_of(JA, "j7")
    await store.forget_place(thread(JA, "j7"))
    assert (await store.way_into(copy, forum=False)).closed


async def test_while_a_post_of_ours_is_being_made_it_is_not_known_whose_counterpart_a_new_one_is(
    store: SqlStore,
) -> None:
    await linked(store)
    first = await copy_of(store, inside(EN, "e1", "e1"))
    assert first.begins
    made = replace(showing(first), opens="A leak")
    outgoing = await store.save_copy(first, made, at=START)
    assert outgoing is not None
    answer = await copy_of(store, inside(JA, "j1", "j2"), EN)
    assert (await store.way_into(answer, forum=True)).waits
    shown = Shown(messages=(ShownMessage(id="j1", digest="d"),))
    await store.save_shown(first.delivery, shown, DeliveryState.SENT)
    way = await store.way_into(answer, forum=True)
    assert way.thread == thread_of(EN, "e1")


async def test_a_reply_to_our_message_is_known_to_be_one_to_a_copy(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    await shows(store, await next_of(store), "j1")
    assert await store.is_copy(JA, "j1")
    assert await store.is_copy(thread(JA, "j1"), "j1")
    assert not await store.is_copy(JA, "j2")


async def test_a_reply_to_a_copy_whose_id_we_are_not_told_yet_is_known_to_be_one(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    copy = await next_of(store)
    assert not await store.is_copy(JA, "j1")
    assert await store.save_copy(copy, showing(copy), at=START) is not None
    assert await store.is_copy(JA, "j1")
    assert await store.is_copy(thread(JA, "j0"), "j1")
    assert not await store.is_copy(EN, "j1")
    await store.save_shown(copy.delivery, Shown(messages=(ShownMessage(id="j1", digest="d"),)), DeliveryState.SENT)
    await store.settle_copy(copy, revision=copy.revision)
    assert not await store.is_copy(JA, "j2")


async def test_whether_a_reply_is_one_to_a_copy_is_not_known_while_an_earlier_one_is_being_sent_there(
    store: SqlStore,
) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    copy = await next_of(store)
    replies: list[Copy] = []
    for each, answered in (("j2", "j1"), ("j3", "j2"), ("j4", None)):
        replies.append(await copy_of(store, said("y", place=JA, message_id=each, reply_to=answered), EN))
        await store.drop_copy(replies[-1])
    assert [await store.is_answered_unknown(each) for each in replies] == [False] * 3
    assert await store.save_copy(copy, showing(copy), at=START) is not None
    assert [await store.is_answered_unknown(each) for each in replies] == [True, False, False]
    shown = Shown(messages=(ShownMessage(id="j1", digest="d"),))
    await store.save_shown(copy.delivery, shown, DeliveryState.SENT)
    assert not await store.is_answered_unknown(replies[0])
    await store.settle_copy(copy, revision=copy.revision)
    await takes(store, said("z", place=EN, message_id="e5"))
    later = await next_of(store)
    assert await store.save_copy(later, showing(later), at=START) is not None
    assert not any([await store.is_answered_unknown(each) for each in replies])


async def test_a_reply_to_an_answer_of_ours_is_none_to_the_copy_that_is_being_sent(store: SqlStore) -> None:
    await linked(store)
    answer = Delivery(id="answer", conversation=Conversation(place=JA), text="Yes.")
    await store.save_delivery(answer, DeliveryState.READY, at=START)
    await store.save_shown("answer", Shown(messages=(ShownMessage(id="a1", digest="d"),)), DeliveryState.SENT)
    await takes(store, said("x", place=EN, message_id="e1"))
    copy = await next_of(store)
    await store.save_copy(copy, showing(copy), at=START)
    assert not await store.is_copy(JA, "a1")


async def test_a_head_serves_all_threads_of_its_family(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    await shows(store, await next_of(store), "j1")
    await takes(store, inside(JA, "j1", "j2"))
    await store.delete_messages(EN, ["e1"])
    assert await store.save_copy(await next_of(store, FR), showing(await next_of(store, FR), ""), at=START) is None
    copy = await next_of(store, FR)
    assert (await store.way_into(copy, forum=False)).thread is None
    head = await store.head_of(copy, Carried(name="", text="A leak"), at=START)
    assert head is not None
    assert (head.original, head.begins) == ("j1", True)
    await shows(store, head, "f7")
    assert (await store.way_into(copy, forum=False)).thread == thread_of(FR, "f7")
    other = await copy_of(store, inside(EN, "e1", "e2"), FR)
    assert (await store.way_into(other, forum=False)).thread == thread_of(FR, "f7")


async def test_a_thread_whose_first_message_was_taken_back_before_it_was_sent_is_not_there(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    await shows(store, await next_of(store), "j1")
    copy = await copy_of(store, inside(EN, "e1", "e2"))
    way = await store.way_into(copy, forum=False)
    assert way.thread is not None
    first = replace(showing(copy), conversation=Conversation(place=way.thread), opens="A leak")
    assert await store.save_copy(copy, first, at=START) is not None
    await store.delete_messages(EN, ["e2"])
    await store.recall_copies()
    (outgoing,) = await store.undelivered([copy.delivery])
    assert outgoing.delivery.text == ""
    await store.save_shown(copy.delivery, Shown(), DeliveryState.SENT)
    await store.settle_copy(copy, revision=copy.revision)
    assert await store.save_copy(await next_of(store), showing(copy, ""), at=START) is not None
    await store.save_shown(copy.delivery, Shown(), DeliveryState.SENT)
    await store.settle_copy(copy, revision=copy.revision + 1)
    later = await copy_of(store, inside(EN, "e1", "e3"))
    assert not (await store.way_into(later, forum=False)).opened


async def test_a_thread_does_not_begin_with_a_message_that_was_deleted(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    await shows(store, await next_of(store), "j1")
    answer = await copy_of(store, inside(JA, "j1", "j2"), EN)
    await store.delete_messages(EN, ["e1"])
    assert (await store.way_into(answer, forum=False)).thread is None
    assert await store.head_of(answer, Carried(name="", text="A leak"), at=START) is not None


async def test_what_was_refused_because_its_thread_could_not_begin_goes_with_a_head_once(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    await shows(store, await next_of(store), "j1")
    copy = await copy_of(store, inside(EN, "e1", "e2"))
    await _refused(store, copy)
    again = await next_of(store)
    assert (again.seq, again.under_way, again.words) == (copy.seq, False, copy.words)
    assert (await store.way_into(again, forum=False)).thread is None
    head = await store.head_of(again, Carried(name="", text="A leak"), at=START)
    assert head is not None
    await shows(store, head, "j7")
    assert (await store.way_into(again, forum=False)).thread == thread_of(JA, "j7")
    await _refused(store, again)
    assert (await store.way_into(await next_of(store), forum=False)).closed


async def _refused(store: SqlStore, copy: Copy) -> None:
    way = await store.way_into(copy, forum=False)
    assert way.thread is not None
    into = replace(showing(copy), conversation=Conversation(place=way.thread), opens="A leak")
    assert await store.save_copy(copy, into, at=START) is not None
    await store.save_shown(copy.delivery, Shown(), DeliveryState.FAILED)
    assert await store.settle_copy(copy, revision=copy.revision) is None
