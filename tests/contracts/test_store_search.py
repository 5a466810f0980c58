"""What was said is found by its words, and what is gone is not: neither told nor held."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ports.history import Indexed, Page, Wanted
from bot.storage.search import TAIL
from bot.storage.store import SqlStore
from bot.talk.message import Addressed, Attachment, Message, Person, Place, PlaceKind, Quote, QuoteKind
from bot.talk.policy import Consent
from bot.talk.record import Incoming
from tests.contracts.scene import after
from tests.contracts.secret import SECRET
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import HARBOUR, opened
from tests.storage.homes import Home

ROOMS = frozenset({GENERAL.key})


async def keeps(store: SqlStore, *messages: Message, indexed: bool = True) -> None:
    for message in messages:
        assert await store.record(message, keep=True)
    if indexed:
        await indexes(store)


async def indexes(store: SqlStore) -> None:
    while (await store.index_due(now=START, limit=100)).messages:
        pass


def told(text: str, place: Place = GENERAL, by: Person = ANA, at: datetime | None = None, **more: object) -> Message:
    message = said(text, by=by, place=place, addressed=Addressed.NO)
    return replace(message, sent_at=at or message.sent_at, **more)


async def finds(
    store: SqlStore,
    words: str = "",
    rooms: Collection[str] = ROOMS,
    *,
    limit: int = 10,
    author: str = "",
    by: str = "",
    places: Collection[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    older: str = "",
    but: str = "",
) -> Page:
    return await store.find(
        Wanted(
            platform="local",
            words=words,
            rooms=frozenset(rooms),
            places=frozenset(places),
            limit=limit,
            author=author,
            by=by,
            since=since,
            until=until,
            older=older,
            but=but,
        )
    )


async def texts(store: SqlStore, words: str = "", rooms: Collection[str] = ROOMS, **more: object) -> Sequence[str]:
    page = await finds(store, words, rooms, **more)  # pyright: ignore[reportArgumentType] # as `finds` takes them
    return [match.message.text for match in page.matches]


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


async def test_an_author_is_found_by_name_part_of_it_or_key(store: SqlStore) -> None:
    eve = Person(platform="local", id="123456789012345678", name="EveOfTheSea 港")
    await keeps(store, told("by Ana"), told("by Ben", by=BEN), told("by Eve", by=eve))
    assert await texts(store, by=eve.key) == ["by Eve"]
    for author in ("EveOfTheSea", "eve", "sea of", "港"):
        assert await texts(store, author=author) == ["by Eve"], author
    assert await texts(store, "by", author="ben") == ["by Ben"]
    assert await texts(store, author="nobody") == []


async def test_a_time_has_a_first_moment_and_an_end_that_is_no_part_of_it(store: SqlStore) -> None:
    day = timedelta(days=1).total_seconds()
    await keeps(store, *(told(f"anchor {n}", at=after(n * day / 2)) for n in range(8)))
    assert await texts(store, "anchor", since=after(2 * day), until=after(3 * day)) == ["anchor 5", "anchor 4"]
    assert await texts(store, since=after(3.5 * day)) == ["anchor 7"]
    assert await texts(store, until=after(1)) == ["anchor 0"]
    assert await texts(store, since=after(9 * day)) == []


async def test_what_is_told_late_is_found_by_when_it_was_said(store: SqlStore) -> None:
    await keeps(store, told("now", at=after(9 * 86400)), told("late", at=after(0)))
    assert await texts(store, until=after(86400)) == ["late"]
    assert await texts(store, since=after(86400)) == ["now"]


async def test_pages_follow_each_other_without_a_gap(store: SqlStore) -> None:
    lines = [f"anchor {n}" for n in range(25)]
    await keeps(store, *map(told, lines[:20]))
    await keeps(store, *map(told, lines[20:]), indexed=False)
    found: list[str] = []
    older = ""
    while True:
        page = await finds(store, "anchor", older=older, limit=4)
        found += [match.message.text for match in page.matches]
        if not (older := page.older):
            break
    assert found == list(reversed(lines))


async def test_one_cannot_go_on_from_what_one_may_not_read(store: SqlStore) -> None:
    hidden = told("anchor", HARBOUR)
    await keeps(store, told("anchor"), hidden)
    complaints: list[str] = []
    for older in (hidden.id, "unheard of"):
        with pytest.raises(ValueError, match="older") as complaint:
            await finds(store, "anchor", older=older)
        complaints.append(str(complaint.value))
    assert complaints[0] == complaints[1]


async def test_the_message_that_asks_is_left_out(store: SqlStore) -> None:
    asking = told("where is the anchor")
    await keeps(store, told("the anchor"), asking)
    assert await texts(store, "anchor", but=asking.id) == ["the anchor"]


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


async def test_it_is_said_when_more_waits_than_is_looked_through(store: SqlStore) -> None:
    await store.record_all([Incoming(message=told(f"anchor {n}"), keep=True) for n in range(TAIL + 1)])
    assert (await finds(store, f"anchor {TAIL}")).behind
    assert await texts(store, "anchor 0") == []
    await store.index_due(now=START, limit=1)
    assert not (await finds(store, "anchor")).behind


async def test_a_search_that_compares_much_says_where_to_go_on(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.searching.LOOKED_AT", 1)
    await keeps(store, told("holds the anchor"), *(told(f"the anchor {n} holds") for n in range(100)))
    page = await finds(store, '"holds the anchor"')
    assert page.matches == ()
    page = await finds(store, '"holds the anchor"', older=page.older)
    assert [match.message.text for match in page.matches] == ["holds the anchor"]


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
