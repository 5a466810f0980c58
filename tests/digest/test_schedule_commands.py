"""The commands of scheduled digests: who may do what with which, and what is said of places that nobody may know of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import NotAllowed
from bot.settings.digests import Digests
from bot.talk.message import Person, Place, PlaceKind
from tests.digest.planned import CARA, NEWS, OFFICE, QUAY, YARD, newsroom, rights
from tests.fakes import ANA, BEN, direct
from tests.rights import FakeRights

DAILY = "every day at 20"


async def test_a_digest_is_made_listed_paused_resumed_and_removed(tmp_path: Path) -> None:
    async with newsroom(tmp_path, timezone="Europe/Paris") as room:
        told = await room.uses("create", what="#quay, yard", when="weekdays at 9", where="news")
        number = told.split()[1]
        assert told.startswith(f"Digest {number} is scheduled: #quay, #yard, `weekdays at 9` (Europe/Paris), in #news.")
        assert "First digest: <t:1795507200:f>" in told  # Tuesday, 8:00 UTC
        (line,) = (await room.uses("list")).splitlines()
        assert line == f"- `{number}` #quay, #yard: `weekdays at 9` (Europe/Paris), in #news; next <t:1795507200:f>"
        assert "waits until you resume it" in await room.uses("pause", number=number)
        assert "somebody paused it" in await room.uses("list")
        assert "waits already" in await room.uses("pause", number=f"#{number}")
        assert await room.until(9, days=3) is None
        assert room.maker.orders == []
        assert "goes on" in await room.uses("resume", number=number)
        assert "does not wait" in await room.uses("resume", number=number)
        assert "is removed" in await room.uses("remove", number=f"`{number}`")
        assert await room.uses("list") == "There are no scheduled digests that you can see."
        assert "no digest of that number" in await room.uses("remove", number=number)


async def test_what_was_said_while_it_was_paused_is_told_after_it(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        number = await room.creates("quay", DAILY)
        await room.uses("pause", number=number)
        room.says("meanwhile")
        await room.until(21)
        await room.uses("resume", number=number)
        await room.until(20, days=1)
        assert room.posted() == ["**Digest: #quay**\n1 from 22 20:00 to 24 20:00\n- meanwhile"]


@pytest.mark.parametrize("name", ["create", "list", "show", "pause", "resume", "keep", "remove"])
async def test_only_moderators_may(tmp_path: Path, name: str) -> None:
    async with newsroom(tmp_path) as room:
        with pytest.raises(NotAllowed):
            await room.uses(name, moderator=False, what="quay", when=DAILY, number="1")


async def test_who_cannot_read_all_that_a_digest_names_does_not_see_that_it_is_there(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        secret = await room.creates("quay, office", DAILY, where="office")
        plain = await room.creates("quay", DAILY)
        assert len((await room.uses("list")).splitlines()) == 2
        assert [each.split("`")[1] for each in (await room.uses("list", by=CARA)).splitlines()] == [plain]
        for name in ("show", "pause", "resume", "remove"):
            assert "no digest of that number" in await room.uses(name, by=CARA, number=secret)


async def test_only_who_manages_a_channel_decides_what_is_posted_there(tmp_path: Path) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        number = await room.creates("quay", DAILY, where="news")
        allowed.moderators = (ANA.key,)
        assert "manages #news" in await room.uses("create", by=BEN, what="quay", when=DAILY, where="news")
        for name in ("pause", "resume", "remove"):
            assert "manages #news" in await room.uses(name, by=BEN, number=number)
        allowed.gone = (NEWS.id,)
        assert "is removed" in await room.uses("remove", by=BEN, number=number), "nobody manages what is gone"


async def test_places_that_somebody_cannot_read_are_not_there_for_them(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        unknown = await room.uses("create", by=CARA, what="nowhere", when=DAILY)
        hidden = await room.uses("create", by=CARA, what="office", when=DAILY)
        assert unknown == "I know no place called nowhere that you can read."
        assert hidden == unknown.replace("nowhere", "office")
        assert "no place called office" in await room.uses("create", by=CARA, what="quay", when=DAILY, where="office")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"when": "often"}, "like one of these: `weekdays at 9`, "),
        ({"when": "* * * * * *"}, "`30 9 * * 1-5`."),
        ({"when": "61 9 * * *"}, "61 must lie between 0 and 59."),
        ({"when": "every 99 weeks at 9"}, "99 must lie between 1 and 52."),
        ({"when": "* * * * *"}, "At least 15 minutes must lie between two times."),
        ({"when": "0 0 30 2 *"}, "That never comes."),
        ({"what": ",".join(f"c{number}" for number in range(26))}, "25 places at most"),
        ({"what": "x" * 2000}, "25 places at most"),
        ({"where": "Harbour"}, "cannot be posted in a category"),
        ({"where": "atlantis"}, "no place called atlantis"),
        ({"languages": "en de fr es it"}, "one to 4 languages"),
        ({"languages": "English!"}, "one to 4 languages"),
        ({"length": "endless"}, "none of the choices: short, normal, long"),
        ({"empty": "cry"}, "none of the choices: skip, say"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_can(tmp_path: Path, arguments: dict[str, str], told: str) -> None:
    async with newsroom(tmp_path) as room:
        said = await room.uses(
            "create", by=ANA, place=QUAY, moderator=True, **{"what": "quay", "when": DAILY, **arguments}
        )
        assert told in said


async def test_why_a_time_cannot_be_is_said_in_the_language_of_whoever_named_it(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        anna = replace(ANA, locale="de")
        for when, reason in (("jeden Tag", "Schreib es auf Englisch"), ("0 0 30 2 *", "Dieser Zeitpunkt kommt nie.")):
            said = await room.uses("create", by=anna, place=QUAY, moderator=True, what="quay", when=when)
            assert reason in said
            assert "never" not in said
            assert "like" not in said
        assert await room.uses("list") == "There are no scheduled digests that you can see."


async def test_a_name_of_several_places_has_to_be_told_apart(tmp_path: Path) -> None:
    twin = Place(platform="local", id="quay-2", name="quay", guild="port")
    allowed = rights()
    allowed.places = (QUAY, YARD, OFFICE, NEWS, twin)
    async with newsroom(tmp_path, allowed=allowed) as room:
        await room.creates("quay", DAILY)  # the other one cannot be read
        allowed.readers = {**allowed.readers, twin.room: {ANA.key}}
        assert "Several places are called quay" in await room.uses("create", what="quay", when=DAILY)


async def test_what_not_everyone_there_may_read_is_said_when_it_is_made(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        told = (await room.uses("create", what="quay, office", when=DAILY, where="news")).splitlines()
        assert told[1:] == ["Not everyone who can read #news may read #office, so nothing of it will be told there."]
        told = (await room.uses("create", what="office", when=DAILY, where="news")).splitlines()
        assert told[-1] == "So there is nothing that could be told there."


async def test_a_target_where_we_may_not_write_is_refused(tmp_path: Path) -> None:
    allowed = rights()
    allowed.barred = (NEWS.id,)
    async with newsroom(tmp_path, allowed=allowed) as room:
        assert "I may not write in #news" in await room.uses("create", what="quay", when=DAILY, where="news")


async def test_nothing_is_said_while_nobody_knows_who_may_read_what(tmp_path: Path) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        number = await room.creates("quay", DAILY)
        allowed.away = True
        for name in ("create", "list", "remove", "subscribe"):
            assert "cannot find out" in await room.uses(name, what="quay", when=DAILY, number=number)


async def test_direct_messages_have_none(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        assert "Name a channel" in await room.uses("list", place=direct(ANA))


async def test_there_are_no_more_than_the_operator_allows(tmp_path: Path) -> None:
    async with newsroom(tmp_path, limits=Digests(per_server=2)) as room:
        numbers = {await room.creates("quay", DAILY) for _ in range(2)}
        assert len(numbers) == 2
        assert "Remove one first" in await room.uses("create", what="quay", when=DAILY)
        await room.uses("remove", number=min(numbers))
        await room.creates("quay", DAILY)


async def test_another_servers_digests_are_not_there(tmp_path: Path) -> None:
    elsewhere = Place(platform="local", id="far", name="far", guild="island")
    allowed = rights()
    allowed.readers = {**allowed.readers, elsewhere.room: {ANA.key}}
    async with newsroom(tmp_path, allowed=allowed) as room:
        number = await room.creates("quay", DAILY)
        assert "no scheduled digests" in await room.uses("list", place=elsewhere)
        assert "no digest of that number" in await room.uses("remove", place=elsewhere, number=number)
        await room.house.store.forget_guild("local", "port")
        assert "no scheduled digests" in await room.uses("list")


async def test_one_is_shown_now_to_whoever_asks_alone_and_changes_nothing(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        number = await room.creates("quay, office", DAILY, where="news")
        room.says("for all")
        room.says("for the office", place=OFFICE)
        room.house.clock.jump(60)
        assert "comes to you alone" in await room.uses("show", number=number)
        assert "making one for you already" in await room.uses("show", number=number)
        assert await room.due() == ["done"]
        assert room.told(ANA) == ["**Digest: #quay**\n1 from 22 20:00 to 23 18:01\n- for all"]  # as in the news
        assert room.maker.waited_for[0] is not None
        assert room.posted(NEWS) == []
        await room.until(20)
        assert room.posted(NEWS) == ["**Digest: #quay**\n1 from 22 20:00 to 23 20:00\n- for all"]
        room.house.clock.jump(60)
        assert "comes to you alone" in await room.uses("show", number=number)
        assert await room.due() == ["done"]
        assert room.told(ANA)[1:] == ["**Digest: #quay**\n0 from 23 20:00 to 23 20:02"]


async def test_one_that_could_tell_nothing_says_so_when_it_is_shown(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        number = await room.creates("office", DAILY, where="news")
        await room.uses("show", number=number)
        await room.due()
        assert room.told(ANA) == ["There is nothing that you could be shown of it now."]


async def test_anyone_sees_and_is_sent_what_they_can_read_something_of(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        both = await room.creates("quay, office", DAILY, where="subscribers")
        secret = await room.creates("office", DAILY, where="Subscribers")
        await room.creates("quay", DAILY, where="news")

        async def listed(person: Person) -> list[str]:
            told = await room.uses("subscribe", by=person, moderator=False)
            return [each.split(":")[0] for each in told.splitlines()[1:]]

        assert sorted(await listed(BEN)) == sorted([f"- `{both}` #quay, #office", f"- `{secret}` #office"])
        assert await listed(CARA) == [f"- `{both}` #quay"]
        assert "no digest of that number" in await room.uses("subscribe", by=CARA, moderator=False, number=secret)
        assert "You will be sent" in await room.uses("subscribe", by=CARA, moderator=False, number=both)
        assert "(you are sent it)" in await room.uses("subscribe", by=CARA, moderator=False)
        assert "not be sent" in await room.uses("unsubscribe", by=CARA, moderator=False, number=both)
        assert "not sent a digest" in await room.uses("unsubscribe", by=CARA, moderator=False, number=both)


async def test_who_lost_what_they_subscribed_to_can_still_end_it(tmp_path: Path) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        number = await room.creates("office", DAILY, where="subscribers")
        await room.uses("subscribe", by=BEN, moderator=False, number=number)
        allowed.readers = {**allowed.readers, OFFICE.room: {ANA.key}}
        assert "not be sent" in await room.uses(
            "unsubscribe", by=BEN, place=direct(BEN), moderator=False, number=number
        )
        assert "not sent a digest" in await room.uses("unsubscribe", by=BEN, place=direct(BEN), number=number)


async def test_a_digest_has_so_many_subscribers_and_no_more(tmp_path: Path) -> None:
    async with newsroom(tmp_path, limits=Digests(subscribers=1)) as room:
        number = await room.creates("quay", DAILY, where="subscribers")
        for _ in range(2):
            assert "You will be sent" in await room.uses("subscribe", by=BEN, moderator=False, number=number)
        assert "as many subscribers" in await room.uses("subscribe", by=CARA, moderator=False, number=number)
        await room.uses("pause", number=number)
        assert "waits at the moment" in await room.uses("subscribe", by=BEN, moderator=False, number=number)


async def test_the_words_of_places_are_not_kept_and_names_have_no_effect(tmp_path: Path) -> None:
    loud = Place(platform="local", id="loud", name="@everyone `loud` [x](http://x.example)", guild="port")
    everybody = {ANA.key, BEN.key, CARA.key}
    readers = dict.fromkeys((loud.room, QUAY.room), everybody)
    allowed = FakeRights(readers=readers, places=(loud, QUAY), moderators=everybody)
    async with newsroom(tmp_path, allowed=allowed) as room:
        told = await room.uses("create", what="loud", when=DAILY)
        assert "#everyone loud x http x.example" in told
        (plan,) = await room.house.store.plans(kind="digest", limit=2)
        assert "everyone" not in "".join(plan.payload.values())


async def test_a_thread_can_tell_of_itself(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        thread = Place(
            platform="local", id="t9", kind=PlaceKind.THREAD, name="t", guild="port", parent=QUAY.id, open=True
        )
        told = await room.uses("create", place=thread, what="here", when=DAILY)
        assert told.startswith("Digest ")
        room.says("in it", place=thread)
        room.says("beside it")
        await room.until(20)
        assert [each.splitlines()[-1] for each in room.posted(thread)] == ["- in it"]
