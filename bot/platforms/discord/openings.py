"""The ways into threads that may have to be made first: each is made once, however often that is tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from discord.http import Route

from bot.errors import PlaceGone, ShownUnknown
from bot.platforms.discord.doors import ChannelDoor, Door
from bot.platforms.discord.failures import LACKS_RIGHTS, UNKNOWN_MESSAGE, code_of
from bot.platforms.discord.readback import Claims, Sought
from bot.platforms.discord.render import Wanted
from bot.platforms.discord.sending import sent
from bot.platforms.discord.wire import Attempt, Wire
from bot.talk.delivery import Delivery, Shown
from bot.talk.message import PlaceKind

UNTITLED = "…"
PAGE = 100
"""Archived posts, the latest, that are listed."""
LOOKED_AT = 50
"""Posts of ours, the latest, among which one is looked for that may have been made."""

_UNKNOWN_CHANNEL = 10003
_THERE_ALREADY = 160004


def door_of(
    wire: Wire, delivery: Delivery, shown: Shown, claims: Claims, *, forum: bool, tags: Sequence[str] = ()
) -> Door:
    """Into the delivery's place. `forum`: whether that is one, as far as is known; `tags`: those of its post."""
    place = delivery.conversation.place
    if place.kind is PlaceKind.THREAD and delivery.opens and place.parent is not None:
        return ThreadDoor(wire, place.id, claims, parent=place.parent, title=delivery.opens)
    if place.kind is PlaceKind.CHANNEL and (forum or delivery.opens):
        made = Post(shown.messages[0].id if shown.messages else "")
        title = delivery.opens or UNTITLED
        return ForumDoor(wire, place.id, claims, guild=place.guild or "", title=title, tags=tags, made=made)
    return ChannelDoor(wire, place.id, claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadDoor(ChannelDoor):
    """A thread that begins with the message of its `parent` that has its id. Discord begins only one with a message."""

    parent: str
    title: str

    async def post(
        self, wanted: Wanted, delivery: Delivery, index: int, removed: int, attempt: Attempt
    ) -> tuple[str, bool]:
        await self._open()
        return await ChannelDoor.post(self, wanted, delivery, index, removed, attempt)

    async def find(self, sought: Sought) -> tuple[str, bool] | None:
        try:
            return await ChannelDoor.find(self, sought)
        except PlaceGone as error:
            if code_of(error) != _UNKNOWN_CHANNEL:
                raise
            return None  # it was not begun, so nothing was sent into it

    async def _open(self) -> None:
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        route = Route("POST", path, channel_id=self.parent, message_id=self.channel_id)
        try:
            await sent(self.wire.request(route, json={"name": self.title}), "beginning a thread")
        except PlaceGone as error:
            if code_of(error) != _THERE_ALREADY:
                raise


@dataclass(slots=True)
class Post:
    """The thread that the delivery's first message has made; "" while there is none."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForumDoor(ChannelDoor):
    """A forum: the first message makes a post, whose id is that of the message, and what follows goes into that.
    Discord knows no nonces of posts, so that one that may have been made is looked for."""

    guild: str
    title: str
    tags: Sequence[str]
    made: Post

    @property
    def knows_nonces(self) -> bool:
        return False

    @property
    def replies(self) -> bool:
        return False

    @property
    def _inside(self) -> ChannelDoor:
        return ChannelDoor(self.wire, self.made.id, self.claims)

    async def post(
        self, wanted: Wanted, delivery: Delivery, index: int, removed: int, attempt: Attempt
    ) -> tuple[str, bool]:
        if index > 0:
            return await self._inside.post(wanted, delivery, index, removed, attempt)
        attempt.once = True
        body: dict[str, Any] = {"name": self.title, "message": wanted.body()}
        if self.tags:
            body["applied_tags"] = list(self.tags)
        route = Route("POST", "/channels/{channel_id}/threads", channel_id=self.channel_id)
        made = await sent(self.wire.request(route, json=body, attempt=attempt), "a post in a forum")
        self.made.id = str(made["id"])
        return self.made.id, True

    async def find(self, sought: Sought) -> tuple[str, bool] | None:
        if sought.index > 0:
            return await self._inside.find(sought)
        try:
            message = await self._looked_for(sought)
        except PlaceGone as error:
            if code_of(error) not in LACKS_RIGHTS:
                raise
            raise ShownUnknown("the bot may not read there (right Read Message History)") from error
        if message is None:
            return None
        self.made.id = str(message["id"])
        return self.made.id, sought.wanted.shown_by(message)

    async def edit(self, message_id: str, wanted: Wanted) -> None:
        await self._inside.edit(message_id, wanted)

    async def delete(self, message_id: str) -> None:
        await self._inside.delete(message_id)

    async def _looked_for(self, sought: Sought) -> dict[str, Any] | None:
        ours = await self._ours(sought.after)
        claimed = await self.claims.claimed(sought.delivery.conversation.place, ours)
        free = [each for each in ours if claimed.get(each) in (None, sought.delivery.id)]
        for thread in free[:LOOKED_AT]:
            message = await self._first_of(thread)
            if message is not None and sought.is_it(message):
                return message
        if len(free) > LOOKED_AT:
            raise ShownUnknown(f"more than {LOOKED_AT} posts were made there since")
        return None

    async def _ours(self, after: int) -> list[str]:
        """Posts that we made since, the latest first."""
        active = Route("GET", "/guilds/{guild_id}/threads/active", guild_id=self.guild)
        archived = Route("GET", "/channels/{channel_id}/threads/archived/public", channel_id=self.channel_id)
        found: set[int] = set()
        for request in (self.wire.request(active), self.wire.request(archived, params={"limit": str(PAGE)})):
            page = await sent(request, "looking for a post")
            for each in page["threads"]:
                mine = str(each.get("parent_id")) == self.channel_id and str(each.get("owner_id")) == self.wire.me
                if mine and int(each["id"]) > after:
                    found.add(int(each["id"]))
        return [str(each) for each in sorted(found, reverse=True)]

    async def _first_of(self, thread: str) -> dict[str, Any] | None:
        path = "/channels/{channel_id}/messages/{message_id}"
        route = Route("GET", path, channel_id=thread, message_id=thread)
        try:
            message: dict[str, Any] = await sent(self.wire.request(route), "looking for a post")
        except PlaceGone as error:
            if code_of(error) != UNKNOWN_MESSAGE:
                raise
            return None
        return message
