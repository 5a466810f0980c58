"""How a digest reads, and what cannot stand in it."""

from __future__ import annotations

import re
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.marks import links_of
from bot.digest.reading import source
from bot.digest.showing import told, words
from bot.languages.phrases import Phrases
from bot.platforms.discord.split import split
from bot.talk.digest import Digest, Made, Period, Point, Section, text_of, without
from bot.talk.message import Place
from tests.answer.link_readers import on_discord, on_the_page
from tests.answer.test_links import TEXTS
from tests.digest.talks import CHANNEL, THREAD, said
from tests.fakes import START

DAY = Period(since=START, until=START + timedelta(days=1))


def link(place: Place, message: str) -> str:
    return f"https://discord.com/channels/g/{place.id}/{message}"


def digest(*points: Point, messages: int = 12, people: int = 3, made: Made = Made.MODEL) -> Digest:
    return Digest(points=points, period=DAY, messages=messages, people=people, made=made)


def point(text: str, *numbers: int, section: Section = Section.DECIDED, place: Place = CHANNEL) -> Point:
    return Point(
        section=section, text=text, sources=tuple(source(said(n, "ana", text, place=place)) for n in numbers or (1,))
    )


def shown(*points: Point, made: Made = Made.MODEL, messages: int = 12) -> str:
    return text_of(told(digest(*points, made=made, messages=messages), link=link, phrases=Phrases()))


def test_only_sections_that_have_something_stand_there_in_their_order() -> None:
    text = shown(point("b", section=Section.TODO), point("a", section=Section.DECIDED))
    assert [line for line in text.splitlines() if line.startswith("###")] == ["### Decided", "### To do"]


def test_each_point_leads_to_its_messages_and_says_when_in_the_reader_s_zone() -> None:
    moment = int((START + timedelta(minutes=1)).timestamp())
    assert (
        f"- ships on Friday <t:{moment}:f> [↗](<https://discord.com/channels/g/c/m1>) "
        "[↗](<https://discord.com/channels/g/c/m2>)"
    ) in shown(point("ships on Friday", 1, 2)).splitlines()


def test_a_place_without_addresses_has_points_without_links() -> None:
    text = text_of(told(digest(point("ships")), link=lambda _place, _message: "", phrases=Phrases()))
    assert "↗" not in text


def test_it_says_how_much_it_covers_and_from_when_to_when() -> None:
    begin, end = int(DAY.since.timestamp()), int(DAY.until.timestamp())
    assert f"-# From <t:{begin}:f> to <t:{end}:f>.\n-# 12 messages by 3 people." in shown(point("x"))


def test_how_much_it_covers_goes_with_any_of_its_messages_and_from_when_to_when_stays() -> None:
    whole = told(digest(point("a", 1), point("b", 2)), link=link, phrases=Phrases())
    left = text_of(without(whole, messages={"m2"}))
    assert ("12 messages" in left, "-# From <t:" in left, "- a " in left, "- b " in left) == (False, True, True, False)


def test_what_made_it_is_said() -> None:
    assert "by a model" in shown(point("x"), made=Made.MODEL)
    assert "without a model" in shown(point("x"), made=Made.EXTRACTS)


def test_silence_and_nothing_worth_a_point_are_said() -> None:
    assert shown(messages=0).startswith("Nothing was said from <t:")
    assert "stands out" in shown(messages=5)


def test_threads_are_named_and_channels_where_there_are_several() -> None:
    assert "in “Release 2\\.4”" not in shown(point("x"))
    assert "in “Release 2.4”" in shown(point("x", place=THREAD))
    assert "in \\#general" in shown(point("x", 1), point("y", 2, place=THREAD))


def test_people_s_words_have_no_effect() -> None:
    text = words("<@123456789012345678> @everyone **b** [x](y) <#1> ||s|| <t:1:f> `c` discord.gg/abc")
    assert "@everyone" not in text
    assert "discord.gg/" not in text
    assert re.search(r"(?<!\\)[<*`|\[\]()#]", text) is None


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_nothing_in_people_s_words_can_be_clicked_but_the_addresses_in_them(text: str) -> None:
    shown = words(text)
    leads = on_the_page(shown) | {each for chunk in split(shown) for each in on_discord(chunk.text)}
    assert leads <= set(links_of(text))


def test_addresses_that_people_posted_can_be_clicked_without_a_preview() -> None:
    assert "“see <https://example.org/a_b_c>.”" in shown(point("“see https://example.org/a_b_c.”"))
    assert "<javascript" not in shown(point("see javascript://example.org/x"))


def test_a_stretch_goes_with_its_messages_and_rooms_and_the_counts_with_any_room() -> None:
    whole = told(
        digest(point("a", 1), point("b", 2, section=Section.TODO)),
        link=link,
        phrases=Phrases(),
        heading="## News",
        rooms={"local:c", "local:d"},
    )
    left = text_of(without(whole, messages={"m2"}))
    assert "To do" not in left
    assert "- a " in left
    assert "12 messages" not in text_of(without(whole, rooms={"local:d"}))
    assert "- a " not in text_of(without(whole, rooms={"local:c"}))


@given(
    st.lists(
        st.tuples(st.sampled_from(Section), st.text(min_size=1, max_size=330), st.integers(1, 5)),
        min_size=1,
        max_size=30,
    )
)
@settings(deadline=None)
def test_no_point_is_torn_between_two_messages(points: list[tuple[Section, str, int]]) -> None:
    made = [point(" ".join(text.split()) or "x", *range(1, n + 1), section=section) for section, text, n in points]
    stretches = told(digest(*made), link=link, phrases=Phrases(), heading="## News")
    chunks = [chunk.text for chunk in split(text_of(stretches))]
    for stretch in stretches:
        assert sum(stretch.text.rstrip() in chunk for chunk in chunks) >= 1
