"""A call that does more than read waits for a person, who allows it once, or not at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.lanes.lanes import Bounds
from bot.settings import Settings, Tools
from bot.talk.event import Deleted, Tick
from bot.talk.message import Person, Place
from tests.approvals.scene import HARBOUR, MOD, Done, asks, button, buttons, call, everybody
from tests.fakes import ANA, BEN, GENERAL, said
from tests.rig import Rig, rig

WANTS = (call("note", text="milk"),)
SAYS = ("You have to allow it.",)


def stands(house: Rig, delivery_id: str) -> list[str]:
    (now,) = [each for each in house.platform.standing.values() if each.id == delivery_id]
    return buttons(now)


async def test_a_call_that_writes_is_shown_with_buttons_and_not_carried_out(tmp_path: Path) -> None:
    done = Done()
    async with rig(tmp_path, WANTS, SAYS, tools=done.tools, rights=everybody()) as house:
        answer = await asks(house)
        assert buttons(answer) == ["allow", "refuse"]
        assert "You have to allow it." in answer.text
        assert "**May I do this for Ana?**" in answer.text
        assert "call **note** with:\n```\ntext: milk\n```" in answer.text
        assert "until 2026-11-23 18:30 UTC" in answer.text
        assert done.written == {}
        assert "Ana is asked with buttons" in house.asked()


@pytest.mark.parametrize("who", [ANA, MOD])
async def test_what_is_allowed_is_carried_out_once_and_told_of_in_a_turn_of_its_own(
    tmp_path: Path, who: Person
) -> None:
    done = Done()
    async with rig(tmp_path, WANTS, SAYS, ("It is noted.",), tools=done.tools, rights=everybody()) as house:
        answer = await asks(house)
        assert await house.presses(button(answer, "allow"), by=who) == ""
        told = await house.platform.final("It is noted.")
        await house.idle()
        assert list(done.written.values()) == ["milk"]
        assert told.reply_to == answer.reply_to
        assert stands(house, answer.id) == []
        assert "noted milk" in house.asked()
        assert house.asked().startswith(house.asked(1))  # the prompt only grew
        assert "already" in await house.presses(button(answer, "allow"), by=who)
        await house.idle()
        assert list(done.written.values()) == ["milk"]
        assert house.counters.get("approvals_total", outcome="allowed") == 1


async def test_pressed_at_the_same_moment_it_is_carried_out_once(tmp_path: Path) -> None:
    done = Done()
    async with rig(tmp_path, WANTS, SAYS, tools=done.tools, rights=everybody()) as house:
        answer = await asks(house)
        allow, refuse = button(answer, "allow"), button(answer, "refuse")
        await asyncio.gather(
            *(house.presses(allow if n else refuse, by=ANA) for n in range(1, 6)), return_exceptions=True
        )
        await house.idle()
        assert len(done.written) == 1


async def test_others_can_neither_allow_nor_refuse(tmp_path: Path) -> None:
    done = Done()
    async with rig(tmp_path, WANTS, SAYS, tools=done.tools, rights=everybody()) as house:
        answer = await asks(house)
        for kind in ("allow", "refuse"):
            assert "Only the person who asked" in await house.presses(button(answer, kind), by=BEN)
        assert stands(house, answer.id) == ["allow", "refuse"]
        assert done.written == {}


async def test_a_moderator_of_another_place_has_no_say(tmp_path: Path) -> None:
    async with rig(tmp_path, WANTS, SAYS, tools=Done().tools, rights=everybody()) as house:
        answer = await asks(house)
        other = Place(platform="local", id="dm-ben")
        told = await house.presses(button(answer, "allow"), by=BEN, place=other, moderator=True)
        assert "Only the person who asked" in told


async def test_what_is_refused_is_over(tmp_path: Path) -> None:
    done = Done()
    async with rig(tmp_path, WANTS, SAYS, tools=done.tools, rights=everybody()) as house:
        answer = await asks(house)
        assert "refused" in await house.presses(button(answer, "refuse"))
        assert stands(house, answer.id) == []
        assert "refused" in await house.presses(button(answer, "allow"))
        await house.idle()
        assert done.written == {}
        assert len(house.engine.prompts) == 2


async def test_after_its_time_nothing_can_be_allowed_and_the_minute_takes_the_buttons_away(tmp_path: Path) -> None:
    done = Done()
    settings = Settings(tools=Tools(approval_minutes=5))
    async with rig(
        tmp_path, WANTS, SAYS, WANTS, SAYS, tools=done.tools, rights=everybody(), settings=settings
    ) as house:
        first = await asks(house)
        second = await asks(house, "and eggs")
        house.clock.jump(301)
        assert "over" in await house.presses(button(first, "allow"))
        assert stands(house, first.id) == []
        assert stands(house, second.id) == ["allow", "refuse"]
        await house.hearing.hear(Tick(name="plans", at=house.clock.now()))
        assert stands(house, second.id) == []
        assert "over" in await house.presses(button(second, "allow"))
        assert done.written == {}
        assert house.counters.get("approvals_total", outcome="expired") == 2


async def test_what_a_deleted_question_asked_for_is_gone(tmp_path: Path) -> None:
    done = Done()
    async with rig(tmp_path, WANTS, SAYS, tools=done.tools, rights=everybody()) as house:
        answer = await asks(house)
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=(answer.reply_to or "",)))
        assert "gone" in await house.presses(button(answer, "allow"))
        await house.idle()
        assert done.written == {}


async def test_whoever_cannot_read_the_place_any_more_has_nothing_done(tmp_path: Path) -> None:
    done, rights = Done(), everybody()
    async with rig(tmp_path, WANTS, SAYS, tools=done.tools, rights=rights) as house:
        answer = await asks(house)
        rights.readers = {GENERAL.room: [BEN.key, MOD.key]}
        assert "cannot read this place" in await house.presses(button(answer, "allow"), by=MOD)
        assert stands(house, answer.id) == []
        await house.idle()
        assert done.written == {}


async def test_several_calls_each_have_their_buttons_and_too_many_are_not_asked_for(tmp_path: Path) -> None:
    done = Done()
    wants = tuple(call("note", of=f"c{n}", text=f"thing {n}") for n in range(1, 5))
    async with rig(tmp_path, wants, SAYS, tools=done.tools, rights=everybody()) as house:
        answer = await asks(house)
        assert buttons(answer) == ["allow", "refuse"] * 3
        assert [each.label for each in answer.actions][:2] == ["Allow 1", "Refuse 1"]
        assert "3 calls at a time" in house.asked()
        await house.presses(button(answer, "allow", 1))
        await house.idle()
        assert list(done.written.values()) == ["thing 2"]
        assert stands(house, answer.id) == ["allow", "refuse"] * 2
        await house.presses(button(answer, "allow", 0))
        await house.idle()
        assert sorted(done.written.values()) == ["thing 1", "thing 2"]


async def test_two_that_are_allowed_at_once_are_both_carried_out(tmp_path: Path) -> None:
    done = Done()
    wants = tuple(call("note", of=f"c{n}", text=f"thing {n}") for n in range(1, 3))
    async with rig(tmp_path, wants, SAYS, tools=done.tools, rights=everybody()) as house:
        answer = await asks(house)
        await asyncio.gather(house.presses(button(answer, "allow", 0)), house.presses(button(answer, "allow", 1)))
        await house.idle()
        assert sorted(done.written.values()) == ["thing 1", "thing 2"]


async def test_what_is_shown_of_a_call_is_dead(tmp_path: Path) -> None:
    nasty = "```\n@everyone <@123> https://evil.example/ \u202egnp.exe [x](https://evil.example)"
    async with rig(tmp_path, (call("note", text=nasty),), SAYS, tools=Done().tools, rights=everybody()) as house:
        answer = await asks(house)
        assert answer.text.count("```") == 2
        inside = answer.text.split("```")[1]
        for live in ("@everyone", "<@", "://", "]("):
            assert live not in inside
        assert "⟨U+202E⟩" in inside
        assert "⏎" in inside


async def test_an_answer_that_leaves_a_block_open_does_not_bring_the_call_to_life(tmp_path: Path) -> None:
    async with rig(tmp_path, WANTS, ("```\nsee", " this"), tools=Done().tools, rights=everybody()) as house:
        answer = await asks(house)
        assert answer.text.startswith("```\nsee this\n\n```\n**May I")
        assert answer.text.count("```") == 4


async def test_what_is_cut_can_be_allowed_only_where_it_is_shown_whole(tmp_path: Path) -> None:
    done, long = Done(), "milk\n" * 600
    async with rig(tmp_path, (call("note", text=long),), SAYS, tools=done.tools, rights=everybody()) as house:
        answer = await asks(house)
        assert "… (and 3800 characters more)" in answer.text
        assert buttons(answer) == ["show-call", "refuse"]
        assert "Only the person who asked" in await house.presses(button(answer, "show-call"), by=BEN)
        assert long in await house.presses(button(answer, "show-call"))
        shown = house.platform.revisions[-1]
        assert buttons(shown) == ["allow", "refuse"]
        await house.presses(button(shown, "allow"))
        await house.idle()
        assert list(done.written.values()) == [long]
        assert stands(house, answer.id) == []
        assert "already" in await house.presses(button(answer, "show-call"))


async def test_whoever_cannot_read_the_place_any_more_is_shown_nothing_of_it(tmp_path: Path) -> None:
    rights = everybody()
    async with rig(tmp_path, (call("note", text="x" * 999),), SAYS, tools=Done().tools, rights=rights) as house:
        answer = await asks(house)
        rights.readers = {GENERAL.room: [BEN.key, MOD.key]}
        assert "Only the person who asked" in await house.presses(button(answer, "show-call"))


async def test_what_was_shown_whole_is_kept_with_its_request_alone(tmp_path: Path) -> None:
    long = "secret of Ana " * 60
    async with rig(tmp_path, (call("note", text=long),), SAYS, tools=Done().tools, rights=everybody()) as house:
        answer = await asks(house)
        assert long in await house.presses(button(answer, "show-call"), by=MOD)
        await house.store.forget(ANA.key)
        read = house.store._db.read  # pyright: ignore[reportPrivateUsage]
        texts = await read(lambda c: c.execute(text("SELECT text FROM deliveries")).scalars().all())
        assert not [each for each in texts if "secret of Ana" in each]


async def test_what_is_too_long_to_be_shown_is_refused_with_a_reason_for_the_model(tmp_path: Path) -> None:
    done = Done()
    wants = (call("note", text="\u202e" * 2000),)
    async with rig(tmp_path, wants, ("I cannot.",), tools=done.tools, rights=everybody()) as house:
        answer = await asks(house)
        assert (buttons(answer), done.written) == ([], {})
        assert "too long to be shown" in house.asked()
        assert house.counters.get("tool_calls_denied_total", cause="long") == 1


async def test_where_nothing_is_kept_nobody_is_asked(tmp_path: Path) -> None:
    done = Done()
    async with rig(tmp_path, WANTS, ("I cannot.",), tools=done.tools, rights=everybody()) as house:
        await house.commands("opt-out")
        answer = await asks(house)
        assert buttons(answer) == []
        assert "nothing can be kept here" in house.asked()
        assert house.counters.get("tool_calls_denied_total", cause="unkept") == 1


async def test_what_is_allowed_while_too_many_wait_is_done_when_there_is_room(tmp_path: Path) -> None:
    done, gate = Done(), asyncio.Event()
    bounds = Bounds(slots=1, queue=5, queue_per_person=1, seconds=600)
    scripts = (WANTS, SAYS, (gate, "So."), ("It is noted.",))
    async with rig(tmp_path, *scripts, tools=done.tools, rights=everybody(), bounds=bounds) as house:
        answer = await asks(house)
        house.engine.asked.clear()
        await house.says(said("And what else?", place=HARBOUR))
        await house.engine.asked.wait()
        await house.says(said("And what more?", place=HARBOUR))
        assert await house.presses(button(answer, "allow")) == ""
        await house.clock.advance(0)
        gate.set()
        await house.platform.final("It is noted.")
        await house.idle()
        assert list(done.written.values()) == ["milk"]
