"""What goes through the pipes between the program and its worker: frames, and documents and errors as frames.

A frame is two lengths (four bytes each, network order), a header in JSON and raw bytes. Both ends bound both lengths:
the worker has read a stranger's bytes, so what it says is not believed either.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from typing import cast

from bot.documents.bounds import MIB, Bounds
from bot.errors import AttachmentTooLarge, AttachmentUnreadable
from bot.talk.document import Document, ImageDocument, PageRange, TextDocument
from bot.talk.turn import Image

LENGTHS = struct.Struct(">II")
MAX_HEADER_BYTES = 65_536
MAX_PICTURE_BYTES = 8 * MIB  # 1024 cells of noise as PNG are under 3 MiB
MAX_SIDE = 1540
MEDIA_TYPES = ("image/png", "image/jpeg")
BYTES_PER_CHARACTER = 4  # UTF-8 at its longest

MOST_PAGE = 1_000_000

Header = Mapping[str, object]
Outcome = Document | AttachmentTooLarge | AttachmentUnreadable
READY: Header = {"kind": "ready"}
OUT_OF_MEMORY: Header = {"kind": "memory"}


class BadFrame(Exception):
    """The other end does not keep to the format."""


def opening(header: Header, size: int) -> bytes:
    """A frame up to its raw bytes, of which `size` follow."""
    packed = json.dumps(header).encode("ascii")
    return LENGTHS.pack(len(packed), size) + packed


def lengths(packed: bytes, *, most: int) -> tuple[int, int]:
    """Of header and raw bytes. Raises BadFrame when either is over its limit; `most` is that of the raw bytes."""
    header, size = LENGTHS.unpack(packed)
    if header > MAX_HEADER_BYTES or size > most:
        raise BadFrame(f"a frame of {header} + {size} bytes is over the limit")
    return header, size


def header_of(packed: bytes) -> Header:
    """Raises BadFrame."""
    try:
        header: object = json.loads(packed)
    except (ValueError, RecursionError):
        raise BadFrame("a header is not JSON") from None
    if not isinstance(header, dict):
        raise BadFrame("a header is not an object")
    return cast("Header", header)


def asking(name: str, media_type: str, pages: PageRange | None) -> Header:
    """What the worker is asked for."""
    some = [] if pages is None else [min(pages.first, MOST_PAGE), min(pages.last, MOST_PAGE)]
    return {"name": name, "media_type": media_type, "pages": some}


def pages_asked(header: Header) -> PageRange | None:
    match header:
        case {"pages": [int(first), int(last)]}:
            return PageRange(first=first, last=last)
        case _:
            return None


def longest_answer(bounds: Bounds) -> int:
    """In bytes."""
    return max(MAX_PICTURE_BYTES, bounds.characters * BYTES_PER_CHARACTER)


def to_frame(outcome: Outcome) -> tuple[Header, bytes]:
    match outcome:
        case TextDocument(text=text, pages=pages, shown_pages=shown, first_page=first, cut=cut):
            header = {"kind": "text", "pages": pages, "shown_pages": shown, "first_page": first, "cut": cut}
            return header, text.encode("utf-8")
        case ImageDocument(image=image, data=data):
            header = {"kind": "image", "media_type": image.media_type, "width": image.width, "height": image.height}
            return {**header, "digest": image.digest}, data
        case AttachmentTooLarge(values=values):
            return {"kind": "too-large", "why": str(outcome), "limit": values["limit"]}, b""
        case AttachmentUnreadable():
            return {"kind": "unreadable", "why": str(outcome)}, b""


def from_frame(header: Header, data: bytes, *, name: str, shown_name: str) -> Document:
    """The document, under this name. Raises the attachment's error with `shown_name` in it, or BadFrame."""
    match header:
        case {
            "kind": "text",
            "pages": int(pages),
            "shown_pages": int(shown),
            "first_page": int(first),
            "cut": bool(cut),
        }:
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError:
                raise BadFrame("a text is not UTF-8") from None
            return TextDocument(name=name, text=text, pages=pages, shown_pages=shown, first_page=first, cut=cut)
        case {
            "kind": "image",
            "media_type": str(media_type),
            "width": int(width),
            "height": int(height),
            "digest": str(digest),
        } if media_type in MEDIA_TYPES and 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and data:
            if digest != hashlib.sha256(data).hexdigest():
                raise BadFrame("a picture is not what its digest says")
            picture = Image(digest=digest, media_type=media_type, width=width, height=height)
            return ImageDocument(name=name, image=picture, data=data)
        case {"kind": "too-large", "why": str(why), "limit": str(limit)}:
            raise AttachmentTooLarge(why, name=shown_name, limit=limit)
        case {"kind": "unreadable", "why": str(why)}:
            raise AttachmentUnreadable(why, name=shown_name)
        case _:
            raise BadFrame("an answer of no known kind")
