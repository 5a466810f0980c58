"""What a passage stands below."""

from __future__ import annotations

import pytest

from bot.knowledge.chunks import of_markup, of_pages, of_table
from bot.talk.knowledge import Chunk


def test_the_nearest_heading_is_that_of_a_passage():
    (chunk,) = of_markup("# Boats\n## Anchors\nThey hold.")
    assert chunk.heading == "Anchors"
    assert Chunk(text="They hold.").heading == ""


@pytest.mark.parametrize("chunks", [of_pages("[page 12]\nThey hold."), of_table("what,how\nanchor,holds\nrope,too")])
def test_the_number_of_a_page_or_of_rows_is_no_heading(chunks: tuple[Chunk, ...]):
    assert chunks
    assert {chunk.heading for chunk in chunks} == {""}
    assert all(chunk.where for chunk in chunks)
