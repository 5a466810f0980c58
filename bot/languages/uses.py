"""Where sentences appear, as far as the source tells: for translators, and to know what stands on buttons.

For the tools of developers; the program does not import it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]

_LABEL = re.compile(r"\blabel\s*=\s*[^\n]*?say\(\s*\"([a-z0-9-]+)\"")
_QUOTED = re.compile(r"\"([a-z0-9-]+)\"")
_WITHIN = ("bot", "tools")


def sources() -> tuple[tuple[str, str], ...]:
    """Path and text of every file of ours that may say something."""
    paths = sorted(path for folder in _WITHIN for path in (ROOT / folder).rglob("*.py"))
    return tuple(
        (str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for path in paths
        if path.parent.name != "languages"
    )


def buttons(found: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The keys of what stands on buttons."""
    return frozenset(key for _, text in found for key in _LABEL.findall(text))


def places(found: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """By key: the files that name it."""
    named: dict[str, list[str]] = {}
    for path, text in found:
        for key in dict.fromkeys(_QUOTED.findall(text)):
            named.setdefault(key, []).append(path)
    return {key: tuple(paths) for key, paths in named.items()}


_KINDS = {
    "argument-": "describes one argument of a slash command",
    "choice-": "one of the values that can be chosen for an argument of a command; one or two words",
    "command-": "describes a slash command, whose name stays English",
    "doing-": "a line while a tool works, about the bot, without naming it: (Calanque) …",
    "error-": "an error, told to whoever met it",
    "line-": "part of a line shown while somebody waits, joined to others by “ · ”: no capital, no full stop",
    "menu-": "an entry in the menu of a message",
    "page-": "on the bot's own page in the browser",
    "tools-o": "follows a tool's name and a colon",
}


def kind(key: str, on_buttons: Iterable[str]) -> str:
    """What a sentence is used as, where its key tells; else nothing."""
    if key in on_buttons:
        return "the label of a button"
    return next((told for start, told in _KINDS.items() if key.startswith(start)), "")
