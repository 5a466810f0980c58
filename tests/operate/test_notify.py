"""systemd is told by real datagrams that the program has started, lives, and ends."""

from __future__ import annotations

import socket
import sys
import uuid
from collections.abc import Generator
from pathlib import Path

import pytest

from bot.operate.notify import Notifier
from bot.settings import Supervisor, supervisor
from tests.fakes import FakeClock


class Ear:
    """What systemd hears; `address` as it would name it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.socket.settimeout(0)

    def heard(self) -> list[str]:
        found: list[str] = []
        while True:
            try:
                found.append(self.socket.recv(1000).decode())
            except BlockingIOError:
                return found


@pytest.fixture(params=["file", "abstract"])
def ear(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Ear]:
    if request.param == "abstract" and sys.platform != "linux":
        pytest.skip("only Linux has abstract sockets")
    made = Ear(f"@calanque-{uuid.uuid4().hex}" if request.param == "abstract" else str(tmp_path / "notify"))
    with made.socket:
        yield made


async def test_start_life_and_end_are_told_and_life_only_as_often_as_is_asked_for(ear: Ear) -> None:
    clock = FakeClock()
    with Notifier(Supervisor(socket=ear.address, seconds=30), clock=clock) as notifier:
        notifier.started()
        assert ear.heard() == ["READY=1"]
        for _ in range(60):  # half a minute of heartbeats
            notifier.alive()
            await clock.advance(0.5)
        assert ear.heard() == ["WATCHDOG=1"] * 3
        notifier.stopping()
        assert ear.heard() == ["STOPPING=1"]


def test_who_does_not_watch_is_not_told_of_life(ear: Ear) -> None:
    with Notifier(Supervisor(socket=ear.address), clock=FakeClock()) as notifier:
        notifier.alive()
        notifier.started()
    assert ear.heard() == ["READY=1"]


def test_nobody_to_tell_is_fine(caplog: pytest.LogCaptureFixture) -> None:
    with Notifier(None, clock=FakeClock()) as notifier:
        notifier.started()
        notifier.alive()
        notifier.stopping()
    assert caplog.messages == []


@pytest.mark.parametrize("address", ["/nowhere/at/all", "vsock:2:1234"])
def test_what_cannot_be_told_is_logged_once_and_nothing_else_happens(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    with Notifier(Supervisor(socket=address, seconds=1e-6), clock=clock) as notifier:
        for _ in range(5):
            notifier.started()
            notifier.stopping()
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, None),
        ({"NOTIFY_SOCKET": "/run/x"}, Supervisor(socket="/run/x")),
        ({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "30000000"}, Supervisor(socket="@x", seconds=30.0)),
        (
            {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "500000", "WATCHDOG_PID": "7"},
            Supervisor(socket="@x", seconds=0.5),
        ),
        ({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "500000", "WATCHDOG_PID": "8"}, Supervisor(socket="@x")),
        ({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "soon"}, Supervisor(socket="@x")),
        ({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "0"}, Supervisor(socket="@x")),
        ({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "²"}, Supervisor(socket="@x")),
    ],
)
def test_who_watches_is_read_from_the_environment(environment: dict[str, str], found: Supervisor | None) -> None:
    assert supervisor(environment, process=7) == found
