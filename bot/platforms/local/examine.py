"""What the doctor finds of the local page."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Sequence

from bot.errors import SettingsError
from bot.platforms.local.gate import require_safe
from bot.settings import Page
from bot.talk.finding import Finding, Level


async def examine(settings: Page) -> Sequence[Finding]:
    """Whether the page could be served as the settings say."""
    try:
        require_safe(settings)
    except SettingsError as error:
        return [Finding(level=Level.PROBLEM, topic="page", found="open to the network", mend=str(error))]
    where = f"{settings.host}:{settings.port}"
    try:
        await asyncio.to_thread(_try_port, settings.host.strip("[]"), settings.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            mend = "If that is not Calanque itself, end the other program or set PAGE_PORT to another port."
            return [Finding(level=Level.WARNING, topic="page", found=f"{where} is in use", mend=mend)]
        mend = "Set PAGE_HOST to an address of this machine and PAGE_PORT to a port above 1023."
        return [Finding(level=Level.PROBLEM, topic="page", found=f"cannot listen on {where}", mend=mend)]
    guard = "with a password" if settings.password else "on this machine only"
    return [Finding(level=Level.OK, topic="page", found=f"{where} is free, {guard}")]


def _try_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind((host, port))
        tried.listen(1)
