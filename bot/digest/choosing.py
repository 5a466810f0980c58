"""The places that somebody means for a digest. Only what they can read is found: what they cannot is not there."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping

from bot.languages.phrases import Phrases
from bot.ports import OnCommand
from bot.ports.rights import Rights
from bot.talk.event import Commanded
from bot.talk.ground import Ground, GroundKind, Standing
from bot.talk.message import Person, Place, PlaceKind
from bot.talk.response import Response, Unfit
from bot.talk.words import harmless, plain

HERE = "here"
GROUNDS = 25
"""Places that one digest names."""
LONGEST = 1000
"""Characters of the words for them."""

_ONE = re.compile(r"<#[0-9]+>|[^,;\n<]+")


class Choosing:
    """`rights` by platform."""

    def __init__(self, rights: Mapping[str, Rights]) -> None:
        self._rights = rights

    def rights(self, place: Place) -> Rights:
        """Raises Unfit on a platform of which nobody knows who may read what."""
        known = self._rights.get(place.platform)
        if known is None:
            raise Unfit("digest-plan-nowhere")
        return known

    def known(self, place: Place) -> Rights | None:
        return self._rights.get(place.platform)

    async def certain(self, place: Place) -> None:
        """Raises Unfit where the platform cannot say just now who may read what: what is there would look gone."""
        if place.kind is PlaceKind.DIRECT:
            raise Unfit("digest-plan-not-direct")
        if await self.rights(place).standing(place) is Standing.UNKNOWN:
            raise Unfit("digest-plan-cannot-tell")

    def answered(self, handler: Callable[[Commanded], Awaitable[Response]], phrases: Phrases) -> OnCommand:
        """The handler of a command, once it is `certain`; what is Unfit is said."""

        async def carried_out(event: Commanded) -> Response:
            try:
                await self.certain(event.place)
                return await handler(event)
            except Unfit as unfit:
                return Response(text=phrases.to(event.person.locale).say(unfit.key, **unfit.values))

        return carried_out

    async def grounds(self, words: str, person: Person, here: Place) -> tuple[Ground, ...]:
        """At least one, each once. Raises Unfit."""
        names = [each.strip() for each in _ONE.findall(words[:LONGEST]) if each.strip()]
        if len(words) > LONGEST or len(names) > GROUNDS:
            raise Unfit("digest-plan-too-many-places", most=GROUNDS)
        found = [await self._one(name, person, here) for name in names or [HERE]]
        return tuple({each.place.key: each for each in found}.values())

    async def target(self, words: str, person: Person, here: Place) -> Ground:
        """Where messages, or posts of a forum, can be posted. Raises Unfit."""
        chosen = await self._one(words.strip() or HERE, person, here)
        if chosen.kind is GroundKind.CATEGORY:
            raise Unfit("digest-plan-no-target")
        return chosen

    async def require_manager(self, person: str, target: Place | None) -> None:
        """Of a place that is there. Raises Unfit."""
        if target is None:
            return
        rights = self.rights(target)
        if rights.within(Ground(place=target)) and not await rights.moderates(person, target):
            raise Unfit("digest-plan-not-yours", target=await self.name(Ground(place=target), target))

    async def sees_all(self, person: str, grounds: Iterable[Ground], target: Place | None) -> bool:
        """Whether somebody can read everything that a digest names, so that it may be named to them."""
        some = [*grounds, *([] if target is None else [Ground(place=target)])]
        for each in some:
            if not await self.sees(person, each):
                return False
        return True

    async def sees(self, person: str, ground: Ground) -> bool:
        """Whether somebody can read what it stands for, or, of a category, anything in it; of what is gone, the id."""
        rights = self.rights(ground.place)
        within = rights.within(ground)
        if not within:  # gone, so that nothing is told by naming its id; a thread may only be archived
            channel = ground.place.channel
            return channel is None or await self.sees(person, Ground(place=channel))
        for place in within:
            if await rights.may_read(person, place):
                return True
        return False

    async def name(self, ground: Ground, near: Place) -> str:
        """As it is called now; its id where that is not known."""
        rights = self.rights(ground.place)
        if ground.kind is GroundKind.CATEGORY:
            found = await rights.grounds(ground.place.id, near)
            return plain(next((each.place.name for each in found if each.kind is ground.kind), "") or ground.place.id)
        name = next((each.name for each in rights.within(ground) if each.name), "")
        return f"#{plain(name or ground.place.id)}"

    async def names(self, grounds: Iterable[Ground], near: Place) -> str:
        return ", ".join([await self.name(each, near) for each in grounds])

    async def _one(self, words: str, person: Person, here: Place) -> Ground:
        rights = self.rights(here)
        if words.casefold() in (HERE, "this channel", "this thread"):
            if here.kind is PlaceKind.DIRECT:
                raise Unfit("digest-plan-not-direct")
            kind = GroundKind.THREAD if here.kind is PlaceKind.THREAD else GroundKind.CHANNEL
            return Ground(place=here, kind=kind)
        named = re.sub(r"^(?:the )?(?:category|forum|channel|thread) ", "", words, flags=re.IGNORECASE)
        found = {
            each.place.key: each for each in (*await rights.grounds(words, here), *await rights.grounds(named, here))
        }
        seen = [each for each in found.values() if await self.sees(person.key, each)]
        if not seen:
            raise Unfit("digest-plan-no-place", name=plain(words))
        if len(seen) > 1:
            raise Unfit("digest-plan-which-place", name=plain(words))
        return seen[0]


def short(words: str) -> str:
    """What somebody wrote, as it is shown to them alone."""
    return harmless(words)[:LONGEST]
