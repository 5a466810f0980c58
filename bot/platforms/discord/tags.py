"""The tags of forums as discord.py's cache has them, and whether posts need one."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.talk.shape import Tag, fitting


def tags_of(channel: discord.abc.GuildChannel | None) -> Sequence[Tag]:
    """In the forum's order; none of what is no forum."""
    if not isinstance(channel, discord.ForumChannel):
        return ()
    return [
        Tag(id=str(tag.id), name=tag.name, emoji=str(tag.emoji or ""), moderated=tag.moderated)
        for tag in channel.available_tags
    ]


def requires_tag(channel: discord.abc.GuildChannel | None) -> bool:
    return isinstance(channel, discord.ForumChannel) and channel.flags.require_tag


def lacks_tag(channel: discord.abc.GuildChannel | None) -> bool:
    """Whether posts need a tag there, and we may put on none."""
    if channel is None or not requires_tag(channel):
        return False
    manages = channel.permissions_for(channel.guild.me).manage_threads
    return not fitting((), tags_of(channel), required=True, manages=manages)
