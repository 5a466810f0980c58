"""Who reads what because of a link: what moderators have to confirm, and whether it is still so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from bot.ports.rights import Rights, link_of, seen_by
from bot.talk.ground import Ground, Standing
from bot.talk.message import Conversation, Person, Place
from bot.talk.mirror import Exposure, Link, Side


class Fit(Enum):
    """COVERED: whoever reads the one may read the other anyway. CONFIRMED: moderators have said that they may.
    WIDER: neither. UNKNOWN: it cannot be found out now. GONE: one of the two is not there any more."""

    COVERED = "covered"
    CONFIRMED = "confirmed"
    WIDER = "wider"
    UNKNOWN = "unknown"
    GONE = "gone"


class Readers:
    """`rights` by platform."""

    def __init__(self, rights: Mapping[str, Rights]) -> None:
        self._rights = rights

    def of(self, place: Place) -> Rights | None:
        return self._rights.get(place.platform)

    async def exposures(self, sides: Sequence[Side]) -> frozenset[Exposure] | None:
        """What people will read only because of the link; None where that cannot be found out."""
        found: set[Exposure] = set()
        for target in sides:
            rights, talk = self.of(target.place), Conversation(place=target.place)
            sources = [each.place for each in sides if each is not target]
            rooms = {each.room for each in sources}
            open_now = None if rights is None else await rights.open_to(rooms, talk)
            if open_now is None:
                return None
            for source in sources:
                if source.room in open_now:
                    continue
                seen = self._seen(source, target.place)
                if not seen:
                    return None
                found.add(Exposure(source=source.key, target=target.place.key, seen=seen))
        return frozenset(found)

    async def fit(self, link: Link, source: Place, target: Place) -> Fit:
        """Whether what is said in the one may stand in the other, as of now."""
        rights = self.of(target)
        if rights is None:
            return Fit.UNKNOWN
        open_now = await rights.open_to({source.room}, Conversation(place=target))
        if open_now is not None and source.room in open_now:
            return Fit.COVERED
        for place in (source, target):
            if await rights.standing(place) is Standing.GONE:
                return Fit.GONE
        seen = "" if open_now is None else self._seen(source, target)
        if not seen:
            return Fit.UNKNOWN
        now = Exposure(source=source.key, target=target.key, seen=seen)
        return Fit.CONFIRMED if now in link.exposures else Fit.WIDER

    async def standing(self, side: Side) -> Standing:
        rights = self.of(side.place)
        return Standing.UNKNOWN if rights is None else await rights.standing(side.place, posts=side.forum)

    async def manages(self, person: Person, place: Place) -> bool:
        """Whether somebody may read the place and manage it."""
        rights = self.of(place)
        if rights is None:
            return False
        return await rights.may_read(person.key, place) and await rights.moderates(person.key, place)

    async def reads(self, person: Person, place: Place) -> bool:
        rights = self.of(place)
        return rights is not None and await rights.may_read(person.key, place)

    async def grounds(self, words: str, near: Place) -> Sequence[Ground]:
        rights = self.of(near)
        return () if rights is None else tuple(await rights.grounds(words, near))

    def named(self, place: Place) -> Place:
        """As it is called now."""
        rights = self.of(place)
        found = () if rights is None else rights.within(Ground(place=place))
        return next(iter(found), place)

    def link(self, place: Place, message: str) -> str:
        return link_of(self._rights, place, message)

    def _seen(self, source: Place, target: Place) -> str:
        rights = self.of(target)
        return "" if rights is None else seen_by(rights, source, target)
