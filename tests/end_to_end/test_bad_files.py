"""Files that cannot be read: the asker is told which and why, the rest of the question is answered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.discord_server import Upload
from tests.documents.samples import locked_pdf, png_claiming
from tests.end_to_end.asking import FINE, answer_to, ask, next_question_works, png
from tests.end_to_end.harness import MODEL, Town, bot_in, town
from tests.ollama_server import Model

pytestmark = pytest.mark.asyncio(loop_scope="module")

HUNDRED_MB = 100 * 1000 * 1000
HTML = b"<!doctype html><script>alert(1)</script>"


def upload(name: str, data: bytes, *, size: int | None = None) -> Upload:
    return Upload(filename=name, data=data, size=size)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (upload("film.png", b"\x89PNG", size=HUNDRED_MB), "film.png is too large for me (limit: 25 MiB)."),
        (upload("liar.txt", b"a" * 300_000, size=1000), "I could not open liar.txt."),
        (upload("cut.png", png(400, 300)[:-200]), "I could not open cut.png."),
        (upload("bomb.png", png_claiming(60_000, 60_000)), "bomb.png is too large for me (limit: 50 megapixels)."),
        (upload("page.png", HTML), "I could not open page.png."),
        (upload("empty.txt", b""), "I could not open empty.txt."),
        (upload("locked.pdf", locked_pdf()), "I could not open locked.pdf."),
        (upload("tool.exe", b"MZ\x90\0\3" + bytes(100)), "I could not open tool.exe."),
    ],
    ids=lambda value: value.filename if isinstance(value, Upload) else "",
)
async def test_a_bad_file_is_named_to_the_asker_and_the_model_and_the_rest_is_answered(
    place: Town, file: Upload, told: str
) -> None:
    place.ollama.script("I see a red button.")
    asked = await ask(place, "what is this?", attachments=[file, upload("good.png", png(280, 140))])
    answer = await answer_to(asked)
    lead, _, text = answer.texts[-1].partition("\n")
    assert lead.startswith(f"-# {told}")
    assert text == "I see a red button."
    await next_question_works(place)
    first = place.ollama.generations[0]
    assert len(first.images) == 1
    assert "ana: what is this?" in first.prompt
    assert told in first.prompt


def many(count: int) -> Sequence[Upload]:
    return [upload(f"note-{number}.txt", f"note number {number}".encode()) for number in range(count)]


async def test_of_more_files_than_the_limit_the_first_are_read_and_the_rest_is_told(place: Town) -> None:
    """Discord lets one message carry ten; with those of the message replied to, a question may bring twenty."""
    place.ollama.script(FINE)
    earlier = await place.discord.say(place.channel, place.ben, "my notes", attachments=many(10))
    asked = await ask(place, "sum these up", attachments=many(10), reply_to=earlier)
    assert "I can read 10 attachments per message" in (await answer_to(asked)).texts[-1]
    await next_question_works(place)
    assert place.ollama.generations[0].prompt.count("note number") == 10


async def test_a_file_that_vanished_meanwhile_is_told_and_the_rest_is_answered(place: Town) -> None:
    place.ollama.script(FINE)
    place.discord.fail_next("GET /cdn/*", status=500)
    asked = await ask(place, "read this", attachments=many(1))
    assert "I could not open note-0.txt." in (await answer_to(asked)).texts[-1]
    await next_question_works(place)


async def test_a_model_without_eyes_says_so_and_answers(tmp_path: Path) -> None:
    async with town() as alone:
        alone.ollama.add(Model(name=MODEL, capabilities=("completion", "tools")))
        alone.ollama.script(FINE)
        async with bot_in(alone, tmp_path):
            asked = await ask(alone, "what is this?", attachments=[upload("good.png", png(280, 140))])
            assert "cannot see pictures" in (await answer_to(asked)).texts[-1]
            await next_question_works(alone)
        assert not alone.ollama.generations[0].images
