"""Which passages mean most nearly what is asked: all vectors that may be read are compared, in blocks, out of a cache.

numpy is loaded by the first search, so that programs without knowledge never hold it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from bot.ports.embedding import Held
from bot.storage.vectors import SCALE
from bot.talk.knowledge import Spot
from bot.talk.vectors import Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BLOCK = 1024
"""Vectors that are compared at a time: as numbers of four bytes they fit the processor's cache."""

LOADED = 8192
"""Vectors that are read at a time which the cache does not hold: so much more memory a search may take, or what one
document has."""


class Near:
    """A cache of vectors of documents, the longest unused leave first; and the comparison. For threads, one at a time.

    A document's number is never used again, so what is held of it is right as long as it has so many vectors.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held: OrderedDict[int, tuple[int, bytes]] = OrderedDict()
        self._bytes = 0
        self._fingerprint = ""
        self._latest: tuple[tuple[Held, ...], list[tuple[int, bytes]]] | None = None
        self._lock = Lock()

    @property
    def bytes(self) -> int:
        return self._bytes

    def split(self, fingerprint: str, documents: tuple[Held, ...]) -> tuple[list[tuple[int, bytes]], list[Held]]:
        """What the cache holds of these, and which it does not hold."""
        cached: list[tuple[int, bytes]] = []
        missing: list[Held] = []
        with self._lock:
            if fingerprint != self._fingerprint:
                self._held.clear()
                self._bytes, self._fingerprint, self._latest = 0, fingerprint, None
            if self._latest is not None and self._latest[0] is documents:  # the same as at the last search
                return self._latest[1], missing
            for each in documents:
                data = self._get(each)
                if data is None:
                    missing.append(each)
                else:
                    cached.append((each.document, data))
            self._latest = None if missing else (documents, cached)
        return cached, missing

    def keep(
        self, fingerprint: str, documents: Sequence[Held], loaded: Mapping[int, bytes], wanted: Sequence[Held]
    ) -> None:
        """As far as there is room beside those that this search wants, which do not push each other out."""
        with self._lock:
            if fingerprint != self._fingerprint:
                return
            self._latest = None
            now = {each.document for each in wanted}
            for each in documents:
                data = loaded.get(each.document, b"")
                while self._bytes + len(data) > self._most and (old := next(iter(self._held), None)) is not None:
                    if old in now:
                        break
                    self._drop(old)
                if data and self._bytes + len(data) <= self._most:
                    self._drop(each.document)
                    self._held[each.document] = (each.made, data)
                    self._bytes += len(data)

    def _get(self, each: Held) -> bytes | None:
        found = self._held.get(each.document)
        if found is None or found[0] != each.made:
            return None
        self._held.move_to_end(each.document)
        return found[1]

    def _drop(self, document: int) -> None:
        _, data = self._held.pop(document, (0, b""))
        self._bytes -= len(data)


def nearest(asked: Vector, documents: Sequence[tuple[int, bytes]], *, limit: int) -> list[tuple[float, Spot]]:
    """With their likeness, the most like first; of equal ones the first in the order of the index."""
    import numpy as np  # noqa: PLC0415 - see the module's docstring

    size = SCALE.size + len(asked.codes)
    row = np.dtype([("scale", "<f4"), ("codes", np.int8, (len(asked.codes),))])
    query = np.frombuffer(asked.codes, np.int8).astype(np.float32) * asked.scale
    starts = np.cumsum([0, *(len(data) // size for _, data in documents)])
    scores: Floats = np.empty(int(starts[-1]), np.float32)
    # Memory that is used again: a fresh one for each block would cost more than the comparison.
    room: Floats = np.empty((BLOCK, len(asked.codes)), np.float32)
    done = 0
    for block in _blocks(documents, size):
        rows: Any = np.frombuffer(block, row)
        np.copyto(room[: len(rows)], rows["codes"])
        scores[done : done + len(rows)] = (room[: len(rows)] @ query) * rows["scale"]
        done += len(rows)
    top = _top(scores, limit)
    owners = np.searchsorted(starts, top, side="right") - 1
    return [
        (float(scores[at]), Spot(documents[owner][0], at - int(starts[owner])))
        for at, owner in zip(top.tolist(), owners.tolist(), strict=True)
    ]


def _top(scores: Any, limit: int) -> Any:
    """Where the highest are, in their order; of equal ones the first ones."""
    import numpy as np  # noqa: PLC0415 - likewise

    some = np.arange(len(scores))
    if len(scores) > limit:
        some = np.flatnonzero(scores >= np.partition(scores, len(scores) - limit)[len(scores) - limit])
    return some[np.argsort(-scores[some], kind="stable")][:limit]


def portions(documents: Sequence[Held]) -> Iterator[list[Held]]:
    """Of about LOADED vectors each."""
    portion: list[Held] = []
    count = 0
    for each in documents:
        portion.append(each)
        count += each.made
        if count >= LOADED:
            yield portion
            portion, count = [], 0
    if portion:
        yield portion


def _blocks(documents: Sequence[tuple[int, bytes]], size: int) -> Iterator[bytes]:
    """Of at most BLOCK vectors, each so many bytes: parts of documents in their order."""
    block: list[bytes] = []
    room = BLOCK * size
    for _, data in documents:
        first = 0
        while first < len(data):
            part = data[first : first + room]
            block.append(part)
            first, room = first + len(part), room - len(part)
            if not room:
                yield b"".join(block)
                block, room = [], BLOCK * size
    if block:
        yield b"".join(block)
