"""What kind of thing a response is, and in which characters it is written."""

from __future__ import annotations

import codecs
import re
from email.message import Message
from enum import StrEnum

from bot.web.address import Refused

HEAD_BYTES = 1024
"""In which a page says how it is written."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s{0,16}<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})["']""")
_TEXTS = re.compile(
    r"(?:utf-?8(?:-sig)?|utf-?16(?:-?[lb]e)?|us-?ascii|ascii|iso-?8859-\d{1,2}|latin-?1|windows-\d{3,4}|cp\d{3,4}"
    r"|shift[_-]?jis|sjis|euc-(?:jp|kr)|iso-2022-jp|gb2312|gbk|gb18030|big5(?:-hkscs)?|koi8-[ru]|mac-?roman|tis-620)",
    re.IGNORECASE,
)

_AS_WINDOWS = frozenset({"iso-8859-1", "latin1", "latin-1", "ascii", "us-ascii"})
"""What browsers read as windows-1252, which holds all of these and a few characters more."""


class Kind(StrEnum):
    HTML = "html"
    TEXT = "text"
    PDF = "pdf"


def kind_of(header: str, start: bytes) -> Kind:
    """Raises Refused for what is no text. Without a header, `start` decides."""
    media = header.partition(";")[0].strip().lower()
    if not media:
        begins = start.lstrip()[:64].lower()
        if begins.startswith((b"<!doctype html", b"<html", b"<head")):
            return Kind.HTML
        if b"\0" in start[:HEAD_BYTES]:
            raise Refused("this is no text, and does not say what it is")
        return Kind.TEXT
    if media in {"text/html", "application/xhtml+xml"}:
        return Kind.HTML
    if media == "application/pdf":
        return Kind.PDF
    if media in {"text/plain", "text/markdown", "text/x-markdown", "text/csv", "text/xml"} or re.fullmatch(
        r"application/(?:[a-z0-9.-]+\+)?(?:json|xml)", media
    ):
        return Kind.TEXT
    raise Refused(f"this is {media[:60]!r}; only pages, texts, JSON, XML and PDF can be read")


def decoded(data: bytes, header: str) -> str:
    """As the header, its first bytes or its own words say; else as UTF-8. What is no character is replaced."""
    return data.decode(_encoding(data, header), errors="replace")


def _encoding(data: bytes, header: str) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    message = Message()
    message["Content-Type"] = header
    said: list[str] = [str(message.get_param("charset") or "")]
    said += [found[1].decode("ascii") for found in (_META.search(data[:HEAD_BYTES]), _XML.search(data)) if found]
    for name in said:
        if _TEXTS.fullmatch(name):
            try:
                return codecs.lookup("windows-1252" if name.lower() in _AS_WINDOWS else name).name
            except LookupError:
                continue
    return "utf-8"
