"""The program is away while people write: what it missed is answered once when it is back, or apologised for once."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.discord_server import ManualClock
from tests.end_to_end.asking import FINE, answer_to, answers_to, ask
from tests.end_to_end.harness import WITHIN, bot_in, town
from tests.end_to_end.processes import on_discord

pytestmark = pytest.mark.thorough

AWAY = "I was away when you asked this; ask me again if it still matters."


async def test_a_question_asked_while_the_program_was_killed_is_answered_once(tmp_path: Path) -> None:
    async with town() as place:
        place.ollama.script(FINE, FINE, FINE)
        async with on_discord(place, tmp_path) as program:
            before = await ask(place, "are you well?")
            await answer_to(before)
            await program.ends(signal.SIGKILL)
        meanwhile = await ask(place, "and now?")
        direct = await ask(place, "psst", channel=place.discord.dm(place.ben), by=place.ben)
        async with on_discord(place, tmp_path):
            await answer_to(meanwhile)
            later = await ask(place, "really?")
            await answer_to(later)
            for asked in (before, meanwhile, later):
                assert [each.content for each in answers_to(asked)] == [FINE]
            assert answers_to(direct) == [], "nobody tells of a direct message in a place that was never known"


@pytest.mark.parametrize("minutes", [29, 31])
async def test_a_question_is_answered_or_apologised_for_by_how_old_it_is_for_discord(
    tmp_path: Path, minutes: int
) -> None:
    clock = ManualClock()
    async with town(clock=clock) as place:
        place.ollama.script(FINE, FINE)
        async with bot_in(place, tmp_path):
            await answer_to(await ask(place, "hello?"))
        clock.advance(2)
        missed = await ask(place, "are you there?")
        clock.advance(minutes * 60)
        async with bot_in(place, tmp_path):
            answer = await answer_to(missed)
            again = await ask(place, "well then?")
            await answer_to(again)
        assert answer.content == (FINE if minutes < 30 else AWAY)
        assert len(answers_to(missed)) == 1
        assert answer.pinged == {place.ana.id}


async def test_many_questions_in_one_place_get_one_notice_and_other_places_theirs(tmp_path: Path) -> None:
    clock = ManualClock()
    async with town(clock=clock) as place:
        place.ollama.script(FINE)
        other = place.guild.add_text_channel("other")
        async with bot_in(place, tmp_path):
            await answer_to(await ask(place, "hello?"))
        clock.advance(2)
        many = [await ask(place, f"question {number}?") for number in range(5)]
        one = await ask(place, "and here?", channel=other)
        clock.advance(7200)
        async with bot_in(place, tmp_path):
            assert (await answer_to(many[-1])).content.startswith("I was away and missed 5 questions here")
            assert (await answer_to(one)).content == AWAY
        async with bot_in(place, tmp_path):
            await place.discord.wait_for(lambda: place.discord.gateway.identified == 3, WITHIN)
        assert sum(len(answers_to(each)) for each in many) == 1
