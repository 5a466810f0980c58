"""One request to Discord, bounded in time, its errors in our words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from bot.platforms.discord.failures import translated

SEND_SECONDS = 60.0
"""Longest time for one request, with the waits that rate limits and the library's own retries cost."""


async def sent(request: Awaitable[Any], doing: str) -> Any:
    """The answer to a request within `SEND_SECONDS`. Raises PlatformUnavailable and PlaceGone."""
    with translated(doing):
        async with asyncio.timeout(SEND_SECONDS):
            return await request
