"""The state of this Discord and every way it changes; each change is an event that the gateway may deliver."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tests.discord_server import payloads
from tests.discord_server.cdn import Cdn
from tests.discord_server.changes import Changes
from tests.discord_server.clock import Clock, Snowflakes, made_at
from tests.discord_server.intents import ApplicationFlag
from tests.discord_server.permissions import (
    DEFAULT,
    EVERYTHING,
    IN_A_DM,
    NOTHING,
    Overwrite,
    Permission,
    base,
    implied,
    in_channel,
)
from tests.discord_server.things import (
    Channel,
    ChannelType,
    Guild,
    Json,
    Member,
    Message,
    MessageFlag,
    Revision,
    Role,
    User,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, before anybody asks who may hear of it."""

    name: str
    data: Json
    guild_id: int | None = None
    channel: Channel | None = None
    """Delivered only to who sees it."""
    message: Message | None = None
    """A message whose content a session may lack the intent for."""
    about: User | None = None
    """A member event about this user; the bot always hears of itself."""


class World:
    """One Discord with one application, whose bot everything is about."""

    def __init__(self, clock: Clock, flags: ApplicationFlag, *, bot_name: str = "Calanque") -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.cdn = Cdn(clock)
        self.changes = Changes()
        self.listeners: list[Callable[[Event], None]] = []
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.application_flags = flags
        self.application_id = self.ids.next()
        self.bot = self.add_user(bot_name, bot=True)
        self.owner = self.add_user("operator")
        self.reset_token()

    def reset_token(self) -> None:
        """The old token is worth nothing from now on."""
        self.token = f"{self.bot.id}.{secrets.token_hex(4)}.{secrets.token_hex(12)}"

    def emit(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)
        self.changes.announce()

    def born(self, snowflake: int) -> datetime:
        return made_at(snowflake)

    # people
    def add_user(self, name: str, *, bot: bool = False, nitro: bool = False, accepts_dms: bool = True) -> User:
        user = User(
            id=self.ids.next(),
            name=name,
            global_name=None if bot else name,
            bot=bot,
            nitro=nitro,
            accepts_dms=accepts_dms,
        )
        self.users[user.id] = user
        return user

    def dm(self, user: User) -> Channel:
        """The direct messages between a person and the bot."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(world=self, id=self.ids.next(), type=ChannelType.DM, recipient=user)
        self.channels[channel.id] = channel
        return channel

    # guilds
    def add_guild(self, name: str, owner: User | None, bot_permissions: Permission, *, with_bot: bool = True) -> Guild:
        guild = Guild(world=self, id=self.ids.next_guild(), name=name, owner=owner or self.owner)
        everyone = Role(id=guild.id, guild=guild, name="@everyone", permissions=DEFAULT, position=0)
        guild.roles[guild.id] = everyone
        self.guilds[guild.id] = guild
        self._join(guild, guild.owner, ())
        if with_bot:
            self.invite(guild, bot_permissions)
        return guild

    def invite(self, guild: Guild, permissions: Permission) -> None:
        """The bot joins, with a role of its own."""
        role = Role(
            id=self.ids.next(),
            guild=guild,
            name=self.bot.name,
            permissions=permissions,
            position=len(guild.roles),
            bot_id=self.bot.id,
        )
        guild.roles[role.id] = role
        self._join(guild, self.bot, (role,))
        self.emit(Event(name="GUILD_CREATE", data={"id": str(guild.id)}, guild_id=guild.id))

    def _join(self, guild: Guild, user: User, roles: Iterable[Role], nick: str | None = None) -> Member:
        ids = {role.id for role in roles}
        member = Member(user=user, guild=guild, joined_at=self.clock.now(), roles=ids, nick=nick)
        guild.members[user.id] = member
        return member

    def add_member(self, guild: Guild, user: User, roles: Iterable[Role], *, nick: str | None = None) -> Member:
        member = self._join(guild, user, roles, nick)
        data = {**payloads.member(member), "guild_id": str(guild.id)}
        self.emit(Event(name="GUILD_MEMBER_ADD", data=data, guild_id=guild.id, about=user))
        return member

    def remove_member(self, guild: Guild, user: User) -> None:
        del guild.members[user.id]
        if user is self.bot:
            for role in [role for role in guild.roles.values() if role.bot_id == user.id]:
                del guild.roles[role.id]
            self.emit(Event(name="GUILD_DELETE", data={"id": str(guild.id)}, guild_id=guild.id))
            return
        data: Json = {"guild_id": str(guild.id), "user": payloads.user(user)}
        self.emit(Event(name="GUILD_MEMBER_REMOVE", data=data, guild_id=guild.id, about=user))

    def set_availability(self, guild: Guild, *, available: bool) -> None:
        """A guild goes away in an outage and comes back."""
        guild.available = available
        data: Json = {"id": str(guild.id)} if available else {"id": str(guild.id), "unavailable": True}
        self.emit(Event(name="GUILD_CREATE" if available else "GUILD_DELETE", data=data, guild_id=guild.id))

    def member_changed(self, guild: Guild, user: User) -> None:
        data = {**payloads.member(guild.members[user.id]), "guild_id": str(guild.id)}
        self.emit(Event(name="GUILD_MEMBER_UPDATE", data=data, guild_id=guild.id, about=user))

    def set_roles(self, guild: Guild, user: User, roles: Iterable[Role]) -> None:
        with Gained(self, guild):
            own = {role.id for role in guild.roles.values() if role.bot_id == user.id}
            guild.members[user.id].roles = {role.id for role in roles} | own
            self.member_changed(guild, user)

    def time_out(self, guild: Guild, user: User, until: datetime | None) -> None:
        guild.members[user.id].timed_out_until = until
        self.member_changed(guild, user)

    def add_role(self, guild: Guild, name: str, permissions: Permission, *, mentionable: bool) -> Role:
        role = Role(
            id=self.ids.next(),
            guild=guild,
            name=name,
            permissions=permissions,
            position=len(guild.roles),
            mentionable=mentionable,
        )
        guild.roles[role.id] = role
        self._role_event("GUILD_ROLE_CREATE", role)
        return role

    def set_role(self, role: Role, permissions: Permission) -> None:
        with Gained(self, role.guild):
            role.permissions = permissions
            self._role_event("GUILD_ROLE_UPDATE", role)

    def delete_role(self, role: Role) -> None:
        guild = role.guild
        del guild.roles[role.id]
        for member in guild.members.values():
            member.roles.discard(role.id)
        for channel in guild.channels.values():
            channel.overwrites.pop(role.id, None)
        data: Json = {"guild_id": str(guild.id), "role_id": str(role.id)}
        self.emit(Event(name="GUILD_ROLE_DELETE", data=data, guild_id=guild.id))

    def _role_event(self, name: str, role: Role) -> None:
        data: Json = {"guild_id": str(role.guild.id), "role": payloads.role(role)}
        self.emit(Event(name=name, data=data, guild_id=role.guild.id))

    # rights
    def permissions(self, user: User, channel: Channel) -> Permission:
        """What someone may do in a channel, as Discord computes it."""
        guild = channel.guild
        if guild is None:
            return IN_A_DM if user in (self.bot, channel.recipient) else NOTHING
        member = guild.members.get(user.id)
        if member is None:
            return NOTHING
        total, timed_out = self._base(guild, member)
        if total == EVERYTHING:
            return total
        place = channel.parent if channel.is_thread and channel.parent is not None else channel
        here = in_channel(total, place.overwrites, everyone=guild.id, roles=member.roles, member=user.id)
        here = implied(here, thread=channel.is_thread, timed_out=timed_out)
        if channel.type is ChannelType.PRIVATE_THREAD and Permission.MANAGE_THREADS not in here:
            return here if user.id in channel.thread_members else NOTHING
        return here

    def guild_permissions(self, user: User, guild: Guild) -> Permission:
        """What someone may do in a guild at large."""
        member = guild.members.get(user.id)
        return NOTHING if member is None else self._base(guild, member)[0]

    def _base(self, guild: Guild, member: Member) -> tuple[Permission, bool]:
        until = member.timed_out_until
        timed_out = until is not None and until > self.clock.now()
        roles = [guild.everyone.permissions, *(guild.roles[role].permissions for role in member.roles)]
        return base(roles, owner=guild.owner is member.user, timed_out=timed_out), timed_out

    def sees(self, user: User, channel: Channel) -> bool:
        return Permission.VIEW_CHANNEL in self.permissions(user, channel)

    # channels
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
            world=self,
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
            self._drop(message)
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
    ) -> Channel:
        kind = ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
        thread = Channel(
            world=self,
            id=self.ids.next() if message is None else message.id,
            type=ChannelType.NEWS_THREAD if parent.type is ChannelType.NEWS and not private else kind,
            name=name,
            guild=parent.guild,
            parent=parent,
            owner=owner,
        )
        thread.thread_members = {user.id: self.clock.now() for user in (owner, *members)}
        assert parent.guild is not None
        self.channels[thread.id] = parent.guild.channels[thread.id] = thread
        self.channel_event("THREAD_CREATE", thread, newly_created=True)
        if message is not None:
            message.thread = thread
            message.flags |= MessageFlag.HAS_THREAD
            self.message_event("MESSAGE_UPDATE", message)
        return thread

    def archive(self, thread: Channel, *, archived: bool, locked: bool | None = None) -> None:
        thread.archived = archived
        thread.archived_at = self.clock.now()
        thread.locked = thread.locked if locked is None else locked
        self.channel_event("THREAD_UPDATE", thread)

    def set_thread_member(self, thread: Channel, user: User, *, joined: bool) -> None:
        if joined == (user.id in thread.thread_members):
            return
        data: Json = {"id": str(thread.id), "guild_id": str(thread.guild_id)}
        if joined:
            saw = self.sees(self.bot, thread)
            thread.thread_members[user.id] = self.clock.now()
            if user is self.bot and not saw:  # a private thread: to its new member it is a new channel
                self.channel_event("THREAD_CREATE", thread)
            data["added_members"] = [payloads.thread_member(thread, user)]
        else:
            data["removed_member_ids"] = [str(user.id)]
        event = Event(name="THREAD_MEMBERS_UPDATE", data=data, guild_id=thread.guild_id, channel=thread)
        if joined:
            self.emit(replace(event, data={**data, "member_count": len(thread.thread_members)}))
        else:
            self.emit(replace(event, data={**data, "member_count": len(thread.thread_members) - 1}))
            del thread.thread_members[user.id]

    # messages
    def message_event(self, name: str, message: Message) -> None:
        if message.seen_by is None:
            channel = message.channel
            self.emit(Event(name=name, data={}, guild_id=channel.guild_id, channel=channel, message=message))

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
            self._drop(message)
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

    def _drop(self, message: Message) -> None:
        message.deleted = True
        message.channel.pins.pop(message.id, None)
        for attachment in message.attachments:
            self.cdn.forget(attachment)


class Gained:
    """Threads in channels that the bot comes to see are told in THREAD_LIST_SYNC."""

    def __init__(self, world: World, guild: Guild) -> None:
        self._world = world
        self._guild = guild

    def _seen(self) -> set[int]:
        channels = self._guild.channels.values()
        return {each.id for each in channels if not each.is_thread and self._world.sees(self._world.bot, each)}

    def __enter__(self) -> None:
        self._before = self._seen()

    def __exit__(self, *_: object) -> None:
        gained = self._seen() - self._before
        if not gained:
            return
        threads = [
            each
            for each in self._guild.channels.values()
            if each.is_thread and each.parent is not None and each.parent.id in gained and not each.archived
        ]
        bot = self._world.bot
        data: Json = {
            "guild_id": str(self._guild.id),
            "channel_ids": [str(each) for each in sorted(gained)],
            "threads": [payloads.channel(each) for each in threads if self._world.sees(bot, each)],
            "members": [payloads.thread_member(each, bot) for each in threads if bot.id in each.thread_members],
        }
        self._world.emit(Event(name="THREAD_LIST_SYNC", data=data, guild_id=self._guild.id))
