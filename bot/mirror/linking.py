"""The commands of moderators: link channels, after a preview of who will read what; show a link; end one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from bot.errors import NotAllowed
from bot.languages.phrases import Phrases
from bot.mirror.audience import Readers
from bot.mirror.book import Book
from bot.mirror.commands import CHANNELS, LANGUAGES, LINK, SHOW, UNLINK
from bot.mirror.proposing import Proposing, name
from bot.ports import Clock, OnCommand, OnPress
from bot.ports.mirrors import MirrorStore
from bot.talk.delivery import Action
from bot.talk.event import Commanded, Pressed
from bot.talk.message import Place
from bot.talk.mirror import Exposure, Link, Side
from bot.talk.response import Response, Unfit

CONFIRM = "mirror-confirm"
"""The kind of the button's id; the proposal's follows."""
CONFIRMED_WITHIN = timedelta(hours=24)


class Linking:
    """`most`: links of one guild. `may_shape`, `lacks_tag`: as in `Shapes`."""

    def __init__(
        self,
        store: MirrorStore,
        book: Book,
        readers: Readers,
        proposing: Proposing,
        *,
        most: int,
        may_shape: Callable[[Place], bool | None],
        lacks_tag: Callable[[Place], bool],
        phrases: Phrases,
        clock: Clock,
    ) -> None:
        self._store = store
        self._book = book
        self._readers = readers
        self._proposing = proposing
        self._most = most
        self._may_shape = may_shape
        self._lacks_tag = lacks_tag
        self._phrases = phrases
        self._clock = clock

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        return {
            LINK: self._guarded(self._link),
            SHOW: self._guarded(self._show),
            UNLINK: self._guarded(self._unlink),
        }

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {CONFIRM: self._confirmed}

    def _guarded(self, handler: Callable[[Commanded, Phrases], Awaitable[Response]]) -> OnCommand:
        async def carried_out(event: Commanded) -> Response:
            phrases = self._phrases.to(event.person.locale)
            if not event.moderator:
                raise NotAllowed(f"{event.person.key} may not manage {event.place.key}")
            try:
                return await handler(event, phrases)
            except Unfit as unfit:
                return Response(text=phrases.say(unfit.key, **unfit.values))

        return carried_out

    async def _link(self, event: Commanded, phrases: Phrases) -> Response:
        channels, languages = (event.arguments.get(each, "") for each in (CHANNELS, LANGUAGES))
        sides = await self._proposing.sides(event, channels, languages)
        return await self._proposed(event, sides, phrases)

    async def _proposed(self, event: Commanded | Pressed, sides: tuple[Side, ...], phrases: Phrases) -> Response:
        """The preview, with a button that confirms exactly this."""
        exposures = await self._exposures(sides)
        link = Link(id=uuid4().hex, sides=sides, by=event.person.key, made_at=self._clock.now(), exposures=exposures)
        await self._store.propose_link(link, forget_before=link.made_at - CONFIRMED_WITHIN)
        confirm = Action(id=f"{CONFIRM}:{link.id}", label=phrases.say("mirror-confirm"))
        return Response(text=_preview(link, phrases), actions=(confirm,))

    async def _exposures(self, sides: tuple[Side, ...]) -> frozenset[Exposure]:
        exposures = await self._readers.exposures(sides)
        if exposures is None:
            raise Unfit("mirror-cannot-tell")
        return exposures

    async def _confirmed(self, event: Pressed) -> Response:
        phrases = self._phrases.to(event.person.locale)
        link = await self._store.link(event.action.partition(":")[2])
        if link is None or link.active or link.made_at < self._clock.now() - CONFIRMED_WITHIN:
            return Response(text=phrases.say("mirror-proposal-gone"))
        if link.by != event.person.key:
            raise NotAllowed(f"{event.person.key} did not propose link {link.id}")
        try:
            asked = Commanded(name=LINK, person=event.person, place=event.place, at=event.at)
            await self._proposing.require(asked, link.sides)
            if await self._exposures(link.sides) != link.exposures:
                again = await self._proposed(event, link.sides, phrases)
                return replace(again, text=f"{phrases.say('mirror-preview-changed')}\n{again.text}")
        except Unfit as unfit:
            return Response(text=phrases.say(unfit.key, **unfit.values))
        # By the platform's own time: what was said before is not carried over, also where it is told later.
        if await self._book.confirm(replace(link, active=True, made_at=event.at), most=self._most):
            return Response(text=phrases.say("mirror-linked"))
        return Response(text=phrases.say("mirror-too-many", most=self._most))

    async def _show(self, event: Commanded, phrases: Phrases) -> Response:
        link, side = await self._here(event)
        if link is None or side is None:
            return Response(text=phrases.say("mirror-none"))
        others = link.others(event.place.key)
        seen = [each for each in others if await self._readers.reads(event.person, each.place)]
        if not seen:
            return Response(text=phrases.say("mirror-shown-alone", language=phrases.language(side.language)))
        places = phrases.listed(_side(each, phrases) for each in seen)
        text = phrases.say("mirror-shown", language=phrases.language(side.language), places=places)
        untagged = [
            phrases.say("forum-lacks-tag", place=name(each.place))
            for each in (side, *seen)
            if self._lacks_tag(each.place)
        ]
        text = "\n".join([text, *untagged])
        unshaped = [name(each.place) for each in (side, *seen) if self._may_shape(each.place) is False]
        if unshaped:
            text += "\n" + phrases.say("mirror-shown-threads", places=phrases.listed(unshaped))
        return Response(text=text)

    async def _unlink(self, event: Commanded, phrases: Phrases) -> Response:
        """Whoever manages one of the channels may always take it out of the others' sight."""
        link, _ = await self._here(event)
        if link is None or not await self._book.end_by(link, event.person.name):
            return Response(text=phrases.say("mirror-none"))
        return Response(text=phrases.say("mirror-unlinked"))

    async def _here(self, event: Commanded) -> tuple[Link | None, Side | None]:
        link = await self._book.of(event.place)
        return link, None if link is None else link.side(event.place.key)


def _preview(link: Link, phrases: Phrases) -> str:
    names = {side.place.key: name(side.place) for side in link.sides}
    lines = [phrases.say("mirror-preview"), *(f"- {_side(side, phrases)}" for side in link.sides)]
    wider = sorted((names[each.target], names[each.source]) for each in link.exposures)
    lines += [phrases.say("mirror-preview-wider", target=target, source=source) for target, source in wider]
    return "\n".join(lines if wider else [*lines, phrases.say("mirror-preview-same")])


def _side(side: Side, phrases: Phrases) -> str:
    return phrases.say("mirror-preview-side", place=name(side.place), language=phrases.language(side.language))
