"""What threads of linked channels are like, and what of that is owed to their counterparts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState, Shown, ShownMessage
from bot.talk.message import Conversation, Place
from bot.talk.mirror import Copy, Owing
from bot.talk.policy import Consent
from bot.talk.shape import Part, Shape, Value
from tests.contracts.mirroring import EN, JA, linked, next_of, showing, shows, takes
from tests.contracts.test_store_mirror_threads import copy_of, inside, thread
from tests.fakes import ANA, START, said

HERE, THERE = thread(EN, "e1"), thread(JA, "j1")
BEFORE = Shape(title="A leak", opener=ANA.key)


async def into(store: SqlStore, copy: Copy, delivery: Delivery, message_id: str) -> None:
    assert await store.save_copy(copy, delivery, at=START) is not None
    await store.save_shown(
        copy.delivery, Shown(messages=(ShownMessage(id=message_id, digest="d"),)), DeliveryState.SENT
    )
    await store.settle_copy(copy, revision=copy.revision)


async def begun(store: SqlStore, shape: Shape = BEFORE) -> None:
    """e1 and its copy j1 have threads, and that of j1 has just been begun by us."""
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    await shows(store, await next_of(store), "j1")
    await says(store, "e2", "j2", shape=shape, opens="ein Leck")


async def says(store: SqlStore, message: str, shown: str, *, shape: Shape | None = None, opens: str = "") -> None:
    copy = await copy_of(store, inside(EN, "e1", message))
    way = await store.way_into(copy, forum=False, shape=shape)
    assert way.thread is not None
    await into(store, copy, replace(showing(copy), conversation=Conversation(place=way.thread), opens=opens), shown)


async def told(store: SqlStore, place: Place, shape: Shape) -> bool:
    return await store.tell_threads({place: shape}, at=START)


async def owing(store: SqlStore, place: Place) -> tuple[Owing, dict[Part, Value]]:
    found = await store.owing(place.key)
    assert found is not None
    return found, {part: each.value for part, each in found.followed.owed.items()}


async def test_a_change_is_owed_to_the_counterpart_until_it_was_made_and_does_not_come_back(store: SqlStore) -> None:
    await begun(store)
    assert await store.owing_threads(limit=9) == ()
    assert await told(store, HERE, replace(BEFORE, title="Two leaks", locked=True, tags=frozenset("ab")))
    assert await store.owing_threads(limit=9) == (THERE.key,)
    found, owed = await owing(store, THERE)
    assert owed == {Part.TITLE: "Two leaks", Part.LOCKED: True, Part.TAGS: frozenset("ab")}
    assert (found.thread, found.side, found.waits) == (replace(THERE, name=""), JA.key, False)
    assert {each.source for each in found.followed.owed.values()} == {EN.key}
    change = {Part.TITLE: "zwei Lecks", Part.LOCKED: True}
    assert await store.ask_thread(found, change, then={}, at=START)
    shape = Shape(title="zwei Lecks", locked=True, ours=True)
    assert not await told(store, THERE, shape)
    await store.answer_thread(found.thread, change, change, done=found.followed.owed)
    assert await store.owing_threads(limit=9) == ()
    assert await told(store, THERE, replace(shape, title="drei"))
    _, owed = await owing(store, HERE)
    assert owed == {Part.TITLE: "drei"}


async def test_what_is_owed_otherwise_by_now_is_not_asked_for(store: SqlStore) -> None:
    await begun(store)
    await told(store, HERE, replace(BEFORE, title="Two leaks"))
    found, _ = await owing(store, THERE)
    await told(store, HERE, replace(BEFORE, title="Three leaks"))
    assert not await store.ask_thread(found, {Part.TITLE: "zwei"}, then={}, at=START)


async def test_a_change_waits_for_copies_from_any_counterpart(store: SqlStore) -> None:
    await begun(store)
    await takes(store, inside(EN, "e1", "e3"))
    await told(store, HERE, replace(BEFORE, archived=True))
    found, _ = await owing(store, THERE)
    assert found.waits


@pytest.mark.parametrize("now", ["a", "ab"])
async def test_what_a_thread_has_become_while_its_counterpart_was_begun_is_owed_to_that(
    store: SqlStore, now: str
) -> None:
    await linked(store)
    first = await copy_of(store, inside(EN, "e1", "e1"))
    assert first.begins
    way = await store.way_into(first, forum=True, shape=replace(BEFORE, tags=frozenset("a")))
    assert way.tags == ("a",)
    delivery = replace(showing(first), opens="ein Leck", tags=("α", "ω"))
    assert await store.save_copy(first, delivery, at=START) is not None
    assert [each.delivery.tags for each in await store.undelivered([first.delivery])] == [("α", "ω")]
    await told(store, HERE, replace(BEFORE, title="Two leaks", tags=frozenset(now), locked=True))
    await store.save_shown(first.delivery, Shown(messages=(ShownMessage(id="j1", digest="d"),)), DeliveryState.SENT)
    await store.settle_copy(first, revision=1)
    found, owed = await owing(store, THERE)
    retagged: dict[Part, Value] = {} if now == "a" else {Part.TAGS: frozenset(now)}
    assert owed == {Part.TITLE: "Two leaks", Part.LOCKED: True} | retagged
    assert found.followed.seen == Shape(title="ein Leck", tags=frozenset({"α", "ω"}), ours=True)


async def test_what_is_told_of_a_counterpart_before_it_is_known_to_be_there_hides_nothing(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    await shows(store, await next_of(store), "j1")
    copy = await copy_of(store, inside(EN, "e1", "e2"))
    way = await store.way_into(copy, forum=False, shape=BEFORE)
    assert way.thread is not None
    delivery = replace(showing(copy), conversation=Conversation(place=way.thread), opens="ein Leck")
    assert await store.save_copy(copy, delivery, at=START) is not None
    await told(store, HERE, replace(BEFORE, locked=True))
    await told(store, THERE, Shape(title="zwei Lecks", ours=True))
    await store.save_shown(copy.delivery, Shown(messages=(ShownMessage(id="j2", digest="d"),)), DeliveryState.SENT)
    await store.settle_copy(copy, revision=copy.revision)
    assert (await owing(store, THERE))[1] == {Part.LOCKED: True}
    assert (await owing(store, HERE))[1] == {Part.TITLE: "zwei Lecks"}


async def test_what_of_ours_wakes_a_thread_is_nobodys_wish_and_it_falls_asleep_again(store: SqlStore) -> None:
    await begun(store)
    await told(store, THERE, Shape(title="ein Leck", archived=True, ours=True))
    await told(store, HERE, replace(BEFORE, archived=True))
    assert await store.owing_threads(limit=9) == ()
    await says(store, "e3", "j3")
    _, owed = await owing(store, THERE)
    assert owed == {Part.ARCHIVED: True}
    assert not await told(store, THERE, Shape(title="ein Leck", ours=True))


async def test_a_title_of_who_has_opted_out_is_owed_to_nobody(store: SqlStore) -> None:
    await begun(store)
    await store.save_consent(ANA.key, Consent(opted_out=True))
    assert not await told(store, HERE, replace(BEFORE, title="Two leaks"))


async def test_nothing_is_owed_to_a_thread_that_is_gone_nor_known_of_it(store: SqlStore) -> None:
    await begun(store)
    await told(store, HERE, replace(BEFORE, title="Two leaks"))
    await store.forget_place(THERE)
    assert await store.owing_threads(limit=9) == ()
    assert await store.owing(THERE.key) is None
    assert not await told(store, HERE, replace(BEFORE, title="Three leaks"))
    assert not await told(store, THERE, Shape(title="vier", ours=True))


async def test_threads_of_which_nothing_is_known_are_left_alone(store: SqlStore) -> None:
    await linked(store)
    assert not await told(store, thread(EN, "77"), Shape(title="x"))
    assert await store.owing_threads(limit=9) == ()


async def test_since_when_something_may_have_been_missed_is_known_until_it_has_been_told(store: SqlStore) -> None:
    assert await store.missed_threads("local") is None
    await store.miss_threads("local", since=START)
    first = await store.missed_threads("local")
    await store.miss_threads("local", since=START + timedelta(hours=1))
    again = await store.missed_threads("local")
    assert first is not None
    assert again is not None
    assert (first.since, again.since) == (START, START)
    await store.found_threads("local", first)
    assert await store.missed_threads("local") == again
    await store.found_threads("local", again)
    assert await store.missed_threads("local") is None
