"""The state of this Discord and every way it changes; each change is an event that the gateway may deliver."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from tests.discord_server import payloads
from tests.discord_server.channels import Channels
from tests.discord_server.ground import Event
from tests.discord_server.message import Message, Revision
from tests.discord_server.things import Channel, Json, User

__all__ = ["Event", "World"]

DISTINCT_REACTIONS = 20


class World(Channels):
    """One Discord with one application, whose bot everything is about."""

    def revise(self, message: Message, allowed_mentions: Json | None) -> None:
        """Note down what the message shows from now on."""
        message.history.append(
            Revision(
                content=message.content,
                embeds=list(message.embeds),
                components=list(message.components),
                attachments=tuple(message.attachments),
                flags=message.flags,
                at=self.clock.now(),
                monotonic=asyncio.get_running_loop().time(),
                allowed_mentions=allowed_mentions,
            )
        )
        self.changes.announce()

    def delete_messages(self, messages: Collection[Message], *, bulk: bool = False) -> None:
        for message in messages:
            self.drop(message)
            message.channel.messages.pop(message.id, None)
        first = next(iter(messages))
        channel = first.channel
        data: Json = {"channel_id": str(channel.id)}
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
        ids = [str(message.id) for message in messages]
        data |= {"ids": ids} if bulk else {"id": ids[0]}
        name = "MESSAGE_DELETE_BULK" if bulk else "MESSAGE_DELETE"
        if first.seen_by is None:
            self.emit(Event(name=name, data=data, guild_id=channel.guild_id, channel=channel))
        self.changes.announce()

    # reactions
    def react(self, message: Message, user: User, key: str) -> None:
        """Add a reaction (`👍` or `name:id`); once more does nothing."""
        people = message.reactions.setdefault(key, {})
        if user.id in people:
            return
        people[user.id] = user
        data = self._reaction(message, key, user)
        data |= {"message_author_id": str(message.author.id), "burst_colors": []}
        guild = message.guild
        if guild is not None and user.id in guild.members:
            data["member"] = payloads.member(guild.members[user.id])
        self._reaction_event("MESSAGE_REACTION_ADD", message, data)

    def unreact(self, message: Message, user: User, key: str) -> None:
        people = message.reactions.get(key, {})
        if people.pop(user.id, None) is None:
            return
        if not people:
            del message.reactions[key]
        self._reaction_event("MESSAGE_REACTION_REMOVE", message, self._reaction(message, key, user))

    def clear_reactions(self, message: Message, key: str | None = None) -> None:
        """Take all reactions away, or all of one emoji."""
        where = self._where(message)
        if key is None:
            message.reactions.clear()
            self._reaction_event("MESSAGE_REACTION_REMOVE_ALL", message, where)
        elif message.reactions.pop(key, None) is not None:
            data = {**where, "emoji": payloads.emoji(key)}
            self._reaction_event("MESSAGE_REACTION_REMOVE_EMOJI", message, data)

    def _where(self, message: Message) -> Json:
        where: Json = {"channel_id": str(message.channel.id), "message_id": str(message.id)}
        return where if message.guild is None else {**where, "guild_id": str(message.guild.id)}

    def _reaction(self, message: Message, key: str, user: User) -> Json:
        more = {"user_id": str(user.id), "emoji": payloads.emoji(key), "burst": False, "type": 0}
        return {**self._where(message), **more}

    def _reaction_event(self, name: str, message: Message, data: Json) -> None:
        channel = message.channel
        self.emit(Event(name=name, data=data, guild_id=channel.guild_id, channel=channel))

    # pins
    def pin(self, message: Message, user: User, *, pinned: bool) -> None:
        """Pin, which announces itself in the channel, or unpin, which does not."""
        channel: Channel = message.channel
        message.pinned = pinned
        if pinned:
            channel.pins[message.id] = self.clock.now()
        else:
            channel.pins.pop(message.id, None)
        last = max(channel.pins.values(), default=None)
        data: Json = {
            "channel_id": str(channel.id),
            "last_pin_timestamp": None if last is None else last.isoformat(),
        }
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
        self.emit(Event(name="CHANNEL_PINS_UPDATE", data=data, guild_id=channel.guild_id, channel=channel))
        self.message_event("MESSAGE_UPDATE", message)
        if pinned:
            self.announce(6, channel, user, about=message)
