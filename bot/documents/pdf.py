"""The text of a PDF, page by page. Nothing is rendered, nothing in the file is run.

A PDF without any text (a scan) is a document with the empty text: it was opened, and only the caller knows how to say
that there is nothing to read in it.
"""

from __future__ import annotations

import pypdfium2

from bot.documents.bounds import Bounds
from bot.documents.text import tidy
from bot.errors import AttachmentUnreadable
from bot.talk.document import PageRange, TextDocument

NO_TEXT = "(no text)"


def open_pdf(data: bytes, bounds: Bounds, wanted: PageRange | None = None) -> TextDocument:
    """Pages are marked "[page 3]". Raises AttachmentUnreadable for a broken or password-protected file."""
    first = 1 if wanted is None else max(1, wanted.first)
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            pages = len(pdf)
            texts: list[str] = []
            length = 0
            last = pages if wanted is None else min(pages, wanted.last)
            for index in range(first - 1, min(last, first - 1 + bounds.pages)):
                texts.append(_page(pdf, index))
                length += len(texts[-1])
                if length > bounds.characters:
                    break
    except pypdfium2.PdfiumError as error:
        protected = "password" in str(error).lower()
        raise AttachmentUnreadable("a password protects it" if protected else "the PDF is broken") from None
    if pages == 0:
        raise AttachmentUnreadable("the PDF has no pages")
    if not any(texts):
        return TextDocument(
            name="", text="", pages=pages, shown_pages=len(texts), first_page=first, cut=len(texts) < pages
        )
    text = "\n\n".join(f"[page {number}]\n{said or NO_TEXT}" for number, said in enumerate(texts, first))
    over = len(text) > bounds.characters
    return TextDocument(
        name="",
        text=text[: bounds.characters],
        pages=pages,
        shown_pages=len(texts),
        first_page=first,
        cut=over or len(texts) < pages,
    )


def _page(pdf: pypdfium2.PdfDocument, index: int) -> str:
    """What is visible within the page's bounds; a page that cannot be read is empty, the others still count."""
    try:
        page = pdf[index]
    except pypdfium2.PdfiumError:
        return ""
    try:
        words = page.get_textpage()
        try:
            return tidy(words.get_text_bounded()).strip()
        finally:
            words.close()
    finally:
        page.close()
