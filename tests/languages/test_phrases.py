"""People are spoken to in a language that they read, and never not at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as given_by_hypothesis
from hypothesis import strategies as st

from bot.errors import DatabaseUnusable
from bot.languages import words
from bot.languages.directed import FIRST_STRONG, POP, isolating
from bot.languages.locales import DISCORD, LOCALES, resolved
from bot.languages.phrases import Phrases
from bot.languages.po import merged, parsed, translate, written
from bot.languages.sentence import Sentence
from bot.languages.sentences import SENTENCES
from bot.talk.message import Conversation, Person, Place, PlaceKind
from tests.languages.catalogs import given, reading_from

PLACE = Place(platform="discord", id="1", guild="9")
ADA = Person(platform="discord", id="7", name="Ada", locale="fr")


@pytest.fixture
def catalogs(tmp_path: Path) -> Iterator[Path]:
    """Catalogs of the test's own, in a folder."""
    with reading_from(tmp_path):
        yield tmp_path


def test_a_sentence_is_said_as_translated_with_the_form_for_its_number(catalogs: Path) -> None:
    given(catalogs, "ru", stop="Стоп", digest_people=("{count} человек", "{count} человека", "{count} людей"))
    phrases = Phrases("ru-RU")
    assert phrases.say("stop") == "Стоп"
    assert [phrases.say("digest-people", count=count) for count in (2, 5, 21)] == [
        "2 человека",
        "5 людей",
        "21 человек",
    ]
    assert phrases.say("thinking") == SENTENCES["thinking"].text


def test_an_entry_that_is_broken_is_said_in_english_and_told_once(
    catalogs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given(catalogs, "fr", digest_in="dans {palce}", digest_people=("{", "{count!x}", "{count.a}"))
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert Phrases("fr").say("digest-in", place="Cove") == "in Cove"
            assert Phrases("fr").say("digest-people", count=5) == "5 people"
    assert [record.message for record in caplog.records if "digest-in" in record.message] == [
        "The sentence digest-in is broken in fr and is said in English"
    ]


PAIR = (Sentence("one", "One"), Sentence("many", "{count} thing", "{count} things"))
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from('\n\t"\\'), min_size=1)


@given_by_hypothesis(one=WORDS, many=st.tuples(WORDS, WORDS, WORDS))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_translator_writes_is_said_to_the_letter(
    tmp_path: Path, one: str, many: tuple[str, str, str]
) -> None:
    catalog = parsed(merged("ru", PAIR))
    for entry in catalog:
        translate(entry, (one,) if entry.msgctxt == "one" else many)
    path = words.path_of("ru", tmp_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(catalog), encoding="utf-8")
    found = words.read("ru", tmp_path)
    assert found.said(PAIR[0]) == one
    assert tuple(found.said(PAIR[1], count) for count in (21, 2, 5)) == many


@pytest.mark.parametrize("locale", ["ar", "ja", "sr"])
def test_a_catalog_says_what_gettext_says_of_it(locale: str) -> None:
    found = words.read(locale)
    theirs = GNUTranslations(BytesIO(parsed(words.path_of(locale).read_text()).to_binary()))
    for key, sentence in SENTENCES.items():
        if sentence.many is None:
            assert found.said(sentence) == theirs.pgettext(key, sentence.text)
            continue
        for count in (0, 1, 2, 3, 11, 21, 100):
            assert found.said(sentence, count) == theirs.npgettext(key, sentence.text, sentence.many, count)


def test_a_catalog_that_an_editor_has_broken_into_short_lines_is_read_all_the_same(catalogs: Path) -> None:
    given(catalogs, "ru", stop="Стоп", digest_people=("{count} человек", "{count} человека", "{count} людей"))
    path = words.path_of("ru", catalogs)
    catalog = parsed(path.read_text())
    catalog.wrapwidth = 20
    path.write_bytes(str(catalog).replace("\n", "\r\n").encode())
    found = words.words("ru")
    assert found.said(SENTENCES["stop"]) == "Стоп"
    assert found.said(SENTENCES["digest-people"], 2) == "{count} человека"


