"""The commands that end by themselves: doctor, pull, migrate, trace."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass

from bot.app import shelf
from bot.app.parts import Shared, new_engine, page_runs
from bot.app.servers_exam import ServersExam
from bot.app.web import opened_web
from bot.errors import SettingsError
from bot.languages.phrases import Phrases
from bot.operate import doctor
from bot.ports import Examined
from bot.settings import EngineKind, Settings
from bot.storage.examine import DatabaseExam
from bot.storage.migrate import migrate as bring_up_to_date
from bot.talk.finding import Finding
from bot.talk.prompt import PullProgress
from bot.talk.trace import Trace


async def examine(settings: Settings) -> tuple[Finding, ...]:
    """What the doctor finds, in the order in which it should be mended."""
    from bot.operate.health_exam import HealthExam  # noqa: PLC0415 - likewise
    from bot.platforms.discord import examine as discord  # noqa: PLC0415 - discord.py takes a while to load
    from bot.platforms.local import examine as page  # noqa: PLC0415 - likewise aiohttp

    shared = Shared(settings=settings, phrases=Phrases(settings.community.language))
    async with AsyncExitStack() as stack:
        looks: dict[str, Examined] = {"python": doctor.Machine(), "disk": doctor.Disk(folder=settings.data.dir)}
        looks["database"] = DatabaseExam(settings.database, settings.data.dir)
        looks["discord"] = _Look(lambda: discord.examine(settings.discord))
        if page_runs(settings):
            looks["page"] = _Look(lambda: page.examine(settings.page))
        looks["health"] = HealthExam(settings.health)
        looks |= shelf.looks(settings, shared.clock)
        if settings.mcp.servers:
            looks["mcp"] = ServersExam(settings)
        outside = await stack.enter_async_context(opened_web(settings.web, documents=None, shared=shared))
        if outside.search is not None:
            looks["search"] = outside.search
        looks["engine"] = await stack.enter_async_context(new_engine(shared, settings.engine.kind, NoImages()))
        return await doctor.examine(looks)


async def pull(settings: Settings, model: str) -> AsyncGenerator[PullProgress]:
    """Fetch a model through Ollama. Raises EngineUnreachable, EngineRefused, or SettingsError for other engines."""
    if settings.engine.kind not in {EngineKind.AUTO, EngineKind.OLLAMA}:
        raise SettingsError("only Ollama fetches models: set ENGINE_KIND=ollama, or load the model in your server")
    from bot.inference.ollama_pull import pull as pull_through_ollama  # noqa: PLC0415 - for this command alone

    async with aclosing(pull_through_ollama(settings.engine, model)) as progress:
        async for step in progress:
            yield step


async def migrate(settings: Settings) -> str:
    """Bring the database up to date; returns what was done, in a sentence."""
    done = await bring_up_to_date(settings.database, settings.data.dir)
    if not done.changed:
        return f"{done.database} is up to date (revision {done.after})"
    copy = f"; a copy from before is {done.backup}" if done.backup is not None else ""
    return f"{done.database} went from {done.before or 'nothing'} to revision {done.after}{copy}"


async def trace(settings: Settings, *, turn: str, place: str, last: int) -> tuple[Trace, ...]:
    """The turns that an operator wants to read about. Raises DatabaseUnusable or SettingsError."""
    from bot.storage.traces import open_traces  # noqa: PLC0415 - for this command alone

    async with open_traces(settings.database, settings.data.dir) as traces:
        return await traces.of(turn) if turn else await traces.last(last, place=place)


def secret_arguments() -> Mapping[str, frozenset[str]]:
    """By tool, the arguments that are shown to nobody."""
    from tools import TOOLS  # noqa: PLC0415 - likewise

    return {tool.name: tool.secret for tool in TOOLS}


@dataclass(frozen=True, slots=True)
class _Look:
    """A function as something that the doctor can look at."""

    function: Callable[[], Awaitable[Sequence[Finding]]]

    async def examine(self) -> Sequence[Finding]:
        return await self.function()


class NoImages:
    async def images(self, digests: Collection[str]) -> Mapping[str, bytes]:
        return {}
