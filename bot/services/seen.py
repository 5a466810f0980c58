"""Looking again at files that were posted earlier, as one asker and one audience may see them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.errors import BackendError, BadCall, UserError
from bot.ports.rights import Rights
from bot.ports.seen import OpensFiles, PostedFile, PostedFiles
from bot.talk.document import Document, ImageDocument, PageRange, TextDocument
from bot.talk.found import Found, Source
from bot.talk.message import Message
from bot.talk.reach import NOWHERE, Reach
from bot.talk.turn import Whose

MOST_PAGES = 20
"""Of a document, at a time."""

PAGE_CHARS = 4_000
"""A page of a file that has none of its own."""

NO_SUCH_FILE = "there is no file of that name that could be looked at here"

_PAGES = re.compile(r"\s*(\d{1,6})\s*(?:[-–—]\s*(\d{1,6})\s*)?")
_MESSAGE = re.compile(r"(?:.*[/\s])?([\w:-]{1,100})[/\s]*", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What all looks share. `vision`: whether the model that answers on a platform sees pictures."""

    store: PostedFiles
    opens: OpensFiles
    vision: Callable[[str], bool]


class AskedSeen:
    """The port `Seen`, for one question. Files of the place itself may always be seen there; without `rights`, no
    others."""

    def __init__(self, files: Files, rights: Rights | None, message: Message) -> None:
        self._files = files
        self._rights = rights
        self._asking = message

    async def look(self, name: str, *, message: str = "", pages: str = "") -> Found:
        wanted = _range(pages)
        reach = await self._reach()
        rooms = reach.here | {self._asking.place.room}
        within = _MESSAGE.fullmatch(message.strip()) if message.strip() else None
        if message.strip() and within is None:
            raise ValueError("a message is named by its id or its link")
        found = await self._files.store.posted_files(
            rooms, name=name, message=within.group(1) if within else "", asking=self._asking.id, limit=1
        )
        if not found:
            return Found(text=NO_SUCH_FILE, privately=reach.more_alone)
        (file,) = found
        try:
            document = await self._files.opens.open(file.place.platform, file.attachment, pages=wanted or FIRST)
        except UserError as error:
            raise BadCall(f"that file cannot be opened: {error}") from None
        except BackendError:
            raise BadCall("that file cannot be fetched at the moment") from None
        text = self._told(file, document, wanted)
        images = (document.image,) if isinstance(document, ImageDocument) and self._sees(file) else ()
        source = Source(title=_title(file), url=self._link(file))
        return Found(text=text, images=images, sources=(source,), privately=reach.more_alone, of=_whose(found))

    async def latest(self, *, limit: int) -> Found:
        rooms = {self._asking.place.room}
        found = await self._files.store.posted_files(rooms, asking=self._asking.id, limit=limit)
        if not found:
            return Found(text="no file was posted here that is still kept")
        lines = "\n".join(f"- {_named(file)}" for file in found)
        return Found(text=f"The latest files here:\n{lines}", of=_whose(found))

    async def _reach(self) -> Reach:
        if self._rights is None:
            return NOWHERE
        return await self._rights.reach(self._asking.author, self._asking.conversation)

    def _sees(self, file: PostedFile) -> bool:
        return self._files.vision(self._asking.place.platform)

    def _link(self, file: PostedFile) -> str:
        return "" if self._rights is None else self._rights.link(file.place, file.message)

    def _told(self, file: PostedFile, document: Document, wanted: PageRange | None) -> str:
        if isinstance(document, ImageDocument):
            if wanted is not None and wanted.last > 1:
                raise ValueError("that file is a picture; it has no pages")
            if not self._sees(file):
                return f"{_named(file)} is a picture, and you cannot see pictures: say so"
            return f"{_named(file)} is shown to you below"
        if document.pages == 1 and not document.text.startswith("[page 1]\n"):
            document = _paged(document, wanted or FIRST)
        if document.shown_pages < 1:
            raise ValueError(f"that file ends with page {document.pages}")
        shown = document.first_page + document.shown_pages - 1
        if document.pages == 1:
            head = _named(file)
        else:
            head = f"{_named(file)}, pages {document.first_page} to {shown} of {document.pages}"
        note = "\n[only so much of the file is read]" if document.cut and shown == document.pages else ""
        return f"{head}:\n{document.text.strip() or '(there are no words on it)'}{note}"


FIRST = PageRange(first=1, last=MOST_PAGES)


def _range(pages: str) -> PageRange | None:
    """Raises ValueError."""
    if not pages.strip():
        return None
    found = _PAGES.fullmatch(pages)
    if found is None:
        raise ValueError('give pages like "3" or "12-15"')
    first, last = int(found.group(1)), int(found.group(2) or found.group(1))
    if not 1 <= first <= last:
        raise ValueError("pages count from 1, and the first comes before the last")
    if last - first >= MOST_PAGES:
        raise ValueError(f"at most {MOST_PAGES} pages at a time")
    return PageRange(first=first, last=last)


def _paged(document: TextDocument, wanted: PageRange) -> TextDocument:
    """A text in pages of a bounded length, which end with a line where they can."""
    pages: list[str] = [""]
    for line in document.text.splitlines(keepends=True):
        for start in range(0, len(line), PAGE_CHARS):
            part = line[start : start + PAGE_CHARS]
            if len(pages[-1]) + len(part) > PAGE_CHARS:
                pages.append("")
            pages[-1] += part
    shown = pages[wanted.first - 1 : wanted.last]
    return TextDocument(
        name=document.name,
        text="".join(shown),
        pages=len(pages),
        shown_pages=len(shown),
        first_page=wanted.first,
        cut=document.cut,
    )


def _whose(files: Sequence[PostedFile]) -> tuple[Whose, ...]:
    return tuple(dict.fromkeys(Whose(message=file.message, author=file.author_key) for file in files))


def _title(file: PostedFile) -> str:
    """Where it stands, and not how somebody called it: the title stays under an answer when the file has gone."""
    return f"{' '.join(file.author.split())} in #{file.place.name or file.place.id}, {file.sent_at:%Y-%m-%d}"


def _named(file: PostedFile) -> str:
    name = " ".join(file.attachment.name.split())
    author = " ".join(file.author.split())
    return f'"{name}" (posted by {author} on {file.sent_at:%Y-%m-%d %H:%M} UTC, message {file.message})'