@pytest.mark.parametrize(
    "text", ["", 'msgid "', 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=n+;\\n"\n', "\x00"]
)
def test_a_catalog_that_is_broken_or_missing_leaves_english(
    catalogs: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = words.path_of("it", catalogs)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert Phrases("it").say("digest-people", count=2) == "2 people"
    assert Phrases("hu").say("stop") == "Stop"
    assert "catalog of hu" in caplog.text


def test_a_translation_that_went_stale_is_not_said(catalogs: Path) -> None:
    given(catalogs, "de", stop="Halt")
    path = words.path_of("de", catalogs)
    path.write_text(path.read_text().replace('msgctxt "stop"', '#, fuzzy\nmsgctxt "stop"'))
    assert Phrases("de").say("stop") == "Stop"


def test_a_value_that_is_not_given_is_a_mistake_in_any_language(catalogs: Path) -> None:
    given(catalogs, "de", digest_in="in {place}")
    for locale in ("en", "de"):
        with pytest.raises(KeyError):
            Phrases(locale).say("digest-in")


def test_what_is_filled_into_a_right_to_left_sentence_stands_apart(catalogs: Path) -> None:
    given(catalogs, "ar", digest_in="في {place}")
    assert Phrases("ar").say("digest-in", place="#cove") == f"في {FIRST_STRONG}#cove{POP}"
    assert Phrases("en").say("digest-in", place="#cove") == "in #cove"


@pytest.mark.parametrize("text", ["`/a number:{n}`", "<@&{role}>", "<t:{at}:R>", "[a]({url})", "{{n}}"])
def test_nothing_is_put_into_code_mentions_and_addresses(text: str) -> None:
    assert isolating(text) == text


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("en-GB", "en"),
        ("es-MX", "es-419"),
        ("es", "es-ES"),
        ("pt-PT", "pt-BR"),
        ("zh-Hant-HK", "zh-TW"),
        ("zh-Hans", "zh-CN"),
        ("nb-NO", "no"),
        ("sv", "sv-SE"),
        ("FR_ch", "fr"),
        ("sr-Latn", "sr"),
        ("gl", None),
        ("", None),
        ("-" * 99, None),
    ],
)
def test_what_people_call_a_language_finds_its_locale(tag: str, locale: str | None) -> None:
    assert resolved(tag) == locale


def test_every_locale_is_found_by_its_own_name_and_discords_are_among_them() -> None:
    assert [resolved(locale) for locale in LOCALES] == list(LOCALES)
    assert len(DISCORD) == 30
    assert len(LOCALES) == 37


def test_the_first_language_that_there_are_words_in_is_taken() -> None:
    community = Phrases("de")
    assert community.to("gl", None, "", "fr-CH", "es").locale == "fr"
    assert community.to("gl", None) is community
    assert community.to("en-US").locale == "en"


class Pins:
    """Tongues of whom it was told; of nobody else."""

    def __init__(self, **pinned: str) -> None:
        self._pinned = pinned

    async def of(self, conversation: Conversation, *, person: str = "", locale: str | None = None) -> str:
        if conversation.only is None and conversation.place.kind is not PlaceKind.DIRECT:
            return self._pinned.get("channel", "en")
        return self._pinned.get(person.replace(":", "_")) or locale or self._pinned.get("channel", "en")


class Away:
    async def of(self, conversation: Conversation, *, person: str = "", locale: str | None = None) -> str:
        raise DatabaseUnusable("gone")


async def test_who_reads_alone_is_spoken_to_in_their_language_and_all_in_that_of_the_place() -> None:
    alone, everyone = Conversation(place=PLACE, only=ADA.key), Conversation(place=PLACE)
    plain = Phrases("de")
    assert (await plain.heard(alone, ADA)).locale == "fr"
    assert (await plain.heard(everyone, ADA)).locale == "de"
    pinned = Phrases("de", tongues=Pins(discord_7="it", channel="ja"))
    assert (await pinned.heard(alone, ADA)).locale == "it"
    assert (await pinned.heard(alone)).locale == "it"
    assert (await pinned.heard(everyone, ADA)).locale == "ja"
    assert (await (await pinned.heard(alone, ADA)).heard(everyone)).locale == "ja"


async def test_where_it_cannot_be_found_out_people_are_spoken_to_as_everybody_is() -> None:
    assert (await Phrases("de", tongues=Away()).heard(Conversation(place=PLACE), ADA)).locale == "de"


def test_sentences_and_names_stand_after_one_another_in_the_signs_of_the_language() -> None:
    names = ("helpers", "mods")
    assert Phrases("en").listed(names) == "helpers, mods"
    assert Phrases("ja").listed(names) == "helpers、mods"
    assert Phrases("ar").listed(names) == "helpers، mods"
    assert "。 " not in Phrases("zh-TW").together("case-unfound", "case-told")
    assert ". " in Phrases("pl").together("case-unfound", "case-told")
