"""Guilds as Discord writes them."""

from __future__ import annotations

from tests.discord_server.clock import stamp
from tests.discord_server.payloads.channels import channel
from tests.discord_server.payloads.people import member, role
from tests.discord_server.things import Guild, Json


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
