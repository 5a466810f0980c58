"""What moderators and staff add to the knowledge, and take back: by command, and by other parts of the program."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from bot.errors import KnowledgeFull, NotAllowed
from bot.knowledge.pages import is_address
from bot.languages.phrases import Phrases
from bot.ports import Clock, OnCommand
from bot.ports.knowledge import KnowledgeStore
from bot.ports.rights import Rights
from bot.talk.added import Added, AddedKind, Adding
from bot.talk.command import Argument, Command, Who
from bot.talk.event import Commanded
from bot.talk.knowledge import EVERYONE, Readers, readers_of
from bot.talk.message import Person, Place, PlaceKind
from bot.talk.quoting import inline
from bot.talk.response import Response

MOST_ADDED = 200
"""Of one guild, or of a platform without guilds."""

MOST_QUESTION = 500
MOST_ANSWER = 8_000
"""Characters of what staff write."""

SHOWN = 80
"""Characters of each that a list tells."""

DIGITS = 9
HERE, SERVER = "here", "server"
ON, OFF = "on", "off"


def commands(phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them, in the language of `phrases`."""

    def argument(name: str, *choices: str, required: bool = True) -> Argument:
        description = phrases.say(f"argument-knowledge-{name}")
        return Argument(name=name, description=description, choices=choices, required=required)

    def command(name: str, *arguments: Argument) -> Command:
        description = phrases.say(f"command-knowledge-{name}")
        return Command(name=f"knowledge-{name}", description=description, arguments=arguments, who=Who.MODERATOR)

    return (
        command("list"),
        command("page", argument("url"), argument("readers", HERE, SERVER, required=False)),
        command("pins", argument("pins", ON, OFF)),
        command("thread"),
        command("remove", argument("number")),
    )


