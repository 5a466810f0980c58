"""What a turn consists of: parts (meaning) and pieces (a part as one engine will read it).

A turn is a Question, then Replies, each of whose calls are followed by Results, and ends with a Reply without calls.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.talk.words import reading

CORRECTION_CHARS = 2000
"""Of a message that has changed, as many are told in a correcting line."""

GONE = "(what stood here has been deleted)"
"""In place of what a tool found, when any of it goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture as the model gets it: prepared by `documents`, its bytes stored under the SHA-256 `digest`.

    Width and height are in pixels, already multiples of 28.
    """

    digest: str
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool as the model is told about it. `parameters` is a JSON schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The model asks for a tool. `arguments` is the JSON text as the model wrote it, perhaps malformed."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Words that a tool found: of which message, and by whom (keys, as in `Message.id` and `Person.key`)."""

    message: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a call gave. A failed one is a result, too: the model sees the reason.

    `of`: whose words it holds, so that a deletion or a "forget me" finds them.
    """

    call_id: str
    name: str
    content: str
    failed: bool = False
    of: tuple[Whose, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A stretch of a question that came from one source.

    `message` and `author` (keys, as in `Message.id` and `Person.key`) say whose words these are, so that a deletion
    or a "forget me" finds them; both None for what the program says itself (clock, notes). `words`: where in `text`
    (from, to) the message's own words stand, so that an edit can be written through; None where the line holds none.
    `corrects`: the line tells that the message's words have changed; they are its `words`, or another line's.
    `found`: a tool found what it shows; an edit of the message is not told on its account.
    """

    text: str
    images: tuple[Image, ...] = ()
    message: str | None = None
    author: str | None = None
    words: tuple[int, int] | None = None
    corrects: bool = False
    found: bool = False

    @property
    def own(self) -> str | None:
        """The message's own words, as they stand in the text."""
        return None if self.words is None else self.text[self.words[0] : self.words[1]]

    def revised(self, text: str) -> Line:
        """The same line where its message has been changed to `text`."""
        if self.words is None:
            return self
        start, end = self.words
        words = reading(text, limit=CORRECTION_CHARS if self.corrects else None)
        return replace(self, text=self.text[:start] + words + self.text[end:], words=(start, start + len(words)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """The head of a conversation: the persona and the tools, fixed until the next cut."""

    persona: str
    tools: tuple[ToolSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    lines: tuple[Line, ...]

    def without(self, *, messages: Collection[str] = (), author: str | None = None) -> Question:
        """The same question less the lines that came from these messages or this person.

        Where a tool found them all, a sentence stands in their place: the turn goes on after it.
        """
        kept = tuple(line for line in self.lines if not _is_of(line.message, line.author, messages, author))
        if not kept and any(line.found for line in self.lines):
            kept = (Line(text=GONE),)
        return replace(self, lines=kept)

    def showing(self, digests: Collection[str]) -> Question:
        """The same question with no other pictures than these."""
        if all(image.digest in digests for line in self.lines for image in line.images):
            return self
        return replace(
            self,
            lines=tuple(
                replace(line, images=tuple(image for image in line.images if image.digest in digests))
                for line in self.lines
            ),
        )

    def revised(self, message: str, text: str) -> Question:
        """The same question where this message has been changed to `text`; doing it again changes nothing."""
        return replace(
            self, lines=tuple(each.revised(text) if each.message == message else each for each in self.lines)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is told in place of the turns that were cut. Made from people's words, so it is no more than they are: it is
    told to the model like a question, to which the model says `NOTED`."""

    text: str


NOTED = "Noted."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    text: str
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    results: tuple[Result, ...]

    def without(self, *, messages: Collection[str] = (), author: str | None = None) -> Results:
        """The same results; a sentence stands in place of each that holds words of these messages or this person."""
        return replace(
            self,
            results=tuple(
                replace(each, content=GONE, of=())
                if any(_is_of(one.message, one.author, messages, author) for one in each.of)
                else each
                for each in self.results
            ),
        )


def _is_of(message: str | None, by: str | None, messages: Collection[str], author: str | None) -> bool:
    return message in messages or (author is not None and by == author)


Part = Instructions | Summary | Question | Reply | Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part rendered once for one engine.

    `text` is in the engine adapter's own format and stands between control tokens, so that `tokens` of joined
    pieces add up exactly. `tokens` includes the images and, for instructions, the token that opens a prompt.
    `template` names format and tokenizer; pieces of another template have to be rendered again.
    """

    text: str
    tokens: int
    template: str
    images: tuple[Image, ...] = ()


class TurnState(StrEnum):
    """How far a turn came. OPEN rows after a crash are taken up again at the next start."""

    OPEN = "open"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
