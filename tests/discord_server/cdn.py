"""Attachment URLs: signed, and dead when they expire.

Source: Discord API reference, "Signed Attachment CDN URLs" (`ex`, `is`, `hm`; a day or so).
"""

from __future__ import annotations

import hashlib
import hmac
import io
import mimetypes
import secrets
import struct
import warnings
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from PIL import Image

from tests.discord_server.clock import Clock
from tests.discord_server.files import Attachment, Upload


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


DOT = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\x00\x80"))
    + _chunk(b"IEND", b"")
)
"""The picture of everyone who has none."""


def guess_type(filename: str) -> str | None:
    return mimetypes.guess_type(filename)[0]


def measure(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, if it is an image; the header alone is read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data)) as image:
                return image.size
        except Exception:
            return None


class Cdn:
    """Keeps the bytes and signs the addresses."""

    def __init__(self, clock: Clock, lifetime: timedelta = timedelta(hours=24)) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(16)
        self._files: dict[tuple[int, int], Attachment] = {}
        self.lifetime = lifetime
        self.base = ""
        """`http://127.0.0.1:port/cdn`, known once the server listens."""

    def keep(self, attachment_id: int, channel_id: int, upload: Upload, *, ephemeral: bool) -> Attachment:
        size = measure(upload.data)
        attachment = Attachment(
            id=attachment_id,
            channel_id=channel_id,
            filename=upload.filename,
            data=upload.data,
            content_type=upload.content_type or guess_type(upload.filename),
            size=len(upload.data) if upload.size is None else upload.size,
            width=size[0] if size else None,
            height=size[1] if size else None,
            description=upload.description,
            ephemeral=ephemeral,
        )
        self._files[channel_id, attachment_id] = attachment
        return attachment

    def forget(self, attachment: Attachment) -> None:
        """The message is gone, and its files with it."""
        self._files.pop((attachment.channel_id, attachment.id), None)

    def url(self, attachment: Attachment, *, proxy: bool = False) -> str:
        """A fresh address, good for `lifetime`."""
        issued = self._clock.now()
        start = f"{int(issued.timestamp()):x}"
        end = f"{int((issued + self.lifetime).timestamp()):x}"
        path = f"{attachment.channel_id}/{attachment.id}/{quote(attachment.filename)}"
        kind = "proxied" if proxy else "attachments"
        return f"{self.base}/{kind}/{path}?ex={end}&is={start}&hm={self._sign(path, end, start)}&"

    def find(self, channel_id: int, attachment_id: int, name: str, query: Mapping[str, str]) -> Attachment | None:
        """The file, unless the address is forged, has expired, or the message is gone."""
        path = f"{channel_id}/{attachment_id}/{quote(name)}"
        end, start = query.get("ex", ""), query.get("is", "")
        if not hmac.compare_digest(query.get("hm", "").encode(), self._sign(path, end, start).encode()):
            return None
        if self._clock.now() >= datetime.fromtimestamp(int(end, 16), UTC):
            return None
        return self._files.get((channel_id, attachment_id))

    def _sign(self, path: str, end: str, start: str) -> str:
        return hmac.new(self._secret, f"{path}|{end}|{start}".encode(), hashlib.sha256).hexdigest()
