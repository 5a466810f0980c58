"""Messages of chats are told apart as people would, by the real model."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.languages.identify import Heard, Identifier
from bot.languages.model import Lazy, load
from bot.languages.plain import words_of
from bot.languages.scores import scored
from bot.languages.written import language_of, languages_of

LEAD = 1.0
"""Of a score: one message before outweighs it, and five do not outweigh nine of it."""

FIVE = ("en", "de", "ja", "es", "hi")


@pytest.fixture(scope="module")
def identifier() -> Identifier:
    return load()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("my screen stays black after the update", "en"),
        ("nach dem Update bleibt der Bildschirm schwarz", "de"),
        ("después de la actualización la pantalla queda negra", "es"),
        ("更新してから画面が真っ暗です", "ja"),
        ("अपडेट के बाद स्क्रीन काली रहती है", "hi"),
        ("bhai mera screen black hai kya karu", "hi"),
        ("昨日バージョン2.0に更新しました", "ja"),
        ("`the quick brown fox jumps over it` geht bei mir nicht", "de"),
        ("https://example.org/this/is/an/english/address funktioniert nicht", "de"),
        ("> why does it not work any more at all\nbei mir auch nicht", "de"),
        ("<@123> @Somebody kannst du mir helfen 😀 :thinking_face:", "de"),
    ],
)
def test_a_message_is_in_the_language_that_it_is_written_in(identifier: Identifier, text: str, language: str):
    assert identifier.heard(text, FIVE).language == language


@pytest.mark.parametrize("text", ["", "😀😀", "?!", "42", "`code` https://a.example <@1>", "ok", "```\nlong code\n```"])
def test_what_says_nothing_keeps_the_last_language(identifier: Identifier, text: str):
    assert identifier.heard(text, FIVE, before=("de", "es", "es", "es")).language == "es"
    assert identifier.heard(text, FIVE).language in FIVE


@pytest.mark.parametrize("text", ["nice", "Discord", "Ubuntu 22.04 LTS", "kkkkk"])
def test_a_few_letters_that_could_be_of_any_language_keep_the_last(identifier: Identifier, text: str):
    expected = ("en", "ja", "pl", "pt-BR", "id", "tr")
    assert identifier.heard(text, expected, before=("ja",) * 5) == Heard(language="ja")
    assert identifier.heard("still broken", expected, before=("ja",) * 5) == Heard(language="en", sure=True)


def test_nobody_is_taken_to_write_what_is_listed_alone(identifier: Identifier):
    assert identifier.heard("bonjour, ça marche pas", ("en",)) == Heard(language="en")


def test_three_languages_in_one_line_keep_the_last(identifier: Identifier):
    text = "How do I install this program? Wie installiere ich das Programm? ¿Cómo se instala este programa?"
    for last in ("en", "de", "es"):
        assert identifier.heard(text, FIVE, before=(last,)) == Heard(language=last)


@pytest.mark.parametrize(
    "text",
    [
        "ich verstehe das nicht lol can somebody please help me",
        "मेरी screen black है please help me with the driver update",
        "no entiendo nada de esto, wie installiere ich denn das Programm, this is really confusing me",
    ],
)
def test_a_line_in_several_languages_without_sentences_keeps_the_last(identifier: Identifier, text: str):
    assert identifier.heard(text, FIVE, before=("ja",)) == Heard(language="ja")


def test_hindi_in_latin_letters_is_outside_of_a_list_without_it(identifier: Identifier):
    text = "yaar mujhe samajh nahi aa raha kaise karna hai please help"
    assert identifier.heard(text, ("de", "id"), before=("id",)) == Heard(language="de", outside="hi")
    assert identifier.heard("kya haal hai", ("de", "id"), before=("id",)) == Heard(language="id")
    assert identifier.heard(text, ("de", "ur"), before=("de",)) == Heard(language="ur", sure=True)
    assert identifier.of(text) == ("hi", 0.0)


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("Pourquoi est-ce que mon écran reste noir après la mise à jour ?", "fr"),
        ("Почему экран остаётся чёрным после обновления?", "ru"),
        ("업데이트 후에 화면이 계속 까맣게 나와요 도와주세요 제발 부탁드립니다", "ko"),
    ],
)
def test_a_language_outside_of_the_list_is_seen_and_answered_in_the_first(
    identifier: Identifier, text: str, outside: str
):
    assert identifier.heard(text, FIVE, before=("de",)) == Heard(language="en", outside=outside)


@pytest.mark.parametrize(
    ("languages", "texts"),
    [
        (
            ("da", "no", "sv"),
            {
                "da": "jeg kan ikke åbne vinduet efter opdateringen, hvad skal jeg gøre",
                "no": "jeg får ikke åpnet vinduet etter oppdateringen, hva skal jeg gjøre",
                "sv": "jag kan inte öppna fönstret efter uppdateringen, vad ska jag göra",
            },
        ),
        (
            ("hr", "sl"),
            {
                "hr": "ne mogu otvoriti prozor nakon ažuriranja, što da radim",
                "sl": "po posodobitvi ne morem odpreti okna, kaj naj naredim",
            },
        ),
        (
            ("id", "ms"),
            {
                "id": "saya tidak bisa membuka jendela setelah pembaruan, bagaimana caranya supaya bisa dong",
                "ms": "saya tidak boleh membuka tetingkap selepas kemas kini, apakah yang perlu saya buat",
            },
        ),
    ],
)
def test_siblings_are_told_apart(identifier: Identifier, languages: tuple[str, ...], texts: dict[str, str]):
    for language, text in texts.items():
        assert identifier.heard(text, languages).language == language


def test_what_somebody_wrote_before_decides_where_a_message_could_be_in_either(identifier: Identifier):
    for last in ("da", "no"):
        assert identifier.heard("hvad så", ("da", "no"), before=(last,) * 5).language in ("da", last)
        assert identifier.heard("takk det er fint", ("no", "da"), before=("no",) * 5).language == "no"
        assert identifier.heard("det er fint", ("da", "no"), before=(last,) * 5).language == last


def test_a_plain_message_is_believed_against_everything_that_was_written_before(identifier: Identifier):
    heard = identifier.heard("nach dem Update bleibt der Bildschirm schwarz", FIVE, before=("en",) * 5)
    assert heard == Heard(language="de", sure=True)


def test_what_was_written_before_counts_by_how_likely_it_is():
    silent = Identifier(lambda _: scored({"en": 1.0, "de": 1.0 + LEAD, "fr": 0.0}))
    expected = ("en", "de", "fr")
    assert silent.heard("some words", expected).language == "de"
    assert silent.heard("some words", expected, before=("en",)).language == "en"
    assert silent.heard("some words", expected, before=("de", "en", "en")).language == "en"
    assert silent.heard("some words", expected, before=("en", "en", "de")).language == "en"
    plain = Identifier(lambda _: scored({"en": 1.0, "de": 1.0 + 9 * LEAD, "fr": 0.0}))
    assert plain.heard("some words", expected, before=("en",) * 5).language == "de"


@pytest.mark.parametrize(("text", "language"), [("請問這個程式怎麼安裝", "zh-TW"), ("请问这个程序怎么安装", "zh-CN")])
def test_the_two_writings_of_chinese_are_two_languages(identifier: Identifier, text: str, language: str):
    assert identifier.heard(text, ("en", "zh-CN", "zh-TW")).language == language
    assert identifier.heard(text, ("en", "zh-TW", "zh-CN")).language == language


def test_of_two_tags_of_one_language_the_one_that_was_spoken_last_counts(identifier: Identifier):
    text = "a janela não abre depois da atualização"
    assert identifier.heard(text, ("pt-BR", "pt-PT")).language == "pt-BR"
    assert identifier.heard(text, ("pt-BR", "pt-PT"), before=("pt-PT",)).language == "pt-PT"


def test_a_tag_of_a_language_that_nobody_can_tell_is_never_an_error(identifier: Identifier):
    assert identifier.heard("what is this", ("xx", "en")).language == "en"


@given(st.text(max_size=200), st.lists(st.sampled_from((*FIVE, "xx")), max_size=6))
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_one_of_the_expected_languages_is_heard(text: str, before: list[str]):
    fake = Identifier(lambda words: scored({"en": float(len(words)), "de": 3.0}))
    assert fake.heard(text, ("de", "en"), before=before).language in ("de", "en")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("**bold** and `code` https://a.example @Ana #help v1.2 a.txt", "bold and"),
        ("> quoted\nsaid", "said"),
        ("I met Rose", "I met"),
        ("昨日2024年のバージョン2.0です", "昨日2024年のバージョン2.0です"),
    ],
)
def test_only_words_are_looked_at(text: str, words: str):
    assert words_of(text, without=("Rose",)) == words


async def test_the_model_is_loaded_once_however_many_ask():
    loads: list[int] = []

    def slow() -> Identifier:
        loads.append(1)
        return Identifier(lambda _: scored({}))

    lazy = Lazy(slow)
    assert await lazy() is await lazy()
    assert loads == [1]


def test_the_language_of_a_document_is_told_and_that_of_a_name_is_open():
    assert language_of("Der Bildschirm bleibt nach der Aktualisierung schwarz. " * 20) == "de"
    assert language_of("Calanque") == ""
    assert len(languages_of("Calanque")) > 1
