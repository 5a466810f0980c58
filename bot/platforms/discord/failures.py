"""What went wrong with Discord, in the words of the program. Messages name status and code, never texts."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import aiohttp
import discord

from bot.errors import (
    BackendError,
    CalanqueError,
    IntentRefused,
    OperatorError,
    PlaceGone,
    PlatformUnavailable,
    SettingsError,
    TokenRefused,
)
from bot.platforms.discord.wire import asked_to_wait
from bot.settings import Discord

TICKET_IS_OVER = frozenset({10015, 10062, 50027})
"""Unknown webhook, unknown interaction, invalid webhook token: a press or command can no longer be answered."""
LACKS_RIGHTS = frozenset({50001, 50013})
"""Missing access, missing permissions."""
TAGS_ARE_OTHERS = frozenset({10087, 40067})
"""Unknown tag, a tag is required: what is known of the forum is out of date."""
UNKNOWN_MESSAGE = 10008
ARCHIVED = 50083
"""The thread is archived: what stands there cannot be edited."""
NO_HISTORY = 160002
"""A reply where the right to read the history is missing."""
RIGHTS_HELP = "in that channel the bot needs the rights View Channel and Send Messages (in threads: to send there)"
LOGIN_HELP = (
    "Discord does not accept the token. Copy it again from the developer portal (Bot > Reset Token) to DISCORD_TOKEN."
)
INTENT_HELP = (
    "Discord refuses the Message Content intent. Turn it on in the developer portal (Bot > Privileged Gateway Intents) "
    "or set DISCORD_MESSAGE_CONTENT=false: the bot then sees only mentions, replies that ping it and direct messages."
)

TRANSIENT = (aiohttp.ClientError, OSError, TimeoutError, asyncio.TimeoutError, discord.RateLimited)


def translate(error: Exception, doing: str) -> BackendError:
    """The error of a request: will it work later, or is it over?"""
    if isinstance(error, discord.HTTPException):
        what = f"Discord answered {error.status} (code {error.code}) to {doing}"
        if error.code not in TICKET_IS_OVER and (error.status in {401, 429} or error.status >= 500):
            unavailable = PlatformUnavailable(what)
            unavailable.retry_after = asked_to_wait(error)
            return unavailable
        gone = PlaceGone(f"{what}: {RIGHTS_HELP}" if error.code in LACKS_RIGHTS else what)
        gone.barred = error.code in LACKS_RIGHTS | TAGS_ARE_OTHERS
        return gone
    unavailable = PlatformUnavailable(f"Discord could not be reached for {doing}: {type(error).__name__}")
    if isinstance(error, discord.RateLimited):
        unavailable.retry_after = error.retry_after
    return unavailable


@contextmanager
def translated(doing: str) -> Generator[None]:
    """Turn the library's errors into ours."""
    try:
        yield
    except CalanqueError:
        raise
    except (discord.HTTPException, *TRANSIENT) as error:
        raise translate(error, doing) from error


def code_of(error: BackendError) -> int | None:
    """Discord's own code for what a translated error was made of."""
    return error.__cause__.code if isinstance(error.__cause__, discord.HTTPException) else None


def usable_token(settings: Discord) -> str:
    """The token. Raises TokenRefused if there is none, or if it cannot be one because it would not fit a header."""
    if settings.token is None:
        raise TokenRefused("There is no token: set DISCORD_TOKEN.")
    token = settings.token.get_secret_value().strip()
    if not (token and token.isascii() and token.isprintable() and " " not in token):
        raise TokenRefused(LOGIN_HELP)
    return token


def fatal(error: Exception) -> OperatorError | None:
    """What an operator must mend before a connection can succeed; None if trying again may help."""
    if isinstance(error, OperatorError):
        return error
    if isinstance(error, discord.LoginFailure):
        return TokenRefused(LOGIN_HELP)
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return IntentRefused(INTENT_HELP)
    if isinstance(error, discord.HTTPException) and error.status == 401:
        return TokenRefused(LOGIN_HELP)
    if isinstance(error, discord.ConnectionClosed):
        return _refused(error.code)
    return None


def _refused(code: int) -> OperatorError | None:
    """Close codes after which a reconnect is pointless (Discord documentation, Opcodes and Status Codes)."""
    if code == 4004:
        return TokenRefused(LOGIN_HELP)
    if code in (4013, 4014):
        return IntentRefused(INTENT_HELP)
    if code in (4010, 4011):
        return SettingsError(
            f"Discord refuses the number of shards (close code {code}). Leave DISCORD_SHARDS unset to take its advice."
        )
    if code == 4012:
        return SettingsError("Discord refuses the version of its gateway that this program speaks: update Calanque.")
    return None
