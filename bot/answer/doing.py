"""What a turn is doing at the moment, in a few words for those who wait."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.agent.offer import Offer
from bot.answer.addresses import SCHEME, WEB, host_of, without_invites
from bot.errors import BadCall
from bot.languages.phrases import Phrases
from bot.talk.redaction import Redaction
from bot.talk.turn import Call

VALUE_CHARS = 40
MOST_AT_ONCE = 4  # told of in one line
HIDDEN = "…"

_ENTITY = re.compile(r"&(?=#?\w{1,32};)")
_HARMLESS = str.maketrans(
    {"*": "∗", "_": "＿", "`": "'", "~": "∼", "|": "∣", "<": "‹", ">": "›", "[": "(", "]": ")", "@": "＠", "\\": "⧵"}
)


def doing(calls: Sequence[Call], offers: Mapping[str, Offer], phrases: Phrases, redact: Redaction) -> str:
    """One line about the calls at work; "" where none of them is known."""
    told = dict.fromkeys(_told(call, offers[call.name], phrases, redact) for call in calls if call.name in offers)
    shown = list(told)[:MOST_AT_ONCE]
    return " · ".join([*shown, HIDDEN] if len(told) > len(shown) else shown)


def _told(call: Call, offer: Offer, phrases: Phrases, redact: Redaction) -> str:
    plain = phrases.say("doing-tool", tool=harmless(offer.name))
    if not offer.doing:
        return plain
    try:
        arguments = offer.check(call)
        values = {name: HIDDEN if name in offer.secret else _shown(value, redact) for name, value in arguments.items()}
        return phrases.say(offer.doing, **values | {"tool": harmless(offer.name), "server": harmless(offer.server)})
    except (BadCall, LookupError):
        return plain


def _shown(value: Any, redact: Redaction) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return harmless(redact(text[: redact.outside(text, 8 * VALUE_CHARS)]))


def harmless(text: str, *, most: int = VALUE_CHARS) -> str:
    """One short line of plain text: of addresses the host, nothing that is markup, a mention or invisible."""
    text = WEB.sub(lambda found: host_of(found[0]) or HIDDEN, text)
    text = _ENTITY.sub("＆", without_invites(SCHEME.sub("", text), dot="․"))
    line = " ".join(re.sub(r"[^\S ]", " ", text).split())
    line = "".join(each for each in line if each.isprintable()).translate(_HARMLESS)
    return line if len(line) <= most else line[: most - 1].rstrip() + HIDDEN
