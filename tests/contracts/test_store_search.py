"""What was said is found by its words, and what is gone is not: neither told nor held."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ports.history import Indexed
from bot.storage.store import SqlStore
from bot.talk.message import Addressed, Attachment, Place, PlaceKind, Quote, QuoteKind
from bot.talk.policy import Consent
from tests.contracts.scene import after
from tests.contracts.searching import indexes, keeps, texts, told
from tests.contracts.secret import SECRET
from tests.fakes import ANA, GENERAL, START, said
from tests.storage.acts import HARBOUR, opened
from tests.storage.homes import Home


@pytest.mark.parametrize("indexed", [True, False], ids=["indexed", "not indexed yet"])
async def test_a_message_is_found_by_all_its_words_newest_first(store: SqlStore, indexed: bool) -> None:
    lines = ("the anchor holds", "an Anchor, which HOLDS", "the anchor", "東京の港", "สมอเรือ holds")
    await keeps(store, *map(told, lines), indexed=indexed)
    assert await texts(store, "anchor holds") == [lines[1], lines[0]]
    assert await texts(store, '"anchor holds"') == [lines[0]]
    assert await texts(store, "港") == await texts(store, "東京") == [lines[3]]
    assert await texts(store, "เรือ") == [lines[4]]
    assert await texts(store, "anchors") == []
    assert await texts(store) == list(reversed(lines))


async def test_nothing_is_found_elsewhere(store: SqlStore) -> None:
    await keeps(store, told("the anchor"), told("the anchor there", HARBOUR))
    assert await texts(store, "anchor") == ["the anchor"]
    assert await texts(store, "anchor", {HARBOUR.key}) == ["the anchor there"]
    assert await texts(store, "anchor", {GENERAL.key, HARBOUR.key}) == ["the anchor there", "the anchor"]
    assert await texts(store, "anchor", ()) == []
    assert await texts(store, "anchor", {GENERAL.key, HARBOUR.key}, places={HARBOUR.key}) == ["the anchor there"]


async def test_another_platform_is_elsewhere(store: SqlStore) -> None:
    there = replace(GENERAL, platform="discord")
    await keeps(store, told("the anchor", there, replace(ANA, platform="discord")))
    assert await texts(store, "anchor", {GENERAL.key, there.key}) == []


async def test_an_open_thread_belongs_to_its_channel_and_another_does_not(store: SqlStore) -> None:
    thread = Place(platform="local", id="t1", kind=PlaceKind.THREAD, parent=GENERAL.id, open=True)
    closed = Place(platform="local", id="t2", kind=PlaceKind.THREAD, parent=GENERAL.id)
    await keeps(store, told("anchor in the open", thread), told("anchor in secret", closed))
    assert await texts(store, "anchor") == ["anchor in the open"]
    assert await texts(store, "anchor", {closed.key}) == ["anchor in secret"]
    assert await texts(store, "anchor", {thread.key}) == []


@pytest.mark.parametrize("indexed", [True, False])
async def test_a_thread_moves_with_its_channel_at_once(store: SqlStore, indexed: bool) -> None:
    thread = Place(platform="local", id="t1", kind=PlaceKind.THREAD, parent=GENERAL.id)
    await keeps(store, told("anchor", thread), indexed=indexed)
    for place, room in (
        (thread, thread),
        (replace(thread, open=True), GENERAL),
        (replace(thread, open=True, parent=HARBOUR.id), HARBOUR),
    ):
        await store.save_place(place)
        for _ in range(2):
            for each in (thread, GENERAL, HARBOUR):
                assert await texts(store, "anchor", {each.key}) == (["anchor"] if each == room else [])
            await indexes(store)


async def test_a_thread_is_searched_by_itself_or_with_its_channel(store: SqlStore) -> None:
    thread = Place(platform="local", id="t1", kind=PlaceKind.THREAD, parent=GENERAL.id, open=True)
    await keeps(store, told("anchor"), told("anchor in the thread", thread))
    assert await texts(store, "anchor", places={thread.key}) == ["anchor in the thread"]
    assert await texts(store, "anchor", places={GENERAL.key}) == ["anchor in the thread", "anchor"]


@pytest.mark.parametrize("indexed", [True, False])
async def test_an_edit_counts_at_once(store: SqlStore, indexed: bool) -> None:
    message = told("the anchor")
    await keeps(store, message, indexed=indexed)
    await store.revise(replace(message, text="the sail", edited_at=after(60)))
    assert await texts(store, "anchor") == []
    assert await texts(store, "sail") == ["the sail"]
    await indexes(store)
    assert await texts(store, "anchor") == []
    assert await texts(store, "sail") == ["the sail"]


@pytest.mark.parametrize("way", ["deleted", "forgotten", "opted out", "place", "guild", "expired"])
@pytest.mark.parametrize("indexed", [True, False])
async def test_what_is_gone_is_neither_found_nor_held(store: SqlStore, home: Home, way: str, indexed: bool) -> None:
    message = told("the anchor", HARBOUR)
    await keeps(store, message, indexed=indexed)
    match way:
        case "deleted":
            await store.delete_messages(HARBOUR, [message.id])
        case "forgotten":
            await store.forget(ANA.key)
        case "opted out":
            await store.save_consent(ANA.key, Consent(opted_out=True))
        case "place":
            await store.forget_place(HARBOUR)
        case "guild":
            await store.forget_guild("local", HARBOUR.guild or "")
        case _:
            await store.expire(now=after(timedelta(days=40).total_seconds()), default_days=30)
    assert await texts(store, "anchor", {HARBOUR.key}) == []
    if way != "opted out":  # that keeps what was said before, but for nobody
        assert await home.rows("search_words") == 0
        assert await home.rows("search_due") == 0


async def test_the_index_holds_no_words(store: SqlStore, home: Home) -> None:
    message = told(SECRET, by=replace(ANA, name=SECRET))
    await keeps(store, message)
    await store.delete_messages(GENERAL, [message.id])
    while await store.tidy_index():
        pass
    assert SECRET not in await home.everything()


async def test_words_that_are_not_kept_are_not_found(store: SqlStore) -> None:
    await opened(store, said("the anchor", addressed=Addressed.MENTION), keep=False)
    assert await texts(store, "anchor") == []
    await indexes(store)
    assert await texts(store, "anchor") == []


async def test_what_was_asked_in_private_is_not_found_before_its_turn_is_opened_either(store: SqlStore) -> None:
    await keeps(store, replace(said("the anchor"), only=ANA.key))
    assert await texts(store, "anchor") == []


@pytest.mark.parametrize("addressed", [Addressed.ALLOWED, Addressed.PRIVATELY])
async def test_what_was_made_of_a_press_is_not_found(store: SqlStore, addressed: Addressed) -> None:
    asked = told("the sail")
    await keeps(store, asked)
    await opened(store, replace(said("the anchor"), id=f"{addressed}:1", addressed=addressed, reply_to=asked.id))
    await indexes(store)
    assert await texts(store) == ["the sail"]


async def test_what_was_asked_in_private_is_not_found(store: SqlStore) -> None:
    await opened(store, replace(said("the anchor"), only=ANA.key))
    await opened(store, said("the anchor for all"))
    await indexes(store)
    assert await texts(store, "anchor") == ["the anchor for all"]


async def test_a_message_is_found_by_its_own_words_and_files_but_not_by_what_it_quotes(store: SqlStore) -> None:
    quote = Quote(kind=QuoteKind.REPLIED, author="Ben", text="the mast")
    file = Attachment(id="f", name="harbour_map.png", media_type="image/png", size=1)
    await keeps(store, told("look", quotes=(quote,), attachments=(file,)))
    assert await texts(store, "mast") == []
    assert await texts(store, "harbour map") == ["look"]


async def test_a_replay_and_a_second_look_index_nothing_twice(store: SqlStore, home: Home) -> None:
    message = told("the anchor")
    await keeps(store, message)
    assert not await store.record(message, keep=True)
    assert await store.index_due(now=START, limit=10) == Indexed()
    assert await home.rows("search_words") == 1


async def test_many_may_index_while_others_write_and_forget(store: SqlStore, home: Home) -> None:
    lines = [told(f"anchor {n}") for n in range(60)]

    async def index() -> None:
        for _ in range(12):
            await store.index_due(now=START, limit=7)

    async def write() -> None:
        for n, message in enumerate(lines):
            await store.record(message, keep=True)
            if n % 3 == 0:
                await store.revise(replace(message, text=f"sail {n}", edited_at=after(n)))
            if n % 5 == 0:
                await store.delete_messages(GENERAL, [message.id])

    await asyncio.gather(index(), index(), write())
    await indexes(store)
    left = [n for n in range(60) if n % 5]
    assert sorted(await texts(store, limit=100)) == sorted(f"sail {n}" if n % 3 == 0 else f"anchor {n}" for n in left)
    assert await home.rows("search_words") == len(left)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.lists(st.sampled_from(["a", "b", "港", "東京", "ไทย", "한국"]), max_size=4), max_size=8),
    asked=st.lists(st.sampled_from(["a", "b", "港", "東", "ไท", "국"]), min_size=1, max_size=2, unique=True),
    room=st.integers(0, 10**9),
)
async def test_the_index_finds_what_comparing_every_message_finds(
    store: SqlStore, lines: list[list[str]], asked: list[str], room: int
) -> None:
    place = replace(GENERAL, id=f"room-{room}-{len(lines)}")
    known = list(await texts(store, "", {place.key}, limit=100))
    new = [" ".join(line) + "." for line in lines]
    await keeps(store, *(told(line, place) for line in new))
    expected = [line for line in reversed([*reversed(known), *new]) if all(word in line for word in asked)]
    assert await texts(store, " ".join(asked), {place.key}, limit=100) == expected
