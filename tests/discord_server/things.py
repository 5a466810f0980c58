"""What there is: people, servers, roles, channels. State only; `world` changes it and tells the gateway."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from tests.discord_server.permissions import NOTHING, Overwrite, Permission

if TYPE_CHECKING:
    from tests.discord_server.message import Message
    from tests.discord_server.world import World

Json = dict[str, Any]


class ChannelType(IntEnum):
    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    NEWS = 5
    NEWS_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


@dataclass(eq=False, slots=True, kw_only=True)
class User:
    id: int
    name: str
    global_name: str | None = None
    bot: bool = False
    accepts_dms: bool = True
    nitro: bool = False
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(eq=False, slots=True, kw_only=True)
class Role:
    id: int
    guild: Guild
    name: str
    permissions: Permission
    position: int
    mentionable: bool = False
    bot_id: int | None = None

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"


@dataclass(eq=False, slots=True, kw_only=True)
class Member:
    user: User
    guild: Guild
    joined_at: datetime
    roles: set[int] = field(default_factory=set[int])
    nick: str | None = None
    timed_out_until: datetime | None = None


@dataclass(eq=False, slots=True, kw_only=True)
class Guild:
    world: World
    id: int
    name: str
    owner: User
    locale: str = "en-US"
    available: bool = True
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    channels: dict[int, Channel] = field(default_factory=dict[int, "Channel"])

    @property
    def everyone(self) -> Role:
        return self.roles[self.id]

    @property
    def bot_role(self) -> Role:
        """The bot's own role, made when it was invited."""
        return next(role for role in self.roles.values() if role.bot_id == self.world.bot.id)

    def add_role(self, name: str, permissions: Permission = NOTHING, *, mentionable: bool = False) -> Role:
        return self.world.add_role(self, name, permissions, mentionable=mentionable)

    def set_role(self, role: Role, permissions: Permission) -> None:
        """Change what a role may do."""
        self.world.set_role(role, permissions)

    def delete_role(self, role: Role) -> None:
        self.world.delete_role(role)

    def add_member(self, user: User, *roles: Role, nick: str | None = None) -> Member:
        return self.world.add_member(self, user, roles, nick=nick)

    def remove_member(self, user: User) -> None:
        """They leave; if it is the bot, it is thrown out of the guild."""
        self.world.remove_member(self, user)

    def set_roles(self, user: User, *roles: Role) -> None:
        self.world.set_roles(self, user, roles)

    def time_out(self, user: User, until: datetime | None) -> None:
        self.world.time_out(self, user, until)

    def add_category(self, name: str, overwrites: dict[int, Overwrite] | None = None) -> Channel:
        return self.world.add_channel(self, ChannelType.CATEGORY, name, overwrites=overwrites)

    def add_text_channel(
        self,
        name: str,
        *,
        category: Channel | None = None,
        topic: str | None = None,
        overwrites: dict[int, Overwrite] | None = None,
        type_: ChannelType = ChannelType.TEXT,
    ) -> Channel:
        """`overwrites` are by id of role or member; None takes those of the category."""
        return self.world.add_channel(self, type_, name, parent=category, topic=topic, overwrites=overwrites)

    def add_forum(self, name: str, *, category: Channel | None = None, requires_tag: bool = False) -> Channel:
        """`requires_tag`: nobody can post there without one."""
        forum = self.world.add_channel(self, ChannelType.FORUM, name, parent=category)
        if requires_tag:
            forum.require_tag()
        return forum


@dataclass(frozen=True, slots=True, kw_only=True)
class ForumTag:
    """`moderated`: only who may manage threads can put it on a post or take it off."""

    name: str
    emoji: str | None = None
    moderated: bool = False


@dataclass(eq=False, slots=True, kw_only=True)
class Channel:
    world: World
    id: int
    type: ChannelType
    name: str = ""
    guild: Guild | None = None
    parent: Channel | None = None
    position: int = 0
    topic: str | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict[int, Overwrite])
    recipient: User | None = None
    owner: User | None = None
    archived: bool = False
    archived_at: datetime | None = None
    locked: bool = False
    auto_archive_minutes: int = 1440
    thread_members: dict[int, datetime] = field(default_factory=dict[int, datetime])
    messages: dict[int, Message] = field(default_factory=dict[int, "Message"])
    available_tags: dict[int, ForumTag] = field(default_factory=dict[int, ForumTag])
    applied_tags: set[int] = field(default_factory=set[int])
    requires_tag: bool = False
    pins: dict[int, datetime] = field(default_factory=dict[int, datetime])
    typing: list[tuple[int, datetime]] = field(default_factory=list[tuple[int, datetime]])
    deleted: bool = False

    @property
    def is_thread(self) -> bool:
        return self.type in (ChannelType.NEWS_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD)

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    @property
    def guild_id(self) -> int | None:
        return None if self.guild is None else self.guild.id

    def by(self, author: User) -> list[Message]:
        """What one author wrote here, oldest first, without ephemeral messages and Discord's own announcements."""
        return [message for message in self.messages.values() if message.author is author and not message.announces]

    @property
    def bot_messages(self) -> list[Message]:
        """What the bot shows here, oldest first."""
        return self.by(self.world.bot)

    async def until(self, predicate: Callable[[Channel], object], within: float = 30.0) -> None:
        """Wait until something is true of the channel. Raises TimeoutError saying what stands in it."""
        await self.world.changes.until(lambda: predicate(self), within, self.describe)

    def describe(self) -> str:
        lines = [f"{message.author.name}: {message.content[:200]!r}" for message in self.messages.values()]
        return f"#{self.name or 'dm'} holds {lines}"

    def overwrite(self, target: Role | User, *, allow: Permission = NOTHING, deny: Permission = NOTHING) -> None:
        """Set what the channel allows and denies to a role or a member."""
        self.world.overwrite(self, target, Overwrite(allow=allow, deny=deny))

    def add_thread(
        self,
        name: str,
        owner: User,
        *,
        message: Message | None = None,
        private: bool = False,
        members: Iterable[User] = (),
    ) -> Channel:
        return self.world.add_thread(self, name, owner, message=message, private=private, members=members)

    def archive(self, *, locked: bool = False) -> None:
        """Archive a thread."""
        self.world.archive(self, archived=True, locked=locked)

    def rename(self, name: str, by: User) -> None:
        """Give a thread another title."""
        self.world.rename(self, name, by)

    def add_tag(self, name: str, *, emoji: str | None = None, moderated: bool = False) -> int:
        """A tag of a forum; its id."""
        return self.world.set_tag(self, self.world.ids.next(), ForumTag(name=name, emoji=emoji, moderated=moderated))

    def require_tag(self, required: bool = True) -> None:
        """Whether posts of a forum need a tag from now on."""
        self.world.require_tag(self, required=required)

    def rename_tag(self, tag: int, name: str) -> None:
        self.world.set_tag(self, tag, replace(self.available_tags[tag], name=name))

    def tag(self, *tags: int) -> None:
        """A post gets these tags of its forum, and loses the others."""
        self.world.tag(self, tags)

    def delete(self) -> None:
        self.world.delete_channel(self)
