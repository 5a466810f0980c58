"""What leaves the house waits for a person where somebody else may have put words into it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import DatabaseUnusable
from bot.ports.tool import CallContext, Effect, tool
from bot.settings import Settings, Tools
from bot.talk.approval import ToolRule
from bot.talk.event import Tick
from tests.agent.tooling import foreign_tool
from tests.approvals.scene import BEN, HARBOUR, Done, asks, button, buttons, call, everybody
from tests.fakes import ANA
from tests.hooks import Halt
from tests.rig import rig
from tests.settling import settle

MADE = "https://made.example/?q=what+ben+said"


async def asked_for(folder: Path, text: str, *steps: Sequence[object], done: Done | None = None) -> tuple[Done, bool]:
    """Whether somebody was asked, of a turn in which the model makes these calls one after the other."""
    done = done or Done()
    async with rig(folder, *(tuple(each) for each in steps), ("Done.",), tools=done.tools, rights=everybody()) as house:
        answer = await asks(house, text)
        return done, "allow" in buttons(answer)


@pytest.mark.parametrize(
    "text", ["Read https://a.example/x?y=1.", "read <https://a.example/x?y=1>", "(https://a.example/x?y=1)"]
)
async def test_an_address_that_the_asker_named_is_fetched(tmp_path: Path, text: str) -> None:
    done, asked = await asked_for(tmp_path, text, (call("fetch", url="https://a.example/x?y=1"),))
    assert (done.sent, asked) == (["https://a.example/x?y=1"], False)


@pytest.mark.parametrize(
    "url",
    [
        MADE,
        "made.example/?q=1",
        "//made.example/x",
        "https://a.example/x?y=12",
        "me@made.example",
        "ftp://made.example",
        "made.example",
    ],
)
async def test_an_address_that_the_model_made_waits_for_a_person(tmp_path: Path, url: str) -> None:
    done, asked = await asked_for(tmp_path, "Read https://a.example/x?y=1", (call("fetch", url=url),))
    assert (done.sent, asked) == ([], True)


async def test_an_address_that_a_page_named_is_fetched(tmp_path: Path) -> None:
    done, asked = await asked_for(
        tmp_path,
        "Read https://a.example/",
        (call("fetch", url="https://a.example/"),),
        (call("fetch", of="c2", url="https://found.example/page"),),
    )
    assert (done.sent, asked) == (["https://a.example/", "https://found.example/page"], False)


async def test_an_address_that_a_page_named_in_an_earlier_turn_is_fetched(tmp_path: Path) -> None:
    done = Done()
    scripts = (call("fetch", url="https://a.example/"),), ("Read.",), (call("fetch", url="https://found.example/page"),)
    async with rig(tmp_path, *scripts, ("Read.",), tools=done.tools, rights=everybody()) as house:
        await asks(house, "Read https://a.example/")
        assert buttons(await asks(house, "and the other one")) == []
        assert done.sent[1:] == ["https://found.example/page"]


async def test_what_only_repeats_the_model_names_nothing(tmp_path: Path) -> None:
    done, asked = await asked_for(tmp_path, "Hello", (call("echo", text=MADE),), (call("fetch", of="c2", url=MADE),))
    assert (done.sent, asked) == ([], True)


async def test_a_page_that_repeats_what_the_model_asked_it_names_nothing(tmp_path: Path) -> None:
    done, asked = await asked_for(
        tmp_path,
        "Read https://a.example/",
        (call("fetch", url="https://a.example/"), call("recall", of="c3", about="x")),
        (call("fetch", of="c2", url="https://found.example/page"),),
    )
    assert asked  # something came from elsewhere
    assert done.sent == ["https://a.example/"]


async def test_once_something_came_from_elsewhere_nothing_leaves_unseen(tmp_path: Path) -> None:
    done, asked = await asked_for(
        tmp_path,
        "Read https://a.example/",
        (call("recall", about="ships"),),
        (call("fetch", of="c2", url="https://a.example/"),),
    )
    assert (done.sent, asked) == ([], True)


async def test_what_came_from_elsewhere_in_an_earlier_turn_counts_too(tmp_path: Path) -> None:
    done = Done()
    scripts = (call("recall", about="ships"),), ("So.",), (call("fetch", url="https://a.example/"),), ("Allow it.",)
    async with rig(tmp_path, *scripts, tools=done.tools, rights=everybody()) as house:
        await asks(house, "What of ships?")
        assert "allow" in buttons(await asks(house, "Read https://a.example/"))
        assert done.sent == []


async def test_results_of_a_tool_that_is_gone_count_as_from_elsewhere(tmp_path: Path) -> None:
    done = Done()
    gone = [foreign_tool("ferry")]
    scripts = (call("ferry"),), ("So.",), (call("fetch", url="https://a.example/"),), ("Allow it.",)
    async with rig(tmp_path, *scripts, tools=done.tools, rights=everybody(), foreign=lambda: gone) as house:
        await asks(house, "When is the ferry?")
        gone.clear()
        assert "allow" in buttons(await asks(house, "Read https://a.example/"))
        assert done.sent == []


async def test_a_foreign_tool_that_changed_since_it_was_asked_for_is_not_run(tmp_path: Path) -> None:
    ferry = [foreign_tool("ferry", effect=Effect.WRITES)]
    scripts = (call("ferry"),), ("Allow it.",)
    async with rig(tmp_path, *scripts, tools=(), rights=everybody(), foreign=lambda: ferry) as house:
        answer = await asks(house, "Book the ferry")
        assert "of the server **harbour**" in answer.text
        ferry[0] = replace(ferry[0], definition="another")
        assert "has changed since" in await house.presses(button(answer, "allow"))
        await house.idle()
        assert len(house.engine.prompts) == 2


async def test_what_cannot_be_decided_is_denied(tmp_path: Path) -> None:
    class Failing:
        def __init__(self, part: object) -> None:
            self._part = part

        def __getattr__(self, name: str) -> object:
            if name == "past":
                raise DatabaseUnusable("no")
            return getattr(self._part, name)

    done = Done()
    scripts = (call("fetch", url="https://a.example/"),), ("I could not.",)

    def around(part: object) -> object:
        return Failing(part) if hasattr(part, "settle_request") else part

    async with rig(tmp_path, *scripts, tools=done.tools, rights=everybody(), around=around) as house:
        answer = await asks(house, "Read https://a.example/")
        assert (buttons(answer), done.sent) == ([], [])
        assert "cannot be found out" in house.asked()
        assert house.counters.get("tool_calls_denied_total", cause="unknown") == 1


# rules


async def test_what_the_operator_switched_off_is_neither_offered_nor_run(tmp_path: Path) -> None:
    settings = Settings(tools=Tools(off="echo, fetch"))
    scripts = (call("echo", text="x"),), ("No.",)
    async with rig(tmp_path, *scripts, tools=Done().tools, rights=everybody(), settings=settings) as house:
        await asks(house)
        assert " note recall </head>" in house.asked(0)
        assert "echo is not offered here" in house.asked()


async def test_a_moderator_decides_what_is_offered_here_and_on_the_server(tmp_path: Path) -> None:
    say = (call("echo", text="hello"),)
    async with rig(tmp_path, say, ("1",), say, ("2",), say, ("3",), tools=Done().tools, rights=everybody()) as house:

        async def decides(*, where: str, on: str) -> str:
            return await house.commands("tools-offer", place=HARBOUR, moderator=True, tool="echo", where=where, on=on)

        assert "not offered, as was decided for the server" in await decides(where="server", on="no")
        await asks(house, place=HARBOUR)
        assert "not offered here" in house.asked()
        assert "offered, as was decided here" in await decides(where="here", on="yes")
        await asks(house, place=HARBOUR)
        assert house.asked().count("not offered here") == 1
        await decides(where="here", on="default")
        await asks(house, place=HARBOUR)
        assert house.asked().count("not offered here") == 2
        assert "`note`: offered, as is usual" in await house.commands("tools", place=HARBOUR, moderator=True)


async def test_people_without_the_right_change_no_rule(tmp_path: Path) -> None:
    async with rig(tmp_path, tools=Done().tools, rights=everybody()) as house:
        told = await house.commands("tools-offer", place=HARBOUR, tool="echo", where="here", on="no")
        assert "Only people who may manage" in told
        assert await house.store.tool_rules() == ()


@pytest.mark.parametrize(
    ("rules", "ana", "ben"),
    [
        ({"crew": True}, True, False),
        ({"crew": False}, False, True),
        ({"crew": True, "guests": True}, True, True),
        ({"crew": False, "all": True}, False, True),
    ],
)
async def test_roles_decide_who_may_have_a_tool_called(
    tmp_path: Path, rules: dict[str, bool], ana: bool, ben: bool
) -> None:
    say = (call("echo", text="hello"),)
    roles = {"crew": [ANA.key], "guests": [BEN.key], "all": [ANA.key, BEN.key]}
    rights = everybody(of_role=roles)
    async with rig(tmp_path, say, ("1",), say, ("2",), tools=Done().tools, rights=rights) as house:
        for role, allowed in rules.items():
            await house.store.save_tool_rule(ToolRule(tool="echo", allowed=allowed, guild="local:marseille", role=role))
        await house.hearing.hear(Tick(name="plans", at=house.clock.now()))
        for who, may in ((ANA, ana), (BEN, ben)):
            before = house.counters.get("tool_calls_denied_total", cause="role")
            await asks(house, place=HARBOUR, by=who)
            assert (house.counters.get("tool_calls_denied_total", cause="role") == before) is may


async def test_a_right_that_was_lost_before_the_press_is_looked_at_again(tmp_path: Path) -> None:
    done, roles = Done(), {"crew": [ANA.key]}
    scripts = (call("note", text="milk"),), ("Allow it.",)
    async with rig(tmp_path, *scripts, tools=done.tools, rights=everybody(of_role=roles)) as house:
        told = await house.commands(
            "tools-role", place=HARBOUR, moderator=True, tool="note", role="<@&77>", allowed="yes"
        )
        assert "for <@&77>" in told
        roles["77"] = [ANA.key]
        answer = await asks(house, place=HARBOUR)
        roles["77"] = []
        assert "rules here do not allow" in await house.presses(button(answer, "allow"), place=HARBOUR)
        await house.idle()
        assert done.written == {}


async def test_a_tool_that_only_calls_people_waits_for_nobody_and_one_that_only_reads_never_did(tmp_path: Path) -> None:
    called: list[str] = []

    @tool(Effect.WRITES, unasked=True)
    async def ring(_context: CallContext) -> str:
        """Ring a bell."""
        called.append("ring")
        return "rung"

    async with rig(tmp_path, (call("ring"),), ("Done.",), tools=(ring,), rights=everybody()) as house:
        answer = await asks(house, "Ring.")
    assert (called, "allow" in buttons(answer)) == (["ring"], False)
    with pytest.raises(TypeError, match="does not write"):

        @tool(Effect.READS, unasked=True)
        async def _look(_context: CallContext) -> str:
            """Look."""
            return ""


async def test_a_tool_that_is_switched_off_while_the_rules_are_being_read_is_off(tmp_path: Path) -> None:
    halt = Halt()
    say = (call("echo", text="hello"),)
    async with rig(tmp_path, say, ("1",), tools=Done().tools, rights=everybody(), around=halt.around) as house:
        halt.at.append("tool_rules ended")
        reading = asyncio.ensure_future(house.minute())
        await settle()
        assert not halt.at
        off = house.commands("tools-offer", place=HARBOUR, moderator=True, tool="echo", where="here", on="no")
        deciding = asyncio.create_task(off)
        await settle()
        halt.may.set()
        await asyncio.gather(reading, deciding)
        await asks(house, place=HARBOUR)
        assert "not offered here" in house.asked()
