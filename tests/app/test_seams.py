"""What one part makes reaches the other: tool servers and the gate, the web and the shelf."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bot.ports.tool import Effect
from bot.ports.web import WebPage
from bot.settings import Settings
from tests.agent.tooling import FakeServers, foreign_tool
from tests.approvals.scene import HARBOUR, asks, button, buttons, call, everybody
from tests.fakes import GENERAL
from tests.rig import rig
from tools import TOOLS


@dataclass(frozen=True, slots=True)
class Pages:
    """Implements `bot.ports.web.Web`."""

    read_: list[str] = field(default_factory=list[str])

    async def read(self, url: str) -> WebPage:
        self.read_.append(url)
        return WebPage(url=url, title="Berths", text="A berth costs nine francs a night.")


def ferry(effect: Effect = Effect.READS) -> FakeServers:
    """One server, allowed in the guild of the harbour only."""
    return FakeServers(lambda: [foreign_tool("ferry", effect=effect)], guilds=["marseille"])


async def test_the_model_is_told_of_a_servers_tool_only_where_the_operator_allows_the_server(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Hi.",), ("Hi.",), tools=(), rights=everybody(), servers=ferry()) as house:
        await asks(house, place=HARBOUR)
        await asks(house, place=GENERAL)
        assert "ferry" in house.asked(0)
        assert "ferry" not in house.asked(1)


async def test_a_call_of_a_server_that_is_not_allowed_there_is_refused_without_asking_anybody(tmp_path: Path) -> None:
    scripts = (call("ferry"),), ("No.",)
    servers = ferry(Effect.WRITES)
    async with rig(tmp_path, *scripts, tools=(), rights=everybody(), servers=servers) as house:
        answer = await asks(house, place=GENERAL)
        assert "allow" not in buttons(answer)
        assert "not offered here" in house.asked()
        assert house.counters.get("tool_calls_denied_total", cause="place") == 1


async def test_a_server_that_was_forbidden_meanwhile_is_not_called_by_a_press(tmp_path: Path) -> None:
    guilds: list[str | None] = ["marseille"]
    servers = FakeServers(lambda: [foreign_tool("ferry", effect=Effect.WRITES)], guilds=guilds)
    async with rig(tmp_path, (call("ferry"),), ("Allow it.",), tools=(), rights=everybody(), servers=servers) as house:
        answer = await asks(house, place=HARBOUR)
        guilds.clear()
        assert "rules" in await house.presses(button(answer, "allow"), place=HARBOUR)
        assert len(house.engine.prompts) == 2


async def test_the_model_can_read_pages_where_the_operator_wants_it(tmp_path: Path) -> None:
    web = Pages()
    reads = (call("web_read", url="https://berths.example/"),), ("Nine.",)
    async with rig(tmp_path, *reads, tools=TOOLS, rights=everybody(), web=web) as house:
        await asks(house, "What does https://berths.example/ say?")
        assert web.read_ == ["https://berths.example/"]
        assert "nine francs" in house.asked()


async def test_pages_that_the_operator_lists_are_read_although_the_model_may_read_none(tmp_path: Path) -> None:
    listed = tmp_path / "pages.txt"
    listed.write_text("https://berths.example/\n")
    own = Settings().knowledge.model_copy(update={"pages": listed})
    pages = Pages()
    looks = (call("search_knowledge", words="berth francs"),), ("Nine.",)
    settings = Settings().model_copy(update={"knowledge": own})
    async with rig(tmp_path, *looks, tools=TOOLS, rights=everybody(), settings=settings, pages=pages) as house:
        assert house.knowledge is not None
        await house.knowledge.look()
        assert pages.read_ == ["https://berths.example/"]
        await asks(house, "What does a berth cost?")
        assert "web_read" not in house.asked(0)
        assert "nine francs" in house.asked(1)
