"""The way of one search through the index, from the newest message on.

The segments of all rooms that are asked for are looked at in the order of their newest message. What they propose
counts as soon as no segment is left that could have something newer: so a common word costs a few segments, and a rare
one a page of each.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence

from bot.storage.search_marks import marks, room_number
from bot.storage.search_postings import Postings, Segment, meeting, seq_of, unpacked, where

FIRST_LOT, LARGEST_LOT = 64, 512
"""Segments that are looked at together; ever more while they have too little."""
NEWEST = 512
"""Messages that one segment proposes at a time, where one word is asked for."""


Lot = list[tuple[int, Segment]]
"""Segments to be looked at, each with its newest message that was not proposed yet."""


class Walk:
    """`low` and `below` (left out): of `seq`. `waiting`: messages that are proposed though no segment has them."""

    def __init__(
        self,
        tokens: Sequence[str],
        rooms: Collection[str],
        segments: Iterable[Segment],
        *,
        low: int,
        below: int,
        waiting: Iterable[int] = (),
    ) -> None:
        self.below = below
        """All that is newer has been taken."""
        self.walked = 0
        """Postings that were looked at."""
        self.passed: list[int] = []
        """Newest messages of the segments that were looked at, the oldest last."""
        self._marks = {room_number(room): marks(room, tokens) for room in rooms}
        self._low = low
        self._ahead = [(-min(each.high, below - 1), each.id, each) for each in segments]
        heapq.heapify(self._ahead)
        self._found = {seq for seq in waiting if seq < below}
        self._lot = FIRST_LOT

    @property
    def at_its_end(self) -> bool:
        return not (self._ahead or self._found)

    def has(self, count: int) -> bool:
        """Whether it is known which messages are next, so many or all that are left."""
        return not self._ahead or sum(seq > -self._ahead[0][0] for seq in self._found) >= count

    def lot(self) -> Lot:
        """The next segments."""
        found = [heapq.heappop(self._ahead) for _ in range(min(self._lot, len(self._ahead)))]
        self._lot = min(self._lot * 2, LARGEST_LOT)
        return [(-top, segment) for top, _, segment in found]

    def pages(self, lot: Lot) -> set[int]:
        """The keys of those that `feed` has to know."""
        return {segment.page(mark) for _, segment in lot for mark in self._marks[segment.room]}

    def feed(self, lot: Lot, pages: Mapping[int, bytes]) -> None:
        """Pages that are not there are empty."""
        for top, segment in lot:
            self.passed.append(top)
            lists = self._standing(segment, pages, below=top + 1)
            if len(lists) > 1:
                self._found.update(meeting(lists))
            elif lists:
                self._propose(segment, lists[0])

    def _standing(self, segment: Segment, pages: Mapping[int, bytes], *, below: int) -> list[Postings]:
        """Where each mark stands; nothing where one of them does not."""
        lists: list[Postings] = []
        for mark in self._marks[segment.room]:
            page = pages.get(segment.page(mark))
            found = page and where(unpacked(page), mark, low=self._low, below=below)
            if not found:
                return []
            self.walked += len(found)
            lists.append(found)
        return lists

    def _propose(self, segment: Segment, postings: Postings) -> None:
        self._found.update(map(seq_of, postings[-NEWEST:]))
        if len(postings) > NEWEST:
            rest = seq_of(postings[-NEWEST]) - 1
            heapq.heappush(self._ahead, (-rest, segment.id, segment))

    def take(self, count: int) -> list[int]:
        """The next messages, the newest first: so many, or all that are known for certain."""
        horizon = -self._ahead[0][0] if self._ahead else -1
        taken = heapq.nlargest(count, (seq for seq in self._found if seq > horizon))
        self._found.difference_update(taken)
        if taken:
            self.below = taken[-1]
        return taken
