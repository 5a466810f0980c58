"""What the model is told of tools stays as it is while the engine holds it, whatever servers do; calls get a reason."""

from __future__ import annotations

from pathlib import Path

from bot.agent.toolbox import Toolbox
from bot.ports.tool import ForeignTool
from bot.talk.turn import Call
from tests.agent.tooling import OpenGate, foreign_tool
from tests.fakes import FakeEngine, said
from tests.rig import Rig, rig


async def asks(house: Rig, text: str) -> None:
    await house.says(said(text))
    await house.idle()


async def test_a_server_that_goes_comes_and_changes_leaves_the_prompt_as_it_was(tmp_path: Path) -> None:
    there: list[ForeignTool] = [foreign_tool("tide")]
    engine = FakeEngine(("One.",), (Call(id="c1", name="tide", arguments="{}"),), ("Two.",), ("Three.",))
    toolbox = Toolbox((), seconds=5, chars=3000, calls=4, gate=OpenGate(), foreign=lambda: there)
    async with rig(tmp_path, engine=engine, toolbox=toolbox) as house:
        await asks(house, "first")
        head = engine.prompts[0].pieces[0]
        assert "tide" in head.text
        there.clear()
        await asks(house, "second")
        assert "there is no tool 'tide'" in house.asked(2)
        there.extend([foreign_tool("weather"), foreign_tool("tide", gives="seven")])
        await asks(house, "third")
        assert [prompt.pieces[0] for prompt in engine.prompts] == [head] * 4
        assert house.asked(3).startswith(house.asked(2) + "\nTwo.")
        assert not any(name == "prefix_breaks_total" for name, _ in house.counters.counts)


async def test_once_the_engine_holds_it_no_more_the_model_is_told_of_the_tools_that_there_are(tmp_path: Path) -> None:
    there: list[ForeignTool] = [foreign_tool("tide")]
    engine = FakeEngine()
    toolbox = Toolbox((), seconds=5, chars=3000, calls=4, gate=OpenGate(), foreign=lambda: there)
    async with rig(tmp_path, engine=engine, toolbox=toolbox) as house:
        await asks(house, "first")
    there[:] = [foreign_tool("weather")]
    again = FakeEngine()
    async with rig(tmp_path, engine=again, toolbox=toolbox) as house:
        await asks(house, "second")
        assert "weather" in again.prompts[0].pieces[0].text
