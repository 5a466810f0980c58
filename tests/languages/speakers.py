"""A store of languages in memory, channels that list some, and an identifier of three invented languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.languages.identify import Identifier
from bot.languages.scores import Scores, scored
from bot.ports.languages import HISTORY
from bot.talk.language import Languages, Pins
from bot.talk.message import Place
from bot.talk.support import SupportChannel

ENDINGS = {"en": "s", "de": "t", "fr": "x", "pl": "z"}
"""By how words end."""


def ranks(text: str) -> Scores:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return scored({tag: 4.0 * sum(word.endswith(ending) for word in words) for tag, ending in ENDINGS.items()})


async def identifies() -> Identifier:
    return Identifier(ranks)


@dataclass
class KeptLanguages:
    pins: dict[tuple[Pins, str], str] = field(default_factory=dict[tuple[Pins, str], str])
    before: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    async def languages(self, place: Place, person: str = "") -> Languages:
        channel = place.channel or place
        return Languages(
            person=self.pins.get((Pins.PERSON, person), ""),
            place=self.pins.get((Pins.PLACE, place.key), "") or self.pins.get((Pins.PLACE, channel.key), ""),
            guild=self.pins.get((Pins.GUILD, place.guild or ""), ""),
            before=self.before.get(person, ()),
        )

    async def pin_language(self, pins: Pins, place: Place, person: str, tag: str | None) -> None:
        key = {Pins.PERSON: person, Pins.PLACE: place.key, Pins.GUILD: place.guild or ""}[pins]
        if tag is None:
            self.pins.pop((pins, key), None)
        else:
            self.pins[pins, key] = tag

    async def note_language(self, person: str, tag: str, *, at: datetime) -> None:
        self.before[person] = (*self.before.get(person, ()), tag)[-HISTORY:]


@dataclass
class Listing:
    """Every place lists these."""

    tags: tuple[str, ...]

    async def support_channel(self, place: Place) -> SupportChannel | None:
        return SupportChannel(place=place, languages=self.tags)

    async def support_channels(self, platform: str | None = None, guild: str | None = None) -> Sequence[SupportChannel]:
        return ()

    async def save_support_channel(self, channel: SupportChannel) -> None:
        raise AssertionError

    async def drop_support_channel(self, place: Place) -> bool:
        raise AssertionError
