"""Builds what serves a community besides answers: languages, support channels, channels side by side, oversight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bot.app.ground import Ground
from bot.app.handing import Calling, Handing, handing
from bot.app.joined import joined
from bot.app.mirroring import Mirrored, mirrored
from bot.app.overseeing import Overseeing, overseeing
from bot.app.shelf import Shelf
from bot.app.speaking import Spoken, speaking
from bot.app.supporting import Supporting, supporting
from bot.approvals.commands import told
from bot.approvals.rules import ToolRules
from bot.languages.phrases import Phrases
from bot.languages.speaking import Speaking
from bot.ports import Deliveries, OnCommand, OnPress, OnRun
from bot.support.channels import Channels
from bot.talk.support import Case, Silence, SupportChannel
from tools.knowledge import search_knowledge
from tools.needs_human import needs_human


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What the house joins."""

    spoken: Spoken
    handed: Handing
    support: Supporting
    sides: Mirrored
    overseen: Overseeing

    @property
    def handlers(self) -> Mapping[str, OnRun]:
        return joined(self.handed.handlers, self.overseen.handlers)

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        return joined(*(each.commands for each in (self.spoken, self.support, self.sides, self.overseen)))

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return joined(*(each.presses for each in (self.handed, self.support, self.sides, self.overseen)))

    async def minute(self) -> None:
        """Every minute, and once before anything is heard."""
        await self.sides.minute()
        await self.support.channels.refresh()


def serving(
    ground: Ground,
    deliveries: Deliveries,
    shelf: Shelf,
    *,
    channels: Channels,
    decides: Speaking,
    rules: ToolRules,
    look: Callable[[], None],
) -> Serving:
    """`decides`: on languages; `rules`: of tools; `look`: something may be due sooner than was expected."""
    store, settings, phrases = ground.store, ground.settings, ground.phrases
    clock, counters = ground.clock, ground.counters
    spoken = speaking(
        store,
        ground.engines,
        decides,
        identifies=ground.identifies,
        glossary=shelf.glossary,
        rights=ground.rights,
        settings=settings,
        phrases=phrases,
        counters=counters,
    )

    async def silenced(case: Case, why: Silence) -> None:
        await support.silencing.fall_silent(case.place, why, asker=case.asker)

    tongues, translates = ground.tongues or spoken.tongues, ground.translates or spoken.translates
    calls = ground.calls or Calling(
        channels=channels,
        tongues=tongues,
        answers_in=spoken.answers_in,
        translates=translates,
        silenced=silenced,
    )
    handed = handing(ground, deliveries, calls, look=look)
    support = supporting(
        store,
        deliveries,
        channels=channels,
        rights=ground.rights,
        threads=ground.threads,
        hands=handed.helps,
        cases=handed.cases,
        knows=lambda channel, person: shelf.finds(ground.rights, channel, person),
        unoffered=partial(_unoffered, rules),
        hears=decides,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    sides = mirrored(
        store,
        deliveries,
        translates=translates,
        tongues=tongues,
        rights=ground.rights,
        shapes=ground.shapes,
        limits=settings.mirrors,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    overseen = overseeing(
        store,
        deliveries,
        ground.oversight,
        channels=channels,
        cases=store,
        adds=shelf.staff,
        spoken=spoken.answers_in,
        rights=ground.rights,
        present=ground.present,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    return Serving(spoken=spoken, handed=handed, support=support, sides=sides, overseen=overseen)


async def _unoffered(rules: ToolRules, channel: SupportChannel, phrases: Phrases) -> Sequence[str]:
    """See `Unoffered`."""
    await rules.require()
    needed = (search_knowledge, needs_human) if channel.grounded else (needs_human,)
    return [
        told(rules, each.name, channel.place, phrases) for each in needed if not rules.offers(each.name, channel.place)
    ]
