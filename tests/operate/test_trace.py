"""An operator can read what a turn did, without reading what people say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from bot.errors import DatabaseUnusable
from bot.operate.trace import as_text, as_value
from bot.ports.tool import CallContext, Effect, Secret, tool
from bot.settings import Settings
from bot.storage.traces import open_traces
from bot.talk.redaction import Redaction
from bot.talk.trace import Trace
from bot.talk.turn import Call, Reply
from tests.approvals.scene import MOD, Done, asks, button, call, everybody
from tests.fakes import said
from tests.rig import rig

Word = Annotated[str, Field(max_length=50)]


@tool(Effect.READS)
async def knock(_context: CallContext, door: Word, password: Annotated[str, Secret(), Field(max_length=50)]) -> str:
    """Knocks at a door."""
    return "nobody is in"


async def traced(folder: Path) -> Trace:
    call = Call(id="c1", name="knock", arguments='{"door": "green", "password": "sesame-42"}')
    async with rig(folder, (call,), ("It is locked, says hunter2hunter2.",), tools=[knock]) as house:
        await house.says(said("open the green door, please"))
        await house.platform.final("locked")
        async with open_traces(Settings().database, folder) as traces:
            (found,) = await traces.last(5)
            assert [each.turn for each in await traces.of(found.turn[:8])] == [found.turn]
            assert await traces.last(5, place="local:elsewhere") == ()
    return found


async def test_a_turn_tells_its_calls_and_how_they_went_and_hides_what_is_secret(tmp_path: Path) -> None:
    trace = await traced(tmp_path)
    text = as_text(trace, words=False, redact=Redaction(), secret={"knock": knock.secret})
    assert "asked by local:ana in local:general" in text
    assert 'call knock {"door": "green", "password": "[hidden]"}' in text
    assert "result of knock: ok, 12 characters, " in text
    assert "2 steps" in text
    for word in ("sesame", "please", "locked", "nobody"):
        assert word not in text


async def test_what_is_marked_secret_stays_hidden_when_the_tool_is_not_there_any_more(tmp_path: Path) -> None:
    trace = await traced(tmp_path)
    assert "sesame" not in as_text(trace, words=False, redact=Redaction(), secret={})


async def test_words_are_told_when_they_are_asked_for_and_never_a_secret_of_the_settings(tmp_path: Path) -> None:
    trace = await traced(tmp_path)
    text = as_text(trace, words=True, redact=Redaction(["hunter2hunter2"]), secret={})
    assert "| nobody is in" in text
    assert "It is locked, says [secret]." in text
    assert as_value(trace, words=True, redact=Redaction(), secret={})["asker"] == "local:ana"


async def test_where_there_is_no_database_nothing_is_made(tmp_path: Path) -> None:
    settings = Settings()
    with pytest.raises(DatabaseUnusable):
        async with open_traces(settings.database, tmp_path / "none"):
            pass
    assert not (tmp_path / "none").exists()


async def test_a_turn_tells_what_people_were_asked_to_allow_and_how_that_stands(tmp_path: Path) -> None:
    scripts = (call("note", text="milk"),), ("Allow it.",), ("Noted.",)
    async with rig(tmp_path, *scripts, tools=Done().tools, rights=everybody()) as house:
        answer = await asks(house)
        async with open_traces(Settings().database, tmp_path) as traces:
            (waits,) = await traces.last(5)
            await house.presses(button(answer, "allow"), by=MOD)
            await house.idle()
            (before,) = await traces.of(waits.turn)
            await house.store.forget(MOD.key)
            (after,) = await traces.of(waits.turn)
    told = as_text(waits, words=False, redact=Redaction(), secret={})
    assert "asked people to allow note: waiting" in told
    told = as_text(before, words=False, redact=Redaction(), secret={})
    decided = "asked people to allow note: allowed by {} at 2026-11-23T18:00:00Z, begun to be carried out"
    assert decided.format("local:mod") in told
    told = as_text(after, words=False, redact=Redaction(), secret={})
    assert decided.format("somebody of whom nothing is kept") in told


def test_a_secret_is_taken_out_before_what_holds_it_is_cut() -> None:
    knocks = Call(id="c1", name="knock", arguments=json.dumps({"door": "x" * 180 + "hunter2hunter2"}))
    trace = Trace(
        turn="t",
        state="done",
        message="m",
        place="local:general",
        opened_at=datetime(2026, 1, 1, tzinfo=UTC),
        attempts=1,
        parts=((Reply(text="", calls=(knocks,)), 1),),
    )
    assert "hun" not in as_text(trace, words=False, redact=Redaction(["hunter2hunter2"]), secret={})
