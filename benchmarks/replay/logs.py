"""Chat logs as messages with moments: `[HH:MM] <nick> text`, one log after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample"
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BETWEEN = timedelta(minutes=1)
"""From the end of a log to the beginning of the next."""

_LINE = re.compile(r"\[(\d\d):(\d\d)\] <([^>]+)> (.*)")
_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A line of a log."""

    at: datetime
    nick: str
    text: str


def read(folder: Path) -> list[Spoken]:
    """All logs of a folder in the order of their names. Raises FileNotFoundError where there is none."""
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise FileNotFoundError(f"{folder} holds no logs (*.txt)")
    spoken: list[Spoken] = []
    for file in files:
        begin = spoken[-1].at + BETWEEN if spoken else START
        spoken += moments(file.read_text(encoding="utf-8", errors="replace").splitlines(), begin)
    return spoken


def moments(lines: Sequence[str], begin: datetime) -> list[Spoken]:
    """What the lines of a log say. It knows minutes only: what was said in one is spread evenly over it."""
    found: list[tuple[int, str, str]] = []
    for match in filter(None, map(_LINE.match, lines)):
        minute = int(match[1]) * 60 + int(match[2])
        days = found[-1][0] // _DAY if found else 0
        # Past midnight the hours begin anew; small steps back are a slow clock.
        if found and days * _DAY + minute < found[-1][0] - 60:
            days += 1
        found.append((max(days * _DAY + minute, found[-1][0] if found else 0), match[3], match[4]))
    spoken: list[Spoken] = []
    for minute, together in groupby(found, key=lambda line: line[0]):
        group = list(together)
        for number, (_, nick, text) in enumerate(group):
            within = timedelta(minutes=minute - found[0][0], seconds=60 * (number + 0.5) / len(group))
            spoken.append(Spoken(at=begin + within, nick=nick, text=text))
    return spoken


def in_turns(spoken: Sequence[Spoken], size: int) -> Iterable[tuple[Sequence[Spoken], str]]:
    """Whole groups of `size` messages, and the words of the message after each, which stand for the reply."""
    for start in range(0, len(spoken) - size, size):
        yield spoken[start : start + size], spoken[start + size].text
