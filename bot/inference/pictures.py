"""The pictures of a prompt, from wherever they are kept; and one that is always there, for the doctor's tests."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping

from bot.errors import EngineRefused
from bot.ports import ImageBytes
from bot.talk.prompt import Prompt
from bot.talk.turn import Image

_WIDTH, _HEIGHT = 308, 196


async def pictures_of(prompt: Prompt, images: ImageBytes) -> Mapping[str, bytes]:
    """Bytes by digest. Raises EngineRefused where one is no longer kept."""
    digests = {image.digest for piece in prompt.pieces for image in piece.images}
    own = {SAMPLE.digest: _SAMPLE_BYTES} if SAMPLE.digest in digests else {}
    wanted = digests - own.keys()
    found = await images.images(wanted) if wanted else {}
    if wanted - found.keys():
        raise EngineRefused("a picture of this conversation is no longer kept; its piece must be rendered again")
    return {**found, **own}


def _plain_png() -> bytes:
    """A picture in one colour; two kilobytes of code for drawing are not worth a library in this room."""
    row = b"\0" + bytes((20, 90, 160)) * _WIDTH
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * _HEIGHT)), (b"IEND", b""))
    written = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


_SAMPLE_BYTES = _plain_png()
SAMPLE = Image(digest=hashlib.sha256(_SAMPLE_BYTES).hexdigest(), media_type="image/png", width=_WIDTH, height=_HEIGHT)
