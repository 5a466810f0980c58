"""People, members and roles, and the bot's application, as Discord writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.discord_server.clock import stamp
from tests.discord_server.things import Json, Member, Role, User

if TYPE_CHECKING:
    from tests.discord_server.world import World


def user(one: User) -> Json:
    return {
        "id": str(one.id),
        "username": one.name,
        "discriminator": "0000" if one.bot else "0",
        "global_name": one.global_name,
        "avatar": None,
        "bot": one.bot,
        "public_flags": 0,
    }


def member(one: Member, *, with_user: bool = True) -> Json:
    until = one.timed_out_until
    result: Json = {
        "roles": [str(role) for role in sorted(one.roles)],
        "nick": one.nick,
        "avatar": None,
        "joined_at": stamp(one.joined_at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None if until is None else stamp(until),
    }
    return {"user": user(one.user), **result} if with_user else result


def role(one: Role) -> Json:
    result: Json = {
        "id": str(one.id),
        "name": one.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": one.position,
        "permissions": str(int(one.permissions)),
        "managed": one.bot_id is not None,
        "mentionable": one.mentionable,
        "flags": 0,
    }
    return result if one.bot_id is None else {**result, "tags": {"bot_id": str(one.bot_id)}}


def application(world: World) -> Json:
    return {
        "id": str(world.application_id),
        "name": world.bot.name,
        "description": "",
        "icon": None,
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": int(world.application_flags),
        "owner": user(world.owner),
        "team": None,
        "approximate_guild_count": len(world.guilds),
    }
