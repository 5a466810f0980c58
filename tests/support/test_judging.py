"""What a message says about itself, in any script."""

from __future__ import annotations

import pytest

from bot.support.judging import asks, helps_another, says_something
from bot.talk.message import Addressed, Attachment, Quote, QuoteKind
from tests.fakes import ANA, BEN, said

FILE = Attachment(id="a", name="a.png", media_type="image/png", size=1)


@pytest.mark.parametrize(
    "text", ["", "   ", "👍🏽", "🇫🇷 👩‍👩‍👧 ❤️", ":anchor: :blob_wave~1:", "1️⃣2️⃣", "...", "!!! ——", "😂😂😂?"]
)
def test_emoji_and_signs_alone_say_nothing(text: str) -> None:
    assert not says_something(said(text))


@pytest.mark.parametrize("text", ["ok 👍", "E12", "12", "हिन्दी", "船が動かない", "مرحبا", "नमस्ते", "แปล", "1️⃣ boat"])
def test_words_and_numbers_of_any_script_say_something(text: str) -> None:
    assert says_something(said(text))


def test_a_file_and_what_is_forwarded_say_something_and_a_quotation_alone_does_not() -> None:
    assert says_something(said("", attachments=(FILE,)))
    assert says_something(said("👆", quotes=(Quote(kind=QuoteKind.FORWARDED, text="it sinks"),)))
    assert not says_something(said("👆", quotes=(Quote(kind=QuoteKind.REPLIED, text="it sinks"),)))
    assert says_something(said("👀"), title="Boat sinks")


@pytest.mark.parametrize(
    "text", ["Why?", "なぜ？", "لماذا؟", "¿por qué", "ինչու՞", "Γιατί;", "Γιατί ; Ναι", "why?? it sinks"]
)
def test_a_question_mark_of_any_script_asks(text: str) -> None:
    assert asks(said(text))


@pytest.mark.parametrize("text", ["It sinks.", "see https://sea.example/?q=boat", "a; b", "first this; then that"])
def test_an_address_or_a_semicolon_asks_nothing(text: str) -> None:
    assert not asks(said(text))


def test_a_reply_to_another_or_a_name_at_the_beginning_is_said_to_them() -> None:
    def reply(author: str | None, addressed: Addressed = Addressed.NO) -> bool:
        quotes = (Quote(kind=QuoteKind.REPLIED, text="it sinks", author_key=author),)
        return helps_another(said("does it?", addressed=addressed, quotes=quotes, reply_to="m0"))

    assert reply(BEN.key)
    assert reply(None), "what it replies to is not known"
    assert not reply(ANA.key), "they go on with what they said themselves"
    assert not reply(BEN.key, Addressed.REPLY), "it is said to us"
    assert helps_another(said("@Ben does it?", addressed=Addressed.NO))
    assert not helps_another(said("does it?", addressed=Addressed.NO))
