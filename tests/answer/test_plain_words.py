"""Words of others among our own, in reminders, polls, lines about tools and sources: they lead nowhere."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.answer.doing import harmless
from bot.answer.sources import listed
from bot.talk.found import Source
from bot.talk.quoting import inline, quoted
from tests.answer.link_readers import on_discord, on_the_page
from tests.answer.test_links import NAMED, TEXTS


def leads(text: str) -> set[str]:
    return on_discord(text) | on_the_page(text)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
@example("https&colon;//evil.example")
@example("discord.gg/evil")
@example("discord.gg/evildiscord.gg/evil")
@example("https://discord.com/invite/evil")
def test_no_words_among_our_own_can_be_clicked(text: str) -> None:
    for shown in (inline(text), quoted(text), harmless(text, most=300)):
        assert leads(shown) == set()


@given(TEXTS, st.sampled_from(NAMED))
@settings(max_examples=100, deadline=None)
@example("https&colon;//evil.example", NAMED[0])
def test_a_source_leads_where_it_was_found_and_its_title_nowhere(title: str, url: str) -> None:
    assert leads(listed("", [Source(title=title, url=url)])) == {url}


@pytest.mark.parametrize("words", ["R&D", "fish & chips", "discord.py", "see #general"])
def test_plain_words_are_read_as_they_were_written(words: str) -> None:
    assert harmless(words) == words
    assert inline(words).replace("\\", "") == words
