"""The over-estimate of tokens, held against a real vocabulary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.inference.estimate import estimate, estimate_image
from bot.talk.turn import Image
from tests.ollama_server.counting import plain

TEXTS = (
    "The mistral is a strong, cold, northwesterly wind that blows from southern France into the Gulf of Lion.",
    "Der Mistral ist ein kalter, oft starker Fallwind aus nordwestlicher Richtung, der sich auswirkt.",
    "ミストラルは、フランス南東部に吹く地方風。アルプス山脈からローヌ河谷を通って地中海に吹き降ろす。",
    "मिस्ट्रल एक तेज़, ठंडी, उत्तर-पश्चिमी हवा है जो दक्षिणी फ्रांस से भूमध्य सागर में बहती है।",
    "ลมมิสทรัลเป็นลมแรงและเย็นที่พัดจากทางตะวันตกเฉียงเหนือ",
    "الميسترال هي رياح شمالية غربية باردة وقوية تهب من جنوب فرنسا",
    "def add(a: int, b: int) -> int:\n    return a + b  # 1234567890\n\n\tif x[0] != {'k': 1}:\n        pass\n",
    "[12:31:07] <nick_42> try `sudo apt-get install libfoo-dev=1.2.3~rc1` 😀😀👩‍👩‍👧 https://example.org/a?b=c&d=%20e",
    "aGVsbG8gd29ybGQsIHRoaXMgaXMgYmFzZTY0IGVuY29kZWQgdGV4dCBmb3IgdGVzdGluZw==",
)


@pytest.mark.parametrize("text", TEXTS)
def test_no_usual_text_costs_more_than_estimated_nor_a_quarter_of_it(text: str) -> None:
    actual = len(plain(text))
    assert actual <= estimate(text) <= 4 * actual


@given(st.text(alphabet=st.characters(min_codepoint=0xA0, max_codepoint=0xFFFF, exclude_categories=("Cs",))))
def test_foreign_scripts_are_estimated_by_their_bytes(text: str) -> None:
    assert estimate(text) >= len(text.encode()) / 2


def test_a_picture_costs_its_patches_and_rows() -> None:
    assert estimate_image(Image(digest="d", media_type="image/png", width=308, height=196)) == 84
