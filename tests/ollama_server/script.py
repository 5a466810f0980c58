"""What the double will say, and how it goes wrong. Plain values and one gate; no server in here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import cast

RECORDINGS = Path(__file__).parent / "recordings"


class Gate:
    """Holds tokens back until a test lets them through; the way to set the pace without sleeping."""

    def __init__(self) -> None:
        self._credit = 0
        self._open = False
        self._changed = asyncio.Condition()
        self.reached = asyncio.Event()
        """Somebody stands, or stood, before the closed gate."""

    async def pass_one(self) -> None:
        """Wait for one credit."""
        async with self._changed:
            if not self._open and self._credit == 0:
                self.reached.set()
            await self._changed.wait_for(lambda: self._open or self._credit > 0)
            if not self._open:
                self._credit -= 1

    async def let(self, count: int) -> None:
        """Let `count` more tokens through."""
        async with self._changed:
            self._credit += count
            self._changed.notify_all()

    async def open(self) -> None:
        """Let everything through from now on."""
        async with self._changed:
            self._open = True
            self._changed.notify_all()


class Mishap(StrEnum):
    """How a stream goes wrong after some tokens."""

    STALL = "stall"
    """Nothing more comes until the client leaves."""
    ERROR = "error"
    """A last line with an error under HTTP 200, as when the runner is killed (recording 46)."""
    END = "end"
    """The stream ends well, but without its `done` line (recording 14)."""
    DROP = "drop"
    """The connection breaks."""
    GARBAGE = "garbage"
    """A line that is not JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One generation.

    In `text` a written-out `[TOOL_CALLS]` is the control token: invisible in raw mode, one token more in `eval_count`.
    With `literal` it is prose. `mishap` strikes after `after` tokens; `gate` holds every token back.

    """

    text: str = ""
    literal: bool = False
    mishap: Mishap | None = None
    after: int = 0
    gate: Gate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An HTTP error instead of a stream. `error` is the text in Ollama's `{"error": …}`."""

    status: int
    error: str


BUSY = Refusal(status=503, error="server busy, please try again.  maximum pending requests exceeded")
"""As Ollama says it while a model is loading and its queue is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A recorded answer, byte for byte: status, content type, lines."""

    status: int
    content_type: str
    lines: tuple[str, ...]


Step = Reply | Refusal | Recorded
Answer = Callable[[str], "str | Step"]
"""Given the prompt as the model sees it."""


def recorded(name: str) -> Recorded:
    """A recording by its file's name or leading number, e.g. `46`. Raises FileNotFoundError."""
    for path in sorted(RECORDINGS.glob(f"{name}*.json")):
        answer = json.loads(path.read_text(encoding="utf-8"))["response"]
        return Recorded(
            status=answer["status"],
            content_type=answer["headers"].get("Content-Type", ""),
            lines=tuple(answer["lines"]),
        )
    raise FileNotFoundError(f"no recording {name} in {RECORDINGS}")


def load(path: Path) -> Sequence[Step]:
    """Steps from a JSON file for a double that runs as a process.

    A list of texts, or of objects with the fields of Reply (`text`, `literal`, `mishap`, `after`), of Refusal
    (`status`, `error`) or `{"recorded": "46"}`.
    """
    steps: list[Step] = []
    for entry in json.loads(path.read_text(encoding="utf-8")):
        match cast("object", entry):
            case str(text):
                steps.append(Reply(text=text))
            case {"recorded": str(name)}:
                steps.append(recorded(name))
            case {"status": int(status), "error": str(error)}:
                steps.append(Refusal(status=status, error=error))
            case {"text": str(text)}:
                mishap, after = entry.get("mishap"), int(entry.get("after", 0))
                broken = Mishap(mishap) if mishap else None
                steps.append(Reply(text=text, literal=bool(entry.get("literal")), mishap=broken, after=after))
            case _:
                raise ValueError(f"not a step: {entry!r}")
    return steps
