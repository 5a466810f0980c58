"""Votes: under answers in support channels, of whoever can read them, and changeable; reasons in people's own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.talk.message import Place, PlaceKind
from bot.talk.oversight import REASON_CHARS, Flag, ReviewState, Vote
from bot.talk.policy import Consent, Keep, Policy
from tests.fakes import ANA, BEN, GENERAL
from tests.oversight.scene import ATTIC, CLEO, OUTSIDER, Scene, button, labels, scene
from tests.rig import rig

UP, DOWN = "👍", "👎"


async def votes(house: Scene, turn: str) -> tuple[Vote, ...]:
    found = await house.rig.store.reviewed(turn)
    assert found is not None
    return found.votes


async def test_people_vote_on_an_answer_and_change_their_mind(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Turn left.",)) as house:
        _, answer = await house.asks("where is the door?")
        assert labels(answer) == [UP, DOWN]
        up, down = (button(answer, label) for label in (UP, DOWN))
        turn = up.id.partition(":")[2]
        assert "noted" in await house.rig.presses(up.id)
        assert "noted" in await house.rig.presses(up.id, by=BEN)
        assert "what was wrong" in await house.rig.presses(down.id)
        assert sorted(await votes(house, turn), key=lambda vote: vote.up) == [
            Vote(up=False, asker=True),
            Vote(up=True),
        ]
        assert house.rig.counters.get("votes_total", vote="up") == 2
        assert house.rig.counters.get("votes_total", vote="down") == 1


async def test_after_a_vote_against_people_say_what_was_wrong(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Turn left.",)) as house:
        _, answer = await house.asks("where is the door?")
        await house.rig.presses(button(answer, DOWN).id, by=BEN)
        why = button(house.told(BEN), "Say what was wrong")
        turn = why.id.partition(":")[2]
        assert "Staff" in await house.rig.presses(why.id, by=BEN, reason=f"  it is the right one{'x' * 2000}")
        (vote,) = await votes(house, turn)
        assert vote.reason.startswith("it is the right one")
        assert len(vote.reason) == REASON_CHARS
        await house.rig.presses(why.id, by=BEN)
        assert await votes(house, turn) == (Vote(up=False),)


async def test_the_menu_of_an_answer_takes_a_reason_too(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Turn left.",)) as house:
        question, answer = await house.asks("where is the door?")
        shown = next(each for each, one in house.rig.platform.standing.items() if one.id == answer.id)
        assert "Staff" in await house.rig.presses(f"wrong:{shown}", by=BEN, reason="no door there")
        turn = button(answer, UP).id.partition(":")[2]
        assert await votes(house, turn) == (Vote(up=False, reason="no door there"),)
        assert "not know of" in await house.rig.presses(f"wrong:{question.id}", by=BEN, reason="?")


async def test_who_cannot_read_the_place_is_told_the_same_as_of_an_answer_that_is_gone(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Turn left.",)) as house:
        _, answer = await house.asks("where is the door?")
        turn = button(answer, UP).id.partition(":")[2]
        for kind in ("vote-up", "vote-down", "why"):
            told = await house.rig.presses(f"{kind}:{turn}", by=OUTSIDER, reason="let me in")
            assert told == await house.rig.presses(f"{kind}:{'0' * 32}", by=OUTSIDER, reason="let me in")
        assert await votes(house, turn) == ()


async def test_nothing_is_kept_of_somebody_who_has_opted_out(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Turn left.",)) as house:
        _, answer = await house.asks("where is the door?")
        await house.rig.store.save_consent(BEN.key, Consent(opted_out=True))
        assert "opted out" in await house.rig.presses(button(answer, UP).id, by=BEN)
        assert await votes(house, button(answer, UP).id.partition(":")[2]) == ()


async def test_an_answer_of_which_nothing_is_kept_has_no_buttons_and_is_counted(tmp_path: Path) -> None:
    async with scene(tmp_path, ("One.",), ("Two.",)) as house:
        await house.rig.store.save_consent(ANA.key, Consent(opted_out=True))
        _, answer = await house.asks("where is the door?")
        assert labels(answer) == []
        await house.rig.store.save_policy(GENERAL, Policy(keep=Keep.NEVER))
        _, answer = await house.asks("and the window?", by=BEN)
        assert labels(answer) == []
        day = house.rig.clock.now().date()
        (count,) = await house.rig.store.support_counts("local", None, first=day, last=day)
        assert (count.number, count.language) == (2, "eo")


async def test_a_moderator_decides_where_votes_are_wanted(tmp_path: Path) -> None:
    async with scene(tmp_path, *[("Yes.",)] * 5) as house:
        elsewhere = Place(platform="local", id="bar", name="bar")
        house.rights.readers = {**house.rights.readers, elsewhere.key: [ANA.key, CLEO.key]}
        assert labels((await house.asks("one", place=elsewhere))[1]) == []
        assert "manage" in await house.rig.commands("feedback", place=elsewhere, when="on")
        assert "can vote" in await house.rig.commands("feedback", place=elsewhere, moderator=True, when="on")
        assert labels((await house.asks("two", place=elsewhere))[1]) == [UP, DOWN]
        assert "no buttons" in await house.rig.commands("feedback", moderator=True, when="off")
        _, silent = await house.asks("three")
        assert labels(silent) == []
        assert "on or off" in await house.rig.commands("feedback", moderator=True, when="perhaps")
        found = await house.rig.store.review_rooms(ReviewState.OPEN, platform="local", guild=None, limit=9)
        assert {each.key for each in found} == {GENERAL.key, elsewhere.key}


async def test_a_private_answer_has_no_votes(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Yes.",)) as house:
        direct = Place(platform="local", id="dm-ana", kind=PlaceKind.DIRECT, name="Ana")
        _, answer = await house.asks("where is the door?", place=direct)
        assert labels(answer) == []


@pytest.mark.parametrize(("place", "expected"), [(GENERAL, {Flag.UNCITED, Flag.FEW}), (ATTIC, set())])
async def test_an_answer_without_sources_is_of_low_confidence_where_it_must_have_some(
    tmp_path: Path, place: Place, expected: set[Flag]
) -> None:
    async with scene(tmp_path, ("Turn left.",)) as house:
        _, answer = await house.asks("where is the door?", place=place, by=BEN)
        found = await house.rig.store.reviewed(button(answer, UP).id.partition(":")[2])
        assert found is not None
        assert found.flags == expected


async def test_a_vote_is_taken_by_the_next_process_too(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Turn left.",)) as house:
        _, answer = await house.asks("where is the door?")
        up, rights = button(answer, UP), house.rights
    async with rig(tmp_path, rights=rights) as again:
        assert "noted" in await again.presses(up.id, by=BEN)
        found = await again.store.reviewed(up.id.partition(":")[2])
        assert found is not None
        assert found.votes == (Vote(up=True),)
