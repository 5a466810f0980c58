"""What the doctor tells of a running program: it is asked how it is, at the address where it says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.operate.health import address
from bot.settings import Health, Switch
from bot.talk.finding import Finding, Level

TOPIC = "health"

ASK_SECONDS = 6.0
ANSWER_BYTES = 64 * 1024
"""Whatever listens there may be another program."""


@dataclass(frozen=True, slots=True)
class HealthExam:
    """Looks at `/readyz` of a program that runs with the same settings, if one does."""

    settings: Health

    async def examine(self) -> Sequence[Finding]:
        if self.settings.enabled is Switch.OFF:
            return (_ok("switched off (HEALTH_ENABLED)"),)
        if not self.settings.port:
            return (_ok("takes a free port at each start (HEALTH_PORT=0); the log says which"),)
        where = f"{address(self.settings.host, self.settings.port)}/readyz"
        try:
            told = await _asked(where)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return (_ok(f"the bot does not run now; while it runs, {where} tells how it is"),)
        if told is None:
            mend = "End it, or set HEALTH_PORT to another port."
            return (Finding(level=Level.WARNING, topic=TOPIC, found=f"another program answers at {where}", mend=mend),)
        return (_ok(f"the running program answers at {where}{_waiting(told)}"), *_wrong(told))


def _ok(found: str) -> Finding:
    return Finding(level=Level.OK, topic=TOPIC, found=found)


async def _asked(where: str) -> Mapping[str, Any] | None:
    """The checks; None for what is no answer of ours."""
    limit = aiohttp.ClientTimeout(total=ASK_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=limit, trust_env=False) as session,
        session.get(where, allow_redirects=False) as response,
    ):
        body = await response.content.read(ANSWER_BYTES)
    try:
        told = json.loads(body)
    except ValueError:
        return None
    checks = told.get("checks") if isinstance(told, dict) else None
    return checks if isinstance(checks, dict) else None


def _waiting(checks: Mapping[str, Any]) -> str:
    """How much waits; of deliveries whose end is unknown this is where an operator hears."""
    backlog = checks.get("backlog")
    return f": {backlog['found']}" if isinstance(backlog, dict) and isinstance(backlog.get("found"), str) else ""


def _wrong(checks: Mapping[str, Any]) -> Iterator[Finding]:
    for name, check in checks.items():
        if isinstance(check, dict) and check.get("well") is False:
            since = f" (since {check.get('since')})"
            mend = str(check.get("do") or "See its log.")
            found = f"it says of {name}: {check.get('found')}{since}"
            yield Finding(level=Level.WARNING, topic=TOPIC, found=found, mend=mend)
