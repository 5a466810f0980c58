"""What a person may do in a server, by Discord's rules: roles first, then what the channel says. Pure.

discord.py's `permissions_for` is the judge (`benchmarks.audience`). It knows nothing of who is in a private thread;
`can_read` asks for that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
READ_MESSAGE_HISTORY = 1 << 16
CONNECT = 1 << 20
MANAGE_THREADS = 1 << 34
SEND_MESSAGES_IN_THREADS = 1 << 38
SEND_POLLS = 1 << 49

EVERYTHING = ~0
"""What owners and administrators may do, whatever a channel says."""
IN_TIME_OUT = VIEW_CHANNEL | READ_MESSAGE_HISTORY
"""All that is left to somebody who is in time-out."""


class Kind(StrEnum):
    TEXT = "text"
    VOICE = "voice"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overwrite:
    """What a channel allows and denies to a role, or to one `member`."""

    id: int
    allow: int = 0
    deny: int = 0
    member: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A forum is TEXT, a stage is VOICE. In a category, too, its overwrites are its own."""

    id: int
    kind: Kind = Kind.TEXT
    overwrites: tuple[Overwrite, ...] = ()
    age_restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """`private`: only who was added, and who may manage threads, can read it."""

    id: int
    parent: int
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`roles` without @everyone, which all have."""

    id: int
    roles: frozenset[int] = frozenset()
    timed_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Guild:
    """A server at one moment, as far as we see it. Its @everyone role has the server's own id. `roles`: permission bits
    by id. `me`: ours; we are nobody that learns anything."""

    id: int
    owner: int
    roles: Mapping[int, int]
    channels: Mapping[int, Channel] = field(default_factory=dict[int, Channel])
    threads: Mapping[int, Thread] = field(default_factory=dict[int, Thread])
    me: int = 0
    my_role: int = 0

    @property
    def everyone(self) -> int:
        """Bits that all have; none where the role is not known."""
        return self.roles.get(self.id, 0)


def base(member: Member, guild: Guild) -> int:
    """What the person may do by their roles alone."""
    if member.id == guild.owner:
        return EVERYTHING
    bits = guild.everyone
    for role in member.roles:
        bits |= guild.roles.get(role, 0)
    return EVERYTHING if bits & ADMINISTRATOR else bits


def permissions(member: Member, channel: Channel, guild: Guild) -> int:
    """What the person may do in the channel."""
    bits = base(member, guild)
    if bits == EVERYTHING:
        return EVERYTHING
    if guild.id not in guild.roles:
        return 0
    everyone, roles, own = _overwrites(member, channel, guild)
    for overwrite in (everyone, roles, own):
        bits = bits & ~overwrite.deny | overwrite.allow
    if member.timed_out:
        bits &= IN_TIME_OUT
    return bits if bits & VIEW_CHANNEL else 0


def can_view(member: Member, channel: Channel, guild: Guild) -> bool:
    """Whether the person sees what is said there from now on."""
    return bool(permissions(member, channel, guild) & VIEW_CHANNEL)


def can_read_history(member: Member, channel: Channel, guild: Guild) -> bool:
    """Whether the person can read what was said there before."""
    needed = needed_to_read(channel)
    return bool(needed) and permissions(member, channel, guild) & needed == needed


def needed_to_read(channel: Channel) -> int:
    """The bits that reading takes, all of them; 0 where there is nothing to read."""
    match channel.kind:
        case Kind.TEXT:
            return VIEW_CHANNEL | READ_MESSAGE_HISTORY
        case Kind.VOICE:
            return VIEW_CHANNEL | READ_MESSAGE_HISTORY | CONNECT
        case Kind.CATEGORY:
            return 0


def can_read_thread(member: Member, thread: Thread, guild: Guild, *, added: Collection[int] = ()) -> bool:
    """Threads take the permissions of their channel. `added`: who is in a private one, of the people that are asked
    about."""
    parent = guild.channels.get(thread.parent)
    if parent is None or not can_read_history(member, parent, guild):
        return False
    manages = bool(permissions(member, parent, guild) & MANAGE_THREADS)
    return not thread.private or manages or member.id in added


def _overwrites(member: Member, channel: Channel, guild: Guild) -> tuple[Overwrite, Overwrite, Overwrite]:
    """In the order in which they count: @everyone's, all of the person's roles together, the person's own."""
    everyone = own = nothing = Overwrite(id=0)
    allow = deny = 0
    for each in channel.overwrites:
        if each.member:
            own = each if own is nothing and each.id == member.id else own
        elif each.id == guild.id:
            everyone = each
        elif each.id in member.roles and each.id in guild.roles:  # one that was deleted may still be named
            allow, deny = allow | each.allow, deny | each.deny
    return everyone, Overwrite(id=0, allow=allow, deny=deny), own
