"""Copies of messages in linked channels: each once, in order, and gone with whoever or whatever they belong to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState, Shown, ShownMessage
from bot.talk.message import Conversation, Message, Place
from bot.talk.mirror import Carried, Copy, Exposure, Link, Side
from bot.talk.policy import Consent, Policy
from tests.contracts.scene import after
from tests.contracts.secret import SECRET
from tests.fakes import ANA, BEN, START, said
from tests.storage.homes import Home

EN = Place(platform="local", id="en", name="help-en", guild="g")
JA = Place(platform="local", id="ja", name="help-ja", guild="g")
FR = Place(platform="local", id="fr", name="help-fr", guild="g")
LINK = Link(
    id="link",
    sides=tuple(Side(place=place, language=place.id) for place in (EN, JA, FR)),
    by=ANA.key,
    made_at=START,
    exposures=frozenset({Exposure(source=EN.key, target=JA.key, seen="a/b")}),
    active=True,
)
WORDS = Carried(name="Ana", text=SECRET, files=("a.txt",))


async def linked(store: SqlStore, link: Link = LINK) -> None:
    await store.propose_link(link, forget_before=START - timedelta(days=1))
    assert await store.confirm_link(link, most=5, told=(), at=START)


async def takes(store: SqlStore, message: Message, words: Carried = WORDS, *, most: int = 100) -> bool:
    return await store.take_copies(LINK, message, words, most=most, at=START)


async def next_of(store: SqlStore, place: Place = JA) -> Copy:
    copy = await store.next_copy(place.key)
    assert copy is not None
    return copy


def showing(copy: Copy, text: str = "shown") -> Delivery:
    return Delivery(id=copy.delivery, conversation=Conversation(place=copy.target), text=text, quiet=True)


async def shows(store: SqlStore, copy: Copy, message_id: str, text: str = "shown") -> Delivery:
    outgoing = await store.save_copy(copy, showing(copy, text), at=START)
    assert outgoing is not None
    shown = Shown(messages=(ShownMessage(id=message_id, digest="d"),) if text else ())
    await store.save_shown(copy.delivery, shown, DeliveryState.SENT)
    assert await store.settle_copy(copy, revision=copy.revision) is DeliveryState.SENT
    return outgoing.delivery


async def test_a_link_is_read_as_it_was_confirmed_and_a_proposal_is_none(store: SqlStore) -> None:
    await store.propose_link(LINK, forget_before=START)
    assert await store.links() == ()
    assert await store.link("link") == replace(LINK, active=False)
    told = Delivery(id="told", conversation=Conversation(place=EN), text="linked")
    assert await store.confirm_link(LINK, most=1, told=[told], at=START)
    assert await store.links() == (LINK,)
    assert [each.delivery for each in await store.undelivered()] == [told]
    assert not await store.confirm_link(LINK, most=1, told=(), at=START)


async def test_a_channel_is_in_one_active_link_and_a_guild_has_no_more_than_allowed(store: SqlStore) -> None:
    await linked(store)
    other = Place(platform="local", id="x", guild="g")
    for number, (sides, most) in enumerate([((EN, other), 5), ((other, replace(other, id="y")), 1)]):
        link = replace(LINK, id=f"{number}", sides=tuple(Side(place=each, language="en") for each in sides))
        await store.propose_link(link, forget_before=START)
        assert not await store.confirm_link(link, most=most, told=(), at=START)


async def test_proposals_that_nobody_confirmed_go_with_the_next(store: SqlStore) -> None:
    await store.propose_link(LINK, forget_before=START)
    later = replace(LINK, id="later", made_at=after(60))
    await store.propose_link(later, forget_before=after(30))
    assert await store.link("link") is None
    assert await store.link("later") is not None


async def test_each_other_channel_gets_a_message_once_in_the_order_in_which_it_was_said(store: SqlStore) -> None:
    await linked(store)
    one, two = said("one", place=EN, message_id="1"), said("two", place=FR, by=BEN, message_id="2")
    for message in (one, two, one):
        assert await takes(store, message)
    assert set(await store.waiting_targets(limit=9)) == {EN.key, JA.key, FR.key}
    first = await next_of(store)
    assert (first.message, first.words, first.source.key, first.link) == ("1", WORDS, EN.key, "link")
    await shows(store, first, "j1")
    second = await next_of(store)
    assert second.message == "2"
    await shows(store, second, "j2")
    assert await store.next_copy(JA.key) is None
    assert await store.copies_waiting() == 2


async def test_words_are_gone_from_the_copy_with_its_delivery_and_from_that_once_it_is_shown(
    store: SqlStore, home: Home
) -> None:
    await linked(store)
    await takes(store, said("x", place=EN))
    for place in (JA, FR):
        await shows(store, await next_of(store, place), f"shown in {place.id}", SECRET)
    assert SECRET not in await home.everything()


async def test_what_the_outbox_is_at_comes_first_and_is_saved_only_once(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("one", place=EN, message_id="1"))
    await takes(store, said("two", place=FR, message_id="2"))
    copy = await next_of(store)
    assert await store.save_copy(copy, showing(copy), at=START) is not None
    assert await store.save_copy(copy, showing(copy), at=START) is None
    again = await next_of(store)
    assert (again.message, again.under_way) == ("1", True)
    assert await store.settle_copy(copy, revision=1) is DeliveryState.READY
    assert (await next_of(store)).under_way


async def test_an_edit_shows_the_copy_anew_a_replay_of_it_does_not(store: SqlStore) -> None:
    await linked(store)
    message = said("x", place=EN)
    await takes(store, message)
    await shows(store, await next_of(store), "j1")
    edited = replace(message, edited_at=after(5))
    assert await store.revise_copies(edited, replace(WORDS, text="new"))
    assert not await store.revise_copies(edited, WORDS)
    copy = await next_of(store)
    assert (copy.words, copy.revision, copy.saved, copy.done) == (replace(WORDS, text="new"), 2, 1, 1)
    outgoing = await store.save_copy(copy, showing(copy, "new"), at=START)
    assert outgoing is not None
    assert [each.id for each in outgoing.shown.messages] == ["j1"]


async def test_an_edit_that_is_told_as_said_again_counts_too_and_one_meanwhile_voids_what_was_made(
    store: SqlStore,
) -> None:
    await linked(store)
    message = said("x", place=EN)
    await takes(store, message)
    copy = await next_of(store)
    assert await takes(store, replace(message, edited_at=after(5)), replace(WORDS, text="new"))
    assert await store.save_copy(copy, showing(copy), at=START) is None
    assert (await next_of(store)).words == replace(WORDS, text="new")


async def test_a_deletion_comes_before_what_waits_and_a_copy_that_was_never_shown_is_over(store: SqlStore) -> None:
    await linked(store)
    first = said("x", place=EN, message_id="1")
    await takes(store, first)
    await shows(store, await next_of(store), "j1")
    await takes(store, said("y", place=EN, message_id="2"))
    await store.delete_messages(EN, ["1"])
    gone = await next_of(store)
    assert (gone.message, gone.gone, gone.words) == ("1", True, None)
    assert await store.save_copy(gone, showing(gone), at=START) is None
    assert (await shows(store, gone, "j1", "")).text == ""
    in_fr = await next_of(store, FR)
    assert in_fr.gone
    assert await store.save_copy(in_fr, showing(in_fr, ""), at=START) is None
    assert (await next_of(store, FR)).message == "2"
    assert await takes(store, first)
    assert (await next_of(store)).message == "2"


@pytest.mark.parametrize("act", ["forgets", "opts out"])
async def test_copies_of_whoever_wants_it_go_with_every_trace_of_who_it_was(
    store: SqlStore, home: Home, act: str
) -> None:
    await linked(store, replace(LINK, by=BEN.key))
    await takes(store, said("x", place=EN), replace(WORDS, name="A."))
    await shows(store, await next_of(store), "j1")
    if act == "forgets":
        await store.forget(ANA.key)
        assert ANA.key not in await home.everything()
    else:
        await store.save_consent(ANA.key, Consent(opted_out=True))
    assert SECRET not in await home.everything()
    for place in (JA, FR):
        assert (await next_of(store, place)).gone


async def test_of_somebody_who_has_opted_out_nothing_is_taken(store: SqlStore, home: Home) -> None:
    await linked(store)
    await store.save_consent(ANA.key, Consent(opted_out=True))
    assert await takes(store, said("x", place=EN))
    assert await store.copies_waiting() == 0
    assert SECRET not in await home.everything()


async def test_beyond_the_limit_nothing_is_taken_and_a_replay_is_no_news(store: SqlStore) -> None:
    await linked(store)
    message = said("x", place=EN)
    assert await takes(store, message, most=1)
    assert not await takes(store, said("y", place=EN), most=1)
    assert await takes(store, message, most=1)


async def test_a_reply_finds_its_counterpart_wherever_the_answered_message_was_said(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="e1"))
    await shows(store, await next_of(store), "j1")
    await shows(store, await next_of(store, FR), "f1")
    await takes(store, said("y", place=JA, message_id="j2", reply_to="j1"))  # to the copy
    assert (await shows(store, await next_of(store, EN), "e2")).reply_to == "e1"
    assert (await shows(store, await next_of(store, FR), "f2")).reply_to == "f1"
    await takes(store, said("z", place=EN, message_id="e3", reply_to="e1"))  # to the original
    assert (await shows(store, await next_of(store), "j3")).reply_to == "j1"
    await takes(store, said("z", place=EN, message_id="e4", reply_to="older"))
    assert (await shows(store, await next_of(store), "j4")).reply_to is None


async def test_a_link_that_ends_leaves_what_stands_and_shows_nothing_more(store: SqlStore, home: Home) -> None:
    await linked(store)
    shown, waits = said("x", place=EN, message_id="1"), said("y", place=EN, message_id="2")
    await takes(store, shown)
    await shows(store, await next_of(store), "j1")
    await takes(store, waits)
    assert await store.end_link("link", told=(), at=START)
    assert not await store.end_link("link", told=(), at=START)
    assert await store.links() == ()
    assert await store.next_copy(JA.key) is None
    assert SECRET not in await home.everything()
    assert not await store.revise_copies(replace(shown, edited_at=after(5)), WORDS)
    await store.delete_messages(EN, ["1"])
    assert (await next_of(store)).gone


async def _gone(store: SqlStore) -> None:
    await store.forget_place(JA)


async def _dropped(store: SqlStore) -> None:
    await store.drop_side(JA)


@pytest.mark.parametrize("act", [_gone, _dropped])
async def test_a_place_that_is_gone_leaves_its_link_and_nothing_of_it_stands_elsewhere(
    store: SqlStore, act: Callable[[SqlStore], Awaitable[None]]
) -> None:
    await linked(store)
    await takes(store, said("x", place=JA))
    await shows(store, await next_of(store, EN), "e1")
    await takes(store, said("y", place=EN))
    await act(store)
    (left,) = await store.links()
    assert [side.place.id for side in left.sides] == ["en", "fr"]
    assert (await next_of(store, EN)).gone
    assert await store.next_copy(JA.key) is None


async def test_what_was_decided_of_a_channel_stays_when_its_words_are_forgotten(store: SqlStore) -> None:
    await linked(store)
    await store.forget_place(JA, rules=True)
    assert await store.links() == (LINK,)


async def test_links_go_with_their_guild(store: SqlStore) -> None:
    await linked(store)
    for place in (EN, JA, FR):
        await store.save_place(place)
    await takes(store, said("x", place=EN))
    await store.forget_guild("local", "g")
    assert await store.links() == ()
    assert await store.copies_waiting() == 0


async def test_messages_with_copies_are_compared_after_an_absence_also_where_nothing_is_kept(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="1"))
    await takes(store, said("y", place=EN, message_id="2"))
    await store.delete_messages(EN, ["2"])
    (found,) = await store.recent("local", since=START, limit=9)
    assert (found.message, found.place.key, found.edited_at) == ("1", EN.key, None)


async def test_a_copy_whose_delivery_is_kept_no_more_is_followed_no_more(store: SqlStore) -> None:
    await linked(store)
    await store.save_policy(JA, Policy(retention_days=1))
    message = said("x", place=EN)
    await takes(store, message)
    await shows(store, await next_of(store), "j1")
    await store.expire(now=START + timedelta(days=2), default_days=30)
    assert await store.revise_copies(replace(message, edited_at=after(5)), WORDS)
    copy = await next_of(store)
    assert await store.save_copy(copy, showing(copy), at=START) is None
    assert await store.next_copy(JA.key) is None
    assert await store.delivery_state(copy.delivery) is None


async def test_copies_are_followed_for_thirty_days(store: SqlStore) -> None:
    await linked(store)
    message = said("x", place=EN)
    await takes(store, message)
    for place in (JA, FR):
        await shows(store, await next_of(store, place), place.id)
    await store.expire(now=START + timedelta(days=31), default_days=90)
    assert not await store.revise_copies(replace(message, edited_at=after(5)), WORDS)


async def test_what_is_gone_and_was_never_begun_to_be_sent_is_recalled_before_the_outbox_begins(
    store: SqlStore,
) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="1"))
    copy = await next_of(store)
    assert await store.save_copy(copy, showing(copy, SECRET), at=START) is not None
    await store.delete_messages(EN, ["1"])
    await store.recall_copies()
    (left,) = await store.undelivered()
    assert left.delivery.text == ""
    assert (await next_of(store)).under_way


async def test_what_may_have_been_sent_is_not_recalled_since_it_has_to_be_found_first(store: SqlStore) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="1"))
    copy = await next_of(store)
    assert await store.save_copy(copy, showing(copy, SECRET), at=START) is not None
    await store.save_shown(copy.delivery, Shown(since=START))
    await store.delete_messages(EN, ["1"])
    await store.recall_copies()
    (left,) = await store.undelivered()
    assert left.delivery.text == SECRET
