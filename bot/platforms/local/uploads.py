"""Files that people put on the page: streamed in under a cap, given out so that they can do no harm."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import PurePosixPath
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from bot.errors import AttachmentTooLarge, AttachmentUnreadable
from bot.platforms.local.gate import Window
from bot.platforms.local.keeping import Keeping
from bot.platforms.local.people import clean_name
from bot.platforms.local.refusal import Refused, reply
from bot.platforms.local.wire import UploadWire
from bot.ports import Clock
from bot.settings import Limits
from bot.talk.message import Attachment
from bot.talk.record import Upload

AT_A_TIME = 4
UPLOADS = 300
WINDOW_SECONDS = 600
BYTES = 1024**3
"""Taken in at most in a window, give or take the last files; files that are refused count, too."""

SECONDS = 300
KNOWN = 2000
BLOCK = 64 * 1024
FILE_NAME_CHARS = 120
_ID = re.compile(r"[0-9a-f]{32}")
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,80}")


def picture_type(data: bytes) -> str | None:
    """What kind of picture the first bytes are, of the kinds every browser shows without running anything."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def file_name(name: str) -> str:
    """The last part of a name, in one visible line, its end kept."""
    return clean_name(PurePosixPath(name.replace("\\", "/")).name)[-FILE_NAME_CHARS:] or "file"


class Uploads:
    """Takes files in and gives them out."""

    def __init__(self, *, store: Keeping, clock: Clock, limits: Limits) -> None:
        self._store = store
        self._clock = clock
        self._bytes = limits.attachment_mib * 1024 * 1024
        self._mib = limits.attachment_mib
        self._places = asyncio.Semaphore(AT_A_TIME)
        self._window = Window(UPLOADS, WINDOW_SECONDS)
        self._taken: deque[tuple[float, int]] = deque()
        self._known: OrderedDict[str, Attachment] = OrderedDict()

    async def take(self, request: web.Request) -> web.Response:
        """POST /api/uploads: the body is the file, or a form with one."""
        now = self._clock.monotonic()
        wait = max(self._window.wait(now), self._full(now))
        if wait > 0:
            raise Refused(429, "page-too-many-uploads", seconds=int(wait) + 1)
        self._window.note(now)
        try:
            async with asyncio.timeout(SECONDS), self._places:
                attachment = await self._receive(request)
        except TimeoutError:
            raise Refused(408, "page-upload-slow") from None
        return reply(UploadWire.of(attachment), status=201)

    def _full(self, now: float) -> float:
        """Seconds until so many bytes have not been taken in any more."""
        while self._taken and self._taken[0][0] <= now - WINDOW_SECONDS:
            self._taken.popleft()
        if sum(size for _, size in self._taken) < BYTES:
            return 0.0
        return self._taken[0][0] + WINDOW_SECONDS - now

    async def give(self, request: web.Request) -> web.Response:
        """GET /api/uploads/{id}: pictures are shown, everything else is saved, nothing is run."""
        upload = await self._find(request.match_info["upload"])
        if upload is None:
            raise Refused(404, "page-not-found")
        sniffed = picture_type(upload.data)
        disposition = "inline" if sniffed else "attachment"
        return web.Response(
            body=upload.data,
            content_type=sniffed or "application/octet-stream",
            headers={
                "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(upload.name, safe='')}",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": "private, max-age=3600, immutable",
            },
        )

    async def attachment(self, upload_id: str) -> Attachment:
        """What a message carries for an upload. Raises Refused for one that is not there."""
        known = self._known.get(upload_id)
        if known is not None:
            return known
        upload = await self._find(upload_id)
        if upload is None:
            raise Refused(422, "page-upload-gone")
        return self._describe(upload)

    async def fetch(self, attachment: Attachment) -> AsyncGenerator[bytes]:
        """The bytes in blocks. Raises AttachmentUnreadable when they are gone."""
        upload = await self._find(attachment.source)
        if upload is None:
            raise AttachmentUnreadable("The upload is not in the store any more.", name=attachment.name)
        for start in range(0, len(upload.data), BLOCK):
            yield upload.data[start : start + BLOCK]

    async def _find(self, upload_id: str) -> Upload | None:
        return await self._store.upload(upload_id) if _ID.fullmatch(upload_id) else None

    async def _receive(self, request: web.Request) -> Attachment:
        if request.content_type == "multipart/form-data":
            part = await self._file_part(request)
            name, kind = file_name(part.filename or ""), part.headers.get("Content-Type", "")
            data = await self._collect(name, _blocks(part))
        else:
            name, kind = file_name(request.query.get("name", "")), request.headers.get("Content-Type", "")
            if (request.content_length or 0) > self._bytes:
                raise self._too_large(name)
            data = await self._collect(name, request.content.iter_chunked(BLOCK))
        if not data:
            raise Refused(422, "page-empty-file", name=name)
        claimed = kind.split(";", maxsplit=1)[0].strip().lower()
        media_type = claimed if _TYPE.fullmatch(claimed) else "application/octet-stream"
        upload = Upload(id=uuid.uuid4().hex, name=name, media_type=media_type, data=data)
        await self._store.save_upload(upload, at=self._clock.now())
        return self._describe(upload)

    @staticmethod
    async def _file_part(request: web.Request) -> BodyPartReader:
        try:
            part = await (await request.multipart()).next()
        except ValueError:
            part = None
        if not isinstance(part, BodyPartReader) or part.filename is None:
            raise Refused(422, "page-bad-request", field="file")
        return part

    async def _collect(self, name: str, blocks: AsyncIterator[bytes]) -> bytes:
        data = bytearray()
        try:
            async for block in blocks:
                data += block
                if len(data) > self._bytes:
                    raise self._too_large(name)
        finally:
            self._taken.append((self._clock.monotonic(), len(data)))
        return bytes(data)

    def _too_large(self, name: str) -> AttachmentTooLarge:
        return AttachmentTooLarge("An upload is over LIMITS_ATTACHMENT_MIB.", name=name, limit=f"{self._mib} MiB")

    def _describe(self, upload: Upload) -> Attachment:
        attachment = Attachment(
            id=upload.id, name=upload.name, media_type=upload.media_type, size=len(upload.data), source=upload.id
        )
        self._known[upload.id] = attachment
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)
        return attachment


async def _blocks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while block := await part.read_chunk(BLOCK):
        yield block
