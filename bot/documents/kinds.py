"""What an attachment is, decided by its content; name and claimed type only settle what content leaves open."""

from __future__ import annotations

from enum import StrEnum

from bot.documents.names import ending
from bot.errors import AttachmentUnreadable

HEAD_BYTES = 1024  # a PDF may have rubbish before its header, but not more than this


class Kind(StrEnum):
    PNG = "PNG"
    JPEG = "JPEG"
    GIF = "GIF"
    WEBP = "WebP"
    BMP = "BMP"
    PDF = "PDF"
    MARKUP = "HTML"
    TEXT = "text"


PICTURES = frozenset({Kind.PNG, Kind.JPEG, Kind.GIF, Kind.WEBP, Kind.BMP})
_PICTURE_ENDINGS = frozenset(
    {"apng", "avif", "bmp", "gif", "heic", "heif", "ico", "jfif", "jpe", "jpeg", "jpg", "png", "tif", "tiff", "webp"}
)
_MARKUP_ENDINGS = frozenset({"htm", "html", "xhtml"})
_MARKUP_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_BMP_HEADER_SIZES = frozenset({12, 40, 52, 56, 64, 108, 124})
_FOREIGN = {  # what could pass for text in an old encoding
    b"PK\x03\x04": "an archive or office document",
    b"PK\x05\x06": "an archive or office document",
    b"\x1f\x8b": "an archive",
    b"7z\xbc\xaf\x27\x1c": "an archive",
    b"Rar!\x1a\x07": "an archive",
    b"BZh": "an archive",
    b"\xfd7zXZ": "an archive",
    b"\x28\xb5\x2f\xfd": "an archive",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"OggS": "audio or video",
    b"fLaC": "audio or video",
    b"ID3": "audio or video",
    b"\x1aE\xdf\xa3": "audio or video",
}


def kind_of(name: str, media_type: str, data: bytes) -> Kind:
    """Raises AttachmentUnreadable where the content is foreign, or not what name or type promise of it."""
    head = data[:HEAD_BYTES]
    claimed_type = media_type.split(";", maxsplit=1)[0].strip().lower()
    claimed_ending = ending(name)
    picture = _picture(head)
    if picture is not None:
        return picture
    if claimed_ending in _PICTURE_ENDINGS or (claimed_type.startswith("image/") and "svg" not in claimed_type):
        raise AttachmentUnreadable("it is called a picture and is none that can be read")
    claims_pdf = claimed_ending == "pdf" or claimed_type == "application/pdf"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-") or (claims_pdf and b"%PDF-" in head):
        return Kind.PDF
    if claims_pdf:
        raise AttachmentUnreadable("it is called a PDF and is none")
    for magic, what in _FOREIGN.items():
        if head.startswith(magic) and not _plain(head):
            raise AttachmentUnreadable(f"it is {what}")
    return Kind.MARKUP if claimed_ending in _MARKUP_ENDINGS or claimed_type in _MARKUP_TYPES else Kind.TEXT


def _picture(head: bytes) -> Kind | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Kind.GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head.startswith(b"BM") and head[6:10] == bytes(4) and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        return Kind.BMP
    return None


def _plain(head: bytes) -> bool:
    """Whether these are ASCII words only: a note may begin with the letters of a format."""
    return all(byte in (9, 10, 13) or 32 <= byte < 127 for byte in head)
