"""Which passages fit a search best: BM25 over the documents that may be read, and no others.

numpy is loaded by the first search, so that programs without knowledge never hold it.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1 = 1.2
B = 0.75
MOST_COUNTED = 255
"""Times that a word stands in a passage, as far as it is counted; a posting has eight bits for it."""

_BYTES = 4
"""Of a packed number, the lowest first: of a posting that is the count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The passages of one document that have one of the words; `postings` as `pack` makes them."""

    term: str
    document: int
    postings: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All that may be read: so many passages with so many words in all. `lengths` of each document's passages that a
    posting names, packed."""

    chunks: int = 0
    length: int = 0
    lengths: Mapping[int, bytes] = field(default_factory=dict[int, bytes])


def pack(numbers: Sequence[int]) -> bytes:
    packed = array("I", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def posting(position: int, count: int) -> int:
    return position << 8 | min(count, MOST_COUNTED)


def best(posted: Sequence[Posted], corpus: Corpus, *, limit: int) -> list[tuple[int, int]]:
    """Documents and positions of passages, best first; of equal ones the first in the order of the index."""
    import numpy as np  # noqa: PLC0415 - see the module's docstring

    documents = sorted({each.document for each in posted})
    if not documents:
        return []
    sizes = [len(corpus.lengths[document]) // _BYTES for document in documents]
    begins = dict(zip(documents, accumulate(sizes, initial=0), strict=False))
    lengths = _numbers(b"".join(corpus.lengths[document] for document in documents))
    average = max(1.0, corpus.length / max(1, corpus.chunks))
    longer = K1 * (1 - B + B * lengths / average)
    scores: NDArray[np.float64] = np.zeros(sum(sizes))
    by_term: dict[str, list[Posted]] = defaultdict(list)
    for each in posted:
        by_term[each.term].append(each)
    for _, found in sorted(by_term.items()):
        postings = _numbers(b"".join(each.postings for each in found))
        of_each = [len(each.postings) // _BYTES for each in found]
        places = (postings >> 8) + np.repeat([begins[each.document] for each in found], of_each)
        counts = postings & MOST_COUNTED
        rarity = math.log(1 + (corpus.chunks - len(postings) + 0.5) / (len(postings) + 0.5))
        scores[places] += rarity * counts * (K1 + 1) / (counts + longer[places])
    starts = np.asarray([*begins.values()])
    which = _highest(scores, limit)
    owners = np.searchsorted(starts, which, side="right") - 1
    return [
        (documents[owner], int(place - starts[owner]))
        for owner, place in zip(owners.tolist(), which.tolist(), strict=True)
    ]


def _highest(scores: Any, limit: int) -> Any:
    """Where the highest are that are not zero, in their order; of equal ones the first ones."""
    import numpy as np  # noqa: PLC0415 - likewise

    found = np.flatnonzero(scores)
    if len(found) > limit:
        least = np.partition(scores[found], len(found) - limit)[len(found) - limit]
        found = found[scores[found] >= least]
    return found[np.argsort(-scores[found], kind="stable")][:limit]


def _numbers(packed: bytes) -> Any:
    """As `pack` made them."""
    import numpy as np  # noqa: PLC0415 - likewise

    return np.frombuffer(packed, "<u4").astype(np.int64)
