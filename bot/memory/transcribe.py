"""How a question reads to the model: who spoke, what was overheard, what is attached. Pure.

Everything that changes from turn to turn (the clock, the speaker, the overheard) stands here, in the last question, so
that the prompt before it stays the same byte for byte.

A person's words cannot pass for another's or for the program's: names are one short line, and every further line of a
message is indented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.talk.document import Document, TextDocument
from bot.talk.message import Addressed, Message, PlaceKind, Quote, QuoteKind
from bot.talk.turn import CORRECTION_CHARS, Image, Line, Question
from bot.talk.words import indented, reading

MAX_NAME = 40
MAX_QUOTE = 4000  # characters of a quoted message
MAX_CHAR = 4  # bytes of a character, and of a line's end with the indentation after it


def question(
    message: Message,
    *,
    overheard: Sequence[Message],
    documents: Sequence[Document],
    notes: Sequence[str],
    now: datetime,
    timezone: str,
    corrected: Sequence[Line] = (),
    anew: bool = False,
    language: str = "",
    earlier: Sequence[Message] = (),
) -> Question:
    """The question of one turn. `notes` are the program's own remarks, e.g. about attachments it could not read.

    `corrected`: lines made by `corrections`. `anew`: the message has been answered before, and was changed since.
    `language`: says in which language to answer; it stands last.
    `earlier`: what its author said just before, as a part of it.
    """
    zone = ZoneInfo(timezone)
    lines = list(corrected)
    if overheard:
        lines.append(Line(text="(Overheard since your last answer, not said to you:)"))
        lines += [heard(each, zone) for each in overheard]
    if anew:
        lines.append(
            Line(
                text="(What follows was answered before and has been changed since. Answer it as it now reads:)",
                message=message.id,
                author=message.author.key,
                corrects=True,
            )
        )
    where = "in a direct message" if message.place.kind is PlaceKind.DIRECT else f"in #{one_line(message.place.name)}"
    asker = one_line(message.author.name)
    time = f"It is {now.astimezone(zone):%A %Y-%m-%d %H:%M %Z}."
    if message.addressed is Addressed.ALLOWED:
        allowed = f"({time} What you asked for before was allowed {where}. It is done now; tell {asker} of its result.)"
        lines.append(Line(text=allowed, message=message.id, author=message.author.key))
        return Question(lines=(*lines, *_remark(language)))
    privately = " privately, so that nobody else reads your answer" if message.only is not None else ""
    lines.append(Line(text=f"({time} {asker} says to you {where}{privately}:)"))

    def beside(document: Document, text: str, *images: Image) -> Line:
        author = document.author or message.author.key
        return Line(text=text, images=images, message=document.message or message.id, author=author)

    for quote in message.quotes:
        author = quote.author_key or message.author.key
        lines.append(Line(text=_quoted(quote), message=message.source(quote), author=author))
    lines += [_spoken(each, f"{asker}: ") for each in earlier]
    lines.append(_spoken(message, f"{asker}: "))
    for document in documents:
        if isinstance(document, TextDocument):
            lines.append(beside(document, _file(document)))
        else:
            lines.append(beside(document, f"(attached picture {one_line(document.name)})", document.image))
    lines += [Line(text=f"({note})") for note in notes]
    return Question(lines=(*lines, *_remark(language)))


def _remark(text: str) -> tuple[Line, ...]:
    return (Line(text=text),) if text else ()


def plain_question(message: Message) -> Question:
    """Only the words themselves: all that a very small model can make sense of."""
    return Question(lines=(_spoken(message, ""),))


def heard(message: Message, zone: ZoneInfo) -> Line:
    """A message that was not said to us."""
    attached = "".join(f" (attached: {one_line(each.name)})" for each in message.attachments)
    quoted = "".join(f" ({_quoted(quote)})" for quote in message.quotes if quote.kind is not QuoteKind.REPLIED)
    at = message.sent_at.astimezone(zone)
    return _spoken(message, f"{one_line(message.author.name)} ({at:%H:%M}): ", f"{attached}{quoted}")


def corrections(messages: Sequence[Message], *, tokens: int) -> tuple[Line, ...]:
    """Tells of edits, of as many from the first on as surely fit; the first is cut short where it would not."""
    told: list[Line] = []
    for message in messages:
        line = _correction(message, CORRECTION_CHARS)
        if size(line) > tokens:
            if told:
                break
            room = max(0, tokens - size(_correction(message, 0)))
            line = _correction(message, min(CORRECTION_CHARS, room // MAX_CHAR))
        told.append(line)
        tokens -= size(line)
    return tuple(told)


def size(line: Line) -> int:
    """In bytes, with the end of the line: a line never takes more tokens than these."""
    return len(line.text.encode("utf-8", "surrogatepass")) + 1


def _correction(message: Message, limit: int) -> Line:
    name = one_line(message.author.name)
    before = f"({name} has changed an earlier message, which now reads:)\n  "
    return replace(_spoken(message, before, limit=limit), corrects=True)


def _spoken(message: Message, before: str, after: str = "", *, limit: int | None = None) -> Line:
    own = reading(message.text, limit=limit)
    words = (len(before), len(before) + len(own))
    return Line(text=f"{before}{own}{after}", message=message.id, author=message.author.key, words=words)


def one_line(name: str) -> str:
    """A name that stays within its place: no line breaks, no colon or bracket tricks, not long."""
    clean = "".join(character for character in name if character.isprintable() and character not in ":()[]\n")
    return " ".join(clean.split())[:MAX_NAME] or "someone"


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
