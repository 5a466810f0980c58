"""The real program says how it is: what goes wrong around it shows in `/readyz`, and shows again when it is well."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed

from bot.operate.metrics_table import METRICS, PREFIX
from tests.end_to_end.asking import FINE, answer_to, ask
from tests.end_to_end.databases import locked, read_only
from tests.end_to_end.harness import MODEL, WITHIN, Town, bot_in, page_of, settings_for, town
from tests.end_to_end.processes import finished, on_discord

pytestmark = pytest.mark.thorough

LOOK_AGAIN = 0.1
"""Seconds between two looks at a page that says how something else is."""

TOLD = "How the program is: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """What watches over the program, as Kubernetes or Prometheus would."""

    url: str
    session: aiohttp.ClientSession

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(self.url + path) as response:
            return response.status, await response.text()

    async def checks(self) -> tuple[int, Mapping[str, Any]]:
        async with self.session.get(f"{self.url}/readyz") as response:
            told = await response.json()
            assert told["ready"] is (response.status == 200) is all(each["well"] for each in told["checks"].values())
            return response.status, told["checks"]

    async def until(self, check: str = "", *, well: bool = True) -> Mapping[str, Any]:
        """The check, or all of them, as soon as it stands like this. The program lives meanwhile."""
        async with asyncio.timeout(WITHIN):
            while True:
                assert (await self.get("/healthz"))[0] == 200
                status, checks = await self.checks()
                if (checks[check]["well"] if check else status == 200) is well:
                    assert well or status == 503
                    return checks[check] if check else checks
                await asyncio.sleep(LOOK_AGAIN)

    async def samples(self) -> Mapping[str, float]:
        """Every sample by its name and labels, as Prometheus writes them."""
        status, text = await self.get("/metrics")
        assert status == 200
        found: dict[str, float] = {}
        for family in parsed(text):
            name = family.name.removeprefix(PREFIX) + ("_total" if family.type == "counter" else "")
            assert METRICS[name].kind.value == family.type
            for sample in family.samples:
                labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
                found[sample.name.removeprefix(PREFIX) + (f"{{{labels}}}" if labels else "")] = sample.value
        return found

    async def samples_when(self, holds: Callable[[Mapping[str, float]], bool]) -> Mapping[str, float]:
        """As soon as they are like this: what was shown a moment ago is counted in the next."""
        async with asyncio.timeout(WITHIN):
            while True:
                found = await self.samples()
                if holds(found):
                    return found
                await asyncio.sleep(LOOK_AGAIN)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found is not believed for long."""
    monkeypatch.setattr("bot.app.checks.DATABASE_GOOD_FOR", 0.1)
    monkeypatch.setattr("bot.app.checks.ENGINE_GOOD_FOR", 0.1)


@asynccontextmanager
async def watched(place: Town, folder: Path, caplog: pytest.LogCaptureFixture) -> AsyncGenerator[Watcher]:
    caplog.set_level("INFO", "bot.operate.health")
    async with bot_in(place, folder), aiohttp.ClientSession() as session:
        watcher = Watcher(url=_address(caplog.messages), session=session)
        await watcher.until()
        yield watcher


def _address(lines: list[str]) -> str:
    return next(line for line in reversed(lines) if TOLD in line).rpartition(TOLD)[2].removesuffix("/readyz")


