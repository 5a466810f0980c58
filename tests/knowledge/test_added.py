"""What moderators and staff add becomes documents, which go with what they were made of."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import KnowledgeFull, NotAllowed, PlatformUnavailable
from bot.knowledge.staff import MOST_QUESTION, Staff
from bot.languages.phrases import Phrases
from bot.ports.web import WebPage
from bot.services.knowledge import AskedKnowledge, Library
from bot.storage.store import SqlStore
from bot.talk.event import Commanded
from bot.talk.knowledge import EVERYONE, Readers
from bot.talk.message import Message, Person, Place, PlaceKind
from bot.talk.policy import Consent
from bot.talk.record import Incoming
from tests.fakes import START, FakeClock, said
from tests.knowledge.house import ABROAD, ASKER, PUBLIC, TEAM, House, Meanwhile
from tests.settling import settle

ANA = ASKER
BEN = Person(platform="discord", id="ben", name="Ben")
THREAD = Place(platform="discord", id="70", guild="5", parent="7", kind=PlaceKind.THREAD, open=True, name="Mooring")


class Pinned:
    """Says what is pinned; None: cannot be asked now. `meanwhile` happens before the answer has come."""

    def __init__(self) -> None:
        self.messages: Sequence[Message] | None = ()
        self.meanwhile: Meanwhile | None = None

    async def pinned(self, place: Place) -> Sequence[Message]:
        if (found := self.messages) is None:
            raise PlatformUnavailable("away")
        if self.meanwhile is not None:
            await self.meanwhile()
        return found


class Desk:
    """A house whose staff add to its knowledge."""

    def __init__(self, house: House, store: SqlStore) -> None:
        self.house = house
        self.store = store
        self.pins = Pinned()
        self.clock = FakeClock()
        house.pins["discord"] = self.pins
        self.staff = Staff(
            store,
            rights={"discord": house.rights},
            look=house.keeping.look_soon,
            phrases=Phrases("en"),
            clock=self.clock,
        )

    async def use(self, name: str, *, place: Place = PUBLIC, by: Person = ANA, **arguments: str) -> str:
        event = Commanded(name=name, person=by, place=place, at=START, arguments=arguments, moderator=True)
        response = await self.staff.commands[name](event)
        await self.house.keeping.look()
        assert response is not None
        return response.text


@pytest.fixture
def desk(house: House, store: SqlStore) -> Desk:
    return Desk(house, store)


async def test_a_page_is_added_listed_found_and_removed(desk: Desk) -> None:
    desk.house.web.pages["https://wiki.example/"] = WebPage(url="https://wiki.example/", title="Wiki", text="anchors")
    assert "number 1" in await desk.use("knowledge-page", url="https://wiki.example/")
    assert "already" in await desk.use("knowledge-page", url="https://wiki.example/")
    assert await desk.house.finds("anchors") == ["Wiki"]
    assert "`1` a page: https" in await desk.use("knowledge-list")
    assert "removed" in await desk.use("knowledge-remove", number="#1")
    assert await desk.house.finds("anchors") == []
    assert "no address" in await desk.use("knowledge-page", url="ftp://wiki.example/")


async def test_a_list_says_which_page_could_not_be_read(desk: Desk) -> None:
    desk.house.web.pages["https://wiki.example/"] = WebPage(url="https://wiki.example/", title="Wiki", text="anchors")
    await desk.use("knowledge-page", url="https://wiki.example/")
    await desk.use("knowledge-page", url="https://wiki.example/typo")
    _, read, unread = (await desk.use("knowledge-list")).splitlines()
    assert "could not read" not in read
    assert "(I could not read it so far.)" in unread


async def test_nobody_learns_by_a_list_what_was_added_for_others(desk: Desk) -> None:
    assert "number 1" in await desk.use("knowledge-page", place=TEAM, url="https://team.example/")
    assert "Nothing" in await desk.use("knowledge-list", by=BEN)
    assert "no such number" in await desk.use("knowledge-remove", by=BEN, number="1")
    assert "Nothing" in await desk.use("knowledge-list", place=ABROAD)


async def test_pinned_messages_are_found_as_long_as_they_are_pinned(desk: Desk) -> None:
    first, second = (
        said("Anchors hold.", message_id="1", place=PUBLIC),
        said("Sails pull.", message_id="2", place=PUBLIC),
    )
    desk.pins.messages = (first, second)
    await desk.use("knowledge-pins", pins="on")
    assert len(await desk.house.finds("anchors sails")) == 2
    desk.pins.messages = None
    await desk.house.keeping.look()
    assert len(await desk.house.finds("anchors sails")) == 2
    desk.pins.messages = (second,)
    await desk.house.keeping.look()
    assert await desk.house.finds("anchors") == []
    await desk.use("knowledge-pins", pins="off")
    assert await desk.house.finds("sails") == []


async def test_a_deleted_pin_is_gone_at_once_and_what_its_author_forbids_never_comes(desk: Desk) -> None:
    desk.pins.messages = (said("Anchors hold.", message_id="1", place=PUBLIC, by=BEN),)
    await desk.use("knowledge-pins", pins="on")
    await desk.store.delete_messages(PUBLIC, ["1"])
    assert await desk.house.finds("anchors") == []
    await desk.store.save_consent(BEN.key, Consent(opted_out=True))
    await desk.house.keeping.look()
    assert await desk.house.finds("anchors") == []


async def test_what_was_pinned_by_somebody_who_asked_to_be_forgotten_does_not_come_back(desk: Desk) -> None:
    mine = said("Anchors hold.", message_id="1", place=PUBLIC, by=BEN)
    desk.pins.messages = (mine, said("Sails pull.", message_id="2", place=PUBLIC, by=ANA))
    await desk.use("knowledge-pins", pins="on")
    assert len(await desk.house.finds("anchors sails")) == 2
    await desk.store.forget(BEN.key)
    await desk.house.keeping.look()
    assert len(await desk.house.finds("anchors sails")) == 1
    assert await desk.house.finds("anchors") == []


async def test_what_is_unpinned_and_deleted_while_pins_are_read_is_not_found(desk: Desk) -> None:
    desk.pins.messages = (said("Anchors hold.", message_id="1", place=PUBLIC, by=BEN),)

    async def deleted() -> None:
        desk.pins.messages = ()
        await desk.store.delete_messages(PUBLIC, ["1"])

    desk.pins.meanwhile = deleted
    await desk.use("knowledge-pins", pins="on")
    assert await desk.house.finds("anchors") == []


async def test_what_is_edited_in_a_thread_while_it_is_read_is_not_found(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = said("With an anchor.", message_id="1", place=THREAD, by=ANA)
    await desk.store.record_all([Incoming(message=told, keep=True)])
    number = await desk.staff.approve(THREAD, ANA.key)
    assert number is not None
    said_in = desk.store.said_in

    async def edited_meanwhile(place: Place, *, limit: int) -> tuple[Message, ...]:
        found = await said_in(place, limit=limit)
        later = told.sent_at + timedelta(minutes=1)
        await desk.store.revise(replace(told, text="With rope.", edited_at=later))
        return found

    monkeypatch.setattr(desk.store, "said_in", edited_meanwhile)
    await desk.house.keeping.look()
    assert await desk.house.finds("anchor") == []


async def test_a_page_that_is_taken_back_while_it_is_fetched_is_not_found(desk: Desk) -> None:
    url = "https://wiki.example/"
    desk.house.web.pages[url] = WebPage(url=url, title="Wiki", text="anchors")

    async def removed() -> None:
        (page,) = await desk.store.added()
        await desk.store.drop_source(page.number)

    desk.house.web.meanwhile = removed
    await desk.use("knowledge-page", url=url)
    assert await desk.house.finds("anchors") == []


async def test_a_solved_thread_is_found_without_what_was_taken_back(desk: Desk) -> None:
    asked = said("How do I moor?", message_id="1", place=THREAD, by=BEN)
    told = said("With an anchor.", message_id="2", place=THREAD, by=ANA)
    assert "Nothing is kept" in await desk.use("knowledge-thread", place=THREAD)
    await desk.store.record_all([Incoming(message=message, keep=True) for message in (asked, told)])
    await desk.use("knowledge-thread", place=THREAD)
    assert await desk.house.finds("anchor") == ["Mooring"]
    await desk.store.delete_messages(THREAD, ["2"])
    assert await desk.house.finds("moor") == []
    await desk.house.keeping.look()
    assert await desk.house.finds("moor") == ["Mooring"]
    assert await desk.house.finds("anchor") == []
    await desk.store.forget(BEN.key)
    await desk.house.keeping.look()
    assert await desk.house.finds("moor") == []


async def test_nobody_adds_to_a_thread_after_staff_approved_it(desk: Desk) -> None:
    asked = said("How do I moor?", message_id="1", place=THREAD, by=BEN)
    later = said("With string.", message_id="2", place=THREAD, by=BEN, at=START + timedelta(minutes=1))
    told = said("With an anchor.", message_id="3", place=THREAD, by=ANA)
    await desk.store.record_all([Incoming(message=message, keep=True) for message in (asked, told)])
    await desk.use("knowledge-thread", place=THREAD)
    await desk.store.record_all([Incoming(message=later, keep=True)])
    await desk.store.revise(replace(told, text="With rope.", edited_at=later.sent_at))
    await desk.house.keeping.look()
    assert await desk.house.finds("string rope") == []
    assert await desk.house.finds("moor") == ["Mooring"]
    await desk.clock.advance(60)
    assert "number 2" in await desk.use("knowledge-thread", place=THREAD)
    assert await desk.house.finds("string") == ["Mooring"]
    assert await desk.house.finds("rope") == ["Mooring"]


async def test_who_answered_does_not_pass_for_who_asked_when_the_question_is_edited_later(desk: Desk) -> None:
    asked = said("How do I moor?", message_id="1", place=THREAD, by=BEN)
    told = said("With an anchor.", message_id="2", place=THREAD, by=ANA)
    await desk.store.record_all([Incoming(message=message, keep=True) for message in (asked, told)])
    await desk.use("knowledge-thread", place=THREAD)
    await desk.store.revise(replace(asked, text="How do I sail?", edited_at=START + timedelta(minutes=1)))
    await desk.house.keeping.look()
    shelves = await desk.store.known_shelves(rooms={THREAD.room}, guilds={"discord:5"})
    (found,) = await desk.store.known_passages(await desk.store.rank_by_words("anchor", shelves, limit=1), shelves)
    assert found.chunk.text == "A: With an anchor."


async def test_a_command_that_somebody_sees_who_manages_nothing_does_nothing(desk: Desk) -> None:
    for name, handler in desk.staff.commands.items():
        with pytest.raises(NotAllowed):
            await handler(Commanded(name=name, person=BEN, place=PUBLIC, at=START, arguments={"number": "1"}))
    assert await desk.store.added() == ()


async def test_who_adds_more_than_fits_is_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.knowledge.staff.MOST_ADDED", 1)
    await desk.staff.add("Where are the keys?", "In the drawer.", EVERYONE, ANA.key)
    with pytest.raises(KnowledgeFull) as full:
        await desk.staff.add("Where is the boat?", "At sea.", EVERYONE, ANA.key)
    assert "can hold 1 entry" in Phrases("en").explain(full.value)


async def test_an_answer_of_staff_is_found_by_its_question_among_its_readers(desk: Desk) -> None:
    readers = Readers(guild="discord:5", room=TEAM.room)
    await desk.staff.add("Where are the keys?", "In the drawer.", readers, ANA.key, "https://chat.example/1")
    await desk.house.keeping.look()
    assert await desk.house.finds("keys", place=PUBLIC) == []
    assert await desk.house.finds("keys", place=TEAM) == ["Where are the keys?"]
    assert await desk.house.finds("keys", place=TEAM, labels=["guides"]) == ["Where are the keys?"], (
        "they wrote it there"
    )
    sent = (desk.staff.add("Where is the boat?", "At sea.", EVERYONE, ANA.key) for _ in range(2))
    assert await asyncio.gather(*sent) == [2, 2]
    await desk.house.keeping.look()
    assert await desk.house.finds("boat", place=TEAM) == ["Where is the boat?"]
    assert await desk.house.finds("boat", place=TEAM, labels=["guides"]) == []
    with pytest.raises(ValueError, match="needed"):
        await desk.staff.add(" ", "x", readers, ANA.key)
    with pytest.raises(ValueError, match="at most"):
        await desk.staff.add("x" * (MOST_QUESTION + 1), "x", readers, ANA.key)


async def test_an_answer_of_staff_does_not_wait_for_pages_that_take_long(desk: Desk) -> None:
    go = asyncio.Event()

    async def at_last() -> None:
        await go.wait()

    desk.house.web.meanwhile = at_last
    desk.house.list.write_text("https://slow.example/")
    await desk.staff.add("Where are the keys?", "In the drawer.", EVERYONE, ANA.key)
    looking = asyncio.create_task(desk.house.keeping.look())
    await settle()
    assert await desk.house.finds("keys") == ["Where are the keys?"]
    go.set()
    await looking


async def test_an_answer_of_staff_is_not_said_to_have_changed_when_it_is_old(desk: Desk) -> None:
    house = desk.house
    await desk.staff.add("Where are the keys?", "In the drawer.", EVERYONE, ANA.key, "https://chat.example/1")
    await house.keeping.look()
    await house.clock.advance(timedelta(days=9).total_seconds())
    await house.keeping.look()
    library = Library(store=desk.store, unchanged=house.keeping.unchanged, counters=house.counters, clock=house.clock)
    (found,) = (await AskedKnowledge(library, None, said("?")).search("keys", limit=5)).passages
    assert not found.stale
    assert found.as_of == START
