"""Staff see, claim and solve what a person is needed for; everybody sees the state, and nobody else changes it."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from bot.talk.message import Person, Place
from bot.talk.support import CaseState
from tests.fakes import ANA, BEN
from tests.hooks import in_store
from tests.outfit import Around
from tests.support.scene import ADA, FORUM, HELP, MOD, STAFF_ROOM, THREAD, ZOE, Desk, call, desk

CALLED = (call("needs_human", reason="the device does not start"),)
SCRIPTS = (CALLED, ("It will be done.",), ("Ana asks why it does not start.",))


async def state(one: Desk) -> CaseState | None:
    case = await one.rig.store.unsolved_case(THREAD)
    return None if case is None else case.state


async def test_each_press_shows_everybody_how_it_stands_and_whose_it_is(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        for kind, by, line in (
            ("case-see", ZOE, "Seen by Zoe."),
            ("case-claim", MOD, "Claimed by Mod."),
            ("case-solve", MOD, "Solved by Mod."),
        ):
            assert await one.presses(kind, by=by) == ""
            assert line in one.note.text
            assert "does not start" in one.note.text
        assert not one.note.actions
        assert await state(one) is None


async def test_a_note_without_buttons_tells_whose_press_came_too_late(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        before = one.note
        await one.presses("case-solve", by=ZOE)
        assert "solved already" in await one.presses("case-claim", by=MOD, on=before)
        assert "Solved by Zoe" in one.note.text


async def test_nobody_but_staff_presses(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        for by in (ANA, BEN, ADA, Person(platform="local", id="stranger", name="Zoe")):
            for kind in ("case-see", "case-claim", "case-solve"):
                assert "Only staff" in await one.presses(kind, by=by)
        assert await state(one) is CaseState.OPEN


@pytest.mark.parametrize("notes", [None, replace(STAFF_ROOM, id="elsewhere")])
async def test_a_note_works_where_it_stands_also_when_staff_are_told_elsewhere_by_now(
    tmp_path: Path, notes: Place | None
) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        await one.channels.save_support_channel(replace(FORUM, notes=notes))
        assert "Only staff" in await one.presses("case-claim", by=BEN)
        await one.presses("case-claim", by=MOD)
        assert "Claimed by Mod." in one.note.text
        await one.replies("Please press the red button.", by=ZOE)
        told = await one.platform.until(lambda each: bool(each.lead))
        assert told.lead == "Zoe answers, translated by the model"


async def test_who_is_staff_no_more_presses_no_more(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        one.rights.of_role = {}
        assert "Only staff" in await one.presses("case-claim", by=ZOE)


def at_once() -> Around[object]:
    """Two have read how a case stands before either changes it."""
    both, changing = asyncio.Event(), itertools.count(1)

    async def meets(moment: str, _result: object) -> None:
        if moment == "change_case begins":
            if next(changing) >= 2:
                both.set()
            await both.wait()

    return in_store(meets)


async def test_of_two_who_claim_at_once_one_has_it_and_the_other_is_told(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS, around=at_once()) as one:
        await one.asks()
        told = await asyncio.gather(one.presses("case-claim", by=ZOE), one.presses("case-claim", by=MOD))
        assert sorted(bool(each) for each in told) == [False, True]
        assert "Somebody was faster" in "".join(told)
        winner = ("Zoe", "Mod")[[bool(each) for each in told].index(False)]
        assert f"Claimed by {winner}." in one.note.text


async def test_who_solves_it_while_another_claims_it_solves_it(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS, around=at_once()) as one:
        await one.asks()
        await asyncio.gather(one.presses("case-claim", by=ZOE), one.presses("case-solve", by=MOD))
        await one.minutes(1)
        assert "Solved by Mod." in one.note.text
        assert await state(one) is None
        assert one.silenced


async def test_buttons_work_after_a_restart(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        platform, clock = one.platform, one.rig.clock
    async with desk(tmp_path, platform=platform, clock=clock) as one:
        await one.presses("case-claim", by=ZOE)
        assert "Claimed by Zoe." in one.note.text


async def test_solved_is_told_in_the_thread_where_the_bot_falls_silent(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        await one.presses("case-solve", by=ZOE)
        assert "marked as solved" in one.in_thread[-1].text
        assert one.silenced == ["thread"]


async def test_whoever_asked_says_that_it_is_solved(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        question = await one.asks()
        answer = one.answer(question)
        assert "Only whoever asked" in await one.presses("case-done", by=BEN, place=THREAD, on=answer)
        assert await one.presses("case-done", by=ANA, place=THREAD, on=answer) == ""
        assert "Solved by Ana." in one.note.text
        assert "solved already" in await one.presses("case-done", by=ANA, place=THREAD, on=answer)


async def test_after_it_is_solved_a_new_question_opens_a_new_case(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS, *SCRIPTS) as one:
        await one.asks()
        await one.presses("case-solve", by=ZOE)
        await one.asks("It does not start again.")
        assert len(one.standing) == 2


async def test_staff_are_told_once_more_of_what_nobody_has_claimed(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        await one.presses("case-see", by=ZOE)
        await one.minutes(45)
        texts = [each.text for _, each in one.standing]
        assert len(texts) == 2
        assert "Nobody has claimed this for 30 minutes" in texts[1]
        case = await one.rig.store.unsolved_case(THREAD)
        assert case is not None
        assert case.escalated == 1
        await one.minutes(600)
        assert len(one.standing) == 2
        assert one.rig.counters.get("cases_told_again_total", outcome="told") == 1


@pytest.mark.parametrize("kind", ["case-claim", "case-solve"])
async def test_staff_are_not_told_again_of_what_is_claimed_or_solved(tmp_path: Path, kind: str) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        await one.presses(kind, by=ZOE)
        await one.minutes(120)
        assert len(one.standing) == 1


async def test_staff_are_told_again_once_also_over_a_restart(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        platform, clock = one.platform, one.rig.clock
    for _ in range(2):
        async with desk(tmp_path, platform=platform, clock=clock) as one:
            await one.minutes(40)
            assert len(one.standing) == 2


async def test_staff_whose_room_is_gone_by_then_are_told_nothing_and_it_is_counted(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        one.rights.gone = [STAFF_ROOM.id]
        await one.minutes(40)
        assert one.rig.counters.get("cases_told_again_total", outcome="nowhere") == 1
        assert "This needs a person" in one.in_thread[-1].text
        await one.minutes(600)
        assert len([each for each in one.in_thread if "This needs a person" in each.text]) == 1


async def test_a_channel_that_is_no_support_channel_any_more_tells_staff_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS, channel=replace(FORUM, escalate_minutes=1)) as one:
        await one.asks()
        await one.channels.drop_support_channel(HELP)
        assert "Only staff" in await one.presses("case-claim", by=ZOE)
        await one.minutes(5)
        assert len(one.standing) == 1


async def test_staff_who_want_to_be_forgotten_leave_the_note_they_claimed(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        await one.presses("case-claim", by=ZOE)
        await one.rig.store.forget(ZOE.key)
        await one.minutes(1)
        assert "Zoe" not in one.note.text


async def test_what_somebody_has_claimed_who_is_staff_no_more_is_nobodys_again_and_staff_are_told_so_once(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        await one.presses("case-claim", by=ZOE)
        await one.minutes(25 * 60)
        assert "Claimed by Zoe." in one.note.text, "she is staff still"
        one.rights.of_role, one.rights.away = {}, True
        await one.minutes(24 * 60)
        assert "Claimed by Zoe." in one.note.text, "that cannot be found out now"
        one.rights.away = False
        await one.minutes(60)
        note, told = (each for _, each in one.standing)
        assert "Zoe" not in note.text
        assert "Nobody has taken this up yet." in note.text
        assert "Nobody has taken this up yet." in told.text
        await one.presses("case-claim", by=MOD, on=note)
        await one.minutes(50 * 60)
        assert [each for _, each in one.standing][1:] == [told]
        assert "Claimed by Mod." in one.standing[0][1].text
