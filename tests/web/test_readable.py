"""Pages become text that a model can read, however they are built."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.apart import Unreadable, readable_apart
from bot.web.readable import Readable, readable

URL = "https://example.org/wiki/page"
PAGE = (
    """<!doctype html><html><head><title> The  Calanque
of Sormiou</title><style>p {color: red}</style><script>var hidden = "secret()";</script></head>
<body><nav><a href="/">Home</a> <a href="/all">Everything</a></nav>
<header>Site name</header>
<main><h1>Sormiou</h1><p>A <b>calanque</b> near
Marseille, see <a href="../map#here">the map</a>, <a href="javascript:alert(1)">not this</a>
and <a href="https://other.example/x?a=1&amp;b=2">another</a>.</p>
<ul><li>sea</li><li>limestone</li></ul><pre>  kept
    as it is</pre>
<table><tr><th>Length</th><td>1.5&nbsp;km</td></tr></table>
<img src="x.png" alt="A boat at sunset">
<p>"""
    + "The rock is white. " * 12
    + """</p></main>
<aside>Advertisement</aside><footer>Imprint</footer></body></html>"""
)


def read(source: str, most: int = 100_000) -> Readable:
    return readable(source, url=URL, most=most)


def test_a_page_keeps_its_title_its_words_and_its_links() -> None:
    found = read(PAGE)
    assert found.title == "The Calanque of Sormiou"
    assert found.text.startswith("# Sormiou\n\nA calanque near Marseille, see the map (https://example.org/map#here)")
    assert "not this and another (https://other.example/x?a=1&b=2)." in found.text
    assert "- sea\n- limestone" in found.text
    assert "| Length | 1.5 km" in found.text
    assert "A boat at sunset" in found.text


@pytest.mark.parametrize("beside", ["hidden", "color: red", "Home", "Advertisement", "Imprint", "Site", "javascript"])
def test_what_is_beside_the_page_is_left_out(beside: str) -> None:
    assert beside not in read(PAGE).text


def test_a_page_without_a_main_part_is_read_whole() -> None:
    found = read("<div>one<div>two</div></div><article>short</article>").text
    assert found.split() == ["one", "two", "short"]


def test_a_text_ends_at_its_limit() -> None:
    assert len(read("<p>" + "word " * 10_000, most=1000).text) == 1000


@given(st.text(max_size=400), st.integers(1, 500))
def test_whatever_is_written_becomes_a_text_within_the_limit(source: str, most: int) -> None:
    assert len(readable(source, url=URL, most=most).text) <= most


TAGS = (
    "<p> </p> <a/href=x> </a> <main> </main> <nav> </nav> <pre> </pre> <title> </title> <!-- --> <script> </script> "
    "<![CDATA[ &#x <li word"
)


@given(st.lists(st.sampled_from(TAGS.split())))
def test_tags_in_any_order_become_a_text(parts: list[str]) -> None:
    assert isinstance(readable("".join(parts), url=URL, most=1000).text, str)


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 800_000 + "deep",
        "<a href=x>" * 400_000 + "deep",
        "<!--" * 1_000_000,
        "<![" * 1_000_000,
        "&" * 4_000_000,
        "<" * 4_000_000,
        "<a " + "b " * 2_000_000,
        "<a b='" + "c" * 4_000_000,
        "<script>" + "</scrip" * 500_000,
        "</" * 2_000_000,
        "<?" * 2_000_000,
        " \n" * 2_000_000,
        "- \n" * 1_000_000,
    ],
    ids=lambda source: source[:8].strip() or "blank",
)
async def test_a_page_that_is_built_to_burn_a_core_ends(source: str) -> None:
    began = time.monotonic()
    with suppress(Unreadable):
        found = await readable_apart(source.encode(), url=URL, most=100_000, seconds=2)
        assert len(found.text) <= 100_000
    assert time.monotonic() - began < 30


async def test_a_page_read_apart_is_the_same_page() -> None:
    assert await readable_apart(PAGE.encode(), url=URL, most=5000) == read(PAGE, 5000)
