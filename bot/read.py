"""A message's attachments → documents for its question, with a sentence for each that could not be read."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace

from bot.errors import (
    AttachmentTooLarge,
    AttachmentUnreadable,
    CalanqueError,
    DocumentWorkerDied,
    TooManyAttachments,
)
from bot.languages.phrases import Phrases
from bot.ports import Documents, Platform, Store
from bot.talk.document import Document, ImageDocument, PageRange, Reading
from bot.talk.message import Attachment, Message

log = logging.getLogger(__name__)

MEBIBYTE = 1024 * 1024
SEEN_NAME = 60  # characters of a file's name in a sentence


class Reader:
    """Reads attachments within limits: `attachments` per message, `mebibytes` each."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Platform],
        documents: Documents,
        *,
        attachments: int,
        mebibytes: int,
        phrases: Phrases,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._documents = documents
        self._attachments = attachments
        self._mebibytes = mebibytes
        self._phrases = phrases

    async def read(self, message: Message, *, vision: bool) -> Reading:
        """The message's own attachments, then those of what it quotes. Never raises for a bad attachment."""
        own: list[tuple[Attachment, str | None, str | None]] = [(each, None, None) for each in message.attachments]
        quoted = [
            (each, message.source(quote), quote.author_key) for quote in message.quotes for each in quote.attachments
        ]
        everything = own + quoted
        if not everything:
            return Reading()
        documents: list[Document] = []
        problems: list[str] = []
        phrases = await self._phrases.heard(message.conversation, message.author)
        if len(everything) > self._attachments:
            problems.append(phrases.explain(TooManyAttachments(limit=self._attachments)))
        blind = False
        for attachment, source, author in everything[: self._attachments]:
            document, problem = await self._tried(self._platforms[message.place.platform], attachment, phrases)
            if problem:
                problems.append(problem)
            elif isinstance(document, ImageDocument) and not vision:
                blind = True
            elif document is not None:
                documents.append(replace(document, message=source, author=author))
        if blind:
            problems.append(phrases.say("no-vision"))
        # Last, so that pictures of a message that is deleted meanwhile are not stored for nothing.
        for document in documents:
            if isinstance(document, ImageDocument):
                await self._store.save_image(document.image, document.data)
        return Reading(documents=tuple(documents), problems=tuple(problems))

    async def open(self, platform: str, attachment: Attachment, *, pages: PageRange | None = None) -> Document:
        """See `OpensFiles`."""
        document = await self._read_one(self._platforms[platform], attachment, pages=pages)
        if isinstance(document, ImageDocument):
            await self._store.save_image(document.image, document.data)
        return document

    async def _tried(self, platform: Platform, attachment: Attachment, phrases: Phrases) -> tuple[Document | None, str]:
        """The document, or what people are told instead."""
        try:
            return await self._read_one(platform, attachment), ""
        except (AttachmentTooLarge, AttachmentUnreadable, DocumentWorkerDied) as error:
            error.values["name"] = _shown(attachment.name)
            return None, phrases.explain(error)
        except CalanqueError as error:
            log.warning("an attachment could not be fetched: %s", error)
        except Exception:
            # One bad file must not take the answer with it.
            log.exception("an attachment could not be read")
        return None, phrases.say("attachment-unreadable", name=_shown(attachment.name))

    async def _read_one(
        self, platform: Platform, attachment: Attachment, *, pages: PageRange | None = None
    ) -> Document:
        limit = self._mebibytes * MEBIBYTE
        too_large = AttachmentTooLarge(name=_shown(attachment.name), limit=f"{self._mebibytes} MiB")
        if attachment.size > limit:
            raise too_large
        data = bytearray()
        async with aclosing(platform.fetch(attachment)) as blocks:
            async for block in blocks:
                data += block
                if len(data) > limit:
                    raise too_large
        return await self._documents.read(attachment.name, attachment.media_type, bytes(data), pages=pages)


def _shown(name: str) -> str:
    """A file's name as it may stand in a sentence of ours: short, printable, no Markdown."""
    clean = "".join(each for each in name if each.isprintable() and each not in "*_`~|<>[]()@#\\")
    return clean if len(clean) <= SEEN_NAME else f"{clean[: SEEN_NAME - 1]}…"
