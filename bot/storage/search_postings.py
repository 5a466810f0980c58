"""What a segment of the index holds: postings, which are numbers, in order.

A posting is a mark (`search_marks`) and the `messages.seq` where it stands. A segment's postings lie in pages by their
first bits, so that a mark is found in one page, however large the segment.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from bot.storage.search_marks import MARK_BITS

SEQ_BITS = 36
"""A community would have to say 68 billion messages."""
PAGE = 192
"""Postings in one page: half as many to as many, unless a mark is very common."""
PAGE_BITS = 16
"""Bits of the number of a page within its segment."""

MUCH_SHORTER = 8
"""So many times as short a list is looked up in the other one, which is else read to its end."""

_SEQ = (1 << SEQ_BITS) - 1

Postings: TypeAlias = "array[int]"


class Segment(NamedTuple):
    """Some messages of one room, from `low` to `high` (of `seq`), in 2 ** `bits` pages. Never changed: what changes is
    another segment."""

    # A search makes thousands of them: a dataclass takes five times as long.
    id: int
    room: int
    bits: int
    low: int
    high: int

    @property
    def keys(self) -> range:
        """Of all its pages; those without a posting are not there."""
        first = self.id << PAGE_BITS
        return range(first, first + (1 << self.bits))

    def page(self, mark: int) -> int:
        """The key of the page where a mark stands, or would."""
        return self.id << PAGE_BITS | mark >> (MARK_BITS - self.bits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A segment that is not there yet; `pages` by number."""

    room: int
    bits: int
    low: int
    high: int
    pages: Sequence[tuple[int, bytes]]


def posting(mark: int, seq: int) -> int:
    return mark << SEQ_BITS | seq & _SEQ


def seq_of(posted: int) -> int:
    return posted & _SEQ


def bits_for(count: int) -> int:
    return min(PAGE_BITS, (count // PAGE).bit_length())


def made(room: int, postings: Iterable[int]) -> list[Made]:
    """One segment of these postings, in whatever order; none of none."""
    together = array("Q", sorted(postings))
    if not together:
        return []
    bits, seqs = bits_for(len(together)), [each & _SEQ for each in together]
    return [Made(room=room, bits=bits, low=min(seqs), high=max(seqs), pages=list(paged(together, bits)))]


def paged(postings: Postings, bits: int) -> Iterator[tuple[int, bytes]]:
    """Number and content of each page that has any."""
    begin, width = 0, 1 << (MARK_BITS + SEQ_BITS - bits)
    while begin < len(postings):
        number = postings[begin] // width
        end = bisect_left(postings, (number + 1) * width, begin)
        yield number, packed(postings[begin:end])
        begin = end


def packed(postings: Postings) -> bytes:
    if sys.byteorder == "big":
        postings = postings[:]
        postings.byteswap()
    return postings.tobytes()


def unpacked(page: bytes) -> Postings:
    postings = array("Q", page)
    if sys.byteorder == "big":
        postings.byteswap()
    return postings


def without(postings: Postings, gone: Collection[int]) -> Postings:
    """Less those of these messages."""
    return array("Q", (each for each in postings if each & _SEQ not in gone))


def where(postings: Postings, mark: int, *, low: int, below: int) -> Postings:
    """Those of a mark, from `low` on, `below` left out."""
    first, end = ((mark << SEQ_BITS) + min(seq, 1 << SEQ_BITS) for seq in (low, below))
    begin = bisect_left(postings, first)
    return postings[begin : bisect_left(postings, end, begin)]


def meeting(lists: list[Postings]) -> Collection[int]:
    """`seq` where all of these marks stand, in no order. No list is empty."""
    shortest, *others = sorted(lists, key=len)
    found = {each & _SEQ for each in shortest}
    for other in others:
        if len(found) * MUCH_SHORTER < len(other):
            mark = other[0] & ~_SEQ
            found = {seq for seq in found if _holds(other, mark | seq)}
        else:
            found.intersection_update([each & _SEQ for each in other])
    return found


def _holds(postings: Postings, posted: int) -> bool:
    at = bisect_left(postings, posted)
    return at < len(postings) and postings[at] == posted
