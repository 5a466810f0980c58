"""Whoever opened the page reads its channels, and nobody else's own conversation."""

from __future__ import annotations

from bot.errors import DatabaseUnusable
from bot.platforms.local.people import channel_named, direct_place, person_named
from bot.platforms.local.rights import LocalRights
from bot.talk.ground import Ground, Standing
from bot.talk.message import Conversation, Person, Place
from bot.talk.reach import NOWHERE
from bot.talk.record import Entry

ANA, BEN = person_named("Ana"), person_named("Ben")
GENERAL, BOATS = channel_named("general"), channel_named("Boats")


class Views:
    def __init__(self, *places: Place, error: Exception | None = None) -> None:
        self._places = places
        self._error = error

    async def places(self, platform: str) -> tuple[Place, ...]:
        if self._error is not None:
            raise self._error
        return self._places

    async def entries(self, place: Place, *, before: object = None, limit: int) -> tuple[Entry, ...]:
        return ()


def rights() -> LocalRights:
    return LocalRights(Views(GENERAL, BOATS, direct_place(ANA), direct_place(BEN)))


async def test_an_answer_in_a_channel_is_made_of_channels_alone() -> None:
    reach = await rights().reach(ANA, Conversation(place=GENERAL))
    assert reach.here == {GENERAL.room, BOATS.room}
    assert reach.alone == {GENERAL.room, BOATS.room, direct_place(ANA).room}


async def test_in_their_own_conversation_somebody_reads_that_and_the_channels() -> None:
    reach = await rights().reach(ANA, Conversation(place=direct_place(ANA)))
    assert reach.here == {GENERAL.room, BOATS.room, direct_place(ANA).room}


async def test_nobody_reads_the_conversation_of_somebody_else() -> None:
    assert await rights().reach(BEN, Conversation(place=direct_place(ANA))) == NOWHERE
    assert not await rights().may_read(BEN.key, direct_place(ANA))
    assert await rights().may_read(ANA.key, direct_place(ANA))


async def test_a_private_answer_is_for_its_one_person() -> None:
    reach = await rights().reach(ANA, Conversation(place=GENERAL, only=BEN.key))
    assert reach.here == frozenset()


async def test_people_and_places_of_other_platforms_may_read_nothing() -> None:
    assert await rights().reach(Person(platform="discord", id="1", name="Ana"), Conversation(place=GENERAL)) == NOWHERE
    assert await rights().reach(ANA, Conversation(place=Place(platform="discord", id="1"))) == NOWHERE


async def test_nothing_is_allowed_while_the_places_cannot_be_read() -> None:
    broken = LocalRights(Views(error=DatabaseUnusable("away")))
    assert await broken.reach(ANA, Conversation(place=GENERAL)) == NOWHERE


async def test_channels_are_found_by_name_as_people_write_it() -> None:
    local = rights()
    await local.reach(ANA, Conversation(place=GENERAL))
    assert list(local.named("#boats", GENERAL)) == [BOATS]
    assert list(local.named("dm-ben", GENERAL)) == []


async def test_where_nobody_asks_channels_are_for_all_and_somebodys_own_conversation_for_them() -> None:
    known = rights()
    rooms = {GENERAL.room, BOATS.room, direct_place(ANA).room, "discord:1"}
    assert await known.open_to(rooms, Conversation(place=GENERAL)) == {GENERAL.room, BOATS.room}
    alone = known.alone(ANA.key, GENERAL)
    assert alone.key == Conversation(place=direct_place(ANA), only=ANA.key).key
    assert not alone.place.name, "what is kept of its name stays"
    assert await known.open_to(rooms, alone) == {GENERAL.room, BOATS.room, direct_place(ANA).room}
    assert await known.open_to(rooms, Conversation(place=Place(platform="discord", id="1"))) == frozenset()


async def test_channels_are_what_a_digest_can_be_made_of_and_go_to() -> None:
    known = rights()
    (found,) = await known.grounds("#boats", GENERAL)
    assert [each.key for each in known.within(found)] == [BOATS.key]
    assert await known.standing(BOATS) is Standing.OPEN
    assert list(await known.grounds(direct_place(ANA).id, GENERAL)) == []
    assert known.heard
    elsewhere = Place(platform="discord", id="1")
    assert list(known.within(Ground(place=elsewhere))) == []
    assert await known.standing(elsewhere) is Standing.GONE


async def test_while_the_database_is_away_it_is_not_known_who_may_read_what() -> None:
    known = LocalRights(Views(error=DatabaseUnusable("away")))
    assert await known.open_to({GENERAL.room}, Conversation(place=GENERAL)) is None
    assert list(await known.grounds("general", GENERAL)) == []
