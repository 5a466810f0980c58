"""A search by author and time, page after page, and what bounds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy

from bot.storage.search import TAIL
from bot.storage.store import SqlStore
from bot.talk.message import Person
from bot.talk.policy import Consent
from bot.talk.record import Incoming
from tests.contracts.scene import after
from tests.contracts.searching import finds, indexes, keeps, texts, told
from tests.fakes import ANA, BEN, START, said
from tests.storage.acts import HARBOUR, opened
from tests.storage.homes import Home


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


async def test_it_is_said_when_more_waits_than_is_looked_through(store: SqlStore) -> None:
    await store.record_all([Incoming(message=told(f"anchor {n}"), keep=True) for n in range(TAIL + 1)])
    assert (await finds(store, f"anchor {TAIL}")).behind
    assert await texts(store, "anchor 0") == []
    await store.index_due(now=START, limit=1)
    assert not (await finds(store, "anchor")).behind


async def test_a_search_that_compares_much_says_where_to_go_on(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.search_finding.LOOKED_AT", 1)
    await keeps(store, told("holds the anchor"), *(told(f"the anchor {n} holds") for n in range(100)))
    pages = [await finds(store, '"holds the anchor"')]
    while pages[-1].older and len(pages) < 20:
        pages.append(await finds(store, '"holds the anchor"', older=pages[-1].older))
    assert [page.matches for page in pages[:-1]] == [()] * (len(pages) - 1)
    assert [match.message.text for match in pages[-1].matches] == ["holds the anchor"]
    assert len(pages) > 1


async def test_a_search_that_looks_at_much_of_the_index_says_where_to_go_on(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.search_finding.WALKED", 1)
    monkeypatch.setattr("bot.storage.search_walk.FIRST_LOT", 1)
    monkeypatch.setattr("bot.storage.search_walk.LARGEST_LOT", 1)
    for n in range(32):
        await keeps(store, told(f"the anchor {n} holds" if n % 7 else f"the anchor {n}"))
    found: list[str] = []
    page, pages = await finds(store, "anchor holds"), 1
    while page.older and pages < 60:
        found += [match.message.text for match in page.matches]
        page, pages = await finds(store, "anchor holds", older=page.older), pages + 1
    found += [match.message.text for match in page.matches]
    assert found == [f"the anchor {n} holds" for n in reversed(range(32)) if n % 7]
    assert pages > 2


async def test_a_search_goes_on_past_the_words_of_people_who_have_opted_out(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.search_finding.LOOKED_AT", 1)
    await keeps(store, told("the anchor", by=BEN), *(told(f"the anchor {n}") for n in range(30)))
    await store.save_consent(ANA.key, Consent(opted_out=True))
    pages = [await finds(store, "anchor")]
    while pages[-1].older and len(pages) < 20:
        pages.append(await finds(store, "anchor", older=pages[-1].older))
    assert [match.message.text for page in pages for match in page.matches] == ["the anchor"]
    assert len(pages) > 1


async def test_a_search_never_goes_on_from_what_was_asked_in_private(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.search_finding.LOOKED_AT", 1)
    await keeps(store, told("the anchor"))
    for _ in range(20):
        await opened(store, replace(said("the anchor"), only=ANA.key))
    await indexes(store)
    page = await finds(store, "anchor", limit=2)
    assert ([match.message.text for match in page.matches], page.older) == (["the anchor"], "")


async def test_a_message_that_cannot_be_read_holds_up_no_other(store: SqlStore, home: Home) -> None:
    await keeps(store, told("the anchor"), told("the sail"), told("the mast"), indexed=False)
    spoilt = sqlalchemy.text("UPDATE messages SET body = 'no JSON' WHERE body LIKE '%sail%'")
    await store._db.write(lambda c: c.execute(spoilt))  # pyright: ignore[reportPrivateUsage]
    await indexes(store)
    assert await home.rows("search_due") == 0
    assert await texts(store) == ["the mast", "the anchor"]
