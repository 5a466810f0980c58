"""Dice and draws are by chance, within their bounds, and show what fell."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from bot.agent.toolbox import Toolbox
from bot.talk.turn import Call
from tests.tools.asking import context
from tools.choose import choose
from tools.dice import roll


@pytest.mark.parametrize(
    ("dice", "shown"),
    [
        ("d20", r"d20: \[\d+\] = \d+"),
        ("3d6+2", r"3d6\+2: \[\d, \d, \d\] \+ 2 = \d+"),
        (" 2d8 + 1D4 - 1 ", r"2d8 \+ 1D4 - 1: \[\d, \d\] \+ \[\d\] - 1 = \d+"),
        ("-d6", r"-d6: - \[\d\] = -\d"),
        ("d%", r"d%: \[\d+\] = \d+"),
        ("4d6kh3", r"4d6kh3: \[\d, \d, \d, \d\] keeping \d, \d, \d = \d+"),
    ],
)
async def test_every_die_is_shown_with_the_sum(dice: str, shown: str) -> None:
    told = await roll(context(), dice)
    assert re.fullmatch(shown, told)
    faces = [int(face) for face in re.findall(r"\d+", told.partition("[")[2].partition("]")[0])]
    assert all(1 <= face <= 100 for face in faces)


async def test_the_dice_that_are_kept_are_the_highest_or_the_lowest_and_make_the_sum() -> None:
    for dice, highest in (("5d20kh2", True), ("5d20kl2", False)):
        told = await roll(context(), dice)
        match = re.search(r"\[(.*)\] keeping (.*) =", told)
        assert match is not None
        faces, kept = ([int(face) for face in re.findall(r"\d+", part)] for part in match.groups())
        assert kept == sorted(faces, reverse=highest)[:2]
        assert told.endswith(f"= {sum(kept)}")


async def test_all_faces_fall_and_none_too_often() -> None:
    seen: Counter[str] = Counter()
    for _ in range(40):
        seen.update(re.findall(r"\d+", (await roll(context(), "100d6")).partition("[")[2].partition("]")[0]))
    assert set(seen) == set("123456")
    assert all(500 < count < 850 for count in seen.values())  # 667 of each on average; 8 standard deviations away


@pytest.mark.parametrize(
    ("dice", "reason"),
    [
        ("d", "write dice like d20"),
        ("6", "write dice like d20"),
        ("3d6 2", "write dice like d20"),
        ("2d6++1", "write dice like d20"),
        ("1d6+", "write dice like d20"),
        ("d6*2", "write dice like d20"),
        ("٣d٦", "write dice like d20"),
        ("d1", "a die has 2 to 1000 sides"),
        ("d1001", "a die has 2 to 1000 sides"),
        ("999999d6", "roll 1 to 100 dice"),
        ("0d6", "roll 1 to 100 dice"),
        ("60d6+60d6", "at most 100 dice at once"),
        ("d6+1000001", "numbers that are added go up to"),
        ("+".join(["d6"] * 11), "at most 10 kinds"),
        ("4d6kh5", "of 4 dice, 1 to 4 can be kept"),
        ("4d6kl0", "of 4 dice, 1 to 4 can be kept"),
    ],
)
async def test_what_cannot_be_rolled_is_an_error_that_says_what_can(dice: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as refused:
        await roll(context(), dice)
    assert reason in str(refused.value)


async def test_one_is_chosen_of_the_options_and_every_one_may_be() -> None:
    seen = {await choose(context(), ["red", "green", "blue"]) for _ in range(200)}
    assert seen == {f"chosen of 3: {colour}" for colour in ("red", "green", "blue")}


async def test_drawing_all_is_shuffling() -> None:
    options = [f"song {number}" for number in range(50)]
    first, second = await choose(context(), options, 50), await choose(context(), options, 50)
    lines = first.splitlines()[1:]
    assert sorted(line.partition(" ")[2] for line in lines) == sorted(options)
    assert first != second


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ('{"options": ["a"]}', "at least 2 items"),
        ('{"options": ["a", " "]}', "options.1: String should have at least 1 character"),
        ('{"options": ["a", "b"], "count": 3}', "only 2 options"),
        ('{"options": ["a", "b"], "count": 0}', "count: "),
        ('{"options": "ab"}', "options: Input should be a valid list"),
    ],
)
async def test_what_cannot_be_drawn_is_an_error_that_says_why(arguments: str, reason: str) -> None:
    toolbox = Toolbox((choose,), seconds=5, chars=1000, calls=1)
    (refused,) = await toolbox.run((Call(id="1", name="choose", arguments=arguments),), context())
    assert refused.failed
    assert reason in refused.content
