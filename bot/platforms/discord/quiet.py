"""Keeps the library's log free of people's words and of secrets.

discord.py logs whole payloads at DEBUG, and addresses with the tokens of presses and commands when it is rate limited.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator
from contextlib import contextmanager

_TOKEN_IN_PATH = re.compile(r"(/(?:webhooks|interactions)/\d+/)[^/\s?]+")


class _Redacts(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if _TOKEN_IN_PATH.search(message):
            record.msg, record.args = _TOKEN_IN_PATH.sub(r"\1…", message), None
        return True


@contextmanager
def quiet_library() -> Generator[None]:
    """While this is open, discord.py logs nothing below INFO and no tokens; afterwards as before."""
    library, http = logging.getLogger("discord"), logging.getLogger("discord.http")
    before = library.level
    redacts = _Redacts()
    library.setLevel(max(before, logging.INFO))
    http.addFilter(redacts)
    try:
        yield
    finally:
        http.removeFilter(redacts)
        library.setLevel(before)
