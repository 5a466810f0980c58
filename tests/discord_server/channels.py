"""What happens to channels and threads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from tests.discord_server import payloads
from tests.discord_server.ground import Event
from tests.discord_server.guilds import Gained, Guilds
from tests.discord_server.message import Message, MessageFlag
from tests.discord_server.permissions import Overwrite
from tests.discord_server.things import Channel, ChannelType, ForumTag, Guild, Json, Role, User

if TYPE_CHECKING:
    from tests.discord_server.world import World


class Channels(Guilds):
    """Changes to channels and threads."""

    def add_channel(
        self,
        guild: Guild,
        type_: ChannelType,
        name: str,
        *,
        parent: Channel | None = None,
        topic: str | None = None,
        overwrites: dict[int, Overwrite] | None = None,
    ) -> Channel:
        inherited = {} if parent is None else parent.overwrites
        channel = Channel(
            world=cast("World", self),
            id=self.ids.next(),
            type=type_,
            name=name,
            guild=guild,
            parent=parent,
            position=len(guild.channels),
            topic=topic,
            overwrites=dict(inherited if overwrites is None else overwrites),
        )
        self.channels[channel.id] = guild.channels[channel.id] = channel
        self.channel_event("CHANNEL_CREATE", channel)
        return channel

    def channel_event(self, name: str, channel: Channel, **more: object) -> None:
        data = {**payloads.channel(channel), **more}
        about = channel if channel.is_thread else None  # channels are shown to bots even where they may not look in
        self.emit(Event(name=name, data=data, guild_id=channel.guild_id, channel=about))

    def overwrite(self, channel: Channel, target: Role | User, overwrite: Overwrite) -> None:
        assert channel.guild is not None
        with Gained(self, channel.guild):
            channel.overwrites[target.id] = overwrite
            self.channel_event("CHANNEL_UPDATE", channel)

    def delete_channel(self, channel: Channel) -> None:
        guild = channel.guild
        assert guild is not None
        for thread in [each for each in guild.channels.values() if each.parent is channel and each.is_thread]:
            self.delete_channel(thread)
        if channel.is_thread:
            assert channel.parent is not None
            data: Json = {"id": str(channel.id), "guild_id": str(guild.id), "parent_id": str(channel.parent.id)}
            data["type"] = int(channel.type)
            self.emit(Event(name="THREAD_DELETE", data=data, guild_id=guild.id, channel=channel))
        else:
            self.channel_event("CHANNEL_DELETE", channel)
        channel.deleted = True
        for message in channel.messages.values():
            self.drop(message)
        del guild.channels[channel.id], self.channels[channel.id]
        self.changes.announce()

    # threads
    def add_thread(
        self,
        parent: Channel,
        name: str,
        owner: User,
        *,
        message: Message | None = None,
        private: bool = False,
        members: Iterable[User] = (),
        tags: Iterable[int] = (),
    ) -> Channel:
        kind = ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
        thread = Channel(
            world=cast("World", self),
            id=self.ids.next() if message is None else message.id,
            type=ChannelType.NEWS_THREAD if parent.type is ChannelType.NEWS and not private else kind,
            name=name,
            guild=parent.guild,
            parent=parent,
            owner=owner,
            applied_tags=set(tags),
        )
        thread.thread_members = {user.id: self.clock.now() for user in (owner, *members)}
        assert parent.guild is not None
        self.channels[thread.id] = parent.guild.channels[thread.id] = thread
        self.channel_event("THREAD_CREATE", thread, newly_created=True)
        if message is not None:
            message.thread = thread
            message.flags |= MessageFlag.HAS_THREAD
            self.message_event("MESSAGE_UPDATE", message)
            self.announce(21, thread, owner, about=message)
        elif parent.type is not ChannelType.FORUM and not private:
            self.announce(18, parent, owner, name, thread=thread)
        return thread

    def announce(
        self,
        type_: int,
        channel: Channel,
        author: User,
        content: str = "",
        *,
        about: Message | None = None,
        thread: Channel | None = None,
    ) -> Message:
        """A message of Discord's own, in somebody's name: 4 renamed, 6 pinned, 18 thread made, 21 about what …"""
        message = Message(id=self.ids.next(), channel=channel, author=author, content=content, type=type_)
        message.referenced = about
        if about is not None or thread is not None:
            pointer: Json = {"type": 0, "channel_id": str(about.channel.id if about else thread.id if thread else 0)}
            pointer["guild_id"] = str(channel.guild_id)
            message.reference = pointer if about is None else {**pointer, "message_id": str(about.id)}
        channel.messages[message.id] = message
        self.message_event("MESSAGE_CREATE", message)
        return message

    def rename(self, thread: Channel, name: str, by: User) -> None:
        """Discord tells of it in the thread, too."""
        thread.name = name
        self.channel_event("THREAD_UPDATE", thread)
        self.announce(4, thread, by, name)

    def set_tag(self, forum: Channel, tag: int, described: ForumTag) -> int:
        forum.available_tags[tag] = described
        self.channel_event("CHANNEL_UPDATE", forum)
        return tag

    def require_tag(self, forum: Channel, *, required: bool) -> None:
        forum.requires_tag = required
        self.channel_event("CHANNEL_UPDATE", forum)

    def tag(self, thread: Channel, tags: Iterable[int]) -> None:
        thread.applied_tags = set(tags)
        self.channel_event("THREAD_UPDATE", thread)

    def archive(self, thread: Channel, *, archived: bool, locked: bool | None = None) -> None:
        thread.archived = archived
        thread.archived_at = self.clock.now()
        thread.locked = thread.locked if locked is None else locked
        self.channel_event("THREAD_UPDATE", thread)

    def set_thread_member(self, thread: Channel, user: User, *, joined: bool) -> None:
        if thread.guild is None or joined == (user.id in thread.thread_members):
            return
        data: Json = {"id": str(thread.id), "guild_id": str(thread.guild_id)}
        if joined:
            saw = self.sees(self.bot, thread)
            thread.thread_members[user.id] = self.clock.now()
            if user is self.bot and not saw:  # a private thread: to its new member it is a new channel
                self.channel_event("THREAD_CREATE", thread)
            member = payloads.member(thread.guild.members[user.id])
            data["added_members"] = [{**payloads.thread_member(thread, user), "member": member}]
        else:
            data["removed_member_ids"] = [str(user.id)]
        data["member_count"] = len(thread.thread_members) - (not joined)
        # Sent before a member of a private thread loses sight of it.
        self.emit(Event(name="THREAD_MEMBERS_UPDATE", data=data, guild_id=thread.guild_id, channel=thread, about=user))
        if not joined:
            del thread.thread_members[user.id]

    def message_event(self, name: str, message: Message) -> None:
        if message.seen_by is None:
            channel = message.channel
            self.emit(Event(name=name, data={}, guild_id=channel.guild_id, channel=channel, message=message))

    def drop(self, message: Message) -> None:
        message.deleted = True
        message.channel.pins.pop(message.id, None)
        for attachment in message.attachments:
            self.cdn.forget(attachment)
