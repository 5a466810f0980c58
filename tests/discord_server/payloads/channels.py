"""Channels and threads as Discord writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.discord_server.clock import milliseconds, stamp
from tests.discord_server.payloads.people import member, user
from tests.discord_server.permissions import Overwrite
from tests.discord_server.things import Channel, ChannelType, Guild, Json, User

if TYPE_CHECKING:
    from tests.discord_server.world import World

REQUIRE_TAG = 1 << 4


def _overwrites(guild: Guild, overwrites: dict[int, Overwrite]) -> list[Json]:
    return [
        {"id": str(key), "type": 0 if key in guild.roles else 1, "allow": str(int(o.allow)), "deny": str(int(o.deny))}
        for key, o in overwrites.items()
    ]


def channel(one: Channel, *, guild_id: bool = True) -> Json:
    last = str(max(one.messages)) if one.messages else None
    if one.type is ChannelType.DM:
        recipients = [] if one.recipient is None else [user(one.recipient)]
        return {"id": str(one.id), "type": 1, "last_message_id": last, "flags": 0, "recipients": recipients}
    assert one.guild is not None
    result: Json = {
        "id": str(one.id),
        "type": int(one.type),
        "name": one.name,
        "parent_id": None if one.parent is None else str(one.parent.id),
        "flags": 0,
    }
    if guild_id:
        result["guild_id"] = str(one.guild.id)
    if one.is_thread:
        return {**result, "last_message_id": last, **_thread(one)}
    result |= {
        "position": one.position,
        "permission_overwrites": _overwrites(one.guild, one.overwrites),
        "nsfw": False,
    }
    if one.type is ChannelType.VOICE:
        result |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None, "last_message_id": last}
    elif one.type is not ChannelType.CATEGORY:
        result |= {"topic": one.topic, "rate_limit_per_user": 0, "last_message_id": last}
    if one.type is ChannelType.FORUM:
        result["flags"] = REQUIRE_TAG if one.requires_tag else 0
        tags = [
            {
                "id": str(tag),
                "name": each.name,
                "moderated": each.moderated,
                "emoji_id": None,
                "emoji_name": each.emoji,
            }
            for tag, each in one.available_tags.items()
        ]
        result |= {"available_tags": tags, "default_reaction_emoji": None, "default_sort_order": None}
        result |= {"default_forum_layout": 0}
    return result


def _thread(one: Channel) -> Json:
    metadata: Json = {
        "archived": one.archived,
        "auto_archive_duration": one.auto_archive_minutes,
        "archive_timestamp": archived_at(one),
        "locked": one.locked,
        "create_timestamp": stamp(one.world.born(one.id)),
    }
    if one.type is ChannelType.PRIVATE_THREAD:
        metadata["invitable"] = True
    result: Json = {
        "owner_id": str(one.owner.id if one.owner else 0),
        "message_count": min(50, len(one.messages)),
        "total_message_sent": len(one.messages),
        "member_count": min(50, len(one.thread_members)),
        "rate_limit_per_user": 0,
        "thread_metadata": metadata,
    }
    if one.applied_tags:
        result["applied_tags"] = [str(tag) for tag in sorted(one.applied_tags)]
    own = one.thread_members.get(one.world.bot.id)
    return result if own is None else {**result, "member": thread_member(one, one.world.bot)}


def archived_at(thread: Channel) -> str:
    """When it was last archived or woken."""
    return stamp(thread.archived_at or thread.world.born(thread.id))


def thread_member(thread: Channel, who: User) -> Json:
    joined = thread.thread_members[who.id]
    return {"id": str(thread.id), "user_id": str(who.id), "join_timestamp": stamp(joined), "flags": 0}


def typing(world: World, where: Channel, who: User) -> Json:
    result: Json = {
        "channel_id": str(where.id),
        "user_id": str(who.id),
        "timestamp": milliseconds(world.clock.now()) // 1000,
    }
    if where.guild is not None:
        result |= {"guild_id": str(where.guild.id), "member": member(where.guild.members[who.id])}
    return result
