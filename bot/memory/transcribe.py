"""How a question reads to the model: who spoke, what was overheard, what is attached. Pure.

Everything that changes from turn to turn (the clock, the speaker, the overheard) stands here, in the last question, so
that the prompt before it stays the same byte for byte.

A person's words cannot pass for another's or for the program's: names are one short line, and every further line of a
message is indented.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.talk.document import Document, TextDocument
from bot.talk.message import Message, PlaceKind, Quote, QuoteKind
from bot.talk.turn import Image, Line, Question

MAX_NAME = 40
MAX_QUOTE = 4000  # characters of a quoted message
WORDLESS = "(without words)"  # what a bare mention, or a file alone, says
BYTES_PER_TOKEN = 3  # a cautious guess, in UTF-8, that bounds the overheard before anything is counted


def question(
    message: Message,
    *,
    overheard: Sequence[Message],
    documents: Sequence[Document],
    notes: Sequence[str],
    now: datetime,
    timezone: str,
    overheard_tokens: int,
) -> Question:
    """The question of one turn. `notes` are the program's own remarks, e.g. about attachments it could not read."""
    zone = ZoneInfo(timezone)
    lines: list[Line] = []
    heard = [_said(each, at=each.sent_at.astimezone(zone)) for each in overheard]
    kept = _newest_within(heard, overheard_tokens * BYTES_PER_TOKEN)
    if kept:
        lines.append(Line(text="(Overheard since your last answer, not said to you:)"))
        lines += kept
    where = "in a direct message" if message.place.kind is PlaceKind.DIRECT else f"in #{one_line(message.place.name)}"
    asker = one_line(message.author.name)
    lines.append(Line(text=f"(It is {now.astimezone(zone):%A %Y-%m-%d %H:%M %Z}. {asker} says to you {where}:)"))

    def own(text: str) -> Line:
        return Line(text=text, message=message.id, author=message.author.key)

    def beside(document: Document, text: str, *images: Image) -> Line:
        author = document.author or message.author.key
        return Line(text=text, images=images, message=document.message or message.id, author=author)

    for quote in message.quotes:
        author = quote.author_key or message.author.key
        lines.append(Line(text=_quoted(quote), message=message.source(quote), author=author))
    lines.append(own(f"{asker}: {indented(message.text) if _visible(message.text) else WORDLESS}"))
    for document in documents:
        if isinstance(document, TextDocument):
            lines.append(beside(document, _file(document)))
        else:
            lines.append(beside(document, f"(attached picture {one_line(document.name)})", document.image))
    lines += [Line(text=f"({note})") for note in notes]
    return Question(lines=tuple(lines))


def plain_question(message: Message) -> Question:
    """Only the words themselves: all that a very small model can make sense of."""
    text = message.text if _visible(message.text) else WORDLESS
    return Question(lines=(Line(text=text, message=message.id, author=message.author.key),))


def one_line(name: str) -> str:
    """A name that stays within its place: no line breaks, no colon or bracket tricks, not long."""
    clean = "".join(character for character in name if character.isprintable() and character not in ":()[]\n")
    return " ".join(clean.split())[:MAX_NAME] or "someone"


def indented(text: str) -> str:
    """Further lines begin with two spaces, so that none can look like the start of somebody else's.

    Whatever Unicode takes for the end of a line is one here.
    """
    return "\n  ".join(text.splitlines())


def _visible(text: str) -> bool:
    return any(character.isprintable() and not character.isspace() for character in text)


def _said(message: Message, *, at: datetime) -> Line:
    attached = "".join(f" (attached: {one_line(each.name)})" for each in message.attachments)
    quoted = "".join(f" ({_quoted(quote)})" for quote in message.quotes if quote.kind is not QuoteKind.REPLIED)
    name = one_line(message.author.name)
    return Line(
        text=f"{name} ({at:%H:%M}): {indented(message.text)}{attached}{quoted}",
        message=message.id,
        author=message.author.key,
    )


def _quoted(quote: Quote) -> str:
    what = {
        QuoteKind.REPLIED: "in reply to",
        QuoteKind.FORWARDED: "forwarded, from",
        QuoteKind.EMBED: "embedded, from",
    }[quote.kind]
    text = quote.text if len(quote.text) <= MAX_QUOTE else quote.text[:MAX_QUOTE] + " …"
    return f"({what} {one_line(quote.author)}:)\n  {indented(text)}"


def _file(document: TextDocument) -> str:
    name = one_line(document.name)
    if not document.text.strip():
        return f"(the attached file {name} holds no text)"
    pages = f", pages 1-{document.shown_pages} of {document.pages}" if document.pages > 1 else ""
    cut = ", cut at the limit" if document.cut else ""
    return f"(the attached file {name}{pages}{cut}:)\n  {indented(document.text)}\n(end of {name})"


def _newest_within(lines: Sequence[Line], size: int) -> list[Line]:
    kept: list[Line] = []
    for line in reversed(lines):
        size -= len(line.text.encode("utf-8", "surrogatepass"))
        if size < 0:
            break
        kept.append(line)
    kept.reverse()
    return kept
