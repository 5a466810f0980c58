"""What a set-up will do, in words, and what is missing for it. Tells of no place that the reader cannot see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from bot.languages.phrases import Phrases
from bot.ports.rights import Rights
from bot.ports.threads import Threads
from bot.talk.ground import Ground, Standing
from bot.talk.message import Conversation, Person, Place
from bot.talk.support import Answers, SupportChannel
from bot.talk.words import harmless, plain

Knows = Callable[[SupportChannel, Person], Awaitable[bool | None]]
"""Whether there is any knowledge to answer from in the channel, in the collections that it names, as far as the person
may know; None while it is being read. Raises DatabaseUnusable."""

Unoffered = Callable[[SupportChannel, Phrases], Awaitable[Sequence[str]]]
"""The tools that the channel needs and that the model is not offered there, each with why. Raises DatabaseUnusable."""


class Previewing:
    """`rights` and `threads` by platform."""

    def __init__(
        self, *, rights: Mapping[str, Rights], threads: Mapping[str, Threads], knows: Knows, unoffered: Unoffered
    ) -> None:
        self._rights = rights
        self._threads = threads
        self._knows = knows
        self._unoffered = unoffered

    async def told(self, channel: SupportChannel, person: Person, phrases: Phrases) -> str:
        """To the person, in the language of `phrases`."""
        lines = [phrases.say("support-heading", place=self._name(channel.place)), self._when(channel, phrases)]
        lines.append(phrases.say("support-grounded" if channel.grounded else "support-ungrounded"))
        languages = [phrases.language(plain(each), coded=True) for each in channel.languages]
        lines.append(phrases.say("support-languages", languages=phrases.listed(languages)))
        if channel.knowledge:
            lines.append(
                phrases.say("support-knowledge", knowledge=phrases.listed(map(plain, sorted(channel.knowledge))))
            )
        if channel.tone:
            lines.append(phrases.say("support-tone", tone=harmless(channel.tone)))
        lines.append(self._staff(channel, phrases))
        if channel.notes is None:
            lines.append(phrases.say("support-notes-none"))
        elif await self._sees(person.key, channel.notes):
            language = phrases.language(plain(channel.staff_language))
            notes = self._name(channel.notes)
            lines.append(phrases.say("support-notes", place=notes, language=language, count=channel.escalate_minutes))
        if channel.solved_tags or channel.person_tags:
            tags = phrases.listed(self._tags(channel, channel.solved_tags | channel.person_tags))
            lines.append(phrases.say("support-tags", tags=tags))
        lines.append(phrases.say("support-limits", thread=channel.per_thread, person=channel.per_person))
        missing = [f"⚠ {each}" for each in await self._missing(channel, person, phrases)]
        return "\n".join([lines[0], *(f"- {line}" for line in lines[1:]), *missing])

    def _when(self, channel: SupportChannel, phrases: Phrases) -> str:
        threads = self._threads.get(channel.place.platform)
        forum = threads is not None and threads.is_forum(channel.place)
        if channel.answers is Answers.MENTIONED:
            opens = channel.in_threads and not forum
            return phrases.say("support-when-mentioned-threads" if opens else "support-when-mentioned")
        if forum:
            return phrases.say("support-when-forum")
        return phrases.say("support-when-threads" if channel.in_threads else "support-when-channel")

    def _staff(self, channel: SupportChannel, phrases: Phrases) -> str:
        threads = self._threads.get(channel.place.platform)
        known = {} if threads is None else threads.roles(channel.place)
        names = sorted(plain(known[each]) for each in channel.staff if each in known)
        return phrases.say("support-staff", roles=phrases.listed(names)) if names else phrases.say("support-staff-none")

    async def _missing(self, channel: SupportChannel, person: Person, phrases: Phrases) -> list[str]:
        threads, told = self._threads.get(channel.place.platform), list[str]()
        if channel.grounded and not (known := await self._knows(channel, person)):
            told.append(phrases.say("support-lacks-knowledge" if known is False else "support-reads-knowledge"))
        told += await self._unoffered(channel, phrases)
        if threads is not None:
            if threads.can_answer(channel.place) is not True:
                told.append(phrases.say("support-lacks-writing", place=self._name(channel.place)))
            if threads.can_write_in_threads(channel.place) is False:
                told.append(phrases.say("support-lacks-thread-writing", place=self._name(channel.place)))
            in_threads = channel.in_threads and not threads.is_forum(channel.place)
            if in_threads and threads.can_open(channel.place) is not True:
                told.append(phrases.say("support-lacks-threads", place=self._name(channel.place)))
            if not threads.hears and channel.answers is Answers.QUESTIONS:
                told.append(phrases.say("support-lacks-content"))
            if set(channel.staff) - set(threads.roles(channel.place)):
                told.append(phrases.say("support-lacks-role"))
            if (channel.solved_tags | channel.person_tags) - set(threads.tags(channel.place)):
                told.append(phrases.say("support-lacks-tag"))
        if channel.notes is not None and await self._sees(person.key, channel.notes):
            told += await self._missing_notes(channel, channel.notes, phrases)
        return told

    async def _missing_notes(self, channel: SupportChannel, notes: Place, phrases: Phrases) -> list[str]:
        rights, threads = self._rights[notes.platform], self._threads.get(notes.platform)
        standing, name = await rights.standing(notes), self._name(notes)
        if standing is Standing.GONE:
            return [phrases.say("support-lacks-notes")]
        told = [] if standing is Standing.OPEN else [phrases.say("support-lacks-writing", place=name)]
        readable = await rights.open_to({channel.place.room}, Conversation(place=notes))
        if readable is not None and channel.place.room not in readable:
            told.append(phrases.say("support-lacks-reach", notes=name, place=self._name(channel.place)))
        if threads is None or threads.others_read(notes, channel.place, channel.staff) is not False:
            told.append(phrases.say("support-lacks-secrecy", place=name))
        return told

    async def _sees(self, person: str, place: Place) -> bool:
        """What is gone is told of by its id, to whom it was named to."""
        rights = self._rights.get(place.platform)
        if rights is None:
            return False
        return await rights.standing(place) is Standing.GONE or await rights.may_read(person, place)

    def _name(self, place: Place) -> str:
        """As it is called now."""
        rights = self._rights.get(place.platform)
        there = () if rights is None else rights.within(Ground(place=place))
        name = next((each.name for each in there if each.name), place.name)
        return f"#{plain(name or place.id)}"

    def _tags(self, channel: SupportChannel, tags: Collection[str]) -> Sequence[str]:
        threads = self._threads.get(channel.place.platform)
        known = {} if threads is None else threads.tags(channel.place)
        return sorted(plain(known[each]) for each in tags if each in known) or ["?"]
