"""What the doctor says about Discord: token, intents, sessions left, and the link to invite the bot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.errors import TokenRefused
from bot.platforms.discord.client import new_wire
from bot.platforms.discord.failures import INTENT_HELP, LOGIN_HELP, TRANSIENT, usable_token
from bot.platforms.discord.wire import Wire
from bot.settings import Discord
from bot.talk.finding import Finding, Level

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,  # counterparts of threads in linked channels
    read_message_history=True,  # replies need it
    send_polls=True,
)
"""All that the bot needs in a channel."""

SCOPES = "bot+applications.commands"
FEW_SESSIONS = 50
"""Session starts left for the day below which the operator is warned."""


def invite_link(application_id: int | str) -> str:
    """Where an administrator of a server adds the bot with exactly the permissions it needs."""
    query = f"client_id={application_id}&scope={SCOPES}&permissions={PERMISSIONS.value}"
    return f"https://discord.com/oauth2/authorize?{query}"


async def examine(settings: Discord) -> Sequence[Finding]:
    """Logs in over HTTP alone, for a moment. Never raises for a gap, never shows the token."""
    if settings.token is None:
        mend = "Set DISCORD_TOKEN to serve a Discord community; without it only the local page runs."
        return (Finding(level=Level.WARNING, topic="token", found="no Discord token", mend=mend),)
    wire = new_wire(settings)
    try:
        return await _look(wire, settings, usable_token(settings))
    except (discord.LoginFailure, TokenRefused):
        return (Finding(level=Level.PROBLEM, topic="token", found="Discord refuses it", mend=LOGIN_HELP),)
    except (discord.HTTPException, discord.GatewayNotFound, *TRANSIENT) as error:
        found = f"Discord could not be asked ({type(error).__name__})"
        mend = "Check this machine's way to the internet, DISCORD_API_URL, and https://discordstatus.com."
        return (Finding(level=Level.PROBLEM, topic="discord", found=found, mend=mend),)
    finally:
        await wire.close()


async def _look(wire: Wire, settings: Discord, token: str) -> Sequence[Finding]:
    me: Any = await wire.static_login(token)
    application: Any = await wire.application_info()
    _, _, limits = await wire.get_bot_gateway()
    return (
        Finding(level=Level.OK, topic="token", found=f"belongs to the bot {me['username']}"),
        _intents(settings, discord.ApplicationFlags._from_value(int(application.get("flags", 0)))),  # pyright: ignore[reportPrivateUsage] # the only way to read flags without a gateway
        _sessions(int(limits["remaining"]), int(limits["total"])),
        Finding(level=Level.OK, topic="invite", found=invite_link(application["id"])),
    )


def _intents(settings: Discord, flags: discord.ApplicationFlags) -> Finding:
    granted = flags.gateway_message_content or flags.gateway_message_content_limited
    if granted and settings.message_content:
        return Finding(level=Level.OK, topic="intents", found="Message Content is granted")
    if settings.message_content:
        return Finding(level=Level.PROBLEM, topic="intents", found="Message Content is not granted", mend=INTENT_HELP)
    found = "Message Content is not asked for: the bot sees only mentions, replies that ping it and direct messages"
    mend = "For channel history and follow-ups in threads set DISCORD_MESSAGE_CONTENT=true"
    portal = "" if granted else " and turn the intent on in the developer portal (Bot > Privileged Gateway Intents)"
    return Finding(level=Level.WARNING, topic="intents", found=found, mend=f"{mend}{portal}.")


def _sessions(remaining: int, total: int) -> Finding:
    found = f"{remaining} of {total} starts left for today"
    if remaining >= FEW_SESSIONS:
        return Finding(level=Level.OK, topic="sessions", found=found)
    mend = "Something restarts the bot very often: find out what before Discord resets the token."
    return Finding(level=Level.WARNING, topic="sessions", found=found, mend=mend)
