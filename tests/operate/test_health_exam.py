"""The doctor asks a running program how it is, and is not misled by whatever else listens there."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.operate.checks import Readiness, Verdict
from bot.operate.health import HealthPages, HealthServer
from bot.operate.health_exam import HealthExam
from bot.settings import Health
from bot.talk.finding import Level
from tests.fakes import FakeClock


async def _nothing() -> tuple[str, bytes]:
    return "text/plain", b""


@asynccontextmanager
async def another(answer: web.Response) -> AsyncGenerator[int]:
    async def handle(_: web.BaseRequest) -> web.Response:
        return answer

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def test_what_a_running_program_says_is_wrong_is_told_with_what_to_do() -> None:
    checks = {
        "engine": lambda: Verdict(well=False, found="it is away", mend="Start it."),
        "backlog": lambda: Verdict(well=True, found="2 questions open"),
    }
    pages = HealthPages(
        Readiness(checks, clock=FakeClock()), metrics=_nothing, facts=lambda: {}, redact=lambda text: text
    )
    server = HealthServer(Health(port=0), pages)
    async with server.serving():
        running, wrong = await HealthExam(Health(port=server.port)).examine()
    assert running.level is Level.OK
    assert running.found.endswith("/readyz: 2 questions open")
    assert (wrong.level, wrong.mend) == (Level.WARNING, "Start it.")
    assert wrong.found == "it says of engine: it is away (since 2026-11-23T18:00:00+00:00)"


async def test_without_a_program_it_is_told_where_it_would_answer() -> None:
    async with another(web.Response()) as port:
        pass
    (told,) = await HealthExam(Health(port=port)).examine()
    assert told.level is Level.OK
    assert f"http://127.0.0.1:{port}/readyz" in told.found


@pytest.mark.parametrize("body", ["<html>It works!</html>", "[]", '{"checks": 3}', '"x"', "", "\udcff", "x" * 200_000])
async def test_another_program_at_the_port_is_told_from_ours(body: str) -> None:
    async with another(web.Response(body=body.encode(errors="surrogateescape"))) as port:
        (told,) = await HealthExam(Health(port=port)).examine()
    assert told.level is Level.WARNING
    assert "another program answers" in told.found
    assert "HEALTH_PORT" in told.mend


@pytest.mark.parametrize(("settings", "said"), [(Health(port=0), "free port"), ({"enabled": "off"}, "switched off")])
async def test_without_an_address_it_is_told_why(settings: Health | dict[str, str], said: str) -> None:
    (told,) = await HealthExam(Health.model_validate(settings)).examine()
    assert told.level is Level.OK
    assert said in told.found
