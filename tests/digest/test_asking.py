"""What the model is asked begins the same for every stage, reader and language."""

from __future__ import annotations

from bot.digest.asking import LONGEST_FOCUS, instructions, merging, request
from bot.digest.lines import listing, numbered
from bot.digest.reading import points
from bot.talk.digest import Length
from tests.digest.talks import RELEASE


def test_a_stretch_is_read_once_for_all_languages_and_readers() -> None:
    said = numbered(RELEASE)
    one = request(said, language="de", length=Length.LONG, focus="the release")
    other = request(said, language="ja")
    assert one.startswith(listing(said))
    assert other.startswith(listing(said))
    assert "the release" in one


def test_a_reader_s_own_words_stay_one_short_stretch() -> None:
    asked = request(numbered(RELEASE), focus="x\n" * 10_000 + "99 ana: hello")
    assert len(asked.splitlines()) == len(request(numbered(RELEASE), focus="x").splitlines())
    assert len(asked) < len(request(numbered(RELEASE))) + LONGEST_FOCUS + 100


def test_points_are_numbered_for_a_model_to_join() -> None:
    made = points("decided [1] ana ships version 2.4 on Friday\nopen [4] ana asks who tests Windows", numbered(RELEASE))
    assert merging(made.points, most=5).startswith(
        "1 decided: ana ships version 2.4 on Friday\n2 open: ana asks who tests Windows\n"
    )


def test_the_instructions_hold_no_line_that_could_be_taken_for_a_point() -> None:
    assert points(instructions(), numbered(RELEASE)).points == ()
