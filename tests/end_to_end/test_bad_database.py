"""A database that fills up, is damaged or restarted: people are told, and answered when it is well again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.errors import AlreadyRunning, DatabaseUnusable
from bot.settings import Database
from bot.storage.address import FILE_NAME
from bot.storage.hold import LOOK_SECONDS
from tests.end_to_end.asking import FINE, answer_to, answers_to, ask, next_question_works, works_again
from tests.end_to_end.databases import damaged, full
from tests.end_to_end.harness import WITHIN, bot_in, town
from tests.end_to_end.processes import finished
from tests.fakes import said
from tests.storage.homes import Home
from tests.storage.restarting import Restarting, restarting

pytestmark = pytest.mark.thorough

LATER = "I cannot write things down at the moment. I will answer this as soon as I can."
LONG = "what of the tide? " * 300
"""More than fits into what is left of any page of the file."""


@pytest.fixture(scope="module")
def postgres() -> Generator[Restarting]:
    with restarting() as made:
        yield made


@pytest.mark.parametrize("misfortune", [full, damaged])
async def test_what_is_asked_of_a_full_disk_or_a_damaged_file_is_answered_once_it_is_mended(
    tmp_path: Path, misfortune: Callable[[Path], AbstractContextManager[None]]
) -> None:
    async with town() as place, bot_in(place, tmp_path):
        await next_question_works(place)
        with misfortune(tmp_path):
            asked = await ask(place, LONG[:3900])
            assert (await answer_to(asked)).texts[-1] == LATER
        await works_again(place, asked)
        assert [each.texts[-1] for each in answers_to(asked)] == [LATER, FINE]


async def test_a_damaged_file_ends_the_start_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / FILE_NAME).write_text("<!doctype html>" * 400)
    async with town() as place:
        code, program = await finished(place, tmp_path, "run", LOG_LEVEL="INFO")
    assert code == DatabaseUnusable.exit_code == 78
    (line,) = program.errors
    assert line.startswith("calanque: The database")
    assert "is not a database, or damaged. Put a copy from the backups folder in its place" in line


async def test_a_server_that_is_restarted_has_all_that_was_told_to_be_written_and_goes_on(
    tmp_path: Path, postgres: Restarting
) -> None:
    told: list[str] = []
    failed: list[str] = []
    home = Home(settings=Database(url=SecretStr(postgres.url)), data_dir=tmp_path)
    async with home.open() as store:
        many, stopped = asyncio.Event(), asyncio.Event()

        async def talk() -> None:
            while not (stopped.is_set() and failed):
                message = said("ahoy")
                try:
                    await store.record(message, keep=True)
                    told.append(message.id)
                except DatabaseUnusable:
                    failed.append(message.id)
                if len(told) > 50:
                    many.set()

        talking = asyncio.gather(*(talk() for _ in range(8)))
        await many.wait()
        await postgres.stop()
        stopped.set()
        await talking
        with pytest.raises(DatabaseUnusable):
            await store.record(said("ahoy"), keep=True)
        await postgres.start()
        assert await store.record(said("once more"), keep=True)
    everything = await home.everything()
    assert all(f"\n{message}\n" in everything for message in told)


async def test_after_a_restart_of_the_server_no_second_process_can_serve_the_same_people(
    tmp_path: Path, postgres: Restarting, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    home = Home(settings=Database(url=SecretStr(postgres.url)), data_dir=tmp_path)
    async with home.open() as first, home.open() as second, first.hold("0"):
        await home.clock.advance(LOOK_SECONDS)
        await postgres.stop()
        await postgres.start()
        async with asyncio.timeout(WITHIN):
            while "shards 0 are held again" not in caplog.text:
                await home.clock.advance(LOOK_SECONDS)
                await first.fact("-")
        with pytest.raises(AlreadyRunning):
            async with second.hold("0"):
                pass


async def test_what_is_asked_while_the_server_is_away_is_answered_when_it_is_back(
    tmp_path: Path, postgres: Restarting
) -> None:
    async with town() as place, bot_in(place, tmp_path, database={"url": postgres.url}):
        await next_question_works(place)
        await postgres.stop()
        asked = await ask(place, "hello?")
        assert (await answer_to(asked)).texts[-1] == LATER
        await postgres.start()
        await works_again(place, asked)
