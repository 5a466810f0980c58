"""`/healthz`, `/readyz` and `/metrics` over real sockets: what they say, and whom they answer."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from bot.errors import OperatorError, PortInUse, SettingsError
from bot.operate.checks import Probe, Readiness, Verdict
from bot.operate.health import CONNECTIONS, REQUESTS, HealthPages, HealthServer, address
from bot.operate.logs import Redactor
from bot.settings import Health
from tests.fakes import FakeClock

PATHS = ("/healthz", "/readyz", "/metrics")
PASSWORD = "tramontane"
WELL = Verdict(well=True, found="fine")


@dataclass(slots=True)
class Bay:
    """The pages, served; `verdict` is what the one check finds."""

    verdict: Verdict = WELL
    port: int = 0
    entered: int = 0
    hold: asyncio.Event | None = None
    probes: tuple[Probe, ...] = ()
    breaks: bool = False
    _session: list[aiohttp.ClientSession] = field(default_factory=list[aiohttp.ClientSession])

    async def metrics(self) -> tuple[str, bytes]:
        self.entered += 1
        if self.breaks:
            raise ValueError(PASSWORD)
        if self.hold is not None:
            await self.hold.wait()
        return "text/plain; charset=utf-8", b"calanque_events_total 1\n"

    async def ask(
        self, path: str, method: str = "GET", *, headers: Mapping[str, str] | None = None, data: bytes | None = None
    ) -> aiohttp.ClientResponse:
        """The answer, read whole."""
        response = await self._session[0].request(
            method, f"http://127.0.0.1:{self.port}{path}", headers=headers, data=data, allow_redirects=False
        )
        await response.read()
        return response


@asynccontextmanager
async def bay(**settings: object) -> AsyncGenerator[Bay]:
    made = Bay()
    pages = HealthPages(
        Readiness({"engine": lambda: made.verdict}, clock=FakeClock()),
        metrics=made.metrics,
        facts=lambda: {"version": "1"},
        redact=Redactor([PASSWORD]),
    )
    server = HealthServer(Health.model_validate({"port": 0, **settings}), pages)
    async with server.serving(), aiohttp.ClientSession() as session:
        made.port = server.port
        made._session.append(session)  # pyright: ignore[reportPrivateUsage]
        yield made
    assert server.port == 0


@pytest.fixture
async def here() -> AsyncGenerator[Bay]:
    async with bay() as made:
        yield made


async def test_the_process_is_alive_whatever_its_checks_find(here: Bay) -> None:
    here.verdict = Verdict(well=False, found="away", mend="Wait.")
    answer = await here.ask("/healthz")
    assert (answer.status, await answer.json()) == (200, {"alive": True, "version": "1"})


async def test_ready_is_said_with_each_check_since_when_and_what_to_do(here: Bay) -> None:
    answer = await here.ask("/readyz")
    told: dict[str, Any] = await answer.json()
    assert (answer.status, told["ready"]) == (200, True)
    here.verdict = Verdict(well=False, found=f"postgresql://me:{PASSWORD}@host is away", mend="Start it.")
    answer = await here.ask("/readyz")
    told = await answer.json()
    assert (answer.status, told["ready"]) == (503, False)
    assert told["checks"]["engine"] == {
        "well": False,
        "since": "2026-11-23T18:00:00+00:00",
        "found": "postgresql://[redacted]@host is away",
        "do": "Start it.",
    }


async def test_metrics_are_told_as_they_are(here: Bay) -> None:
    answer = await here.ask("/metrics")
    assert (answer.status, await answer.text()) == (200, "calanque_events_total 1\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("path", PATHS)
async def test_head_says_the_same_without_a_body(here: Bay, path: str) -> None:
    whole, head = await here.ask(path), await here.ask(path, "HEAD")
    assert (head.status, await head.read()) == (whole.status, b"")
    assert head.headers["Content-Length"] == str(len(await whole.read()))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
async def test_nothing_can_be_done_here(here: Bay, path: str, method: str) -> None:
    answer = await here.ask(path, method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/readyz/", "/metrics/x", "/HEALTHZ", "/favicon.ico"])
async def test_what_is_not_there_is_not_there(here: Bay, path: str) -> None:
    assert (await here.ask(path)).status == 404


async def test_a_request_with_a_body_is_refused(here: Bay) -> None:
    assert (await here.ask("/readyz", data=b"x" * 100_000)).status == 400


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::1"])
@pytest.mark.parametrize("path", [*PATHS, "/"])
async def test_a_web_site_that_points_its_name_here_reads_nothing(here: Bay, host: str, path: str) -> None:
    assert (await here.ask(path, headers={"Host": host})).status in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8322", "127.0.0.1:1", "[::1]:8322", "localhost."])
async def test_the_names_of_this_machine_are_ours(here: Bay, host: str) -> None:
    assert (await here.ask("/readyz", headers={"Host": host})).status == 200


async def test_more_names_can_be_allowed_and_any() -> None:
    async with bay(allowed_hosts="cove.example, Harbour.Test") as made:
        for host, status in (("cove.example", 200), ("harbour.test:80", 200), ("other.example", 421)):
            assert (await made.ask("/healthz", headers={"Host": host})).status == status
    async with bay(allowed_hosts="*") as made:
        assert (await made.ask("/healthz", headers={"Host": "10.1.2.3:8322"})).status == 200


async def test_answers_say_how_they_are_to_be_treated_and_end_their_connection(here: Bay) -> None:
    for path in (*PATHS, "/nothing"):
        answer = await here.ask(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Server"] == "Calanque"
        assert answer.headers["Connection"] == "close"


async def test_a_defect_is_answered_without_what_it_says(here: Bay, caplog: pytest.LogCaptureFixture) -> None:
    here.breaks = True
    answer = await here.ask("/metrics")
    assert answer.status == 500
    assert PASSWORD not in await answer.text()
    assert "/metrics could not be told" in caplog.text


async def test_too_many_at_a_time_are_told_to_come_again_and_the_others_are_answered(here: Bay) -> None:
    here.hold = asyncio.Event()
    asking = [asyncio.create_task(here.ask("/metrics")) for _ in range(REQUESTS + 5)]
    for number, next_one in enumerate(asyncio.as_completed(asking), start=1):
        answer = await next_one
        if number <= 5:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
        if number == 5:
            here.hold.set()
    assert sorted([(await each).status for each in asking]) == [200] * REQUESTS + [429] * 5
    assert here.entered == REQUESTS


async def test_connections_that_say_nothing_are_bounded_and_do_not_stay_for_ever(
    here: Bay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.operate.health.CONNECTION_SECONDS", 0.2)
    opened = [await asyncio.open_connection("127.0.0.1", here.port) for _ in range(CONNECTIONS + 3)]
    try:
        async with asyncio.timeout(30):
            for reader, _ in opened:
                assert await reader.read() == b""
        assert (await here.ask("/healthz")).status == 200
    finally:
        for _, writer in opened:
            writer.close()


async def test_noise_on_the_line_is_survived(here: Bay) -> None:
    for noise in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET /" + b"a" * 100_000, b"\r\n\r\n\r\n\r\n"):
        _, writer = await asyncio.open_connection("127.0.0.1", here.port)
        writer.write(noise)
        writer.close()
    assert (await here.ask("/readyz")).status == 200


@contextmanager
def taken() -> Generator[int]:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


async def test_a_taken_port_is_a_warning_for_who_did_not_ask_for_it(caplog: pytest.LogCaptureFixture) -> None:
    with taken() as port, caplog.at_level(logging.WARNING):
        server = HealthServer(Health(port=port), _pages())
        async with server.serving():
            assert server.port == 0
    (line,) = caplog.messages
    assert f"Port {port} is in use" in line
    assert "HEALTH_PORT" in line


async def test_a_taken_port_ends_the_start_for_who_asked_for_it() -> None:
    with taken() as port, pytest.raises(PortInUse, match="set HEALTH_PORT to another port"):
        async with HealthServer(Health.model_validate({"port": port, "enabled": "on"}), _pages()).serving():
            pass


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
async def test_it_is_not_opened_to_a_network_by_one_setting_alone(host: str) -> None:
    with pytest.raises(SettingsError, match="HEALTH_ALLOWED_HOSTS"):
        async with HealthServer(Health(port=0, host=host), _pages()).serving():
            pass


async def test_an_address_that_is_not_of_this_machine_is_named() -> None:
    settings = Health.model_validate({"port": 0, "host": "192.0.2.1", "allowed_hosts": "*", "enabled": "on"})
    with pytest.raises(OperatorError, match="check HEALTH_HOST"):
        async with HealthServer(settings, _pages()).serving():
            pass


def test_the_address_is_one_that_can_be_opened_here() -> None:
    assert address("127.0.0.1", 1) == "http://127.0.0.1:1"
    assert address("0.0.0.0", 1) == "http://127.0.0.1:1"
    assert address("[::1]", 1) == "http://[::1]:1"
    assert address("::", 1) == "http://127.0.0.1:1"


def _pages() -> HealthPages:
    return HealthPages(
        Readiness({}, clock=FakeClock()), metrics=Bay().metrics, facts=lambda: {}, redact=lambda text: text
    )
