"""Bodies that are small on the wire and huge when they are decoded; made piece by piece, never whole."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli
import zstandard

MIB = 2**20
ZEROS = bytes(MIB)


def gzipped(mebibytes: int, *, piece: bytes = ZEROS) -> bytes:
    packing = zlib.compressobj(9, wbits=31)
    return b"".join([packing.compress(piece) for _ in range(mebibytes)] + [packing.flush()])


def deflated(mebibytes: int, *, raw: bool = False) -> bytes:
    packing = zlib.compressobj(9, wbits=-15 if raw else 15)
    return b"".join([packing.compress(ZEROS) for _ in range(mebibytes)] + [packing.flush()])


def brotlied(mebibytes: int, *, quality: int = 5) -> bytes:
    packing = brotli.Compressor(quality=quality)
    return b"".join([packing.process(ZEROS) for _ in range(mebibytes)] + [packing.finish()])


def zstded(mebibytes: int) -> bytes:
    packing = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join([packing.compress(ZEROS) for _ in range(mebibytes)] + [packing.flush()])


BOMBS: dict[str, Callable[[int], bytes]] = {"gzip": gzipped, "deflate": deflated, "br": brotlied, "zstd": zstded}


def nested(mebibytes: int) -> bytes:
    """A gzip of a gzip, each of which is a thousand times smaller than what is in it."""
    return zlib_of(gzipped(mebibytes))


def hollow(mebibytes: int) -> bytes:
    """A gzip of empty gzip members: decoded once it is large, decoded twice it is nothing."""
    empty = gzipped(0)
    return gzipped(mebibytes, piece=empty * (MIB // len(empty)))


def zlib_of(data: bytes) -> bytes:
    packing = zlib.compressobj(9, wbits=31)
    return packing.compress(data) + packing.flush()
