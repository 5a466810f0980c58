"""Tool servers as they should be: real processes, found, approved, called and ended."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from pathlib import Path

import pytest

from bot.mcp import owner
from bot.ports.tool import Effect
from bot.talk.found import Source
from bot.talk.message import Conversation, Place
from tests.mcp.harness import FakeApproved, bare, joined, sdk, tide, until, words


def alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"
    return False


def processes(argument: str) -> list[int]:
    """Our own, that were started with it."""
    children = " ".join(each.read_text() for each in Path(f"/proc/{os.getpid()}/task").glob("*/children"))
    return [int(pid) for pid in children.split() if argument in Path(f"/proc/{pid}/cmdline").read_text()]


async def test_a_tool_is_offered_once_it_is_approved_and_called_with_arguments_that_fit() -> None:
    async with joined(bare()) as house:
        await until(lambda: house.servers.listed("harbour"))
        assert house.offered == []
        await house.approve_all("harbour")
        assert house.offered == ["harbour_tide"]
        assert words(await house.call("harbour_tide")) == "rising at Cassis"
        wrong = await house.call("harbour_tide", '{"place": 7}')
        assert wrong.failed
        assert "place" in wrong.content


async def test_a_server_of_the_official_sdk_is_spoken_to_with_all_that_results_may_hold() -> None:
    async with joined(sdk()) as house:
        await house.approve_all("sdk")
        assert house.offered == ["sdk_chart", "sdk_grows", "sdk_sinks", "sdk_tide", "sdk_waits"]
        assert words(await house.call("sdk_tide", '{"place": "Cassis", "hours": 3}')) == "Cassis: rising for 3 h"
        assert (await house.call("sdk_sinks", "{}")).failed
        chart = await house.call("sdk_chart", "{}")
        assert words(chart).startswith("the chart")
        assert chart.sources == (Source(title="Chart 7", url="https://charts.example/7"),)
        await house.call("sdk_grows", "{}")
        await until(lambda: "anchor" in [each.tool for each in house.servers.listed("sdk")])
        assert "sdk_anchor" not in house.offered


async def test_what_is_approved_is_offered_before_the_server_is_there() -> None:
    approved = FakeApproved()
    approved.approve("harbour", tide())
    async with joined(bare("never starts"), approved=approved) as house:
        assert house.offered == ["harbour_tide"]
        ran = await house.call("harbour_tide")
        assert ran.failed
        assert "not there" in ran.content


async def test_a_server_may_be_used_only_where_the_operator_allows_it() -> None:
    guild = Conversation(place=Place(platform="discord", id="5", guild="42"))
    elsewhere = Conversation(place=Place(platform="discord", id="6", guild="43"))
    direct = Conversation(place=Place(platform="discord", id="7"))
    server = bare(guilds=["42"], local=False)
    approved = FakeApproved()
    approved.approve("harbour", tide())
    async with joined(server, approved=approved) as house:
        assert [house.servers.allowed("harbour", each) for each in (guild, elsewhere, direct)] == [True, False, False]
        assert not house.servers.allowed("another", guild)
        await until(lambda: house.servers.up()["harbour"])
        assert words(await house.call("harbour_tide", at=guild)) == "rising at Cassis"
        refused = await house.call("harbour_tide", at=elsewhere)
        assert refused.failed
        assert "may not be used here" in refused.content


async def test_a_server_everywhere_is_also_in_direct_messages() -> None:
    server = bare(guilds="*")
    assert server.allows(platform="discord", guild=None)
    assert server.allows(platform="discord", guild="1")


async def test_a_tool_does_what_the_operator_says_and_not_what_its_server_says() -> None:
    said = {**tide(), "annotations": {"readOnlyHint": True}}
    approved = FakeApproved()
    approved.approve("harbour", said, tide("other"))
    async with joined(bare("never starts", effects={"other": "reads"}), approved=approved) as house:
        effects = {tool.name: tool.effect for tool in house.servers.tools()}
        assert effects == {"harbour_tide": Effect.WRITES, "harbour_other": Effect.READS}


async def test_a_process_is_told_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "hunter2hunter2")
    async with joined(bare("environment", env={"HARBOUR": "open"})) as house:
        await house.approve_all("harbour")
        told = json.loads(words(await house.call("harbour_tide")))
        assert told["HARBOUR"] == "open"
        assert "DISCORD_TOKEN" not in told


async def test_what_a_server_asks_of_us_is_refused() -> None:
    async with joined(bare("asks")) as house:
        await house.approve_all("harbour")
        assert words(await house.call("harbour_tide")) == "refused"


@pytest.mark.parametrize("mode", ["children", "stubborn"])
async def test_no_process_is_left_when_the_program_ends(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.mcp.child.GRACE_SECONDS", 0.2)
    written = tmp_path / "pid"
    async with joined(bare(mode, written)) as house:
        await until(lambda: house.servers.up()["harbour"])
        started = processes(str(written))
        assert started
    assert not any(map(alive, started))
    if mode == "children":
        grandchild = int(await asyncio.to_thread(written.read_text))
        await until(lambda: not alive(grandchild))


async def test_many_calls_beside_each_other_each_get_their_own_result() -> None:
    async with joined(bare()) as house:
        await house.approve_all("harbour")
        ran = await asyncio.gather(*(house.call("harbour_tide", json.dumps({"place": str(n)})) for n in range(12)))
        assert [words(each) for each in ran] == [f"rising at {n}" for n in range(12)]


async def test_more_calls_than_wait_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, "MOST_WAITING", 2)
    async with joined(bare("hangs"), seconds=1) as house:
        await house.approve_all("harbour")
        ran = await asyncio.gather(*(house.call("harbour_tide", json.dumps({"place": str(n)})) for n in range(10)))
        assert all(each.failed for each in ran)
        assert any("too much to do" in each.content for each in ran)
