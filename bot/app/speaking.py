"""Builds what decides on languages, and translation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.lanes.engines import Engines
from bot.languages.model import Identifies, Lazy
from bot.languages.phrases import Phrases
from bot.languages.speaking import Speaking, Speaks
from bot.ports import Clock, Counters, OnCommand, Store
from bot.ports.glossary import Glossary
from bot.ports.rights import Rights
from bot.ports.support import KnownChannels
from bot.ports.translation import Tongues, Translates
from bot.services.language_commands import LanguageCommands
from bot.settings import Settings
from bot.talk.message import Message
from bot.translate.translator import Translator


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What the house joins. `speaks`: in which language to answer, `answers_in`: its tag; None where no language can be
    told."""

    speaks: Speaks | None
    answers_in: Callable[[Message], Awaitable[str]] | None
    tongues: Tongues
    translates: Translates
    commands: Mapping[str, OnCommand]


def speaker(
    store: Store, *, identifies: Identifies | None, channels: KnownChannels, settings: Settings, clock: Clock
) -> Speaking:
    """`channels`: those that list languages."""
    return Speaking(
        store,
        identifies=identifies or Lazy(),
        channels=channels,
        community=settings.community.language,
        clock=clock,
    )


def speaking(
    store: Store,
    engines: Engines,
    decides: Speaking,
    *,
    identifies: Identifies | None,
    glossary: Glossary | None,
    rights: Mapping[str, Rights],
    settings: Settings,
    phrases: Phrases,
    counters: Counters,
) -> Spoken:
    """`identifies`: None where the model sees for itself in which language to answer."""
    known = identifies or Lazy()
    translates = Translator(engines, identifies=known, glossary=glossary, settings=settings.engine, counters=counters)
    return Spoken(
        speaks=None if identifies is None else decides,
        answers_in=None if identifies is None else decides.answers_in,
        tongues=decides,
        translates=translates,
        commands=LanguageCommands(store, rights=rights, phrases=phrases).commands,
    )
