"""Once a week the figures go to where staff are told things: numbers, of rooms that everyone there can read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from bot.languages.phrases import Phrases
from bot.oversight.showing import figures
from bot.ports import Store
from bot.ports.rights import Rights
from bot.ports.support import KnownChannels
from bot.talk.delivery import Delivery
from bot.talk.ground import Standing
from bot.talk.message import Conversation
from bot.talk.oversight import Figures
from bot.talk.plan import NotYet, Plan, Run, first_due
from bot.talk.recurrence import OnDays
from bot.talk.support import SupportChannel

SUPPORT_WEEK = "support-week"
MONDAYS = OnDays(at=time(8), days=frozenset({0}))
AWAY_SECONDS = 60.0
"""Between two looks whether a platform that is away is there again."""
AWAY_FOR = timedelta(days=1)
"""So long what is away is waited for; its week is left out then, so that it holds up no other."""


def week_plan(timezone: str, *, now: datetime) -> Plan:
    due = first_due(MONDAYS, timezone, now=now)
    return Plan(id=SUPPORT_WEEK, kind=SUPPORT_WEEK, recurrence=MONDAYS, due=due, timezone=timezone)


class Weekly:
    """`rights` by platform; `present`: whether a platform is there, so that it can be asked."""

    def __init__(
        self,
        store: Store,
        channels: KnownChannels,
        *,
        rights: Mapping[str, Rights],
        present: Callable[[str], bool],
        phrases: Phrases,
    ) -> None:
        self._store = store
        self._channels = channels
        self._rights = rights
        self._present = present
        self._phrases = phrases

    async def run(self, run: Run) -> Sequence[Delivery]:
        """The seven days before the moment. Raises NotYet, and DatabaseUnusable to be tried again."""
        last = run.at.astimezone(UTC).date() - timedelta(days=1)
        first = last - timedelta(days=6)
        left: list[Delivery] = []
        for platform, guild in sorted(
            await self._store.counted_guilds(first=first, last=last), key=lambda each: (each[0], each[1] or "")
        ):
            told: dict[str, list[SupportChannel]] = {}
            for channel in await self._channels.support_channels(platform, guild):
                if channel.notes is not None:
                    told.setdefault(channel.notes.key, []).append(channel)
            counts = await self._store.support_counts(platform, guild, first=first, last=last) if told else ()
            for channels in told.values():
                readable = await self._readable(run, channels)
                mine = Figures.of(tuple(each for each in counts if each.room.key in readable), first=first, last=last)
                if mine.by_language:
                    left.append(self._message(run, channels[0], mine))
        return left

    async def _readable(self, run: Run, channels: Sequence[SupportChannel]) -> frozenset[str]:
        """Of these channels those that everyone can read who can read where they are told of."""
        notes = channels[0].notes
        rights = None if notes is None else self._rights.get(notes.platform)
        if notes is None or rights is None:
            return frozenset()
        standing = await rights.standing(notes) if self._present(notes.platform) else Standing.UNKNOWN
        rooms = frozenset(each.place.room for each in channels)
        readable = await rights.open_to(rooms, Conversation(place=notes)) if standing is Standing.OPEN else None
        if readable is None and standing in (Standing.OPEN, Standing.UNKNOWN) and run.late < AWAY_FOR:
            raise NotYet(AWAY_SECONDS)
        return readable or frozenset()

    def _message(self, run: Run, channel: SupportChannel, told: Figures) -> Delivery:
        assert channel.notes is not None
        # The same for every attempt, whatever others are told of.
        ident = hashlib.sha256(f"{run.key}#{channel.notes.key}".encode()).hexdigest()[:32]
        text = figures(told, self._phrases.to(channel.staff_language))
        return Delivery(id=ident, conversation=Conversation(place=channel.notes), text=text)
