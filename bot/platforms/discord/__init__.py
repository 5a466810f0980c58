"""Discord, through discord.py: nothing outside of this room knows that library."""

from __future__ import annotations

from bot.platforms.discord.platform import DiscordPlatform

__all__ = ["DiscordPlatform"]
