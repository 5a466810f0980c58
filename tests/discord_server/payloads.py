"""Things as Discord writes them in JSON. A key that may be left out is left out, never null, where clients mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.discord_server.clock import milliseconds, stamp
from tests.discord_server.files import Attachment
from tests.discord_server.permissions import Overwrite
from tests.discord_server.things import Channel, ChannelType, Guild, Json, Member, Message, Role, User

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
        result |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
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
    own = one.thread_members.get(one.world.bot.id)
    return result if own is None else {**result, "member": thread_member(one, one.world.bot)}


def archived_at(thread: Channel) -> str:
    """When it was last archived or woken."""
    return stamp(thread.archived_at or thread.world.born(thread.id))


def thread_member(thread: Channel, who: User) -> Json:
    joined = thread.thread_members[who.id]
    return {"id": str(thread.id), "user_id": str(who.id), "join_timestamp": stamp(joined), "flags": 0}


def guild(one: Guild) -> Json:
    """The guild as REST shows it."""
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "owner_id": str(one.owner.id),
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "roles": [role(each) for each in one.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "vanity_url_code": None,
        "description": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": one.locale,
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
    }


def guild_create(one: Guild, *, everyone: bool) -> Json:
    """What GUILD_CREATE adds. `everyone`: the members, too, where the guild is small and the intent allows it."""
    world = one.world
    shown = [each for each in one.members.values() if everyone or each.user is world.bot]
    own = one.members[world.bot.id]
    threads = [each for each in one.channels.values() if each.is_thread and not each.archived]
    return {
        **guild(one),
        "joined_at": stamp(own.joined_at),
        "large": len(one.members) > 250,
        "member_count": len(one.members),
        "members": [member(each) for each in shown],
        "channels": [channel(each, guild_id=False) for each in one.channels.values() if not each.is_thread],
        "threads": [channel(each, guild_id=False) for each in threads if world.sees(world.bot, each)],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def attachment(world: World, one: Attachment) -> Json:
    result: Json = {
        "id": str(one.id),
        "filename": one.filename,
        "size": one.size,
        "url": world.cdn.url(one),
        "proxy_url": world.cdn.url(one, proxy=True),
    }
    optional: Json = {
        "content_type": one.content_type,
        "width": one.width,
        "height": one.height,
        "description": one.description,
        "ephemeral": one.ephemeral or None,
    }
    return result | {key: value for key, value in optional.items() if value is not None}


def emoji(key: str) -> Json:
    """From `name` or `name:id`."""
    name, _, identity = key.partition(":")
    return {"id": identity or None, "name": name}


def readable(one: Message) -> bool:
    """Whether the bot reads it even without the Message Content intent: its own, to it, or mentioning it.

    Source: Discord API reference, "Message Content Intent".
    """
    bot = one.channel.world.bot
    return one.author is bot or one.guild is None or bot in one.mentions.users


def message(one: Message, *, full: bool = True, references: bool = True) -> Json:
    """`full` False: as a reader sees it who lacks the Message Content intent."""
    world = one.channel.world
    shown = full or readable(one)
    result: Json = {
        "id": str(one.id),
        "channel_id": str(one.channel.id),
        "type": one.type,
        "author": user(one.author),
        "content": one.content if shown else "",
        "timestamp": stamp(one.created_at),
        "edited_timestamp": None if one.edited_at is None else stamp(one.edited_at),
        "tts": one.tts,
        "mention_everyone": one.mentions.everyone,
        "mentions": [user(each) for each in one.mentions.users],
        "mention_roles": [str(each.id) for each in one.mentions.roles],
        "attachments": [attachment(world, each) for each in one.attachments] if shown else [],
        "embeds": one.embeds if shown and not one.embeds_suppressed else [],
        "components": one.components if shown else [],
        "pinned": one.pinned,
        "flags": int(one.flags),
    }
    if one.reactions:
        result["reactions"] = [_reaction(world, key, people) for key, people in one.reactions.items()]
    optional: Json = {
        "nonce": one.nonce,
        "webhook_id": None if one.webhook_id is None else str(one.webhook_id),
        "application_id": None if one.application_id is None else str(one.application_id),
        "message_reference": one.reference,
        "message_snapshots": [snapshot(each, shown=shown) for each in one.snapshots] or None,
        "poll": one.poll if shown else None,
        "sticker_items": [{"id": str(one.id), "name": name, "format_type": 1} for name in one.stickers] or None,
        "interaction_metadata": one.interaction,
        "thread": None if one.thread is None else channel(one.thread),
    }
    result |= {key: value for key, value in optional.items() if value is not None}
    if references and one.type in (19, 21):
        target = one.referenced
        known = None if target is None or target.deleted else target
        result["referenced_message"] = None if known is None else message(known, full=full, references=False)
    return result


def _reaction(world: World, key: str, people: dict[int, User]) -> Json:
    return {
        "emoji": emoji(key),
        "count": len(people),
        "count_details": {"burst": 0, "normal": len(people)},
        "me": world.bot.id in people,
        "me_burst": False,
        "burst_colors": [],
    }


def snapshot(one: Message, *, shown: bool = True) -> Json:
    """A forwarded message's copy: a few fields, without its author."""
    full = message(one, references=False)
    keys = ("type", "content", "timestamp", "edited_timestamp", "attachments", "embeds", "components", "flags")
    result = {key: full[key] for key in (*keys, "mentions", "mention_roles")}
    return {
        "message": result if shown else {**result, "content": "", "attachments": [], "embeds": [], "components": []}
    }


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


def typing(world: World, where: Channel, who: User) -> Json:
    result: Json = {
        "channel_id": str(where.id),
        "user_id": str(who.id),
        "timestamp": milliseconds(world.clock.now()) // 1000,
    }
    if where.guild is not None:
        result |= {"guild_id": str(where.guild.id), "member": member(where.guild.members[who.id])}
    return result
