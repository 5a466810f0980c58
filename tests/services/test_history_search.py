"""Nobody learns by searching what they, or whoever else reads the answer, may not read; not even that it is there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ports.history import Searched
from bot.services.history import EXCERPT, HistorySearch, excerpt
from bot.settings import Database
from bot.storage.store import SqlStore
from bot.talk.message import Addressed, Message, Person, Place, PlaceKind
from tests.fakes import ANA, BEN, GENERAL, FakeClock, said
from tests.rights import FakeRights
from tests.stores import open_store

HELP = Place(platform="local", id="help", name="help", guild="g")
STAFF = Place(platform="local", id="staff", name="staff", guild="g")
THREAD = Place(platform="local", id="t", name="berths", kind=PlaceKind.THREAD, parent=HELP.id, open=True)
OTHER_HELP = Place(platform="local", id="help2", name="help", guild="g")
PLACES = (GENERAL, HELP, STAFF, THREAD, OTHER_HELP)


@dataclass(frozen=True, slots=True)
class Town:
    store: SqlStore
    rights: FakeRights

    async def hears(self, text: str, place: Place = GENERAL, by: Person = ANA) -> Message:
        message = said(text, by=by, place=place, addressed=Addressed.NO)
        assert await self.store.record(message, keep=True)
        return message

    async def search(
        self, words: str = "", *, by: Person = ANA, place: Place = GENERAL, only: str | None = None, **more: Any
    ) -> Searched:
        question = replace(said("?", by=by, place=place), only=only)
        return await HistorySearch(self.store, self.rights, question).search(words, limit=20, **more)

    async def texts(self, words: str = "", **more: Any) -> Sequence[str]:
        return [hit.text for hit in (await self.search(words, **more)).hits]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncGenerator[Town]:
    everyone, staff = {ANA.key, BEN.key}, {ANA.key}
    rights = FakeRights(
        readers={GENERAL.room: everyone, HELP.room: everyone, STAFF.room: staff, OTHER_HELP.room: staff}, places=PLACES
    )
    async with open_store(Database(), tmp_path, clock=FakeClock()) as store:
        yield Town(store, rights)


async def test_what_was_said_elsewhere_is_found_with_its_author_place_and_link(town: Town) -> None:
    message = await town.hears("the anchor holds", HELP)
    (hit,) = (await town.search("anchor", by=BEN)).hits
    assert (hit.message, hit.place, hit.author, hit.text) == (message.id, HELP, ANA.name, "the anchor holds")
    assert hit.link == f"https://chat.example/{HELP.id}/{message.id}"
    assert hit.sent_at == message.sent_at


async def test_what_one_may_read_is_not_told_to_those_who_may_not(town: Town) -> None:
    await town.hears("the anchor is sold", STAFF)
    found = await town.search("anchor")
    assert found == Searched(privately=True)
    assert await town.texts("anchor", place=STAFF) == ["the anchor is sold"]
    assert await town.texts("anchor", only=ANA.key) == ["the anchor is sold"]
    assert await town.search("anchor", by=BEN) == Searched()


async def test_that_more_is_found_in_private_says_nothing_of_whether_there_is_more(town: Town) -> None:
    nothing_there = await town.search("anchor")
    await town.hears("the anchor is sold", STAFF)
    assert await town.search("anchor") == nothing_there


async def test_a_right_that_is_taken_away_counts_for_the_next_search(town: Town) -> None:
    await town.hears("anchor", HELP)
    search = HistorySearch(town.store, town.rights, said("?", by=BEN))
    assert len((await search.search("anchor", limit=5)).hits) == 1
    town.rights.readers = {GENERAL.room: {ANA.key, BEN.key}}
    assert await search.search("anchor", limit=5) == Searched()


async def test_a_channel_that_may_not_be_read_is_as_unknown_as_one_that_is_not_there(town: Town) -> None:
    await town.hears("anchor", STAFF)
    complaints: set[str] = set()
    for where in ("#staff", "staff", "no such place", STAFF.id):
        with pytest.raises(ValueError, match="no such channel") as complaint:
            await town.search("anchor", where=where)
        complaints.add(str(complaint.value))
    assert len(complaints) == 1


async def test_of_two_channels_of_one_name_those_are_searched_that_may_be_read(town: Town) -> None:
    await town.hears("anchor one", HELP)
    await town.hears("anchor two", OTHER_HELP)
    assert await town.texts("anchor", where="#help") == ["anchor one"]
    assert await town.texts("anchor", where="#help", only=ANA.key) == ["anchor two", "anchor one"]


async def test_a_channel_is_searched_with_its_open_threads_and_a_thread_alone(town: Town) -> None:
    await town.hears("anchor", HELP)
    await town.hears("anchor in the thread", THREAD)
    await town.hears("anchor elsewhere")
    assert await town.texts("anchor", where="help") == ["anchor in the thread", "anchor"]
    assert await town.texts("anchor", where="berths") == ["anchor in the thread"]
    assert await town.texts("anchor", where="here") == ["anchor elsewhere"]


async def test_one_may_ask_for_what_one_wrote_oneself(town: Town) -> None:
    await town.hears("anchor by Ana")
    await town.hears("anchor by Ben", by=BEN)
    assert await town.texts("anchor", author="me") == ["anchor by Ana"]
    assert await town.texts("anchor", author="me", by=BEN) == ["anchor by Ben"]
    assert await town.texts("anchor", author="@ben") == ["anchor by Ben"]


async def test_the_question_itself_is_not_found(town: Town) -> None:
    question = said("where is the anchor")
    await town.store.record(question, keep=True)
    search = HistorySearch(town.store, town.rights, question)
    assert (await search.search("anchor", limit=5)).hits == ()


async def test_one_cannot_go_on_from_a_message_that_one_may_not_read(town: Town) -> None:
    hidden = await town.hears("anchor", STAFF)
    for older in (hidden.id, "nonsense"):
        with pytest.raises(ValueError, match="older must be what an earlier search gave for it"):
            await town.search("anchor", older=older)


async def test_of_a_long_message_the_part_is_shown_that_was_looked_for(town: Town) -> None:
    await town.hears("word " * 300 + "the anchor holds " + "word " * 300)
    (text,) = await town.texts("anchor")
    assert "the anchor holds" in text
    assert text.startswith("… ")
    assert text.endswith(" …")


@given(st.text(max_size=2000), st.integers(0, 2000))
def test_an_excerpt_is_one_short_line(text: str, at: int) -> None:
    shown = excerpt(text, at)
    assert len(shown) <= EXCERPT + 4
    assert len(shown.splitlines()) <= 1


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    readers=st.lists(st.sets(st.sampled_from(["local:ana", "local:ben", "local:cleo"])), min_size=5, max_size=5),
    at=st.integers(0, 4),
    private=st.booleans(),
)
async def test_nothing_outside_the_reach_of_all_readers_is_ever_found(
    town: Town, readers: list[set[str]], at: int, private: bool
) -> None:
    for place in PLACES:
        message = replace(said(f"secret {place.id}", place=place, addressed=Addressed.NO), id=f"in-{place.id}")
        await town.store.record(message, keep=True)
    town.rights.readers = {place.room: keys for place, keys in zip(PLACES, readers, strict=True)}
    asker, place = ANA, PLACES[at]
    found = await town.search("secret", by=asker, place=place, only=asker.key if private else None)
    audience = {asker.key} if private else {asker.key, *town.rights.readers[place.room]}
    for hit in found.hits:
        assert audience <= set(town.rights.readers[hit.place.room])


async def test_nothing_is_found_where_nobody_knows_who_may_read(town: Town) -> None:
    await town.hears("anchor")
    town.rights.readers = {}
    assert await town.search("anchor") == Searched()


async def test_a_question_that_is_asked_again_in_private_is_not_part_of_what_is_found(town: Town) -> None:
    asked = await town.hears("where is the anchor?")
    again = replace(asked, id="privately:1", addressed=Addressed.PRIVATELY, reply_to=asked.id, only=ANA.key)
    found = await HistorySearch(town.store, town.rights, again).search("anchor", limit=20)
    assert found.hits == ()
