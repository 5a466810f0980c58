"""Three channels of one server, two of which are linked, with whoever translates as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bot.errors import CalanqueError, PlaceGone, PlatformUnavailable
from bot.ports.translation import Translated
from bot.settings import MirrorSettings, Settings
from bot.talk.delivery import Delivery
from bot.talk.event import Commanded, Deleted, Edited, Pressed, Said, ThreadChanged
from bot.talk.message import Addressed, Attachment, Conversation, Message, Person, Place, Quote
from bot.talk.shape import Change, Part, Shape, Tag, Value, fitting
from bot.talk.support import ThreadNow
from tests.fakes import ANA, BEN, FakeClock, FakePlatform, said
from tests.outfit import Around
from tests.rig import Rig, as_it_is, rig
from tests.rights import FakeRights
from tests.settling import settle

EN = Place(platform="local", id="1", name="help-en", guild="g")
JA = Place(platform="local", id="2", name="help-eo", guild="g")
FR = Place(platform="local", id="3", name="help-ia", guild="g")
STAFF = Place(platform="local", id="4", name="staff", guild="g")
CYD = Person(platform="local", id="cyd", name="Cyd")
EVERYONE = (ANA.key, BEN.key, CYD.key)


@dataclass(slots=True)
class FakeTranslates:
    """Says of each text which language it would be in; what begins with a tag and a colon is in that one.

    `failures`: what comes of the next calls; `away`: of all. `held`: nothing comes before it is set.
    """

    failures: list[CalanqueError] = field(default_factory=list[CalanqueError])
    away: CalanqueError | None = None
    held: asyncio.Event | None = None
    asked: list[str] = field(default_factory=list[str])

    async def translated(
        self,
        text: str,
        *,
        to: str,
        source: str = "",
        conversation: Conversation,
        waits: bool = True,
        names: Collection[str] = (),
    ) -> Translated:
        self.asked.append(text)
        if self.held is not None:
            await self.held.wait()
        if self.failures:
            raise self.failures.pop(0)
        if self.away is not None:
            raise self.away
        is_in, colon, rest = text.partition(":")
        is_in = is_in if colon and len(is_in) == 2 else "en"
        if is_in == to:
            return Translated(text=text, source=is_in, to=to, same=True)
        return Translated(text=f"{to}:{rest if colon else text}", source=is_in, to=to)


class FakeShapes:
    """Threads as Discord keeps them: of a closed one nothing else can be changed, and each change is told of later.

    `now`: by id. `forums`: tags by id of the forum; `requiring`: ids of those where posts need one. `refuses`: we may
    not change anything. `away`: nobody can be asked. `failures`: what comes of the next changes, which are made all
    the same. `asked`: what we have asked for, `echoes`: what is to be told of, `looked`: for which archived threads.
    """

    def __init__(self) -> None:
        self.now: dict[str, tuple[Place, Shape]] = {}
        self.forums: Mapping[str, Sequence[Tag]] = {}
        self.requiring: set[str] = set()
        self.refuses = False
        self.away = False
        self.looked: list[tuple[str, datetime]] = []
        self.failures: list[CalanqueError] = []
        self.asked: list[tuple[str, Change]] = []
        self.echoes: list[ThreadChanged] = []

    def shape(self, thread: Place) -> Shape | None:
        found = self.now.get(thread.id)
        return None if found is None or found[1].archived else found[1]

    def active(self, channel: Place) -> Mapping[Place, Shape]:
        some = [each for each in self.now.values() if each[0].parent == channel.id]
        return {place: shape for place, shape in some if not shape.archived}

    async def archived(self, channel: Place, *, since: datetime) -> Mapping[Place, Shape]:
        self.looked.append((channel.id, since))
        if self.away:
            raise PlatformUnavailable("away")
        return {place: shape for place, shape in self.now.values() if place.parent == channel.id and shape.archived}

    def tags(self, forum: Place) -> Sequence[Tag]:
        return self.forums.get(forum.id, ())

    def fitting(self, forum: Place, tags: Sequence[str]) -> Sequence[str]:
        return fitting(tags, self.tags(forum), required=forum.id in self.requiring, manages=not self.refuses)

    def lacks_tag(self, forum: Place) -> bool:
        return forum.id in self.requiring and not self.fitting(forum, ())

    def may_shape(self, channel: Place) -> bool | None:
        return not self.refuses

    async def reshape(self, thread: Place, change: Change) -> Change:
        self.asked.append((thread.id, change))
        place, before = self.now.get(thread.id, (thread, Shape(title="?", ours=True)))
        if self.refuses:
            raise PlaceGone("a right is missing")
        if before.archived and change == {Part.ARCHIVED: True}:
            return change
        if before.archived and change.get(Part.ARCHIVED) is not False:
            raise PlatformUnavailable("the thread is archived")
        self.now[thread.id] = place, before.having(change)
        self.echoes.append(changed(place, before.having(change)))
        if self.failures:
            raise self.failures.pop(0)
        return change


def changed(place: Place, shape: Shape) -> ThreadChanged:
    return ThreadChanged(place=place, now=ThreadNow(closed=shape.archived or shape.locked), shape=shape)


class FakeTongues:
    async def of(self, conversation: Conversation, *, person: str = "", locale: str | None = None) -> str:
        return "ia" if person == BEN.key else locale or "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    rig: Rig
    rights: FakeRights
    translates: FakeTranslates
    shapes: FakeShapes

    @property
    def platform(self) -> FakePlatform:
        return self.rig.platform

    async def says(
        self,
        text: str,
        place: Place = EN,
        *,
        by: Person = ANA,
        reply_to: str | None = None,
        attachments: Sequence[Attachment] = (),
        quotes: Sequence[Quote] = (),
    ) -> Message:
        message = said(
            text,
            by=by,
            place=place,
            addressed=Addressed.NO,
            at=self.rig.clock.now(),
            reply_to=reply_to,
            attachments=tuple(attachments),
            quotes=tuple(quotes),
        )
        await self.hears(message)
        return message

    async def hears(self, message: Message) -> None:
        await self.rig.hearing.hear(Said(message=message))
        await settle()

    async def edits(self, message: Message, text: str) -> Message:
        now = replace(message, text=text, edited_at=self.rig.clock.now())
        await self.rig.hearing.hear(Edited(message=now))
        await settle()
        return now

    async def deletes(self, *ids: str, place: Place = EN) -> None:
        await self.rig.hearing.hear(Deleted(place=place, message_ids=ids))
        await settle()

    async def minute(self) -> None:
        await self.rig.minute()
        await settle()

    async def commands(self, name: str, *, by: Person = ANA, place: Place = EN, **arguments: str) -> Delivery:
        """What the person is told privately."""
        await self.rig.hearing.hear(
            Commanded(name=name, person=by, place=place, at=self.rig.clock.now(), arguments=arguments, moderator=True)
        )
        await settle()
        return self._told(by)

    async def presses(self, delivery: Delivery, *, by: Person = ANA, place: Place = EN) -> Delivery:
        (action,) = delivery.actions
        await self.rig.hearing.hear(
            Pressed(action=action.id, person=by, place=place, at=self.rig.clock.now(), moderator=True)
        )
        await settle()
        return self._told(by)

    async def links(self, channels: str = "#help-en #help-eo", languages: str = "en eo") -> None:
        preview = await self.commands("mirror-link", channels=channels, languages=languages)
        done = await self.presses(preview)
        assert done.text.startswith("Done"), done.text

    async def reshapes(self, thread: Place, **parts: Value) -> None:
        """Somebody changes a thread."""
        _, before = self.shapes.now.get(thread.id, (thread, Shape(title=thread.name)))
        shape = before.having({Part(part): value for part, value in parts.items()})
        self.shapes.now[thread.id] = thread, shape
        await self.rig.hearing.hear(changed(thread, shape))
        await settle()

    async def echoes(self) -> None:
        """Discord tells of all that we have changed, and of what that brings, until it is calm."""
        while self.shapes.echoes:
            await self.rig.hearing.hear(self.shapes.echoes.pop(0))
            await settle()

    def stands(self, place: Place) -> list[Delivery]:
        """Copies that people see there, in order."""
        standing = self.platform.standing.values()
        return [each for each in standing if each.conversation == Conversation(place=place) and "**" in each.text[:2]]

    def texts(self, place: Place) -> list[str]:
        return [each.text for each in self.stands(place)]

    def told(self, place: Place) -> list[str]:
        """What else of ours people see there."""
        standing = self.platform.standing.values()
        here = [each for each in standing if each.conversation == Conversation(place=place)]
        return [each.text for each in here if "**" not in each.text[:2]]

    def id_of(self, delivery: Delivery) -> str:
        """Of the message that shows it."""
        return next(id_ for id_, each in self.platform.standing.items() if each.id == delivery.id)

    def _told(self, by: Person) -> Delivery:
        return [each for each in self.platform.revisions if each.conversation.only == by.key][-1]


@asynccontextmanager
async def scene(
    folder: Path,
    *,
    readers: dict[str, Sequence[str]] | None = None,
    limits: MirrorSettings | None = None,
    platform: FakePlatform | None = None,
    clock: FakeClock | None = None,
    around: Around[object] | None = None,
) -> AsyncGenerator[Scene]:
    """`around`: as in `Outfit`."""
    rights = FakeRights(
        readers={each.key: EVERYONE for each in (EN, JA, FR)} | {STAFF.key: (ANA.key,)} | (readers or {}),
        moderators=(ANA.key,),
        places=(EN, JA, FR, STAFF),
    )
    translates, shapes = FakeTranslates(), FakeShapes()
    settings = Settings().model_copy(update={"mirrors": limits or MirrorSettings()})
    async with rig(
        folder,
        rights=rights,
        translates=translates,
        tongues=FakeTongues(),
        shapes={"local": shapes},
        settings=settings,
        platform=platform,
        clock=clock,
        around=around or as_it_is,
    ) as joined:
        yield Scene(rig=joined, rights=rights, translates=translates, shapes=shapes)
