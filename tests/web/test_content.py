"""What a response is, and how it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.address import Refused
from bot.web.charset import decoded
from bot.web.content import Kind, kind_of


@pytest.mark.parametrize(
    ("media", "start", "kind"),
    [
        ("text/html; charset=utf-8", b"", Kind.HTML),
        ("application/xhtml+xml", b"", Kind.HTML),
        ("TEXT/PLAIN", b"", Kind.TEXT),
        ("text/markdown", b"", Kind.TEXT),
        ("application/json", b"", Kind.TEXT),
        ("application/ld+json", b"", Kind.TEXT),
        ("application/rss+xml", b"", Kind.TEXT),
        ("text/xml", b"", Kind.TEXT),
        ("application/pdf", b"", Kind.PDF),
        ("", b"  <!DOCTYPE html><p>", Kind.HTML),
        ("", b"plain words", Kind.TEXT),
    ],
)
def test_pages_texts_and_documents_are_known_by_their_type(media: str, start: bytes, kind: Kind) -> None:
    assert kind_of(media, start) is kind


@pytest.mark.parametrize(
    "media", ["image/png", "video/mp4", "application/octet-stream", "application/zip", "x", "text/css"]
)
def test_anything_else_is_refused_with_its_type(media: str) -> None:
    with pytest.raises(Refused, match=media):
        kind_of(media, b"")


def test_bytes_without_a_type_are_no_text() -> None:
    with pytest.raises(Refused):
        kind_of("", b"\x7fELF\0\0")


@pytest.mark.parametrize(
    ("data", "header", "text"),
    [
        ("héllo".encode(), "text/html", "héllo"),
        ("héllo".encode("latin-1"), "text/html; charset=ISO-8859-1", "héllo"),
        ("“héllo”".encode("cp1252"), "text/html; charset=latin1", "“héllo”"),
        ("日本".encode("shift_jis"), 'text/html; charset="Shift_JIS"', "日本"),
        (b"\xef\xbb\xbf" + "é".encode(), "text/html; charset=latin1", "é"),
        ("é".encode("utf-16"), "text/plain", "é"),
        (
            b'<meta charset="windows-1251">' + "привет".encode("cp1251"),
            "text/html",
            '<meta charset="windows-1251">привет',
        ),
        (
            b"<?xml version='1.0' encoding='euc-jp'?>" + "語".encode("euc-jp"),
            "",
            "<?xml version='1.0' encoding='euc-jp'?>語",
        ),
        ("é".encode(), "text/html; charset=unicode_escape", "é"),
        ("é".encode(), "text/html; charset=zlib", "é"),
        ("é".encode(), "text/html; charset=windows-9999", "é"),
        (b"a\xffb", "text/plain", "a\ufffdb"),
    ],
)
def test_characters_are_read_as_the_header_the_mark_or_the_page_says(data: bytes, header: str, text: str) -> None:
    assert decoded(data, header) == text


@given(st.binary(max_size=300), st.text(max_size=60))
def test_whatever_comes_is_read_as_some_text(data: bytes, header: str) -> None:
    assert isinstance(decoded(data, header), str)