@pytest.mark.usefixtures("quick")
async def test_whatever_goes_wrong_around_it_shows_and_shows_again_when_it_is_well(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town() as place, watched(place, tmp_path, caplog) as watcher:
        # The connection is lost, and the session cannot be resumed: a new one takes some seconds.
        place.discord.gateway.resuming = False
        place.discord.gateway.drop()
        told = await watcher.until("discord", well=False)
        assert told["found"].startswith("not connected")
        assert "connects by itself" in told["do"]
        assert (await watcher.samples())["platform_up{platform=discord}"] == 0
        await watcher.until("discord", well=True)

        # The engine is killed, then started.
        await place.ollama.shut_door()
        told = await watcher.until("engine", well=False)
        assert "does not answer" in told["found"]
        assert "calanque doctor" in told["do"]
        samples = await watcher.samples()
        assert samples["engine_up"] == 0
        assert samples["ready{check=engine}"] == 0
        assert samples["engine_away_since_seconds"] > 0
        await place.ollama.open_door()
        await watcher.until("engine", well=True)
        assert (await watcher.samples())["engine_up"] == 1

        # The model is removed.
        place.ollama.remove(MODEL)
        told = await watcher.until("engine", well=False)
        assert MODEL in told["found"]

        # Somebody makes the database read-only.
        with read_only(tmp_path):
            told = await watcher.until("database", well=False)
            assert "is read-only" in told["found"]
        await watcher.until("database", well=True)


@pytest.mark.usefixtures("quick")
async def test_a_database_that_another_program_holds_shows_in_time_and_nothing_piles_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town() as place, watched(place, tmp_path, caplog) as watcher:
        with locked(tmp_path):
            asking = [asyncio.create_task(watcher.checks()) for _ in range(5)]
            told = await watcher.until("database", well=False)
            assert "is locked by another program" in told["found"]
            await asyncio.gather(*asking)
        await watcher.until("database", well=True)
        await watcher.until()


@pytest.mark.usefixtures("quick")
async def test_after_an_answer_the_figures_tell_of_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with town() as place, watched(place, tmp_path, caplog) as watcher:
        place.ollama.script(FINE)
        before = await watcher.samples()
        await answer_to(await ask(place, "well?"), FINE)
        after = await watcher.samples_when(
            lambda each: each.get("deliveries_total{outcome=sent}", 0) == 2 and not each["questions_pending"]
        )
        assert after["answers_total{outcome=done}"] == 1
        assert after["answer_seconds_count"] == after["answer_first_text_seconds_count"] == 1
        assert after["engine_first_token_seconds_count"] == 1
        assert after["deliveries_unfinished{state=open}"] == 0
        assert after["gateway_shards"] == after["gateway_shards_up"] == 1
        assert 0 <= after.get("gateway_latency_seconds", 0) < 5
        assert after["process_resident_memory_bytes"] > 2**24
        assert after["process_open_fds"] > 5
        assert after["loop_lag_seconds_count"] >= before.get("loop_lag_seconds_count", 0)
        text = (await watcher.get("/metrics"))[1] + (await watcher.get("/readyz"))[1]
        for private in (place.discord.token, "well?", FINE, place.ana.name):
            assert private not in text


async def test_on_the_page_alone_the_demo_is_enough_and_said_to_be_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot.operate.health")
    nobody = {"kind": "auto", "url": "http://127.0.0.1:9"}
    async with town() as place:
        settings = settings_for(place, tmp_path, discord={"token": None}, page={"enabled": "on"}, engine=nobody)
        async with page_of(settings), aiohttp.ClientSession() as session:
            watcher = Watcher(url=_address(caplog.messages), session=session)
            told = await watcher.until("engine", well=True)
            assert told["found"].startswith("the demo model ")
            assert "does not answer" in told["found"]
            await watcher.until("local", well=True)
            assert (await watcher.samples())["engine_up"] == 0


async def test_systemd_is_told_of_start_life_and_end_and_a_taken_port_keeps_nobody_from_running(
    tmp_path: Path,
) -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd, closing(socket.socket()) as other:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        more = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000", "HEALTH_PORT": port}
        loop = asyncio.get_running_loop()
        async with town() as place, on_discord(place, tmp_path, **more) as program, asyncio.timeout(WITHIN):
            heard: set[bytes] = set()
            while heard != {b"READY=1", b"WATCHDOG=1"}:
                heard.add(await loop.sock_recv(systemd, 100))
            assert await program.ends() == 0
            while (last := await loop.sock_recv(systemd, 100)) == b"WATCHDOG=1":
                pass
            assert last == b"STOPPING=1"
            await program.said(f"Port {port} is in use by another program")


async def test_the_doctor_tells_where_a_running_program_says_how_it_is(tmp_path: Path) -> None:
    async with town() as place, on_discord(place, tmp_path) as program:
        address = (await program.said(TOLD)).rpartition(TOLD)[2]
        port = address.rpartition(":")[2].removesuffix("/readyz")
        _, doctor = await finished(place, tmp_path, "doctor", HEALTH_PORT=port)
        assert f"the running program answers at {address}" in doctor.output
