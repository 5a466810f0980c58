"""Names of files are text of strangers: here they become short and harmless."""

from __future__ import annotations

import unicodedata

MAX_CHARS = 80
NAMELESS = "attachment"
_ELLIPSIS = "…"
_HARMFUL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, direction overrides, half characters, line ends


def plain_name(name: str) -> str:
    """The name on one line, without invisible characters or folders, at most MAX_CHARS; the ending stays."""
    base = name.replace("\\", "/").rstrip("/").rsplit("/", maxsplit=1)[-1]
    visible = "".join(" " if unicodedata.category(c) in _HARMFUL else c for c in base[: 64 * MAX_CHARS])
    tidy = " ".join(visible.split())
    if len(tidy) > MAX_CHARS:
        tail = MAX_CHARS // 3
        tidy = tidy[: MAX_CHARS - tail - 1] + _ELLIPSIS + tidy[-tail:]
    return tidy or NAMELESS


def shown_name(name: str) -> str:
    """The plain name for a Markdown sentence: in a code span, where nothing is a link, a mention or a format."""
    return "`" + plain_name(name).replace("`", "'") + "`"


def ending(name: str) -> str:
    """What follows the last dot, in lower case; empty without one."""
    _, dot, last = plain_name(name).rpartition(".")
    return last.lower() if dot else ""
