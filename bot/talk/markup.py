"""What stands in a chat message that is not for translation: code, links, mentions, emoji, times."""

from __future__ import annotations

import re

_STAYS = re.compile(
    r"""
      (?P<fence> ```.*?(?:```|\Z) )
    | (?P<code> ``[^`].*?``|`[^`\n]+` )
    | (?P<discord> <(?: @[!&]?\d{1,20} | \#\d{1,20} | a?:\w{1,32}:\d{1,20} | t:-?\d{1,17}(?::[tTdDfFR])?
                      | /[\w\ -]{1,100}:\d{1,20} | id:\w{1,20} )> )
    | (?P<link> \b(?:https?|ftp|mailto|discord|steam)://[^\s<>"')\]]{1,2000} )
    | (?P<mail> [\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8} )
    | (?P<everyone> @everyone\b|@here\b )
    | (?P<named> (?<!\w):[a-zA-Z0-9_+-]{2,32}:(?!\w) )
    | (?P<emoji> (?:[\U0001F1E6-\U0001F1FF]{2}
                  | [\U0001F300-\U0001FAFF\u2600-\u27BF\u2B50\u2B55][\ufe0f\U0001F3FB-\U0001F3FF]*
                    (?:\u200d[\U0001F300-\U0001FAFF\u2600-\u27BF][\ufe0f\U0001F3FB-\U0001F3FF]*){0,6}) )
    """,
    re.VERBOSE | re.DOTALL,
)
_SIGNS = re.compile(r"[`<:@\U0001F1E6-\U0001F1FF\U0001F300-\U0001FAFF\u2600-\u27BF\u2B50\u2B55]")
"""All that stays has one of these. Most messages have none, and looking for each kind takes long."""

_TRAILING = ".,;:!?…"


def staying(text: str) -> list[tuple[int, int]]:
    """From and to of each, in the order of the text; they do not overlap."""
    found: list[tuple[int, int]] = []
    if not _SIGNS.search(text):
        return found
    for each in _STAYS.finditer(text):
        start, end = each.span()
        if each.lastgroup == "link":
            end = start + len(each.group().rstrip(_TRAILING))
        found.append((start, end))
    return found
