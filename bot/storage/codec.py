"""Values of `bot.talk` as compact JSON text, and back.

Keys are short because a ledger of a thousand pieces is read for every answer. What is empty is left out. Adding a
field with a default needs no migration; renaming or removing one does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.storage.columns import encodable, storable
from bot.talk.message import Addressed, Attachment, Message, Person, Place, Quote, QuoteKind
from bot.talk.record import CallCost, Usage
from bot.talk.turn import (
    Call,
    Image,
    Instructions,
    Line,
    Part,
    Piece,
    Question,
    Reply,
    Result,
    Results,
    Summary,
    ToolSpec,
    Whose,
)

Json = dict[str, Any]
_QUOTED = "by"
"""Whose words a quote holds. Rows of before this key have none."""

_FILES = '"files":['
HAS_FILES = {
    "sqlite": f"instr(messages.body, '{_FILES}') > 0",
    "postgresql": f"strpos(messages.body, '{_FILES}') > 0",
}
"""Whether a message has files, by dialect: in the JSON of a body these characters stand nowhere but before them."""

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def lean(fields: Json) -> Json:
    return {key: value for key, value in fields.items() if value not in (None, "", False, [], {})}


def dump(value: object) -> str:
    return _encoder.encode(value)


# pictures and pieces


def _image(image: Image) -> list[object]:
    return [image.digest, image.media_type, image.width, image.height]


def _to_image(row: list[Any]) -> Image:
    return Image(digest=row[0], media_type=row[1], width=row[2], height=row[3])


def dump_images(images: tuple[Image, ...]) -> str | None:
    return dump([_image(image) for image in images]) if images else None


def load_images(text: str | None) -> tuple[Image, ...]:
    return tuple(_to_image(row) for row in json.loads(text)) if text else ()


def dump_piece(piece: Piece) -> str:
    return dump([piece.text, piece.tokens, piece.template, [_image(image) for image in piece.images]])


def load_piece(text: str) -> Piece:
    row = json.loads(text)
    return Piece(text=row[0], tokens=row[1], template=row[2], images=tuple(_to_image(image) for image in row[3]))


# parts


def dump_part(part: Part) -> str:
    match part:
        case Question(lines=lines):
            return dump({"q": [_line(line) for line in lines]})
        case Reply(text=text, calls=calls):
            return dump({"r": text, "c": [[call.id, call.name, call.arguments] for call in calls]})
        case Results(results=results):
            return dump({"s": [_result(one) for one in results]})
        case Summary(text=text):
            return dump({"y": text})
        case Instructions(persona=persona, tools=tools):
            return dump({"p": persona, "tools": [[tool.name, tool.description, tool.parameters] for tool in tools]})


def load_part(text: str) -> Part:
    fields: Json = json.loads(text)
    if "q" in fields:
        return Question(lines=tuple(_to_line(row) for row in fields["q"]))
    if "y" in fields:
        return Summary(text=fields["y"])
    if "r" in fields:
        calls = tuple(Call(id=row[0], name=row[1], arguments=row[2]) for row in fields["c"])
        return Reply(text=fields["r"], calls=calls)
    if "s" in fields:
        return Results(results=tuple(_to_result(row) for row in fields["s"]))
    tools = (ToolSpec(name=row[0], description=row[1], parameters=row[2]) for row in fields["tools"])
    return Instructions(persona=fields["p"], tools=tuple(tools))


def _result(result: Result) -> list[object]:
    row: list[object] = [result.call_id, result.name, result.content, result.failed]
    return [*row, [[one.message, one.author] for one in result.of]] if result.of else row


def _to_result(row: list[Any]) -> Result:
    """Rows of before it was noted whose words they hold have no fifth field."""
    of = tuple(Whose(message=one[0], author=one[1]) for one in row[4]) if len(row) > 4 else ()
    return Result(call_id=row[0], name=row[1], content=row[2], failed=row[3], of=of)


def _line(line: Line) -> Json:
    text, words = line.text, line.words
    if words is not None and not text.isascii():
        # Two halves of a character become one when they are stored: the range would shift.
        before, own, after = (encodable(each) for each in (text[: words[0]], text[slice(*words)], text[words[1] :]))
        text, words = before + own + after, (len(before), len(before) + len(own))
    pictures = [_image(image) for image in line.images]
    told = {"c": line.corrects, "f": line.found}
    return lean({"t": text, "i": pictures, "m": line.message, "a": line.author, "w": words, **told})


def _to_line(row: Json) -> Line:
    words = row.get("w")
    return Line(
        text=row.get("t", ""),
        images=tuple(_to_image(image) for image in row.get("i", ())),
        message=row.get("m"),
        author=row.get("a"),
        words=None if words is None else (words[0], words[1]),
        corrects=row.get("c", False),
        found=row.get("f", False),
    )


# messages


def _attachment(one: Attachment) -> list[object]:
    return [one.id, one.name, one.media_type, one.size, one.source]


def _to_attachments(rows: list[list[Any]]) -> tuple[Attachment, ...]:
    return tuple(Attachment(id=row[0], name=row[1], media_type=row[2], size=row[3], source=row[4]) for row in rows)


def _quote(quote: Quote) -> Json:
    files = [_attachment(one) for one in quote.attachments]
    whose = {_QUOTED: quote.author_key, "m": quote.message}
    return lean({"k": quote.kind.value, "a": quote.author, "t": quote.text, "f": files, **whose})


def dump_body(message: Message) -> str:
    """All words of a message: its author, text, attachments and quotes."""
    author = message.author
    return dump(
        lean(
            {
                "id": author.id,
                "name": author.name,
                "bot": author.bot,
                "locale": author.locale,
                "text": message.text,
                "files": [_attachment(one) for one in message.attachments],
                "quotes": [_quote(quote) for quote in message.quotes],
            }
        )
    )


def load_message(
    body: str,
    *,
    message_id: str,
    place: Place,
    addressed: str,
    reply_to: str | None,
    sent_at: datetime,
    edited_at: datetime | None,
    only: str | None = None,
    above: bool = False,
) -> Message:
    fields: Json = json.loads(body)
    quotes = (
        Quote(
            kind=QuoteKind(row["k"]),
            author=row.get("a", ""),
            text=row.get("t", ""),
            attachments=_to_attachments(row.get("f", [])),
            author_key=row.get(_QUOTED),
            message=row.get("m"),
        )
        for row in fields.get("quotes", ())
    )
    return Message(
        id=message_id,
        place=place,
        author=Person(
            platform=place.platform,
            id=fields.get("id", ""),
            name=fields.get("name", ""),
            bot=fields.get("bot", False),
            locale=fields.get("locale"),
        ),
        text=fields.get("text", ""),
        sent_at=sent_at,
        addressed=Addressed(addressed),
        reply_to=reply_to,
        attachments=_to_attachments(fields.get("files", [])),
        quotes=tuple(quotes),
        edited_at=edited_at,
        only=only,
        above=above,
    )


def words_of(body: str) -> str:
    """The text of a message body."""
    return json.loads(body).get("text", "")


def has_files(body: str) -> bool:
    """As `HAS_FILES` says it to a database."""
    return _FILES in body


def without_replied(body: str) -> str:
    """The same message body less the words of the message that it replies to."""
    return _without(body, lambda row: row["k"] == QuoteKind.REPLIED.value)


def without_quoted(body: str, author: str) -> str:
    """The same message body less what it quotes of this person."""
    return _without(body, lambda row: row.get(_QUOTED) == author)


def quoting(author: str) -> str:
    """What every body that quotes this person contains. Others may contain it, too: `without_quoted` looks closely."""
    return dump({_QUOTED: storable(author)})[1:-1]


def _without(body: str, gone: Callable[[Json], bool]) -> str:
    fields: Json = json.loads(body)
    fields["quotes"] = [row for row in fields.get("quotes", ()) if not gone(row)]
    return dump(lean(fields))


# deliveries


def dump_usage(usage: Usage | None) -> str | None:
    if usage is None:
        return None
    fields: Json = {
        "steps": usage.steps,
        "predicted": usage.predicted,
        "reported": usage.reported,
        "reply_tokens": usage.reply_tokens,
        "prompt_seconds": usage.prompt_seconds,
        "reply_seconds": usage.reply_seconds,
    }
    if usage.calls:
        fields["calls"] = [[one.id, one.outcome, one.seconds, one.chars, *one.secret] for one in usage.calls]
    return dump(fields)


def load_usage(text: str | None) -> Usage | None:
    """Rows of before calls were noted have none."""
    if not text:
        return None
    fields: Json = json.loads(text)
    rows = fields.pop("calls", ())
    calls = (CallCost(id=row[0], outcome=row[1], seconds=row[2], chars=row[3], secret=tuple(row[4:])) for row in rows)
    return Usage(**fields, calls=tuple(calls))
