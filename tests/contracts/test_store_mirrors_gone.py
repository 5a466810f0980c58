"""Copies of messages in linked channels go with whoever or whatever they belong to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.store import SqlStore
from bot.talk.delivery import DeliveryState, Shown
from bot.talk.policy import Consent, Policy
from tests.contracts.mirroring import EN, FR, JA, LINK, WORDS, linked, next_of, showing, shows, takes
from tests.contracts.scene import after
from tests.contracts.secret import SECRET
from tests.fakes import ANA, BEN, START, said
from tests.storage.homes import Home


@pytest.mark.parametrize("act", ["forgets", "opts out"])
async def test_copies_of_whoever_wants_it_go_with_every_trace_of_who_it_was(
    store: SqlStore, home: Home, act: str
) -> None:
    await linked(store)
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


async def test_what_others_said_elsewhere_goes_with_it_where_the_channels_own_words_were_forgotten(
    store: SqlStore, home: Home
) -> None:
    await linked(store)
    await takes(store, said("x", place=EN, message_id="1"))
    await shows(store, await next_of(store), "j1", SECRET)
    await takes(store, said("y", place=EN, message_id="2"))
    await takes(store, said("z", place=JA, message_id="3"))
    await store.forget_place(JA, rules=True)
    assert (await next_of(store)).message == "2"
    await store.delete_messages(EN, ["1", "2"])
    copy = await next_of(store)
    assert (copy.message, copy.gone) == ("1", True)
    outgoing = await store.save_copy(copy, showing(copy, ""), at=START)
    assert outgoing is not None
    assert [each.id for each in outgoing.shown.messages] == ["j1"]
    assert SECRET not in await home.everything()


async def test_links_go_with_their_guild(store: SqlStore) -> None:
    await linked(store)
    for place in (EN, JA, FR):
        await store.save_place(place)
    await takes(store, said("x", place=EN))
    await store.forget_guild("local", "g")
    assert await store.links() == ()
    assert await store.copies_waiting() == 0


async def test_nothing_is_left_of_copies_of_a_guild_also_where_nothing_else_was_known_of_their_channels(
    store: SqlStore, home: Home
) -> None:
    await linked(store, replace(LINK, by=BEN.key))
    await takes(store, said("x", place=EN))
    await store.forget_guild("local", "g")
    assert ANA.key not in await home.everything()


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


@pytest.mark.parametrize("what", ["edited", "deleted", "unlinked"])
async def test_what_waits_in_the_outbox_and_was_certainly_not_sent_loses_its_words(store: SqlStore, what: str) -> None:
    await linked(store)
    message = said("x", place=EN, message_id="1")
    await takes(store, message)
    copy = await next_of(store)
    assert await store.save_copy(copy, showing(copy, SECRET), at=START) is not None
    if what == "edited":
        assert await store.revise_copies(replace(message, edited_at=after(5)), WORDS)
    elif what == "deleted":
        await store.delete_messages(EN, ["1"])
    else:
        await store.end_link(LINK.id, told=(), at=START)
    (left,) = await store.undelivered()
    assert (left.delivery.text, left.delivery.lead) == ("", "")
    await store.save_shown(copy.delivery, Shown(), DeliveryState.SENT)
    await store.settle_copy(copy, revision=copy.revision)
    assert (await store.next_copy(JA.key) is None) is (what == "unlinked")


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
