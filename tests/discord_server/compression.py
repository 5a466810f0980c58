"""Transport compression: one stream over the whole connection, flushed at each message.

Source: Discord API reference, "Transport Compression": zlib messages end in 00 00 ff ff, zstd is one endless frame.
"""

from __future__ import annotations

import zlib
from typing import Protocol

import zstandard


class Compressor(Protocol):
    def compress(self, text: str) -> bytes: ...


class ZlibStream:
    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def compress(self, text: str) -> bytes:
        return self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor().compressobj()

    def compress(self, text: str) -> bytes:
        return self._stream.compress(text.encode()) + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def compressor(name: str | None) -> Compressor | None:
    """For the `compress` parameter of a connection; None sends text frames. Raises KeyError for another name."""
    if name is None:
        return None
    return {"zlib-stream": ZlibStream, "zstd-stream": ZstdStream}[name]()
