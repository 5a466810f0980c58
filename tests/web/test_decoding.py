"""Bodies are decoded piece by piece, and never beyond the limit."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bot.web.address import Refused
from bot.web.decoding import Decoding, TooMuch, Undecodable, encodings
from tests.web.bombs import BOMBS, MIB, deflated, hollow, nested

ENCODE = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}
MOST = 4 * MIB


def decode(named: tuple[str, ...], data: bytes, *, most: int = MOST, block: int = 65536) -> tuple[bytes, bool]:
    decoding, whole = Decoding(named, most=most), bytearray()
    try:
        for start in range(0, len(data), block):
            for piece in decoding.feed(data[start : start + block]):
                whole += piece
    except TooMuch:
        return bytes(whole), True
    return bytes(whole), False


@given(
    st.binary(max_size=3000),
    st.integers(1, 200),
    st.lists(st.sampled_from(sorted(ENCODE)), max_size=3),
    st.integers(1, 5000),
)
def test_what_was_encoded_comes_out_as_it_was(data: bytes, times: int, named: list[str], block: int) -> None:
    body = data * times
    packed = body
    for each in named:
        packed = ENCODE[each](packed)
    assert decode(tuple(named), packed, block=block) == (body, False)


def test_deflate_without_its_header_and_bodies_in_several_members_are_read() -> None:
    packing = zlib.compressobj(9, wbits=-15)
    assert decode(("deflate",), packing.compress(b"raw") + packing.flush()) == (b"raw", False)
    assert decode(("gzip",), gzip.compress(b"one ") + gzip.compress(b"two")) == (b"one two", False)
    assert decode(("gzip",), gzip.compress(b"one") + bytes(100)) == (b"one", False)
    two = zstandard.ZstdCompressor().compress(b"one ") + zstandard.ZstdCompressor().compress(b"two")
    assert decode(("zstd",), two, block=3) == (b"one two", False)


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_bomb_is_decoded_up_to_the_limit_and_takes_little_memory(name: str) -> None:
    bomb = BOMBS[name](64)
    tracemalloc.start()
    try:
        whole, cut = decode((name,), bomb)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (whole, cut) == (bytes(MOST), True)
    assert most < 4 * MOST


def test_bombs_inside_bombs_end_at_the_limit_of_any_stage() -> None:
    assert decode(("gzip", "gzip"), nested(16)) == (bytes(MOST), True)
    assert decode(("gzip", "gzip"), hollow(8)) == (b"", True)
    assert decode(("deflate",), deflated(64, raw=True)) == (bytes(MOST), True)


@pytest.mark.parametrize("name", sorted(ENCODE))
def test_what_is_not_encoded_as_it_says_is_told(name: str) -> None:
    with pytest.raises(Undecodable):
        decode((name,), b"\x17\x02 this is nothing of the kind " * 40)


def test_a_zstandard_frame_that_wants_more_memory_than_the_web_allows_is_refused() -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=27)
    packing = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    with pytest.raises(Undecodable):
        decode(("zstd",), packing.compress(b"a" * 1000) + packing.flush())


def test_only_encodings_that_are_known_are_taken_and_only_a_few_of_them() -> None:
    assert encodings("") == encodings("identity") == ()
    assert encodings("GZip , br") == ("gzip", "br")
    assert encodings("x-gzip") == ("gzip",)
    for header in ("compress", "gzip, gzip, gzip, gzip", "gzip, sdch", "dcb"):
        with pytest.raises(Refused):
            encodings(header)


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_a_body_of_nothing_but_empty_frames_holds_nobody_up(name: str) -> None:
    empty = ENCODE[name](b"")
    packed = gzip.compress(empty * (MOST // len(empty)))
    begun = time.process_time()
    assert decode((name, "gzip"), packed) == (b"", True)
    assert time.process_time() - begun < 1  # seconds; without a bound it is five
