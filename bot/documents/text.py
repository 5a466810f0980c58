"""Text files, in whatever encoding they came.

A byte order mark decides, else valid UTF-8, else Windows-1252, the common encoding of old Western files, where the
bytes look like text in it. Binary content is refused.
"""

from __future__ import annotations

import codecs
import re

from bot.documents.bounds import Bounds
from bot.errors import AttachmentUnreadable
from bot.talk.document import TextDocument

MAX_ODD_SHARE = 0.02  # of control characters in something that is still text
MAX_HIGH_SHARE = 0.4  # of bytes over 127 in an old Western encoding
SAMPLE = 65_536  # characters that are looked at to tell text from binary

_MARKS = (  # the longer ones first: a UTF-32 mark starts with a UTF-16 one
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ODD = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_COLOURS = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]")  # terminals' colours and cursor moves, common in logs
_LINE_ENDS = re.compile(r"\r\n?|\f|\v|\x85|\u2028|\u2029")


def decode(data: bytes, *, encoding: str | None = None) -> str:
    """The text of a file, newlines as "\\n". `encoding` is what the file says of itself, where it does.

    Raises AttachmentUnreadable for binary content.
    """
    text = _decoded(data, encoding)
    if "\0" in text:
        raise AttachmentUnreadable("it is binary, not text")
    sample = _COLOURS.sub("", text[:SAMPLE])
    if len(_ODD.findall(sample)) > MAX_ODD_SHARE * len(sample):
        raise AttachmentUnreadable("it is binary, not text")
    return tidy(text)


def tidy(text: str) -> str:
    """Without control characters, newlines as "\\n"."""
    return _ODD.sub("", _LINE_ENDS.sub("\n", _COLOURS.sub("", text)))


def cut(text: str, bounds: Bounds) -> TextDocument:
    """A document of at most the allowed number of characters."""
    return TextDocument(name="", text=text[: bounds.characters], cut=len(text) > bounds.characters)


def open_text(data: bytes, bounds: Bounds) -> TextDocument:
    """Raises AttachmentUnreadable for binary content."""
    return cut(decode(data), bounds)


def _decoded(data: bytes, encoding: str | None) -> str:
    for mark, marked in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(marked)
            except UnicodeDecodeError:
                raise AttachmentUnreadable(f"it is marked as {marked} and is not") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if encoding is not None:
        return data.decode(encoding, errors="replace")
    if b"\0" in data or _high_share(data[:SAMPLE]) > MAX_HIGH_SHARE:
        raise AttachmentUnreadable("it is binary, not text")
    return data.decode("cp1252", errors="replace")


def _high_share(sample: bytes) -> float:
    return len(sample.translate(None, delete=bytes(range(128)))) / max(1, len(sample))
