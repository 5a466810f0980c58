"""What may be kept and taken up, and what must go: the commands by which people and moderators decide."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from bot.errors import NotAllowed
from bot.languages.phrases import Phrases
from bot.memory.rules import rules
from bot.ports import Counters, OnCommand, OnPress, Store
from bot.settings import Memory
from bot.talk.command import Argument, Command, Who
from bot.talk.delivery import Action
from bot.talk.event import Commanded, Pressed
from bot.talk.message import Place
from bot.talk.policy import Ambient, Consent, Forgotten, Keep, Policy
from bot.talk.response import Response

E = TypeVar("E", Commanded, Pressed)
R = TypeVar("R")

FORGET_PRESS = "forget-me"
FORGET_CHANNEL_PRESS = "forget-channel"
MAX_DAYS = 3650
MAX_TOKENS = 65536
MAX_ACTION = 100


def commands(phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them, in the language of `phrases`."""

    def command(name: str, *arguments: Argument, who: Who = Who.ANYONE) -> Command:
        return Command(name=name, description=phrases.say(f"command-{name}"), arguments=arguments, who=who)

    when = Argument(name="when", description=phrases.say("argument-when"), choices=tuple(each.value for each in Keep))
    days = Argument(name="days", description=phrases.say("argument-days"), required=False)
    modes = tuple(each.value for each in Ambient)
    overheard = Argument(name="when", description=phrases.say("argument-overheard"), choices=modes)
    tokens = Argument(name="tokens", description=phrases.say("argument-tokens"), required=False)
    return (
        command("help"),
        command("privacy"),
        command("opt-out"),
        command("opt-in"),
        command("forget-me"),
        command("keep", when, days, who=Who.MODERATOR),
        command("overhear", overheard, tokens, who=Who.MODERATOR),
        command("forget-channel", who=Who.MODERATOR),
    )


