"""Which passages fit a search best: BM25 over the documents that may be read, and no others.

numpy is loaded by the first search, so that programs without knowledge never hold it.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.storage.gathered import to_numbers, to_octets
from bot.talk.knowledge import Spot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1 = 1.2
B = 0.75
MOST_COUNTED = 255
"""Times that a word stands in a passage, as far as it is counted; a posting has eight bits for it."""

BYTES = 4
"""Of a packed number, the lowest first: of a posting that is the count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Where one word stands: `documents`, how many passages of each have it (`counts`), the packed `postings` of
    all; as `gathered` has them."""

    term: str
    documents: str
    counts: str
    postings: str | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All that may be read: so many words in all. `chunks` of each of the `documents`, and the packed `lengths` of
    these; as `gathered` has them."""

    length: int = 0
    documents: str = ""
    chunks: str = ""
    lengths: str | bytes = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Readable:
    """All that may be read, made ready once for many searches: the numbers of `documents` in their order, where the
    passages of each begin among all, and of each passage how much its length counts against what it says."""

    documents: NDArray[np.int64]
    begins: NDArray[np.int64]
    longer: NDArray[np.float64]


def pack(numbers: Sequence[int]) -> bytes:
    packed = array("I", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def posting(position: int, count: int) -> int:
    return position << 8 | min(count, MOST_COUNTED)


def readable(corpora: Sequence[Corpus]) -> Readable:
    import numpy as np  # noqa: PLC0415 - see the module's docstring

    if not corpora:
        nothing: NDArray[np.int64] = np.zeros(0, np.int64)
        return Readable(documents=nothing, begins=nothing, longer=np.zeros(0))
    documents, sizes, lengths = _in_order(corpora)
    average = max(1.0, sum(corpus.length for corpus in corpora) / max(1, len(lengths)))
    return Readable(
        documents=documents,
        begins=np.cumsum(sizes) - sizes,
        longer=lengths * (K1 * B / average) + K1 * (1 - B),
    )


def best(posted: Sequence[Posted], there: Readable, *, limit: int) -> list[Spot]:
    """Best first; of equal ones the first in the order of the index."""
    import numpy as np  # noqa: PLC0415 - likewise

    documents, begins, longer = there.documents, there.begins, there.longer
    if not posted or not len(documents):
        return []
    scores: NDArray[np.float64] = np.zeros(len(longer))
    by_term: dict[str, list[Posted]] = defaultdict(list)
    for each in posted:
        by_term[each.term].append(each)
    for _, parts in sorted(by_term.items()):
        places, counts = _stands(parts, documents, begins)
        rarity = math.log(1 + (len(longer) - len(places) + 0.5) / (len(places) + 0.5))
        scores[places] += counts * (rarity * (K1 + 1)) / (counts + longer[places])
    which = _highest(scores, limit)
    owners = np.searchsorted(begins, which, side="right") - 1
    return [
        Spot(int(documents[owner]), int(place - begins[owner]))
        for owner, place in zip(owners.tolist(), which.tolist(), strict=True)
    ]


def _in_order(corpora: Sequence[Corpus]) -> tuple[Any, Any, Any]:
    """Documents in the order of their numbers, how many passages each has, and the lengths of all these."""
    import numpy as np  # noqa: PLC0415 - likewise

    documents = np.concatenate([to_numbers(corpus.documents) for corpus in corpora])
    sizes = np.concatenate([to_numbers(corpus.chunks) for corpus in corpora])
    lengths = _numbers(b"".join(to_octets(corpus.lengths) for corpus in corpora))
    order = np.argsort(documents)
    if (order[1:] > order[:-1]).all():
        return documents, sizes, lengths
    begins = np.cumsum(sizes) - sizes
    moved = sizes[order]
    places = np.arange(len(lengths)) + np.repeat(begins[order] - (np.cumsum(moved) - moved), moved)
    return documents[order], moved, lengths[places]


def _stands(parts: Sequence[Posted], documents: Any, begins: Any) -> tuple[Any, Any]:
    """At which places among all passages a word stands, and how often in each. Of documents that are not among these
    nothing: they came or went between two looks."""
    import numpy as np  # noqa: PLC0415 - likewise

    having = np.concatenate([to_numbers(part.documents) for part in parts])
    of_each = np.concatenate([to_numbers(part.counts) for part in parts])
    postings = _numbers(b"".join(to_octets(part.postings) for part in parts))
    owners = np.minimum(np.searchsorted(documents, having), len(documents) - 1)
    there = documents[owners] == having
    if not there.all():
        postings = postings[np.repeat(there, of_each)]
        owners, of_each = owners[there], of_each[there]
    return (postings >> 8) + np.repeat(begins[owners], of_each), postings & MOST_COUNTED


def _highest(scores: Any, limit: int) -> Any:
    """Where the highest are that are not zero, in their order; of equal ones the first ones."""
    import numpy as np  # noqa: PLC0415 - likewise

    found = np.flatnonzero(scores)
    if len(found) > limit:
        had = scores[found]
        found = found[had >= np.partition(had, len(had) - limit)[len(had) - limit]]
    return found[np.argsort(-scores[found], kind="stable")][:limit]


def _numbers(packed: bytes) -> Any:
    """As `pack` made them."""
    import numpy as np  # noqa: PLC0415 - likewise

    return np.frombuffer(packed, "<u4").astype(np.int64)
