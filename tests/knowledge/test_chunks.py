"""Documents are cut by their structure, and nothing of them is lost."""

from __future__ import annotations

import csv
import io
import re

from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.chunks import MOST_CHARS, MOST_CHUNKS, of_markup, of_pages, of_table, of_text, title_of
from bot.talk.knowledge import Chunk

MANUAL = """# Boats

Some words on boats.

## Sails

### Reefing

Take it in early.

```sh
# this is no heading
reef --now
```

Anchors
-------

Let it go slowly.
"""

LINES = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        ["# One", "## Two", "### Three #", "```", "~~~", "Title", "=====", "---", "", "[page 2]", "- item"]
    ),
    st.text(alphabet="水道東京", min_size=1, max_size=3000),
    st.text(alphabet="abc .", min_size=1500, max_size=4000),
)
TEXTS = st.lists(LINES, max_size=25).map("\n".join)


def words(text: str) -> str:
    """All that can be seen, whatever is between it."""
    return re.sub(r"\s+", "", text)


def joined(chunks: tuple[Chunk, ...]) -> str:
    return words("".join(chunk.text for chunk in chunks))


@given(TEXTS)
def test_no_word_is_lost_or_told_twice_and_no_passage_is_too_long(text: str) -> None:
    for chunks in (of_markup(text), of_text(text)):
        assert joined(chunks) == words(text)
        assert all(0 < len(chunk.text) <= MOST_CHARS for chunk in chunks)


@given(st.lists(LINES, min_size=1, max_size=6))
def test_no_word_of_a_page_is_lost(pages: list[str]) -> None:
    pages = [re.sub(r"\[page \d+\]", "", page) for page in pages]
    text = "\n\n".join(f"[page {number}]\n{page}" for number, page in enumerate(pages, 1))
    chunks = of_pages(text)
    for number, page in enumerate(pages, 1):
        assert joined(tuple(chunk for chunk in chunks if chunk.where == f"page {number}")) == words(page)


CELLS = st.text(alphabet=st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30)


@given(st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=2)))
def test_no_cell_of_a_table_is_lost(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(rows)
    chunks = of_table(written.getvalue())
    told = joined(chunks)
    for row in rows[1:]:
        for name, cell in zip(rows[0], row, strict=True):
            assert words(f"{name}: {cell}") in told
    assert all(len(chunk.text) <= MOST_CHARS for chunk in chunks)


def test_a_passage_is_named_by_the_headings_above_it() -> None:
    named = {chunk.where: chunk.text for chunk in of_markup(MANUAL)}
    assert list(named) == ["Boats", "Boats › Sails › Reefing", "Boats › Anchors"]
    assert named["Boats › Anchors"] == "Anchors\n-------\n\nLet it go slowly."


def test_headings_without_words_go_with_the_words_below_them() -> None:
    (reefing,) = [chunk for chunk in of_markup(MANUAL) if "early" in chunk.text]
    assert reefing.text.startswith("## Sails\n\n### Reefing\n\nTake it in early.")


def test_what_looks_like_a_heading_in_code_is_none() -> None:
    (reefing,) = [chunk for chunk in of_markup(MANUAL) if "# this is no heading" in chunk.text]
    assert reefing.where == "Boats › Sails › Reefing"


def test_a_row_tells_the_names_of_its_columns() -> None:
    (chunk,) = of_table("question;answer\nHow deep?;12 m\n\nWhere?;Marseille; there\n")
    assert chunk.text == "question: How deep?; answer: 12 m\nquestion: Where?; answer: Marseille; there"
    assert chunk.where == "rows 2-3"


def test_what_is_no_table_after_all_is_a_text() -> None:
    for text in ("just a line", "a,b", "one\ntwo\nthree", f'a,b\n"{"x" * 200_000}",c'):
        assert joined(of_table(text)) == words(text)


def test_a_document_that_is_all_headings_is_cut_without_regard_to_them() -> None:
    text = "# a\nb\n" * (MOST_CHUNKS + 1)
    chunks = of_markup(text)
    assert len(chunks) < MOST_CHUNKS
    assert joined(chunks) == words(text)


def test_a_document_says_its_own_title() -> None:
    assert title_of("\n# Boats and **sails** #\n\nwords") == "Boats and **sails** #"
    assert title_of("words\n# Boats") == ""
    assert len(title_of("# " + "very " * 100)) <= 80


def test_paragraphs_stay_whole_where_they_fit() -> None:
    paragraphs = [f"{letter * 500}." for letter in "abcde"]
    chunks = of_text("\n\n".join(paragraphs))
    assert [chunk.text for chunk in chunks] == [
        "\n\n".join(paragraphs[:2]),
        "\n\n".join(paragraphs[2:4]),
        paragraphs[4],
    ]
