"""Builds support channels: how they are set up, and when the bot speaks there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, OnCommand, OnPress, Store
from bot.ports.rights import Rights
from bot.ports.support import HandsOver, TakesUp
from bot.ports.threads import Threads
from bot.support.admitting import Admitting
from bot.support.channels import Channels
from bot.support.instructing import instructed
from bot.support.moderating import Moderating
from bot.support.opening import Opening
from bot.support.previewing import Knows, Previewing, Unoffered
from bot.support.setting_up import SettingUp
from bot.support.settling import Settling
from bot.support.silencing import Answering, Hears, Silencing
from bot.support.speaking import Begins, Speaking
from bot.support.staff import Staff
from bot.talk.message import Conversation


class _Answers(Answering, Begins, Protocol):
    """What is joined when there are answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supporting:
    """What the house joins. `settling` is a context manager to be entered by whoever runs the house."""

    channels: Channels
    silencing: Silencing
    speaking: Speaking
    settling: Settling
    commands: Mapping[str, OnCommand]
    presses: Mapping[str, OnPress]

    def join(self, answers: _Answers) -> None:
        """Before anything is heard."""
        self.speaking.answering = self.silencing.answering = answers

    def persona(self, persona: str, conversation: Conversation) -> str:
        """As it is in the conversation's place."""
        return instructed(persona, self.channels.of(conversation.place))


def supporting(
    store: Store,
    deliveries: Deliveries,
    *,
    channels: Channels,
    rights: Mapping[str, Rights],
    threads: Mapping[str, Threads],
    hands: HandsOver | None,
    cases: TakesUp,
    knows: Knows,
    unoffered: Unoffered,
    hears: Hears,
    phrases: Phrases,
    clock: Clock,
    counters: Counters,
) -> Supporting:
    """`hands`: calls a person, `cases`: what becomes of it; `knows`, `unoffered`: as in `Previewing`."""
    staff = Staff(rights, threads)
    silencing = Silencing(
        store, channels, staff, deliveries, threads=threads, hears=hears, phrases=phrases, counters=counters
    )
    admitting = Admitting(store, silencing, threads=threads, hands=hands)
    opening = Opening(store, threads=threads, clock=clock, counters=counters)
    speaking = Speaking(store, channels, staff, silencing=silencing, admitting=admitting, opening=opening, cases=cases)
    settling = Settling(speaking.ripe, clock)
    speaking.settling = silencing.waits = settling
    moderating = Moderating(
        store,
        channels,
        SettingUp(store, rights=rights, threads=threads, clock=clock),
        Previewing(rights=rights, threads=threads, knows=knows, unoffered=unoffered),
        rights=rights,
        phrases=phrases,
        clock=clock,
    )
    return Supporting(
        channels=channels,
        silencing=silencing,
        speaking=speaking,
        settling=settling,
        commands=moderating.commands,
        presses={**moderating.presses, **silencing.presses},
    )