class Keeper:
    """Carries out the commands about what is kept. `policies` is held while one of them changes it."""

    def __init__(
        self,
        store: Store,
        *,
        policies: asyncio.Lock,
        bot_name: str,
        memory: Memory,
        phrases: Phrases,
        counters: Counters,
    ) -> None:
        self._store = store
        self._policies = policies
        self._counters = counters
        self._bot_name = bot_name
        self._memory = memory
        self._phrases = phrases

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        """By the names that `commands` declares."""
        return {
            "help": self._help,
            "privacy": self._privacy,
            "opt-out": self._alone(self._opt_out),
            "opt-in": self._alone(self._opt_in),
            "forget-me": self._forget_me,
            "keep": self._alone(self._keep),
            "overhear": self._alone(self._overhear),
            "forget-channel": self._forget_channel,
        }

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {
            FORGET_PRESS: self._alone(self._forget_me_pressed),
            FORGET_CHANNEL_PRESS: self._alone(self._forget_channel_pressed),
        }

    def _alone(self, handler: Callable[[E], Awaitable[R]]) -> Callable[[E], Awaitable[R]]:
        """It reads, decides and writes while nobody else does."""

        async def carried_out(event: E) -> R:
            async with self._policies:
                return await handler(event)

        return carried_out

    async def _help(self, event: Commanded) -> Response:
        return self._said(event, "help", name=self._bot_name)

    async def _privacy(self, event: Commanded) -> Response:
        policy = await rules(self._store, event.place)
        consent = await self._store.consent(event.person.key)
        phrases = self._phrases.to(event.person.locale)
        if policy.keep is Keep.NEVER:
            told = [phrases.say("privacy-never")]
        else:
            here = "privacy-kept" if policy.keeping else "privacy-not-yet"
            told = [phrases.say(here, days=self._days(policy)), self._overhears(policy, phrases)]
        told.append(phrases.say("privacy-out" if consent.opted_out else "privacy-in"))
        return Response(text="\n".join(told))

    async def _opt_out(self, event: Commanded) -> Response:
        await self._store.save_consent(event.person.key, Consent(opted_out=True))
        return self._said(event, "opted-out")

    async def _opt_in(self, event: Commanded) -> Response:
        await self._store.save_consent(event.person.key, Consent(opted_out=False))
        return self._said(event, "opted-in")

    async def _forget_me(self, event: Commanded) -> Response:
        phrases = self._phrases.to(event.person.locale)
        confirm = Action(id=f"{FORGET_PRESS}:yes", label=phrases.say("forget-yes"), danger=True)
        return Response(text=phrases.say("forget-confirm"), actions=(confirm,))

    async def _forget_me_pressed(self, event: Pressed) -> Response:
        gone = await self._store.forget(event.person.key)
        if gone.turns:
            self._counters.add("prefix_breaks_total", cause="deletion")
        return self._forgotten(event, gone)

    async def _forget_channel(self, event: Commanded) -> Response:
        _moderators_only(event)
        phrases = self._phrases.to(event.person.locale)
        label = phrases.say("forget-channel-yes")
        confirm = Action(id=_forget_channel_action(event.place), label=label, danger=True)
        return Response(text=phrases.say("forget-channel-confirm"), actions=(confirm,))

    async def _forget_channel_pressed(self, event: Pressed) -> Response:
        _moderators_only(event)
        # Where the question was moved to (a direct message), everybody is a moderator.
        if event.action != _forget_channel_action(event.place):
            return self._said(event, "forget-channel-elsewhere")
        return self._forgotten(event, await self._store.forget_place(event.place, rules=True))

    async def _keep(self, event: Commanded) -> Response:
        _moderators_only(event)
        try:
            keep = Keep(event.arguments.get("when", ""))
        except ValueError:
            return self._said(event, "keep-bad-when")
        policy = await self._store.policy(event.place)
        try:
            days = _number(event.arguments.get("days", ""), most=MAX_DAYS)
        except ValueError:
            return self._said(event, "keep-bad-days", most=MAX_DAYS)
        policy = replace(policy, keep=keep, retention_days=days or policy.retention_days)
        # Before anything is deleted, so that nothing is kept any more meanwhile.
        await self._store.save_policy(event.place, policy)
        if keep is Keep.NEVER:
            await self._store.forget_place(event.place, rules=True)
        return self._said(event, f"keep-{keep.value}", days=self._days(policy))

    async def _overhear(self, event: Commanded) -> Response:
        _moderators_only(event)
        try:
            ambient = Ambient(event.arguments.get("when", ""))
        except ValueError:
            return self._said(event, "overhear-bad-when")
        try:
            tokens = _number(event.arguments.get("tokens", ""), most=MAX_TOKENS)
        except ValueError:
            return self._said(event, "overhear-bad-tokens", most=MAX_TOKENS)
        policy = await self._store.policy(event.place)
        policy = replace(policy, ambient=ambient, ambient_tokens=tokens or policy.ambient_tokens)
        await self._store.save_policy(event.place, policy)
        policy = await rules(self._store, event.place)
        return Response(text=self._overhears(policy, self._phrases.to(event.person.locale)))

    def _overhears(self, policy: Policy, phrases: Phrases) -> str:
        ambient = policy.ambient or Ambient(self._memory.ambient.value)
        return phrases.say(f"overhears-{ambient.value}", tokens=policy.ambient_tokens or self._memory.overheard_tokens)

    def _days(self, policy: Policy) -> int:
        return policy.retention_days or self._memory.retention_days

    def _forgotten(self, event: Pressed, gone: Forgotten) -> Response:
        return self._said(event, "forgotten", messages=gone.messages, turns=gone.turns, images=gone.images)

    def _said(self, event: Commanded | Pressed, key: str, **values: str | int) -> Response:
        return Response(text=self._phrases.to(event.person.locale).say(key, **values))


def _number(given: str, *, most: int) -> int | None:
    """From 1 to `most`; None where nothing is given. Raises ValueError."""
    given = given.strip()
    if not given:
        return None
    if not (given.isdecimal() and len(given) <= len(str(most)) and 1 <= int(given) <= most):
        raise ValueError(f"not a whole number from 1 to {most}")
    return int(given)


def _forget_channel_action(place: Place) -> str:
    """Says which place is meant, within the 100 characters of a button of Discord (`custom_id`)."""
    return f"{FORGET_CHANNEL_PRESS}:{place.key}"[:MAX_ACTION]


def _moderators_only(event: Commanded | Pressed) -> None:
    if not event.moderator:
        raise NotAllowed(f"{event.person.key} may not manage {event.place.key}")
