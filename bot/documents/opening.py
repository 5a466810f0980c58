"""From bytes to a document: finds out what they are and hands them to whoever reads that."""

from __future__ import annotations

from bot.documents.bounds import Bounds
from bot.documents.kinds import PICTURES, Kind, kind_of
from bot.talk.document import Document, PageRange


def open_attachment(
    name: str, media_type: str, data: bytes, bounds: Bounds, pages: PageRange | None = None
) -> Document:
    """The document, its name still empty. Raises AttachmentTooLarge (with `limit`) or AttachmentUnreadable."""
    kind = kind_of(name, media_type, data)
    if kind in PICTURES:
        from bot.documents.images import open_image  # noqa: PLC0415 - the worker imports what it comes to need

        return open_image(kind, data, bounds)
    if kind is Kind.PDF:
        from bot.documents.pdf import open_pdf  # noqa: PLC0415 - as above

        return open_pdf(data, bounds, pages)
    if kind is Kind.MARKUP:
        from bot.documents.markup import open_markup  # noqa: PLC0415 - as above

        return open_markup(data, bounds)
    from bot.documents.text import open_text  # noqa: PLC0415 - as above

    return open_text(data, bounds)
