"""The command by which people choose a language: for themselves, and moderators for a channel or a server."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import NotAllowed
from bot.languages.naming import tag_meant
from bot.languages.phrases import Phrases
from bot.ports import OnCommand
from bot.ports.languages import LanguageStore
from bot.ports.rights import Rights
from bot.talk.command import Argument, Command
from bot.talk.event import Commanded
from bot.talk.language import Languages, Pins
from bot.talk.message import PlaceKind
from bot.talk.response import Response

FOR = {"me": Pins.PERSON, "channel": Pins.PLACE, "server": Pins.GUILD}
DEFAULT = "default"
"""Instead of a language: what was chosen is taken back."""


def commands(phrases: Phrases) -> tuple[Command, ...]:
    language = Argument(name="language", description=phrases.say("argument-language"), required=False)
    whom = Argument(name="for", description=phrases.say("argument-language-for"), choices=tuple(FOR), required=False)
    return (Command(name="language", description=phrases.say("command-language"), arguments=(language, whom)),)


class LanguageCommands:
    """`rights` by platform."""

    def __init__(self, store: LanguageStore, *, rights: Mapping[str, Rights], phrases: Phrases) -> None:
        self._store = store
        self._rights = rights
        self._phrases = phrases

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        """By the names that `commands` declares."""
        return {"language": self._language}

    async def _language(self, event: Commanded) -> Response:
        wanted = event.arguments.get("language", "").strip()
        pins = FOR.get(event.arguments.get("for", "").strip().casefold() or "me")
        if pins is None:
            return self._said(event, "language-bad-for")
        if not wanted:
            return await self._shown(event)
        if not await self._may(event, pins):
            raise NotAllowed(f"{event.person.key} may not choose the language of {event.place.key}")
        if wanted.casefold() == DEFAULT:
            await self._store.pin_language(pins, event.place, event.person.key, None)
            return self._said(event, "language-taken-back")
        try:
            tag = tag_meant(wanted, self._phrases.to(event.person.locale).locale)
        except ValueError:
            return self._said(event, "language-unknown")
        await self._store.pin_language(pins, event.place, event.person.key, tag)
        return self._chosen(event, pins, tag)

    async def _may(self, event: Commanded, pins: Pins) -> bool:
        """For oneself everybody; for a server who manages all of it, as of now."""
        if pins is not Pins.GUILD:
            return pins is Pins.PERSON or event.moderator
        rights = self._rights.get(event.place.platform)
        if rights is None or event.place.kind is PlaceKind.DIRECT:  # that is no server, whoever writes it
            return False
        return await rights.governs(event.person.key, event.place)

    async def _shown(self, event: Commanded) -> Response:
        known = await self._store.languages(event.place, event.person.key)
        lines = [self._chosen(event, pins, tag).text for pins in Pins if (tag := _of(known, pins))]
        return Response(text="\n".join(lines)) if lines else self._said(event, "language-none")

    def _chosen(self, event: Commanded, pins: Pins, tag: str) -> Response:
        language = self._phrases.to(event.person.locale).language(tag, coded=True)
        return self._said(event, f"language-for-{pins.value}", language=language)

    def _said(self, event: Commanded, key: str, **values: str | int) -> Response:
        return Response(text=self._phrases.to(event.person.locale).say(key, **values))


def _of(known: Languages, pins: Pins) -> str:
    return {Pins.PERSON: known.person, Pins.PLACE: known.place, Pins.GUILD: known.guild}[pins]
