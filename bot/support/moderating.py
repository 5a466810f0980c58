"""What moderators do with support channels: they are shown a set-up in words first, and save it then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

from bot.languages.phrases import Phrases
from bot.ports import Clock, OnCommand, OnPress
from bot.ports.rights import Rights
from bot.ports.support import SupportChannels
from bot.support.channels import Channels
from bot.support.previewing import Previewing
from bot.support.setting_up import SettingUp
from bot.talk.delivery import Action
from bot.talk.event import Commanded, Pressed
from bot.talk.response import Response, Unfit
from bot.talk.support import SetUp

SAVE_PRESS, CANCEL_PRESS = "support-save", "support-cancel"


class Moderating:
    """`rights` by platform. Handlers raise DatabaseUnusable."""

    def __init__(
        self,
        store: SupportChannels,
        channels: Channels,
        setting_up: SettingUp,
        previewing: Previewing,
        *,
        rights: Mapping[str, Rights],
        phrases: Phrases,
        clock: Clock,
    ) -> None:
        self._store = store
        self._channels = channels
        self._setting_up = setting_up
        self._previewing = previewing
        self._rights = rights
        self._phrases = phrases
        self._clock = clock

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        return {
            "support": self._answered(self._set_up),
            "support-show": self._answered(self._show),
            "support-off": self._answered(self._off),
        }

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {SAVE_PRESS: self._save, CANCEL_PRESS: self._cancel}

    def _answered(self, handler: Callable[[Commanded, Phrases], Awaitable[Response]]) -> OnCommand:
        """What is Unfit is said. Who manages the channel is asked for that channel, which may be another."""

        async def carried_out(event: Commanded) -> Response:
            phrases = self._phrases.to(event.person.locale)
            try:
                return await handler(event, phrases)
            except Unfit as unfit:
                return Response(text=phrases.say(unfit.key, **unfit.values))

        return carried_out

    async def _set_up(self, event: Commanded, phrases: Phrases) -> Response:
        channel, seen = await self._setting_up.read(event, phrases)
        shown = SetUp(id=uuid4().hex, by=event.person.key, channel=channel, seen=seen)
        await self._store.save_set_up(shown, at=self._clock.now())
        buttons = (
            Action(id=f"{SAVE_PRESS}:{shown.id}", label=phrases.say("support-save")),
            Action(id=f"{CANCEL_PRESS}:{shown.id}", label=phrases.say("support-cancel")),
        )
        told = await self._previewing.told(channel, event.person, phrases)
        return Response(text=f"{told}\n\n{phrases.say('support-preview')}", actions=buttons)

    async def _show(self, event: Commanded, phrases: Phrases) -> Response:
        place = await self._setting_up.channel(event)
        channel = await self._store.support_channel(place)
        if channel is None:
            return Response(text=phrases.say("support-none"))
        return Response(text=await self._previewing.told(channel, event.person, phrases))

    async def _off(self, event: Commanded, phrases: Phrases) -> Response:
        place = await self._setting_up.channel(event)
        there = await self._store.drop_support_channel(place)
        await self._channels.refresh()
        return Response(text=phrases.say("support-ended" if there else "support-none"))

    async def _save(self, event: Pressed) -> Response:
        phrases = self._phrases.to(event.person.locale)
        shown = await self._store.set_up(event.action.partition(":")[2], now=self._clock.now())
        if shown is None or shown.by != event.person.key:
            return Response(text=phrases.say("support-preview-gone"))
        if not await self._may(shown):
            return Response(text=phrases.say("not-allowed"))
        taken = await self._store.take_set_up(shown)
        await self._channels.refresh()
        return Response(text=phrases.say("support-saved" if taken else "support-changed-meanwhile"))

    async def _cancel(self, event: Pressed) -> Response:
        phrases = self._phrases.to(event.person.locale)
        shown = await self._store.set_up(event.action.partition(":")[2], now=self._clock.now())
        if shown is not None and shown.by == event.person.key:
            await self._store.drop_set_up(shown.id)
        return Response(text=phrases.say("support-cancelled"))

    async def _may(self, shown: SetUp) -> bool:
        """As of now: who was a moderator when they were shown it may not be one any more. Notes that stay where they
        are need nobody's right."""
        channel = shown.channel
        stays = channel.notes is None or (shown.seen is not None and shown.seen.notes == channel.notes)
        for place in (channel.place, *(() if stays or channel.notes is None else (channel.notes,))):
            rights = self._rights.get(place.platform)
            if rights is None or not await rights.moderates(shown.by, place):
                return False
        return True
