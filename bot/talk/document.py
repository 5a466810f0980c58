"""What `documents` makes of an attachment."""

from __future__ import annotations

from dataclasses import dataclass

from bot.talk.turn import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRange:
    """Pages from `first` to `last`, both among them; the first of a document is 1."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDocument:
    """The text of a file. `shown_pages`/`pages` differ where a limit cut it (1/1 for files without pages).

    `first_page`: of those that are shown, where only some were asked for. `message` and `author` as in `Line`: whose
    file it is, where somebody else's was quoted.
    """

    name: str
    text: str
    pages: int = 1
    shown_pages: int = 1
    first_page: int = 1
    cut: bool = False
    message: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDocument:
    """A picture ready for the model: upright, without metadata, pre-scaled; `data` are the bytes to store and send.

    `message` and `author` as in `TextDocument`.
    """

    name: str
    image: Image
    data: bytes
    message: str | None = None
    author: str | None = None


Document = TextDocument | ImageDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What could be read of a message's attachments, and what people are told about the rest."""

    documents: tuple[Document, ...] = ()
    problems: tuple[str, ...] = ()
