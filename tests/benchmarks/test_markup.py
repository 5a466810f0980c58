"""The judge of translations sees what is lost, altered or pings, and our translator gives it nothing to see."""

from __future__ import annotations

import pytest

from benchmarks.markup import Judged, markup
from benchmarks.tongues.messages import Made

MESSAGE = Made("look <@12> `x` https://a.example", ("<@12>", "`x`", "https://a.example"), ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("schau https://a.example <@12> `x`", (0, 0, 0)),
        ("schau https://a.example <@12>", (1, 0, 0)),
        ("schau https://a.example `x`", (1, 0, 1)),
        ("schau <@12> `x` https://a.example @everyone", (0, 0, 1)),
        ("schau <@12> `x` https://a.example https://evil.example", (0, 1, 0)),
        ("schau <@12> `x` `x` https://a.example", (0, 1, 0)),
        ("schau <@12> `x` https://a.example <x1/>", (0, 1, 0)),
    ],
)
def test_each_damage_is_seen(text: str, found: tuple[int, int, int]):
    judged = Judged()
    judged.judge(MESSAGE, text)
    assert (judged.lost, judged.altered, judged.pings) == found


async def test_a_hostile_model_damages_nothing():
    figures = {figure.key: figure.value for figure in (await markup(60)).figures}
    assert (figures["lost"], figures["altered"], figures["pings"]) == (0, 0, 0)
    assert figures["translated"] > 30
    assert figures["hostile_replies"] > 30
    assert figures["baseline_lost"] > 0
