"""The search index over time: it stays in few pieces, lets go of what is gone, and can be read while it changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.storage.search_index import ALIKE
from bot.storage.store import SqlStore
from bot.talk.record import Incoming
from tests.contracts.scene import after
from tests.contracts.searching import indexes, keeps, texts, told
from tests.fakes import GENERAL, START
from tests.storage.acts import HARBOUR
from tests.storage.homes import Home


async def tidies(store: SqlStore) -> None:
    steps = 0
    while await store.tidy_index():
        assert (steps := steps + 1) < 50


async def test_what_comes_one_by_one_ends_up_in_few_segments(store: SqlStore, home: Home) -> None:
    lines = [f"anchor {n}" for n in range(3 * ALIKE)]
    for line in lines:
        await keeps(store, told(line))
    assert await home.rows("search_segments") < ALIKE
    assert await texts(store, "anchor", limit=50) == lines[::-1]


async def test_nothing_of_what_is_gone_is_left_once_the_index_is_tidied(store: SqlStore, home: Home) -> None:
    gone = [told(f"the anchor {n}") for n in range(6)]
    await keeps(store, *gone, told("the sail", HARBOUR))
    await store.delete_messages(GENERAL, [message.id for message in gone])
    assert await home.rows("search_stale") == len(gone)
    await tidies(store)
    assert await home.rows("search_stale") == 0
    assert await home.rows("search_segments") == await home.rows("search_postings") == 1
    assert await texts(store, "", {GENERAL.key, HARBOUR.key}) == ["the sail"]


async def test_what_stays_is_found_after_the_index_was_tidied(store: SqlStore, home: Home) -> None:
    edited, gone, kept = told("the anchor"), told("the mast"), told("the keel")
    await keeps(store, edited, gone, kept)
    await store.revise(replace(edited, text="the sail", edited_at=after(60)))
    await indexes(store)
    await store.delete_messages(GENERAL, [gone.id])
    await tidies(store)
    for _ in range(2):
        assert await texts(store) == ["the keel", "the sail"]
        assert await texts(store, "anchor") == []
        assert await texts(store, "sail") == ["the sail"]
        await indexes(store)
    assert await home.rows("search_stale") == 0
    assert await home.rows("search_words") == 2


async def test_a_place_that_is_forgotten_leaves_nothing_once_the_index_is_tidied(store: SqlStore, home: Home) -> None:
    await keeps(store, *(told(f"the anchor {n}", HARBOUR) for n in range(3)))
    await store.forget_place(HARBOUR)
    await tidies(store)
    for table in ("search_words", "search_segments", "search_postings", "search_stale"):
        assert await home.rows(table) == 0, table


async def test_a_search_misses_nothing_while_its_index_changes(store: SqlStore) -> None:
    lines = [f"anchor {n}" for n in range(24)]
    await store.record_all([Incoming(message=told(line), keep=True) for line in lines])
    indexed = asyncio.Event()

    async def index() -> None:
        while (await store.index_due(now=START, limit=2)).messages:
            pass
        indexed.set()

    async def search() -> None:
        while not indexed.is_set():
            assert await texts(store, "anchor", limit=100) == lines[::-1]

    await asyncio.gather(index(), search(), search())
    assert await texts(store, "anchor", limit=100) == lines[::-1]
