"""Text files, HTML and PDFs become text; what is none of these is refused."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from bot.documents.reader import DocumentReader
from bot.errors import AttachmentUnreadable
from bot.settings import Limits
from bot.talk.document import PageRange, TextDocument
from tests.documents.conftest import HandClock
from tests.documents.samples import locked_pdf, pdf

HELLO = "Grüße, žluťoučký kůň, 日本語, 🙂\nsecond line\n"


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def reader(lasting_reader: DocumentReader) -> DocumentReader:
    return lasting_reader


async def text(reader: DocumentReader, data: bytes, name: str = "notes.txt", media_type: str = "") -> TextDocument:
    document = await reader.read(name, media_type, data)
    assert isinstance(document, TextDocument)
    return document


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
async def test_unicode_is_read_in_every_encoding(reader: DocumentReader, encoding: str) -> None:
    document = await text(reader, HELLO.encode(encoding))
    assert document == TextDocument(name="notes.txt", text=HELLO)


async def test_an_old_western_file_is_read(reader: DocumentReader) -> None:
    assert (await text(reader, "déjà vu – “naïve”, 5 €".encode("cp1252"))).text == "déjà vu – “naïve”, 5 €"


@pytest.mark.parametrize("name", ["main.py", "data.csv", "x.json", "a.log", "Makefile", "drawing.svg", "mpeg.ts", "é"])
async def test_any_name_will_do_for_text(reader: DocumentReader, name: str) -> None:
    assert (await text(reader, b"<a>1,2</a>", name, "application/octet-stream")).text == "<a>1,2</a>"


async def test_line_ends_are_unified_and_terminal_colours_and_controls_removed(reader: DocumentReader) -> None:
    plain = "padding " * 20
    document = await text(reader, f"{plain}one\r\ntwo\rthree \x1b[31mred\x1b[0m\x07".encode())
    assert document.text == f"{plain}one\ntwo\nthree red"


async def test_a_long_text_is_cut_and_says_so(clock: HandClock) -> None:
    async with DocumentReader(Limits(document_chars=1000), clock=clock) as reader:
        whole, longer = await text(reader, b"x" * 1000), await text(reader, b"x" * 1001)
    assert (len(whole.text), whole.cut) == (1000, False)
    assert (len(longer.text), longer.cut) == (1000, True)


async def test_html_is_told_without_tags_scripts_and_styles(reader: DocumentReader) -> None:
    page = """<!doctype html><html><head><title>Tides &amp; winds</title><style>p {color: red}</style>
    <script>alert("no")</script></head><body><h1>Today</h1><p>High   water<br>at <b>noon</b>.</p>
    <ul><li>one</li><li>two</li></ul><pre>a\n  b</pre><table><tr><th>h</th><td>5</td></tr></table><!-- no --></body>"""
    document = await text(reader, page.encode(), "tides.html")
    expected = "Tides & winds\n\n# Today\n\nHigh water\nat noon.\n\n- one\n- two\n\n````\na\n  b\n````\n\n| h | 5"
    assert document.text == expected


async def test_html_in_a_declared_old_encoding_is_read(reader: DocumentReader) -> None:
    page = '<meta charset="windows-1251"><p>Привет</p>'.encode("cp1251")
    assert (await text(reader, page, "page.htm")).text == "Привет"


async def test_hostile_html_is_bounded(clock: HandClock) -> None:
    async with DocumentReader(Limits(document_chars=1000), clock=clock) as reader:
        document = await text(reader, b"<p" * 2_000_000, "page.html")
        assert document.cut
        deep = await text(reader, b"<div>" * 200_000 + b"deep", "page.html")
        assert deep.cut


async def test_a_pdf_is_told_page_by_page(reader: DocumentReader) -> None:
    document = await text(reader, pdf(["Hello harbour", "", "Third page"]), "guide.pdf", "application/pdf")
    assert document.text == "[page 1]\nHello harbour\n\n[page 2]\n(no text)\n\n[page 3]\nThird page"
    assert (document.pages, document.shown_pages, document.cut) == (3, 3, False)


async def test_a_pdf_is_known_by_its_content(reader: DocumentReader) -> None:
    assert (await text(reader, pdf(["Hello"]), "guide.bin")).text == "[page 1]\nHello"
    assert (await text(reader, b"rubbish\n" + pdf(["Hello"]), "guide.pdf")).text == "[page 1]\nHello"
    script = await text(reader, b"# looks for %PDF- at the start", "sniff.py")
    assert script.text == "# looks for %PDF- at the start"


async def test_a_pdf_of_ten_thousand_pages_is_read_to_the_page_limit(reader: DocumentReader) -> None:
    document = await text(reader, pdf([f"p{number}" for number in range(1, 10_001)]), "long.pdf")
    assert (document.pages, document.shown_pages, document.cut) == (10_000, 100, True)
    assert document.text.endswith("[page 100]\np100")


async def test_a_wordy_pdf_is_read_to_the_character_limit(clock: HandClock) -> None:
    async with DocumentReader(Limits(document_chars=1000), clock=clock) as reader:
        document = await text(reader, pdf(["word " * 15] * 40), "wordy.pdf")
    assert len(document.text) == 1000
    assert (document.pages, document.cut) == (40, True)
    assert document.shown_pages < 20


async def test_text_outside_the_visible_page_is_left_out(reader: DocumentReader) -> None:
    hidden = pdf(["seen) Tj 0 5000 Td (unseen"])
    assert (await text(reader, hidden, "sly.pdf")).text == "[page 1]\nseen"


async def test_a_scan_is_a_document_without_text(reader: DocumentReader) -> None:
    document = await text(reader, pdf(["", ""]), "scan.pdf")
    assert document == TextDocument(name="scan.pdf", text="", pages=2, shown_pages=2)


ARCHIVE = io.BytesIO()
with zipfile.ZipFile(ARCHIVE, "w") as packed:
    packed.writestr("a.txt", "hello")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.txt", b""),
        ("zeros.txt", b"text\0text"),
        ("locked.pdf", locked_pdf()),
        ("broken.pdf", pdf(["Hello"])[:60]),
        ("fake.pdf", b"<html>not found</html>"),
        ("a.zip", ARCHIVE.getvalue()),
        ("a.docx", ARCHIVE.getvalue()),
        ("a.gz", gzip.compress(b"x", mtime=0)),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"a" * 100),
        ("a.exe", b"MZ\x90\x00\x03" + bytes(100)),
        ("a.mp3", b"ID3\x04" + b"\xff\xfb\x90d" * 30),
        ("a.wav", b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)),
        ("a.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(40)),
        ("noise", bytes(range(128, 256)) * 4),
        ("controls", bytes(range(1, 32)) * 4),
        ("half.txt", b"\xff\xfea"),
    ],
)
async def test_what_is_not_text_is_refused_by_name(reader: DocumentReader, name: str, data: bytes) -> None:
    with pytest.raises(AttachmentUnreadable) as caught:
        await reader.read(name, "text/plain", data)
    assert caught.value.values == {"name": f"`{name}`"}


async def test_only_the_pages_that_are_asked_for_are_read(reader: DocumentReader) -> None:
    manual = pdf([f"p{number}" for number in range(1, 31)])

    async def pages(first: int, last: int) -> TextDocument:
        document = await reader.read("manual.pdf", "", manual, pages=PageRange(first=first, last=last))
        assert isinstance(document, TextDocument)
        assert document.pages == 30
        return document

    some = await pages(12, 13)
    assert some.text == "[page 12]\np12\n\n[page 13]\np13"
    assert (some.first_page, some.shown_pages) == (12, 2)
    assert (await pages(30, 99)).text == "[page 30]\np30"
    assert (await pages(31, 99)).shown_pages == 0
    assert (await pages(0, 1)).text == "[page 1]\np1"
    assert (await pages(5, 4)).shown_pages == 0
    assert (await pages(10**12, 10**13)).shown_pages == 0


async def test_pages_mean_nothing_for_a_file_that_has_none(reader: DocumentReader) -> None:
    document = await reader.read("a.txt", "", b"hello", pages=PageRange(first=7, last=9))
    assert isinstance(document, TextDocument)
    assert document.text == "hello"
