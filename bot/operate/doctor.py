"""The doctor: looks at everything the program needs and says what is found and what to do about each gap.

Edges know how to look at themselves (`bot.ports.Examined`); here their findings are gathered, each look bounded in
time and kept from taking the others down, and what belongs to no edge is added: the disk and the machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import CalanqueError
from bot.ports import Examined
from bot.talk.finding import Finding, Level

LONGEST_SECONDS = 90.0
"""For one look. Long enough for an engine that loads its model from a slow disk."""

DATABASE_BYTES = 2 * 1024**3
"""Room for a year of a busy community, its pictures and the backups."""

_SIGNS = {Level.OK: "✓", Level.WARNING: "!", Level.PROBLEM: "✗"}
_PLAIN_SIGNS = {Level.OK: "+", Level.WARNING: "!", Level.PROBLEM: "x"}


async def examine(looks: Mapping[str, Examined], *, seconds: float = LONGEST_SECONDS) -> tuple[Finding, ...]:
    """All findings in the order of the looks (topic → what looks), which happen side by side.

    A look that takes longer than `seconds`, or raises, is a finding of its own.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_look(topic, look, seconds)) for topic, look in looks.items()]
    return tuple(finding for task in tasks for finding in task.result())


async def _look(topic: str, look: Examined, seconds: float) -> Sequence[Finding]:
    # The sentence of an exception that is not ours may quote anything, so only its kind is told.
    try:
        async with asyncio.timeout(seconds):
            return await look.examine()
    except TimeoutError:
        found, mend = f"gave no sign within {seconds:g} seconds", "See whether it hangs, then run the doctor again."
    except CalanqueError as error:
        found, mend = str(error), "Mend this, then run the doctor again."
    except Exception as error:
        found = f"could not be looked at ({type(error).__name__})"
        mend = "This is a defect of the doctor; please report it with the output of `LOG_LEVEL=DEBUG calanque run`."
    return (Finding(level=Level.PROBLEM, topic=topic, found=found, mend=mend),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Is there room, and may we write? `needed` is in bytes; `purpose` says what for."""

    folder: Path
    needed: int = DATABASE_BYTES
    purpose: str = "the database"

    async def examine(self) -> Sequence[Finding]:
        return await asyncio.to_thread(self._examine)

    def _examine(self) -> Sequence[Finding]:
        standing = self.folder.absolute()
        while not standing.exists() and standing != standing.parent:
            standing = standing.parent
        if not standing.is_dir() or not os.access(standing, os.W_OK | os.X_OK):
            return (
                Finding(
                    level=Level.PROBLEM,
                    topic="disk",
                    found=f"{standing} cannot be written to",
                    mend=f"Give the bot's user the right to write there, or point DATA_DIR elsewhere ({self.purpose}).",
                ),
            )
        free = shutil.disk_usage(standing).free
        found = f"{size(free)} free at {standing}; {self.purpose} may need {size(self.needed)}"
        if free >= self.needed:
            return (Finding(level=Level.OK, topic="disk", found=found),)
        # A tenth of it is enough for a while, but not for long.
        level = Level.PROBLEM if free < self.needed // 10 else Level.WARNING
        return (Finding(level=level, topic="disk", found=found, mend="Make room, or point DATA_DIR to a larger disk."),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the program runs on."""

    async def examine(self) -> Sequence[Finding]:
        python = f"Python {platform.python_version()}"
        where = f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count() or 1} cores"
        return (Finding(level=Level.OK, topic="python", found=f"{python} on {where}"),)


def size(count: int) -> str:
    """Bytes for people: `15.2 GiB`."""
    amount = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def healthy(findings: Sequence[Finding]) -> bool:
    """Whether the program can do its work; warnings do not keep it from that."""
    return all(finding.level is not Level.PROBLEM for finding in findings)


def as_text(findings: Sequence[Finding], *, encoding: str = sys.getdefaultencoding()) -> str:
    """A line for each finding, what to do below it, and the sum at the end. Signs that the encoding has."""
    signs, arrow = _SIGNS, "→"
    try:
        "".join([*signs.values(), arrow]).encode(encoding)
    except UnicodeEncodeError:
        signs, arrow = _PLAIN_SIGNS, "->"
    width = max((len(finding.topic) for finding in findings), default=0)
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{signs[finding.level]} {finding.topic:<{width}}  {finding.found}")
        if finding.mend:
            lines.append(f"  {'':<{width}}  {arrow} {finding.mend}")
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    warnings = sum(finding.level is Level.WARNING for finding in findings)
    lines.append(f"{_count(problems, 'problem')}, {_count(warnings, 'warning')}.")
    text = "\n".join(lines)
    return text.encode(encoding, errors="replace").decode(encoding)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def as_json(findings: Sequence[Finding]) -> str:
    """One object: `ok` (no problems) and `findings`, each with level, topic, found and mend."""
    rows = [{"level": str(f.level), "topic": f.topic, "found": f.found, "mend": f.mend} for f in findings]
    return json.dumps({"ok": healthy(findings), "findings": rows}, ensure_ascii=False, indent=2)
