"""The page speaks the first language of the browser that the bot has words in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from bot.languages.phrases import Phrases
from bot.platforms.local.spoken import MOST_ASKED, accepted, rooted
from tests.languages.catalogs import given, reading_from
from tests.platforms.local.conftest import Program


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8", ("fr-CH", "fr", "en")),
        ("en;q=0.2,de;q=0.9 , *;q=0.1", ("de", "en")),
        ("da;q=0, sv", ("sv",)),
        ("fr;q=x, fr;level=1;q=2, de", ("fr", "de")),
        ("", ()),
        ("*", ()),
    ],
)
def test_the_languages_of_a_browser_are_read_in_the_order_in_which_it_wants_them(
    header: str, tags: tuple[str, ...]
) -> None:
    assert accepted(header) == tags


@any_of(st.text())
def test_no_header_does_any_harm(header: str) -> None:
    assert len(accepted(header)) <= MOST_ASKED
    assert Phrases().to(*accepted(header)).locale


def test_the_root_of_the_page_names_its_language_and_direction_before_any_word_is_there() -> None:
    page = b'<!doctype html>\n<html lang="en">\n</html>'
    assert rooted(page, Phrases("he")) == b'<!doctype html>\n<html lang="he" dir="rtl">\n</html>'


async def test_words_commands_and_refusals_are_in_the_browsers_language(program: Program, tmp_path: Path) -> None:
    given(
        tmp_path,
        "fr",
        page_send="Envoyer",
        page_empty_message="Écrivez d'abord.",
        command_keep="Décider",
        choice_always="toujours",
    )
    french = {"headers": {"Accept-Language": "gl, fr-CH;q=0.9, en;q=0.8"}}
    with reading_from(tmp_path):
        _, words = await program.ask("GET", "/api/words", **french)
        _, page = await program.ask("GET", "/api/page", **french)
        body = {"person": "Léa", "text": " "}
        _, refused = await program.ask("POST", "/api/channels/general/messages", json=body, **french)
        _, english = await program.ask("GET", "/api/words")
    assert (words["language"], words["direction"], words["words"]["send"]) == ("fr", "ltr", "Envoyer")
    keep = next(each for each in page["commands"] if each["name"] == "keep")
    assert (keep["description"], keep["arguments"][0]["choice_names"][1]) == ("Décider", "toujours")
    assert refused["error"]["message"] == "Écrivez d'abord."
    assert english["words"]["send"] == "Send"
