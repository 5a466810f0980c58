"""Logs: what an operator reads there, and what must never get there."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from bot.operate.logs import REDACTED, JsonFormatter, Redactor, TextFormatter, set_up
from bot.settings import LogFormat, LogLevel, LogSettings
from tests.logs import logging_as_it_was

TOKEN = "MTExMTExMTExMTExMTExMTEx.GaBcDe." + "x1" * 19
PASSWORD = 'open "sesame"'


@pytest.fixture
def put_back() -> Iterator[None]:
    with logging_as_it_was():
        yield


def _record(message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("bot.test", logging.INFO, "file", 1, message, args, None)


def test_what_was_set_up_for_one_test_is_put_back_for_the_next() -> None:
    root, library = logging.getLogger(), logging.getLogger("discord")
    before = (root.level, root.handlers[:], library.level)
    with logging_as_it_was():
        set_up(LogSettings(), Redactor())
        assert (root.level, root.handlers, library.level) != before
    assert (root.level, root.handlers, library.level) == before


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter])
def test_a_secret_goes_wherever_it_stands(formatter: type[TextFormatter | JsonFormatter]) -> None:
    format_line = formatter(Redactor([PASSWORD, "postgresql://bot:hushhush@host/base"])).format
    lines = [format_line(_record("it is %s", PASSWORD)), format_line(_record("postgresql://bot:hushhush@host/base"))]
    try:
        raise ValueError(PASSWORD)
    except ValueError:
        record = _record("failed")
        record.exc_info = sys.exc_info()
    lines.append(format_line(record))
    for line in lines:
        assert "sesame" not in line
        assert "hushhush" not in line
        assert REDACTED in line


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"login with {TOKEN} failed", TOKEN),
        ("Authorization: Bot abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz"),
        ("Authorization: Bearer sk-1234567890", "sk-1234567890"),
        ("POST https://discord.com/api/v10/interactions/1234567890123456789/aW50ZXJhY3Rpb24tdG9rZW4/callback", "aW50"),
        ("https://discord.com/api/webhooks/1234567890123456789/aW50ZXJhY3Rpb24tdG9rZW4", "aW50"),
        ("https://cdn.discordapp.com/a/b.png?ex=1&is=2&hm=0123456789abcdef0123456789abcdef&", "0123456789abcdef"),
        ("could not reach postgresql://bot:hushhush@host/base", "hushhush"),
        ("key 1234567890123456789.abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out_unknown_as_it_is(text: str, hidden: str) -> None:
    assert hidden not in Redactor()(text)


@pytest.mark.parametrize(
    "text",
    [
        "answered 1234567890123456789 in 12.5 s at https://example.org/a/b?c=d with mistral-small3.1:24b-instruct-2503",
        "bot.platforms.discord.gateway: shard 0 of 1 is ready; 2026-11-23T18:47:01.123456+00:00",
    ],
)
def test_ordinary_lines_stay_whole(text: str) -> None:
    assert Redactor(["", "abc"])(text) == text


def test_json_lines_are_objects_and_tracebacks_stay_inside_them() -> None:
    try:
        raise RuntimeError("first\nsecond")
    except RuntimeError:
        record = _record("it %s", "broke")
        record.exc_info = sys.exc_info()
    line = JsonFormatter(Redactor()).format(record)
    assert "\n" not in line
    entry = json.loads(line)
    assert entry["message"] == "it broke"
    assert entry["level"] == "INFO"
    assert entry["logger"] == "bot.test"
    assert "RuntimeError" in entry["traceback"]


@pytest.mark.usefixtures("put_back")
def test_libraries_cannot_log_what_people_write_even_at_debug() -> None:
    out = io.StringIO()
    set_up(LogSettings(level=LogLevel.DEBUG, format=LogFormat.TEXT), Redactor(), out=out)
    logging.getLogger("discord.gateway").debug("WebSocket Event: %s", {"content": "a private word"})
    logging.getLogger("sqlalchemy.engine").info("INSERT … ('a private word')")
    logging.getLogger("bot.hear").debug("recorded")
    logging.getLogger("discord.gateway").warning("reconnecting")
    assert "private" not in out.getvalue()
    assert [line.split(" ", maxsplit=1)[1] for line in out.getvalue().splitlines()] == [
        "DEBUG   bot.hear: recorded",
        "WARNING discord.gateway: reconnecting",
    ]
    assert out.getvalue()[:20].endswith("Z")


@pytest.mark.usefixtures("put_back")
def test_setting_up_twice_writes_each_line_once() -> None:
    first, second = io.StringIO(), io.StringIO()
    set_up(LogSettings(), Redactor(), out=first)
    set_up(LogSettings(level=LogLevel.WARNING), Redactor(), out=second)
    logging.getLogger("bot").info("hello")
    logging.getLogger("bot").warning("careful")
    assert first.getvalue() == ""
    assert second.getvalue().count("careful") == 1
    assert "hello" not in second.getvalue()
