"""The glossary says how words of a text are written elsewhere, and what of it stays as it is."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ports.glossary import Prescribed, Term
from bot.services.glossary import FileGlossary
from bot.services.glossary_file import MOST_BYTES, parse
from bot.talk.finding import Level
from bot.talk.markup import staying
from bot.talk.matching import Matcher

GLOSSARY = """en,de,fr,ja,pt-BR,keep
channel|channels,Kanal|Kanäle,salon|salons,チャンネル,canal,
voice channel,Sprachkanal,salon vocal,ボイスチャンネル,canal de voz,
Calanque,,,,,yes
mod,Mod,modo,モデレーター,mod,no
IT,EDV,informatique,,,
boost,Boost,boost,ブースト,,
"""


async def ask(folder: Path, text: str, to: str = "de", *, glossary: str | bytes = GLOSSARY) -> Prescribed:
    path = folder / "glossary.csv"
    path.write_bytes(glossary if isinstance(glossary, bytes) else glossary.encode())
    return await FileGlossary(path).prescribed(text, to=to)


async def terms(folder: Path, text: str, to: str = "de", *, glossary: str = GLOSSARY) -> dict[str, tuple[str, ...]]:
    found = await ask(folder, text, to, glossary=glossary)
    return {term.word: term.written for term in found.terms}


async def test_the_longest_term_at_a_place_counts_in_any_case_and_form(tmp_path: Path) -> None:
    found = await terms(tmp_path, "Voice  Channel? No: voice channel, CHANNELS.")
    assert found == {"Channel": ("Kanal",), "voice channel": ("Sprachkanal",), "CHANNELS": ("Kanal",)}


async def test_parts_of_words_are_no_terms(tmp_path: Path) -> None:
    assert await terms(tmp_path, "channeling mods, model, Boosted, modé, mod\u0301") == {}


async def test_scripts_without_spaces_need_no_ends_of_words(tmp_path: Path) -> None:
    found = await terms(tmp_path, "新しいボイスチャンネルとチャンネルを", "en")
    assert found == {"ボイスチャンネル": ("voice channel",), "チャンネル": ("channel",)}


async def test_a_word_of_capitals_is_another_than_the_same_in_small_letters(tmp_path: Path) -> None:
    assert await terms(tmp_path, "it is IT") == {"IT": ("EDV",)}


async def test_what_is_kept_or_the_same_stays_as_it_is(tmp_path: Path) -> None:
    assert await terms(tmp_path, "boost Calanque", "fr") == {"boost": (), "Calanque": ()}
    assert await terms(tmp_path, "Calanque", "ko") == {"Calanque": ()}


async def test_a_language_without_a_column_takes_that_of_its_family_or_none(tmp_path: Path) -> None:
    assert await terms(tmp_path, "channel", "de-AT") == {"channel": ("Kanal",)}
    assert await terms(tmp_path, "channel", "PT") == {"channel": ("canal",)}
    found = await ask(tmp_path, "channel", "sv")
    assert found == Prescribed(languages=("en", "de", "fr", "ja", "pt-BR"), known=False)


async def test_a_word_with_two_meanings_has_both_forms(tmp_path: Path) -> None:
    assert await terms(tmp_path, "bank", glossary="en,de\nbank,Bank\nbank,Ufer\n") == {"bank": ("Bank", "Ufer")}


@pytest.mark.parametrize("tag", ["", "German", "d", "de_DE", "de; drop", "../de"])
async def test_what_is_no_language_tag_is_refused_with_what_would_be(tmp_path: Path, tag: str) -> None:
    with pytest.raises(ValueError, match="tag"):
        await ask(tmp_path, "channel", tag)


async def test_code_links_mentions_emoji_and_times_stay_and_hold_no_terms(tmp_path: Path) -> None:
    stays = [
        "`channel = 1`",
        "```py\nmod = channel\n```",
        "https://example.org/channel?mod=1",
        "<@123>",
        "<@&45>",
        "<#67>",
        "<:boost:89>",
        "<a:channel:90>",
        "<t:1700000000:R>",
        "</channel:12>",
        "@everyone",
        ":channel:",
        "🇫🇷",
        "👩‍🚀",
        "mod@example.org",
    ]
    found = await ask(tmp_path, " and ".join(stays) + ".")
    assert found.stays == tuple(stays)
    assert found.terms == ()


async def test_the_file_is_read_again_when_it_changes_and_the_last_good_one_holds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "glossary.csv"
    path.write_text("en,de\nchannel,Kanal\n")
    glossary = FileGlossary(path)

    async def now() -> tuple[Term, ...]:
        return (await glossary.prescribed("channel", to="de")).terms

    assert await now() == (Term(word="channel", written=("Kanal",)),)
    path.write_text("en,de\nchannel,Rinne here\n")
    assert await now() == (Term(word="channel", written=("Rinne here",)),)
    with caplog.at_level(logging.WARNING):
        path.write_text("no tags at all\n")
        assert await now() == (Term(word="channel", written=("Rinne here",)),)
        path.unlink()
        assert await now() == (Term(word="channel", written=("Rinne here",)),)
    assert [record.message.partition(":")[0] for record in caplog.records] == ["glossary", "glossary"]


BAD = {
    b"": "line 1: it is empty",
    b"en,de\nchannel,Kanal\nm\xff,d": "line 3: it is not UTF-8",
    b"en,de\nok,gut\nch\0annel,Kanal": "line 3: it holds binary",
    b"english,german\na,b": "line 1: 'english' is no language tag",
    b"en,en\na,b": "line 1: the column en stands there twice",
    b"keep\nyes": "line 1: no column names a language",
    b"en,de\nok,gut\nlonely,": "line 3: only one language has a word",
    b"en,de\na,b,c": "line 2: it has 3 cells",
    b"en,de,keep\n,,yes": "line 2: no column has a word",
    b"en,de\n" + b"x" * 101 + b",y": "line 2: a word in the column en is longer",
    b'en,de\na,b\n"never closed,c': "line 3: unexpected end of data; what follows is left out",
    b"en,de\na\xe2\x80\xae,b": "line 2: a word in the column en holds characters that cannot be seen",
    b"a" * (MOST_BYTES + 1): "it is larger than 4 MiB",
    b"\x89PNG\r\n\x1a\n": "line 1: it is not UTF-8",
}


@pytest.mark.parametrize(("data", "problem"), BAD.items(), ids=[why[:30] for why in BAD.values()])
async def test_the_doctor_tells_what_is_wrong_by_its_line(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "glossary.csv"
    path.write_bytes(data)
    (finding,) = await FileGlossary(path).examine()
    assert finding.level is Level.WARNING
    assert finding.found.startswith(problem)
    assert finding.mend


async def test_the_doctor_tells_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "glossary.csv"
    path.write_text("\ufeff" + GLOSSARY.replace(",", ";"))
    (finding,) = await FileGlossary(path).examine()
    assert (finding.level, finding.found) == (Level.OK, "6 terms in en, de, fr, ja, pt-BR")


async def test_a_file_that_may_not_be_there_is_told(tmp_path: Path) -> None:
    (finding,) = await FileGlossary(tmp_path / "none.csv").examine()
    assert finding.found == f"it cannot be read ({os.strerror(2)})"


def test_good_lines_count_beside_bad_ones() -> None:
    table = parse(b"en,de\na,b,c\nchannel,Kanal\n")
    assert len(table.rows) == len(table.problems) == 1


@given(st.binary(max_size=300))
def test_no_file_however_odd_breaks_the_reader(data: bytes) -> None:
    table = parse(data)
    assert table.rows or table.problems or table.languages


@given(st.text(max_size=300))
def test_what_stays_are_stretches_of_the_text_in_order(text: str) -> None:
    at = 0
    for start, end in staying(text):
        assert at <= start < end <= len(text)
        at = end


@given(st.lists(st.text(alphabet="ab ßŊ東京ไทย", min_size=1, max_size=4), max_size=6), st.text(alphabet="ab ßŊ東京ไทย"))
def test_what_is_found_is_written_there(words: list[str], text: str) -> None:
    at = 0
    for start, end, numbers in Matcher(words).found(text):
        assert at <= start < end <= len(text)
        for number in numbers:
            assert words[number].casefold() == text[start:end].casefold()
        at = end


@pytest.mark.parametrize("text", ["`" * 8000, "a@" * 4000, "<@" * 4000, "``a" * 2600, ":a" * 4000, "https://" * 1000])
async def test_hostile_texts_take_no_time(tmp_path: Path, text: str) -> None:
    begun = time.process_time()
    await ask(tmp_path, text)
    assert time.process_time() - begun < 1
