"""Bodies of responses, decoded piece by piece: a small body that stands for a huge one never becomes huge here."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable, Sequence
from typing import Protocol

import brotli
import zstandard

from bot.web.address import Refused

PIECE = 64 * 1024
"""Bytes that a decoder gives at once, about."""

STACKED = 3
"""Encodings of one body, at most."""

MOST_FRAMES = 1000
"""Of one encoding in a row: each costs something to begin, also where it holds nothing."""

ZSTD_STEP = 64
"""Bytes given to zstandard at once, which has no limit of its own: four of them stand for 128 KiB at most."""

ZSTD_WINDOW = 8 * 2**20
"""As RFC 9659 has it for the web."""


class Undecodable(Exception):
    """The body is not what its headers say."""


class TooMuch(Exception):
    """Decoded, the body is larger than the limit, or made of too many parts."""


class Decoder(Protocol):
    def feed(self, data: bytes) -> Iterable[bytes]:
        """Pieces of what these bytes stand for, made as they are asked for. Raises Undecodable, and TooMuch."""
        ...


class _Frames:
    """How many more may begin."""

    def __init__(self) -> None:
        self._left = MOST_FRAMES

    def begin(self) -> None:
        """Raises TooMuch."""
        self._left -= 1
        if self._left < 0:
            raise TooMuch


class _Zlib:
    """gzip, one or more in a row, and deflate with or without its header."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._frames = _Frames()
        self._begun = False
        self._inflate = zlib.decompressobj(wbits=31 if gzip else 15)

    def feed(self, data: bytes) -> Generator[bytes]:
        try:
            yield from self._feed(data)
        except zlib.error as error:
            raise Undecodable from error

    def _feed(self, data: bytes) -> Generator[bytes]:
        full = False
        while data or full:
            if self._inflate.eof:
                if not self._gzip or not data.lstrip(b"\0"):
                    return
                self._frames.begin()
                self._inflate = zlib.decompressobj(wbits=31)
            if not self._begun and not self._gzip and data and data[0] & 0x0F != 8:
                self._inflate = zlib.decompressobj(wbits=-15)
            self._begun = True
            piece = self._inflate.decompress(data, PIECE)
            full = len(piece) == PIECE
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            yield piece


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def feed(self, data: bytes) -> Generator[bytes]:
        try:
            if self._decompressor.is_finished():
                return
            yield self._decompressor.process(data, output_buffer_limit=PIECE)
            while not self._decompressor.can_accept_more_data():
                yield self._decompressor.process(b"", output_buffer_limit=PIECE)
        except brotli.error as error:
            raise Undecodable from error


class _Zstandard:
    """One frame or more in a row."""

    def __init__(self) -> None:
        self._context = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._frame = self._context.decompressobj()
        self._frames = _Frames()

    def feed(self, data: bytes) -> Generator[bytes]:
        try:
            for start in range(0, len(data), ZSTD_STEP):
                step = data[start : start + ZSTD_STEP]
                while step:
                    if self._frame.eof:
                        self._frames.begin()
                        self._frame = self._context.decompressobj()
                    yield self._frame.decompress(step)
                    step = self._frame.unused_data if self._frame.eof else b""
        except zstandard.ZstdError as error:
            raise Undecodable from error


def encodings(header: str) -> tuple[str, ...]:
    """Of a Content-Encoding, outermost last. Raises Refused for what is not known here."""
    named = tuple(each.strip().lower() for each in header.split(",") if each.strip())
    named = tuple(each.removeprefix("x-") for each in named if each != "identity")
    if len(named) > STACKED:
        raise Refused("the page is encoded too often")
    if unknown := [each for each in named if each not in {"gzip", "deflate", "br", "zstd"}]:
        raise Refused(f"the page has an encoding that is not known here ({unknown[0][:20]!r})")
    return named


class Decoding:
    """A body with these encodings. `most`: bytes, decoded, and at each stage between."""

    def __init__(self, named: Sequence[str], *, most: int) -> None:
        self._stages = [_decoder(each) for each in reversed(named)]
        self._given = [0] * (len(self._stages) + 1)
        self._most = most

    def feed(self, data: bytes) -> Generator[bytes]:
        """Raises Undecodable, and TooMuch after the last piece that is within the limit."""
        yield from self._through(0, data)

    def _through(self, stage: int, data: bytes) -> Generator[bytes]:
        room = self._most - self._given[stage]
        self._given[stage] += len(data)
        if stage == len(self._stages):
            yield data[:room]
        else:
            for piece in self._stages[stage].feed(data[:room]):
                yield from self._through(stage + 1, piece)
        if len(data) > room:
            raise TooMuch


def _decoder(name: str) -> Decoder:
    match name:
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstandard()
        case _:
            return _Zlib(gzip=name == "gzip")
