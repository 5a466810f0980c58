"""Permission bits and how Discord computes them: roles, then the channel's overwrites, then what their lack implies.

Source: Discord API reference, "Permissions" (bits, computation, "Implicit permissions", "Permissions for timed out
members") and "Threads" (inheritance from the parent, SEND_MESSAGES_IN_THREADS, private threads).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntFlag


class Permission(IntFlag):
    CREATE_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    SEND_POLLS = 1 << 49
    PIN_MESSAGES = 1 << 51


NOTHING = Permission(0)
EVERYTHING = Permission(sum(Permission))

DEFAULT = (
    Permission.CREATE_INVITE
    | Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MENTION_EVERYONE
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CONNECT
    | Permission.SPEAK
    | Permission.USE_VAD
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.SEND_POLLS
)
"""What @everyone may do in a new guild. It includes mentioning @everyone, which is why bots must not."""

IN_A_DM = DEFAULT & ~(Permission.CREATE_PUBLIC_THREADS | Permission.CREATE_PRIVATE_THREADS)

_TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
_NEEDS_SENDING = (
    Permission.MENTION_EVERYONE | Permission.SEND_TTS_MESSAGES | Permission.ATTACH_FILES | Permission.EMBED_LINKS
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overwrite:
    """What a channel allows and denies to one role or member."""

    allow: Permission = NOTHING
    deny: Permission = NOTHING


def base(role_permissions: Collection[Permission], *, owner: bool, timed_out: bool) -> Permission:
    """What a member may do in the guild, before any channel has its say. `role_permissions` include @everyone's."""
    total = NOTHING
    for permissions in role_permissions:
        total |= permissions
    if owner or Permission.ADMINISTRATOR in total:
        return EVERYTHING
    return total & _TIMED_OUT if timed_out else total


def in_channel(
    granted: Permission, overwrites: Mapping[int, Overwrite], *, everyone: int, roles: Collection[int], member: int
) -> Permission:
    """What remains in a channel: the overwrite of @everyone, those of the roles together, that of the member."""
    if Permission.ADMINISTRATOR in granted:
        return granted
    none = Overwrite()
    first = overwrites.get(everyone, none)
    granted = granted & ~first.deny | first.allow
    theirs = [overwrites[role] for role in roles if role in overwrites and role != everyone]
    allow = deny = NOTHING
    for overwrite in theirs:
        allow |= overwrite.allow
        deny |= overwrite.deny
    granted = granted & ~deny | allow
    own = overwrites.get(member, none)
    return granted & ~own.deny | own.allow


def implied(granted: Permission, *, thread: bool, timed_out: bool) -> Permission:
    """Without seeing nothing else counts; without sending nothing that belongs to sending does."""
    if Permission.ADMINISTRATOR in granted:
        return granted
    if timed_out:
        granted &= _TIMED_OUT
    if Permission.VIEW_CHANNEL not in granted:
        return NOTHING
    sending = Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES
    return granted if sending in granted else granted & ~_NEEDS_SENDING
