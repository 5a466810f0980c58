"""The kinds of values that settings take: choices and texts of a form. A refusal says what would be right."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, SecretStr


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("must be the name of a time zone such as Europe/Paris or UTC") from error
    return name


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return text.rstrip("/")


def _websocket_url(text: str) -> str:
    if not text.startswith(("ws://", "wss://")):
        raise ValueError("must start with wss:// (or ws:// for a test server)")
    return text  # unlike in an API's base address, a slash at the end is part of the path here


def _database_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    if text and not text.startswith(("postgresql://", "postgres://", "postgresql+asyncpg://")):
        raise ValueError("must start with postgresql:// (or be empty for SQLite in DATA_DIR)")
    return url


def _duration(text: str) -> str:
    # Go's durations, as Ollama reads them, or a bare number of seconds.
    if not re.fullmatch(r"-?(\d+|(\d+(\.\d+)?(ms|s|m|h))+)", text):
        raise ValueError("must be a duration such as 30m, 24h or 90s; -1: for ever, 0: not at all")
    return text


def _language(text: str) -> str:
    # A language, a script, a region of two letters or three digits (RFC 5646, the parts that people use).
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Za-z]{2}|\d{3}))?", text):
        raise ValueError("must be a language code such as en, fr, pt-BR or es-419")
    return text


def upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Zone = Annotated[str, AfterValidator(_zone)]
Url = Annotated[str, AfterValidator(_url)]
WebsocketUrl = Annotated[str, AfterValidator(_websocket_url)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
Duration = Annotated[str, AfterValidator(_duration)]
Language = Annotated[str, AfterValidator(_language)]


class Switch(StrEnum):
    AUTO = "auto"
    ON = "on"
    OFF = "off"


class Streaming(StrEnum):
    LIVE = "live"
    FINAL_ONLY = "final-only"


class Ambient(StrEnum):
    """As in `bot.talk.policy`."""

    ON = "on"
    SINCE = "since"
    OFF = "off"


class EngineKind(StrEnum):
    AUTO = "auto"
    OLLAMA = "ollama"
    OPENAI = "openai"
    EMBEDDED = "embedded"


class ToolsPosition(StrEnum):
    FIRST = "first"
    LAST = "last"


class KvType(StrEnum):
    """How the engine keeps what it has read; AUTO: found out."""

    AUTO = "auto"
    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


class LogLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
