"""Which addresses the model was given, by conversation: by people, and by results beyond what it wrote itself."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

from bot.talk.message import Conversation
from bot.talk.turn import Call

TRAILING = ".,;:!?)]}'*_~"
"""Marks behind an address that belong to the sentence around it."""
_RUN = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MARKDOWN = MarkdownIt()


@dataclass(slots=True)
class Heard:
    """`_runs`: what stood there without a space from an address on; readers may end it sooner."""

    _runs: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict[str, set[str]](set))

    def asked(self, talk: Conversation, text: str) -> None:
        self._runs[talk.key].update(_RUN.findall(text))

    def given(self, talk: Conversation, call: Call, text: str) -> None:
        """A result. What the model wrote into the call is its own, also where it comes back."""
        runs = _RUN.findall(text)
        if not runs:
            return
        wrote = _plain(call.arguments)
        known = self._runs[talk.key]
        known.update(run for run in runs if run in known or bare(run) not in wrote)

    def may_be_live(self, talk: Conversation, link: str) -> bool:
        """Character by character, up to a mark that no word goes on after; on the page as a browser writes it."""
        return any(_stands(link, text) for run in self._runs[talk.key] for text in (run, _written(run)))

    def addresses(self, talk: Conversation) -> set[str]:
        return {bare(each) for run in self._runs[talk.key] for each in (run, run.rstrip(TRAILING))}

    def hosts(self, talk: Conversation) -> set[str]:
        return {urlsplit(run.rstrip(TRAILING)).hostname or "" for run in self._runs[talk.key]}


def bare(address: str) -> str:
    """Without its scheme, what is not sent, and a last slash."""
    return unquote(address.partition("#")[0]).partition("://")[2].rstrip("/").casefold()


def _stands(link: str, text: str) -> bool:
    at = text.find(link)
    return at >= 0 and not text[at + len(link) :][:1].isalnum()


@lru_cache(maxsize=4096)
def _written(run: str) -> str:
    return _MARKDOWN.normalizeLink(run)


def _plain(arguments: str) -> str:
    """All that the model wrote, however it was written."""
    try:
        given = json.dumps(json.loads(arguments or "{}"), ensure_ascii=False)
    except (ValueError, RecursionError):
        given = arguments
    return unquote(f"{given}\n{arguments}").casefold()
