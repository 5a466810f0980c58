"""How the program says whether it is well: to other programs over HTTP, and to the one that watches over it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from bot.settings.group import Group
from bot.settings.kinds import Switch


class Health(Group):
    """What the program says of itself to other programs: /healthz, /readyz and /metrics."""

    enabled: Switch = Field(
        default=Switch.AUTO,
        description="auto: go on without them where they cannot be served (a taken port). on: end then. off: none.",
    )
    host: str = Field(
        default="127.0.0.1", description="Address to listen on. Anything but loopback needs HEALTH_ALLOWED_HOSTS."
    )
    port: int = Field(default=8322, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    allowed_hosts: str = Field(
        default="",
        description="Host names that they may be called by beside this machine's own, separated by commas; * for any.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """What watches over this process and wants to be told, as systemd's sd_notify(3) and sd_watchdog_enabled(3) say.

    `socket`: where to tell it. `seconds`: the longest silence before it ends the process; None: it does not watch.
    """

    socket: str
    seconds: float | None = None


def supervisor(env: Mapping[str, str] = os.environ, *, process: int | None = None) -> Supervisor | None:
    """None where nobody watches. What is meant for another process (`process`: ours, by number) is none of ours."""
    socket = env.get("NOTIFY_SOCKET", "")
    if not socket:
        return None
    microseconds, meant = env.get("WATCHDOG_USEC", ""), env.get("WATCHDOG_PID", "")
    own = str(os.getpid() if process is None else process)
    watching = microseconds.isascii() and microseconds.isdigit() and int(microseconds) > 0 and meant in ("", own)
    return Supervisor(socket=socket, seconds=int(microseconds) / 1e6 if watching else None)
