"""Copies of messages in linked channels: each once, in order, as its message reads."""

from __future__ import annotations

from dataclasses import replace

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.message import Conversation, Place
from bot.talk.mirror import Side
from tests.contracts.mirroring import EN, FR, JA, LINK, WORDS, linked, next_of, showing, shows, takes
from tests.contracts.scene import after
from tests.contracts.secret import SECRET
from tests.fakes import BEN, START, said
from tests.storage.homes import Home


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


async def test_what_was_refused_for_a_missing_right_is_sent_anew_and_found_where_it_may_stand(store: SqlStore) -> None:
    await linked(store)
    for number, shown in enumerate((Shown(), Shown(since=START))):
        await takes(store, said("x", place=EN, message_id=f"{number}"))
        copy = await next_of(store)
        assert await store.save_copy(copy, showing(copy), at=START) is not None
        await store.save_shown(copy.delivery, shown, DeliveryState.BARRED)
        assert await store.settle_copy(copy, revision=1) is DeliveryState.BARRED
        assert (await next_of(store)).under_way
        await store.take_back_copy(copy)
        again = await next_of(store)
        assert (again.seq, again.under_way, again.words) == (copy.seq, False, WORDS)
        outgoing = await store.save_copy(again, showing(again), at=START)
        assert outgoing is not None
        assert outgoing.shown == shown
        await store.save_shown(copy.delivery, Shown(), DeliveryState.BARRED)
        assert await store.settle_copy(again, revision=1, given_up=True) is DeliveryState.BARRED
        assert await store.next_copy(JA.key) is None
