"""What kind of thing a response is."""

from __future__ import annotations

import re
from enum import StrEnum

from bot.web.address import Refused

HEAD_BYTES = 1024
"""In which something that is no text shows it."""


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
