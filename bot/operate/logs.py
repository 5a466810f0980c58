"""Logging to standard error, as text or JSON, with every secret taken out of the finished line.

Redaction works on the finished text and not on arguments, because secrets also travel inside tracebacks and the
messages of libraries. What people write is kept out by not letting libraries log at DEBUG: discord.py's gateway, for
one, logs whole events there.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

from bot.settings import LogFormat, LogSettings
from bot.talk.redaction import Redaction

REDACTED = "[redacted]"

SHORTEST_SECRET = 4
"""Shorter values are not searched for: they would tear holes into ordinary words."""

_PATTERNS = (
    # A Discord token: the bot's id, a timestamp and a signature, each in base64url.
    re.compile(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}"),
    # The same idea elsewhere: a long number, a dot or colon, and something long that nobody can remember.
    re.compile(r"\b\d{15,}[.:][\w-]{20,}"),
    re.compile(r"(?<=\bBot )[\w.-]{20,}|(?<=\bBearer )[\w.~+/=-]{8,}"),
    # Tokens in the paths of interactions and webhooks, the signature of an attachment's address, passwords in URLs.
    re.compile(r"(?<=/interactions/)\d+/[\w.-]{20,}|(?<=/webhooks/)\d+/[\w.-]{20,}"),
    re.compile(r"(?<=[?&]hm=)[0-9a-f]{16,}"),
    re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"),
)

QUIET = (
    "discord",
    "aiohttp",
    "httpx",
    "httpcore",
    "sqlalchemy",
    "aiosqlite",
    "apscheduler",
    "asyncio",
    "PIL",
    "alembic",
)
"""Libraries that say too much: they log from WARNING up, whatever LOG_LEVEL is."""

SILENT = ("mcp", "client", "httpx2", "httpcore2")
"""The MCP SDK, which quotes in its errors what it was sent. Our own code says what went wrong."""


class Redactor:
    """Takes known secrets, and what looks like one, out of a text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = Redaction(secrets, shortest=SHORTEST_SECRET, shown=REDACTED)

    def __call__(self, text: str) -> str:
        text = self._known(text)
        for pattern in _PATTERNS:
            text = pattern.sub(REDACTED, text)
        return text


class TextFormatter(logging.Formatter):
    """`2026-11-23T18:47:01Z INFO bot.hear: …`, times in UTC."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._redact = redact

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        return _time(record)

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, and traceback where there is one."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            # Redacted before it is quoted: JSON's escapes would hide a secret that has a quotation mark in it.
            "message": self._redact(record.getMessage()),
        }
        if record.exc_info:
            entry["traceback"] = self._redact(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def set_up(settings: LogSettings, redact: Redactor, *, out: TextIO | None = None) -> None:
    """Log to standard error (or `out`) from now on; what was set up before is replaced."""
    handler = logging.StreamHandler(out or sys.stderr)
    handler.setFormatter(JsonFormatter(redact) if settings.format is LogFormat.JSON else TextFormatter(redact))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    level = logging.getLevelNamesMapping()[settings.level]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    logging.captureWarnings(capture=True)
