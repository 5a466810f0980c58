"""Who is mentioned and who would be notified, by the text, `allowed_mentions` and the author's rights.

Source: Discord API reference, "Allowed Mentions Object" and "Message Formatting".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.discord_server.errors import ApiError, invalid_form
from tests.discord_server.message import Mentions, Message
from tests.discord_server.permissions import Permission
from tests.discord_server.things import Channel, Json, Role, User
from tests.discord_server.world import World

_CODE = re.compile(r"```.*?```|``.+?``|`[^`]+`", re.DOTALL)
_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@(everyone|here)")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What `allowed_mentions` lets through. None: everything of the kind."""

    users: frozenset[int] | None = None
    roles: frozenset[int] | None = None
    everyone: bool = True
    replied: bool = True


def _ids(value: Json, kind: str) -> frozenset[int]:
    raw = value.get(kind) or []
    if len(raw) > 100:
        raise invalid_form(f"allowed_mentions.{kind}", "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
    return frozenset(int(each) for each in raw)


def allowed(value: Json | None) -> Allowed:
    """Read the object; without one everything is allowed. Raises ApiError for a contradictory one."""
    if value is None:
        return Allowed()
    parse = value.get("parse") or []
    users, roles = _ids(value, "users"), _ids(value, "roles")
    for kind, ids in (("users", users), ("roles", roles)):
        if kind in parse and ids:
            message = f"parse:[{kind!r}] and {kind}: [ids...] are mutually exclusive."
            raise invalid_form("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    if set(parse) - {"users", "roles", "everyone"}:
        raise ApiError(400, 50035, "Invalid Form Body", errors={"allowed_mentions": {"parse": {}}})
    return Allowed(
        users=None if "users" in parse else users,
        roles=None if "roles" in parse else roles,
        everyone="everyone" in parse,
        replied=bool(value.get("replied_user", False)),
    )


def resolve(channel: Channel, author: User, content: str, rule: Allowed, replied: Message | None) -> Mentions:
    """Whom a text mentions here. What stands in code mentions nobody."""
    world, guild = channel.world, channel.guild
    text = _CODE.sub("", content)
    answered = replied.author if replied is not None and rule.replied and replied.webhook_id is None else None
    ids = dict.fromkeys(int(each) for each in _USER.findall(text))
    users = [world.users[each] for each in ids if each in world.users and (rule.users is None or each in rule.users)]
    if answered is not None and answered not in users:
        users.append(answered)
    if guild is None:
        return Mentions(users=tuple(users), replied=answered)
    may_all = Permission.MENTION_EVERYONE in world.permissions(author, channel)
    roles = [guild.roles[each] for each in dict.fromkeys(map(int, _ROLE.findall(text))) if each in guild.roles]
    return Mentions(
        users=tuple(users),
        roles=tuple(each for each in roles if _may(each, rule, may_all=may_all)),
        everyone=rule.everyone and may_all and _EVERYONE.search(text) is not None,
        replied=answered,
    )


def _may(role: Role, rule: Allowed, *, may_all: bool) -> bool:
    return (rule.roles is None or role.id in rule.roles) and (role.mentionable or may_all)


def notified(world: World, channel: Channel, author: User, mentions: Mentions) -> frozenset[int]:
    """Ids of everyone whose client would ring: only who sees the channel, never the author."""
    if channel.guild is None:
        people = {channel.recipient, world.bot}
        return frozenset(each.id for each in people if each in mentions.users and each is not author)
    roles = {role.id for role in mentions.roles}
    reached = {
        member.user
        for member in channel.guild.members.values()
        if mentions.everyone or member.user in mentions.users or member.roles & roles
    }
    return frozenset(each.id for each in reached if each is not author and world.sees(each, channel))
