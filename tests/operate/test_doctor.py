"""The doctor: every gap is told, whatever the thing looked at does."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.errors import EngineUnreachable
from bot.operate.doctor import Disk, Machine, as_json, as_text, examine, healthy, size
from bot.talk.finding import Finding, Level

FINE = Finding(level=Level.OK, topic="model", found="mistral-small3.1")
TIGHT = Finding(level=Level.WARNING, topic="window", found="4,096 tokens", mend="Set ENGINE_WINDOW.")
BROKEN = Finding(level=Level.PROBLEM, topic="engine", found="nothing answers", mend="Start Ollama.")


class Healthy:
    def __init__(self, *findings: Finding) -> None:
        self.findings = findings

    async def examine(self) -> Sequence[Finding]:
        return self.findings


class Hanging:
    def __init__(self) -> None:
        self.left = False

    async def examine(self) -> Sequence[Finding]:
        try:
            await asyncio.Event().wait()
        finally:
            self.left = True
        return ()


class Raising:
    def __init__(self, error: Exception) -> None:
        self.error = error

    async def examine(self) -> Sequence[Finding]:
        raise self.error


async def test_findings_come_in_order_whatever_hangs_or_raises() -> None:
    hanging = Hanging()
    findings = await examine(
        {
            "engine": hanging,
            "database": Raising(RuntimeError("a private word")),
            "token": Raising(EngineUnreachable("refused at 127.0.0.1")),
            "model": Healthy(FINE, TIGHT),
        },
        seconds=0.05,
    )
    assert [(finding.topic, finding.level) for finding in findings] == [
        ("engine", Level.PROBLEM),
        ("database", Level.PROBLEM),
        ("token", Level.PROBLEM),
        ("model", Level.OK),
        ("window", Level.WARNING),
    ]
    assert hanging.left
    assert "0.05 seconds" in findings[0].found
    assert findings[1].found == "could not be looked at (RuntimeError)"
    assert findings[2].found == "refused at 127.0.0.1"
    assert all(finding.mend for finding in findings if finding.level is not Level.OK)


async def test_looks_happen_side_by_side() -> None:
    meeting = asyncio.Barrier(3)

    class Meeting:
        async def examine(self) -> Sequence[Finding]:
            await meeting.wait()
            return (FINE,)

    assert await examine({str(number): Meeting() for number in range(3)}, seconds=5) == (FINE,) * 3


async def test_cancelling_the_doctor_stops_every_look() -> None:
    hanging = Hanging()
    task = asyncio.create_task(examine({"engine": hanging}))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert hanging.left


def test_only_problems_make_it_unhealthy() -> None:
    assert healthy((FINE, TIGHT))
    assert not healthy((FINE, BROKEN))


def test_the_text_is_aligned_and_says_what_to_do() -> None:
    assert as_text((FINE, TIGHT, BROKEN), encoding="utf-8").splitlines() == [
        "✓ model   mistral-small3.1",
        "! window  4,096 tokens",
        "          → Set ENGINE_WINDOW.",
        "✗ engine  nothing answers",
        "          → Start Ollama.",
        "1 problem, 1 warning.",
    ]
    assert as_text((FINE,)).endswith("no problems, no warnings.")


def test_the_text_can_be_written_in_any_encoding() -> None:
    odd = Finding(level=Level.OK, topic="model", found="modèle")
    assert as_text((odd, BROKEN), encoding="ascii").splitlines()[:3] == [
        "+ model   mod?le",
        "x engine  nothing answers",
        "          -> Start Ollama.",
    ]


def test_the_json_says_the_same() -> None:
    assert json.loads(as_json((FINE, BROKEN))) == {
        "ok": False,
        "findings": [
            {"level": "ok", "topic": "model", "found": "mistral-small3.1", "mend": ""},
            {"level": "problem", "topic": "engine", "found": "nothing answers", "mend": "Start Ollama."},
        ],
    }


@pytest.mark.parametrize(("share", "level"), [(0.5, Level.OK), (2, Level.WARNING), (1000, Level.PROBLEM)])
async def test_the_disk_is_judged_by_what_is_needed(share: float, level: Level, tmp_path: Path) -> None:
    stat = os.statvfs(tmp_path)
    free = stat.f_bavail * stat.f_frsize
    (finding,) = await Disk(folder=tmp_path / "not" / "yet", needed=int(free * share), purpose="the model").examine()
    assert finding.level is level
    assert str(tmp_path) in finding.found
    assert "the model" in finding.found


async def test_a_file_where_the_folder_should_be_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    (finding,) = await Disk(folder=tmp_path / "data").examine()
    assert finding.level is Level.PROBLEM
    assert "cannot be written" in finding.found
    assert "DATA_DIR" in finding.mend


async def test_the_machine_is_named() -> None:
    (finding,) = await Machine().examine()
    assert finding.found.startswith("Python 3.")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (2048, "2 KiB"), (15 * 1024**2, "15 MiB"), (15 * 1024**4, "15360.0 GiB")]
)
def test_sizes_are_for_people(count: int, text: str) -> None:
    assert size(count) == text
