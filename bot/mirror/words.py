"""What of a message is carried over, and how it looks there. Pure."""

from __future__ import annotations

import re

from bot.languages.phrases import Phrases
from bot.talk.message import Message, QuoteKind
from bot.talk.mirror import Carried
from bot.talk.units import units

NAME = 80
FILE_NAME = 100
"""Characters."""
FILES = 20
"""Files that are named."""

TITLE = 100
"""Units of UTF-16; what Discord takes."""
SIGN = "🧵"
"""Before the title of a thread, and in place of one that is not known."""

_CALLS = re.compile(r"@(?=everyone\b|here\b)|<(?=[@#])", re.IGNORECASE)
_MARKS = re.compile(r"([\\*_~`|<>\[\]()#@:.])")
_BREAK = "\u200b"  # parts what would call people, and is not seen


def carried(message: Message) -> Carried:
    """Of what people reply to nothing: it was said before, or stands there already. Previews are not carried over."""
    forwarded = [quote for quote in message.quotes if quote.kind is QuoteKind.FORWARDED]
    texts = [message.text, *(_quoted(quote.text) for quote in forwarded)]
    files = [*message.attachments, *(file for quote in forwarded for file in quote.attachments)]
    return Carried(
        name=message.author.name,
        text="\n".join(filter(None, texts)),
        files=tuple(file.name[:FILE_NAME] for file in files[:FILES]),
    )


def shown(words: Carried, text: str) -> str:
    """The whole of it under its author's name. `text`: the words, perhaps translated."""
    name = plain(words.name[:NAME]) or "?"
    return "\n".join([f"**{name}**", *filter(None, [inert(text)]), *(f"📎 {plain(file)}" for file in words.files)])


def head(text: str) -> str:
    """What stands where a thread begins with nobody's message. `text`: its title."""
    return f"{SIGN} {inert(title(text))}"


def title(text: str) -> str:
    """Of a thread, on one line."""
    line = " ".join(text.split())
    if units(line) <= TITLE:
        return line or SIGN
    while units(line) >= TITLE:
        line = line[:-1]
    return f"{line}…"


def lead(note: str, link: str, phrases: Phrases) -> str:
    """The small line above it: what was done to it, and the way to the original, which also tells copies apart."""
    original = f"[{phrases.say('mirror-original')}](<{link}>)" if link else ""
    return " · ".join(filter(None, [note, original]))


def inert(text: str) -> str:
    """The same to read, and calls nobody. Discord is told so, too; this holds where somebody copies it."""
    return _CALLS.sub(lambda found: found[0] + _BREAK, text)


def plain(name: str) -> str:
    """A name on one line, in which nothing has an effect."""
    return _MARKS.sub(r"\\\1", " ".join(name.split()))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())
