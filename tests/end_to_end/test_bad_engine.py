"""An engine that fails: whoever asked is told in one sentence, keeps what was said, and may ask again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.asking import answer_to, ask, next_question_works
from tests.end_to_end.harness import Town, bot_in, town
from tests.ollama_server import BUSY, Mishap, Recorded, Refusal, Reply, recorded

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAILED = "The engine that thinks for me failed in mid-answer. Please ask again."
STALLED = "The engine that thinks for me has stopped in mid-thought. Please ask again."
AWAY = "The engine that thinks for me does not answer."
IMPATIENT = {"first_token_seconds": 2.5, "stall_seconds": 1.5}


async def failing(place: Town, told: str, *, said: str = "") -> None:
    """One question meets the failure; the next one does not."""
    answer = await answer_to(await ask(place, "go"), told)
    assert answer.texts[-1].startswith(f"{said}\n\n{told}" if said else told)
    await next_question_works(place)


@pytest.mark.parametrize("after", [0, 4])
@pytest.mark.parametrize("mishap", [Mishap.ERROR, Mishap.END, Mishap.DROP, Mishap.GARBAGE])
async def test_an_engine_that_fails_is_told_behind_what_it_had_said(place: Town, mishap: Mishap, after: int) -> None:
    place.ollama.script(Reply(text="One two three four five", mishap=mishap, after=after))
    await failing(place, FAILED, said="One two three four" if after else "")
    assert "One two" not in place.ollama.generations[-1].prompt


async def test_an_engine_that_stalls_is_left_in_time_and_told(tmp_path: Path) -> None:
    async with town() as alone, bot_in(alone, tmp_path, engine=IMPATIENT):
        for after in (0, 4):
            alone.ollama.script(Reply(text="One two three four five", mishap=Mishap.STALL, after=after))
            await failing(alone, STALLED, said="One two three four" if after else "")
        stalled = [each for each in alone.ollama.generations if each.disconnected.is_set()]
        assert len(stalled) == 2


@pytest.mark.parametrize("name", ["14", "46"])
async def test_how_a_real_daemon_failed_is_told_like_any_failure(place: Town, name: str) -> None:
    place.ollama.script(recorded(name))
    answer = await answer_to(await ask(place, "go"))
    assert answer.texts[-1].endswith(FAILED)
    await next_question_works(place)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (BUSY, AWAY),
        (Refusal(status=500, error="llama runner process has terminated: exit status 2"), FAILED),
        (Refusal(status=400, error="invalid option provided"), FAILED),
        (Recorded(status=200, content_type="text/html", lines=("<html><body>It works!</body></html>",)), FAILED),
        (Recorded(status=404, content_type="text/html", lines=("<html>Not Found</html>",)), FAILED),
        (Recorded(status=200, content_type="application/x-ndjson", lines=('["a list"]',)), FAILED),
        (Recorded(status=200, content_type="application/x-ndjson", lines=()), FAILED),
    ],
)
async def test_whatever_an_engine_answers_instead_of_a_stream_is_told(
    place: Town, step: Refusal | Recorded, told: str
) -> None:
    place.ollama.script(step)
    await failing(place, told)


async def test_an_engine_that_hangs_up_on_every_question_never_takes_the_program_with_it(place: Town) -> None:
    place.ollama.script(*[Reply(text="", mishap=Mishap.DROP)] * 5)
    for number in range(5):
        asked = await ask(place, f"question {number}", by=(place.ana, place.ben)[number % 2])
        assert (await answer_to(asked)).texts[-1] == FAILED
    await next_question_works(place)
