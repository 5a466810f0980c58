"""Tool servers that lie, hang, flood and die: calls end with a reason, and nothing else notices."""

from __future__ import annotations

import asyncio
import logging
import resource
import time
from pathlib import Path

import pytest

from bot.mcp import owner
from bot.mcp.definition import MOST_TOOLS
from bot.settings import ToolServer
from tests.mcp.harness import FakeApproved, bare, joined, tide, until, words

MIB = 1024 * 1024


@pytest.fixture
def approved() -> FakeApproved:
    """The tool of `bare.py`, as it says it at first."""
    found = FakeApproved()
    found.approve("harbour", tide())
    return found


async def test_a_server_that_never_starts_is_given_up_in_time_and_tried_again(approved: FakeApproved) -> None:
    async with joined(bare("never starts"), approved=approved, start_seconds=0.3) as house:
        await until(lambda: house.count("mcp_restarts_total"))
        assert house.servers.up() == {"harbour": 0.0}
        assert "did not start within 0.3 s" in house.servers.facts()["harbour"]
        assert (await house.call("harbour_tide")).failed


async def test_a_command_that_is_not_there_is_told_and_tried_again(approved: FakeApproved) -> None:
    server = ToolServer(name="harbour", command="/nonexistent/program", local=True)
    async with joined(server, approved=approved) as house:
        await until(lambda: house.count("mcp_restarts_total"))
        assert "No such file" in house.servers.facts()["harbour"]


