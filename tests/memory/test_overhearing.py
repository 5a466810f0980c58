"""Of what was overheard, as much is taken up as its budget in the engine's own tokens allows."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.inference import template
from bot.inference.tekken import Tekken
from bot.memory.overhearing import newest_within
from bot.memory.transcribe import corrections, heard
from bot.settings import ToolsPosition
from bot.talk.message import Addressed, Message
from bot.talk.turn import CORRECTION_CHARS, Part, Piece, Question
from bot.talk.words import reads
from tests.fakes import ANA, BEN, said


class Mistral:
    """Counts as the model does, and says how often."""

    def __init__(self) -> None:
        self._tekken = Tekken()
        self.counted = 0

    async def render(self, part: Part) -> Piece:
        await self._tekken.load()
        self.counted += 1
        return template.piece(part, ToolsPosition.FIRST, self._tekken)

    async def tokens(self, messages: Sequence[Message]) -> int:
        lines = tuple(heard(each, ZoneInfo("UTC")) for each in messages)
        return (await self.render(Question(lines=lines))).tokens - (await self.render(Question(lines=()))).tokens


@pytest.fixture(scope="module")
def mistral() -> Mistral:
    return Mistral()


def chatter(*texts: str) -> list[Message]:
    return [said(text, by=BEN, addressed=Addressed.NO) for text in texts]


async def kept(overheard: Sequence[Message], tokens: int, mistral: Mistral) -> Sequence[Message]:
    return await newest_within(overheard, tokens=tokens, timezone="UTC", inference=mistral)


async def test_what_fits_in_any_case_is_not_counted(mistral: Mistral) -> None:
    overheard = chatter("it broke", "again?", "東京 🐚")
    before = mistral.counted
    assert await kept(overheard, 100, mistral) == overheard
    assert await kept([], 0, mistral) == []
    assert mistral.counted == before


async def test_what_bytes_alone_would_leave_out_is_counted_and_kept(mistral: Mistral) -> None:
    overheard = chatter(*["the harbour master says that the tide is coming in"] * 50)
    needed = await mistral.tokens(overheard)
    assert needed * 2 < sum(len(each.text) for each in overheard)
    assert len(await kept(overheard, needed + 10, mistral)) == 50


_words = st.sampled_from(["tide ", "harbour ", "!", "\n", "東京", "é", "[INST]", " ", "0x7f ", "…"])


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.lists(_words, max_size=30).map("".join), max_size=12), tokens=st.integers(0, 300))
async def test_the_newest_stay_within_the_budget_and_no_more_would_fit(
    mistral: Mistral, texts: list[str], tokens: int
) -> None:
    overheard = chatter(*texts)
    found = list(await kept(overheard, tokens, mistral))
    assert found == overheard[len(overheard) - len(found) :]
    assert await mistral.tokens(found) <= tokens
    if len(found) < len(overheard):
        # Each line's end is counted as a token of its own.
        assert await mistral.tokens(overheard[-len(found) - 1 :]) + len(found) + 1 > tokens


async def test_a_long_message_that_does_not_fit_leaves_the_newer_ones(mistral: Mistral) -> None:
    overheard = chatter("long " * 500, "short")
    assert await kept(overheard, 100, mistral) == overheard[1:]
    assert await kept(overheard, 0, mistral) == []


# edits


def test_edits_are_told_from_the_first_on_as_far_as_they_surely_fit() -> None:
    messages = [said(f"edited {number}", by=ANA) for number in range(4)]
    told = corrections(messages, tokens=200)
    assert [line.message for line in told] == [each.id for each in messages[: len(told)]]
    assert 1 < len(told) < 4
    assert all(line.corrects for line in told)
    assert told[0].text == "(Ana has changed an earlier message, which now reads:)\n  edited 0"
    assert [line.own for line in told] == [f"edited {number}" for number in range(len(told))]


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.integers(0, 400))
def test_the_first_edit_is_told_in_any_case_cut_short_if_need_be(text: str, tokens: int) -> None:
    message = said(text * 60)
    (line,) = corrections([message], tokens=tokens)
    assert reads(line.own or "", message.text)
    assert len(line.own or "") <= 3 * CORRECTION_CHARS + 2
    least = len(corrections([said("x" * 9999)], tokens=0)[0].text) + 1
    assert len(line.text.encode()) <= max(tokens, least + 20)