class Staff:
    """Implements `Adds` and `Approves`. `look`: the index is to be brought up to date soon."""

    def __init__(
        self,
        store: KnowledgeStore,
        *,
        rights: Mapping[str, Rights],
        look: Callable[[], None],
        phrases: Phrases,
        clock: Clock,
    ) -> None:
        self._store = store
        self._rights = rights
        self._look = look
        self._phrases = phrases
        self._clock = clock
        self._adding = asyncio.Lock()

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        """By the names that `commands` declares."""
        handlers = {
            "knowledge-list": self._list,
            "knowledge-page": self._page,
            "knowledge-pins": self._pins,
            "knowledge-thread": self._thread,
            "knowledge-remove": self._remove,
        }
        return {name: self._guarded(handler) for name, handler in handlers.items()}

    def _guarded(self, handler: Callable[[Commanded], Awaitable[Response]]) -> OnCommand:
        """A server's administrators can let anybody see a command."""

        async def carried_out(event: Commanded) -> Response:
            if not event.moderator:
                raise NotAllowed(f"{event.person.key} may not manage {event.place.key}")
            return await handler(event)

        return carried_out

    async def add(self, question: str, answer: str, readers: Readers, by: str, link: str = "") -> int:
        if not question.strip() or not answer.strip():
            raise ValueError("a question and an answer are needed")
        if len(question) > MOST_QUESTION or len(answer) > MOST_ANSWER:
            raise ValueError(f"a question has at most {MOST_QUESTION} characters, an answer {MOST_ANSWER}")
        source = Adding(
            kind=AddedKind.ANSWER,
            at=self._clock.now(),
            guild=readers.guild,
            readers=readers,
            url=link,
            title=" ".join(question.split()),
            text=answer.strip(),
            by=by,
        )
        return (await self._add(source)).number

    async def approve(self, thread: Place, by: str) -> int | None:
        if not await self._store.said_in(thread, limit=1):
            return None
        return (await self._add(self._of(AddedKind.THREAD, thread, by, title=thread.name))).number

    async def _add(self, source: Adding) -> Added:
        """The same place or answer is not added twice; a thread is approved anew, with what was said since. Raises
        KnowledgeFull."""
        async with self._adding:
            there = [each for each in await self._store.added() if each.source.guild == source.guild]
            for each in there:
                if _what(each.source) != _what(source):
                    continue
                if source.kind is not AddedKind.THREAD:
                    return each
                await self._store.drop_source(each.number)
                there.remove(each)
                break
            if len(there) >= MOST_ADDED:
                raise KnowledgeFull(f"{MOST_ADDED} things were added", limit=MOST_ADDED)
            made = await self._store.add_source(source)
        self._look()
        return made

    async def _list(self, event: Commanded) -> Response:
        phrases = self._phrases.to(event.person.locale)
        seen = [each for each in await self._store.added() if await self._sees(event.person, event.place, each)]
        if not seen:
            return Response(text=phrases.say("knowledge-none"))
        lines, known = [phrases.say("knowledge-listed", count=len(seen))], await self._store.known()
        for each in seen:
            named = inline((each.source.title or each.source.url)[:SHOWN])
            kind = phrases.say(f"knowledge-{each.source.kind.value}")
            line = f"`{each.number}` {kind}: {named}" if named else f"`{each.number}` {kind}"
            unread = each.source.kind is AddedKind.PAGE and each.key not in known
            lines.append(f"{line} ({phrases.say('knowledge-unread')})" if unread else line)
        return Response(text="\n".join(lines))

    async def _page(self, event: Commanded) -> Response:
        phrases, place = self._phrases.to(event.person.locale), event.place
        url = event.arguments.get("url", "").strip().strip("<>")
        if not _shared(place):
            return Response(text=phrases.say("knowledge-not-here"))
        if not is_address(url):
            return Response(text=phrases.say("knowledge-bad-address"))
        everyone = event.arguments.get("readers", HERE) == SERVER
        return await self._added(event, self._of(AddedKind.PAGE, place, event.person.key, url=url, all_of=everyone))

    async def _pins(self, event: Commanded) -> Response:
        phrases, place = self._phrases.to(event.person.locale), event.place
        if not _shared(place):
            return Response(text=phrases.say("knowledge-not-here"))
        if event.arguments.get("pins", ON) == ON:
            return await self._added(event, self._of(AddedKind.PINS, place, event.person.key, title=place.name))
        for each in await self._store.added():
            if each.source.kind is AddedKind.PINS and each.source.place == place.key:
                return await self._removed(event, each)
        return Response(text=phrases.say("knowledge-no-pins"))

    async def _thread(self, event: Commanded) -> Response:
        phrases, place = self._phrases.to(event.person.locale), event.place
        if place.kind is not PlaceKind.THREAD:
            return Response(text=phrases.say("knowledge-no-thread"))
        if not await self._store.said_in(place, limit=1):
            return Response(text=phrases.say("knowledge-nothing-kept"))
        return await self._added(event, self._of(AddedKind.THREAD, place, event.person.key, title=place.name))

    async def _remove(self, event: Commanded) -> Response:
        given = event.arguments.get("number", "").strip().strip("`#")
        if given.isascii() and given.isdecimal() and len(given) <= DIGITS:
            for each in await self._store.added():
                if each.number == int(given) and await self._sees(event.person, event.place, each):
                    return await self._removed(event, each)
        return Response(text=self._phrases.to(event.person.locale).say("knowledge-bad-number"))

    async def _added(self, event: Commanded, source: Adding) -> Response:
        phrases = self._phrases.to(event.person.locale)
        before = {each.number for each in await self._store.added()}
        made = await self._add(source)
        known = made.number in before
        return Response(text=phrases.say("knowledge-known" if known else "knowledge-added", number=made.number))

    async def _removed(self, event: Commanded, each: Added) -> Response:
        await self._store.drop_source(each.number)
        self._look()
        return Response(text=self._phrases.to(event.person.locale).say("knowledge-removed", number=each.number))

    def _of(
        self, kind: AddedKind, place: Place, by: str, *, url: str = "", title: str = "", all_of: bool = False
    ) -> Adding:
        readers = readers_of(place)
        guild = readers.guild
        if all_of:
            readers = EVERYONE if guild is None else Readers(guild=guild)
        return Adding(
            kind=kind,
            at=self._clock.now(),
            place="" if kind is AddedKind.PAGE else place.key,
            guild=guild,
            readers=readers,
            url=url,
            title=title,
            by=by,
        )

    async def _sees(self, person: Person, place: Place, each: Added) -> bool:
        """Whether it was added of their guild, and they may read and manage where it is read."""
        source = each.source
        if source.guild != (None if place.guild is None else f"{place.platform}:{place.guild}"):
            return False
        if source.readers.room is None or source.readers.room == place.room:
            return True
        platform, _, number = source.readers.room.partition(":")
        rights = self._rights.get(platform)
        there = Place(platform=platform, id=number, guild=place.guild)
        return rights is not None and platform == place.platform and await rights.moderates(person.key, there)


def _what(source: Adding) -> tuple[object, ...]:
    """What tells it apart from others: what a place is called may change."""
    words = (source.title, source.text) if source.kind is AddedKind.ANSWER else ()
    return (source.kind, source.readers, source.place, source.url, *words)


def _shared(place: Place) -> bool:
    """Whether several people read there."""
    return place.kind is not PlaceKind.DIRECT