async def test_a_server_that_dies_in_a_call_is_started_again_and_answers_then(
    approved: FakeApproved, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, "FIRST_PAUSE", 0.01)
    async with joined(bare("dies"), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        ran = await house.call("harbour_tide")
        assert ran.failed
        assert "may have been done" in ran.content
        await until(lambda: house.count("mcp_restarts_total") and house.servers.up()["harbour"])
        assert house.offered == ["harbour_tide"]


async def test_pauses_grow_while_it_keeps_dying(
    approved: FakeApproved, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(owner, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(owner, "LONGEST_PAUSE", 0.04)
    server = ToolServer(name="harbour", command="/nonexistent/program", local=True)
    async with joined(server, approved=approved) as house:
        await until(lambda: house.count("mcp_restarts_total") >= 5)
    pauses = [each.args[2] for each in caplog.records if each.name == "bot.mcp.owner" and isinstance(each.args, tuple)]
    assert pauses[:5] == [0.01, 0.02, 0.04, 0.04, 0.04]


@pytest.mark.parametrize("mode", ["wrong ids", "hangs"])
async def test_a_call_without_an_answer_ends_in_time_and_the_next_one_is_taken(
    mode: str, approved: FakeApproved
) -> None:
    async with joined(bare(mode), approved=approved, seconds=0.4) as house:
        await until(lambda: house.servers.up()["harbour"])
        for place in ("Cassis", "Sormiou"):
            ran = await house.call("harbour_tide", f'{{"place": "{place}"}}')
            assert "took longer than 0.4 seconds" in ran.content
        assert house.servers.up() == {"harbour": 1.0}


async def test_a_server_is_told_of_a_call_that_nobody_waits_for(approved: FakeApproved, tmp_path: Path) -> None:
    told = tmp_path / "told"
    async with joined(bare("told", told), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        calling = asyncio.create_task(house.call("harbour_tide"))
        await until(lambda: told.exists() and told.read_text() == "called")
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
        await until(lambda: told.read_text() == "cancelled")


async def test_a_result_of_another_form_is_a_failure(approved: FakeApproved) -> None:
    async with joined(bare("wrong result"), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        ran = await house.call("harbour_tide")
        assert ran.failed
        assert "no result that can be read" in ran.content


async def test_a_gigabyte_ends_the_connection_and_takes_no_memory(approved: FakeApproved) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with joined(bare("gigabyte"), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        assert (await house.call("harbour_tide")).failed
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 32 * MIB


@pytest.mark.parametrize("mode", ["many lines", "flood", "errors"])
async def test_a_server_that_says_things_without_end_holds_nothing_up(mode: str, approved: FakeApproved) -> None:
    async with joined(bare(mode), approved=approved, seconds=1.5) as house:
        await until(lambda: house.servers.up()["harbour"])
        calling = asyncio.create_task(house.call("harbour_tide"))
        worst, end = 0.0, time.monotonic() + 1.2
        while time.monotonic() < end:
            begun = time.thread_time()
            await asyncio.sleep(0.01)
            worst = max(worst, time.thread_time() - begun)
        await calling
        assert worst < 0.5  # seconds of work between two turns of the loop


async def test_lines_that_are_no_message_are_passed_over(approved: FakeApproved) -> None:
    async with joined(bare("rubbish first"), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        assert words(await house.call("harbour_tide")) == "rising at Cassis"


async def test_of_ten_thousand_tools_few_are_looked_at() -> None:
    async with joined(bare("many")) as house:
        await until(lambda: house.servers.listed("harbour"))
        assert len(house.servers.listed("harbour")) == MOST_TOOLS


async def test_a_tool_that_is_allowed_is_found_among_many() -> None:
    async with joined(bare("many", tools=["tool1234"])) as house:
        await house.approve_all("harbour")
        assert house.offered == ["harbour_tool1234"]


async def test_pages_without_an_end_are_not_turned_for_ever(approved: FakeApproved) -> None:
    async with joined(bare("endless pages"), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        assert house.offered == []


async def test_tools_of_one_name_and_of_unusable_schemas_are_not_offered_even_if_approved() -> None:
    async with joined(bare("twice"), bare("wrong schema", name="cove")) as house:
        await house.approve_all("harbour")
        await house.approve_all("cove")
        assert house.offered == ["harbour_other"]
        assert all(each.problem for each in house.servers.listed("cove"))


async def test_tools_of_no_readable_form_cost_none_of_the_others_and_are_named_to_the_operator(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with joined(bare("one bad")) as house:
        await house.approve_all("harbour")
        assert house.offered == ["harbour_tide"]
        assert words(await house.call("harbour_tide")) == "rising at Cassis"
        assert "wait" not in house.servers.facts()["harbour"]
    named = [each.args[0] for each in caplog.records if "cannot be used" in each.msg and isinstance(each.args, tuple)]
    assert named == ["worse", "worst", "(number 4 of its list)", "(number 5 of its list)"]


async def test_an_approved_tool_that_cannot_be_read_any_more_is_not_used(approved: FakeApproved) -> None:
    approved.approve("harbour", tide("worse"))
    async with joined(bare("one bad"), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        assert house.offered == ["harbour_tide"]
        assert approved.rows["harbour", "worse"].withdrawn is not None


async def test_unreadable_tools_that_nobody_wants_are_not_told_of() -> None:
    async with joined(bare("one bad", tools=["tide"])) as house:
        await house.approve_all("harbour")
        assert [each.tool for each in house.servers.listed("harbour")] == ["tide"]


async def test_a_tool_that_changes_after_it_was_approved_is_not_used_until_it_is_approved_again(
    approved: FakeApproved, tmp_path: Path
) -> None:
    described = tmp_path / "description"
    async with joined(bare("announces", described), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        assert words(await house.call("harbour_tide")) == "rising at Cassis"
        await until(lambda: not house.offered)
        assert house.count("mcp_definitions_changed_total") == 1
        assert approved.rows["harbour", "tide"].withdrawn is not None
        assert (await house.call("harbour_tide")).failed
        await house.approve_all("harbour")
        assert house.offered == ["harbour_tide"]
        assert "everything else" in house.servers.tools()[0].description


async def test_a_change_that_is_taken_back_does_not_bring_the_tool_back(
    approved: FakeApproved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, "FIRST_PAUSE", 0.01)
    described = tmp_path / "description"
    described.write_text("Something else.")
    async with joined(bare("dies", described), approved=approved) as house:
        await until(lambda: not house.offered)
    described.unlink()
    async with joined(bare("well", described), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        assert house.offered == []


async def test_a_change_that_is_not_announced_is_seen_before_the_next_call(
    approved: FakeApproved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, "FRESH_SECONDS", 0.001)
    described = tmp_path / "description"
    async with joined(bare("well", described), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        described.write_text("Something else.")
        ran = await house.call("harbour_tide")
        assert ran.failed
        assert "has changed" in ran.content
        assert house.offered == []


async def test_a_renamed_tool_is_a_new_one(approved: FakeApproved) -> None:
    async with joined(bare("renamed"), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        assert house.offered == []
        assert "1 wait" in house.servers.facts()["harbour"]


async def test_what_a_server_writes_is_in_no_log(approved: FakeApproved, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with joined(bare("errors"), approved=approved) as house:
        await until(lambda: house.servers.up()["harbour"])
        await house.call("harbour_tide")
    said = [each.getMessage() for each in caplog.records if each.name.startswith("bot.")]
    assert any("to its standard error" in each for each in said)
    assert not any("secret of somebody" in each for each in said)
