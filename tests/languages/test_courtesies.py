"""Thanks and greetings are told from everything else, in many languages."""

from __future__ import annotations

import pytest

from bot.languages.courtesies import acknowledges


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "thank you so much",
        "👍",
        "Vielen Dank!",
        "Merci beaucoup 🙏",
        "d'accord",
        "ありがとうございます！",
        "谢谢你",
        "감사합니다",
        "ขอบคุณครับ",
        "धन्यवाद",
        "Спасибо большое",
        "شكرا جزيلا",
        "OK, it works",
        "Hello",
    ],
)
def test_thanks_are_thanks_in_many_languages(text: str) -> None:
    assert acknowledges(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "Thanks, and how do I get a refund?",
        "thanks how refund",
        "Thanks?",
        "ok what next",
        "谢谢你，怎么退款",
        "ありがとうございます。返金はできますか。",
        "1",
        "thanks 24",
        "thanks https://x.example",
        "refund",
        "it works not",
        "thanks thanks thanks thanks thanks",
        "<:smile:123>",
        "😀" * 41,
    ],
)
def test_what_says_or_asks_anything_more_is_no_thanks(text: str) -> None:
    assert not acknowledges(text)
