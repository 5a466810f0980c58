"""Wherever the program dies on an answer's way to Discord, people see it once, whole, and without a Stop button."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.platforms.discord.conftest import Community
from tests.platforms.discord.dock import dock, first_of

PARAGRAPH = "The sea is wide and deep and salt. " * 50
VIEWS = ("The sea", PARAGRAPH + "It moves.", PARAGRAPH * 2 + "It sleeps.")
ANSWER = PARAGRAPH * 3 + "It is blue."
"""In three messages, of which two were shown while it grew."""

ANEW = ("Well", PARAGRAPH + "Fish!")
OTHER_ANSWER = PARAGRAPH + "That is all."
WRITES = 6


@pytest.mark.parametrize(
    ("after_commit", "later"),
    [
        pytest.param(False, 600, id="before, after the nonces"),
        pytest.param(True, 0, id="after, at once"),
        pytest.param(False, 0, id="before, at once", marks=pytest.mark.thorough),
        pytest.param(True, 600, id="after, after the nonces", marks=pytest.mark.thorough),
    ],
)
async def test_whichever_request_the_program_dies_at_the_next_start_shows_the_answer_once(
    community: Community, tmp_path: Path, after_commit: bool, later: float
) -> None:
    died = 0
    for number in range(1, WRITES + 3):
        channel = community.channel = community.guild.add_text_channel(f"room-{number}")
        async with dock(community, tmp_path / str(number)) as here:
            gate = here.hold(number, after_commit=after_commit, what="[PD]* /channels/*/messages*")
            async with here.process() as first:
                telling = first.does(here.answers(first, VIEWS, ANSWER))
                await first_of(telling, gate.until_reached())
                reached = gate.reached.is_set()
                died += reached
                await first.crash() if reached else None
                if after_commit or not reached:
                    gate.release()
            closed = not await here.store.waiting(since=here.asked.sent_at)
            community.clock.advance(later)
            async with here.process() as second:
                await here.answers(second, ANEW, OTHER_ANSWER)
                await here.all_shown()
            wanted = ANSWER if closed else OTHER_ANSWER
            why = f"died at request {number}"
            assert " ".join(here.texts).split() == wanted.split(), why
            assert [bool(each.referenced) for each in channel.bot_messages] == [True] + [False] * (
                len(here.texts) - 1
            ), why
            assert not any(each.buttons for each in channel.bot_messages), why
    assert died == WRITES
