"""What happened, in order and with times: kept in a file, and by word for whoever looks into a violation."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

LONGEST = 400  # lines shown of one message's story


class Journal:
    """A context manager over its file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._began = monotonic()
        self._about: dict[str, list[str]] = defaultdict(list)
        self._lives: list[tuple[float, str]] = []

    def __enter__(self) -> Self:
        self._file = self._path.open("w", encoding="utf-8", buffering=1 << 16)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def note(self, what: str, *words: str) -> None:
        """Write it down, under the words of the messages that it is about."""
        line = self._write(what)
        for word in words:
            self._about[word].append(line)

    def life(self, what: str) -> None:
        """A start, a kill, an end: part of everybody's story at that time."""
        self._lives.append((monotonic() - self._began, self._write(what)))

    def story(self, *words: str, margin: float = 3.0) -> list[str]:
        """All about these words, with what became of the program from `margin` seconds before to as many after."""
        told = {line for word in words for line in self._about[word]}
        times = [float(line.split(maxsplit=1)[0]) for line in told]
        if times:
            told |= {line for at, line in self._lives if min(times) - margin <= at <= max(times) + margin}
        return sorted(told)[:LONGEST]

    def _write(self, what: str) -> str:
        line = f"{monotonic() - self._began:10.4f} {what}"
        self._file.write(line + "\n")
        return line
