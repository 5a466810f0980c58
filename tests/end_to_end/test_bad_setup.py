"""What whoever runs the bot, or a server's administrator, has set up wrong: told to them, and nothing else breaks."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import pytest

from bot.errors import DatabaseUnusable, IntentRefused, PortInUse
from bot.storage.store import open_store
from tests.discord_server import ApplicationFlag, Permission
from tests.end_to_end.asking import FINE, answer_to, answers_to, ask, next_question_works, works_again
from tests.end_to_end.databases import locked, read_only
from tests.end_to_end.harness import WITHIN, bot_in, page_of, running, settings_for, town
from tests.ollama_server import Gate, Reply
from tests.storage.homes import Home, Server, postgres_home, postgres_server, template_name

__all__ = ["postgres_home", "postgres_server", "template_name"]

CANNOT_WRITE = "I cannot write things down at the moment"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store waits for other programs' locks only briefly."""
    monkeypatch.setattr("bot.app.running.open_store", partial(open_store, busy_seconds=0.05))


async def test_without_the_intent_that_is_asked_for_the_program_ends_with_what_to_do(tmp_path: Path) -> None:
    async with town(flags=ApplicationFlag(0)) as place:
        with pytest.raises(ExceptionGroup) as caught:
            async with running(settings_for(place, tmp_path)) as program:
                await program
        assert caught.group_contains(IntentRefused, match=r"Turn it on in the developer portal .* or set DISCORD_MESS")


async def test_without_the_intent_and_not_asking_for_it_mentions_are_answered(tmp_path: Path) -> None:
    async with town(flags=ApplicationFlag(0)) as place, bot_in(place, tmp_path, discord={"message_content": False}):
        await next_question_works(place)


@pytest.mark.parametrize("lacking", [Permission.SEND_MESSAGES, Permission.VIEW_CHANNEL])
async def test_without_rights_in_a_channel_the_log_says_which_and_other_channels_work(
    tmp_path: Path, lacking: Permission, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with town() as place:
        quiet = place.guild.add_text_channel("quiet")
        place.ollama.script(FINE)
        async with bot_in(place, tmp_path):
            held = place.discord.hold_next("POST /channels/*/typing")
            asked = await ask(place, "hello?", channel=quiet)
            await held.until_reached(WITHIN)
            quiet.overwrite(place.guild.bot_role, deny=lacking)
            held.release()
            await place.discord.wait_for(lambda: "has no place in" in caplog.text, WITHIN)
            assert not answers_to(asked)
            await next_question_works(place)
        assert "the bot needs the rights View Channel and Send Messages" in caplog.text


async def test_without_the_right_to_read_history_the_answer_comes_without_pointing_at_the_question(
    tmp_path: Path,
) -> None:
    async with town() as place:
        place.channel.overwrite(place.guild.bot_role, deny=Permission.READ_MESSAGE_HISTORY)
        place.ollama.script(FINE)
        async with bot_in(place, tmp_path):
            asked = await ask(place, "hello?")
            await place.channel.until(lambda it: any(each.content == FINE for each in it.bot_messages), WITHIN)
            assert not answers_to(asked)


@pytest.mark.usefixtures("impatient")
async def test_a_locked_database_is_told_to_the_asker_and_nothing_else_breaks(tmp_path: Path) -> None:
    async with town() as place, bot_in(place, tmp_path):
        with locked(tmp_path):
            asked = await ask(place, "hello?")
            assert CANNOT_WRITE in (await answer_to(asked)).texts[-1]
        await works_again(place, asked)


@pytest.mark.usefixtures("impatient")
async def test_a_database_locked_in_mid_answer_is_told_and_the_answer_comes_after_a_restart(tmp_path: Path) -> None:
    gate = Gate()
    async with town() as place:
        place.ollama.script(Reply(text="Once upon a time.", gate=gate), "Once upon a time, once more.")
        async with bot_in(place, tmp_path):
            asked = await ask(place, "a story")
            await gate.reached.wait()
            with locked(tmp_path):
                await gate.open()
                told = await answer_to(asked, CANNOT_WRITE)
        async with bot_in(place, tmp_path):
            assert await answer_to(asked, "once more.") is told
            await next_question_works(place)
        assert answers_to(asked) == [told]


@pytest.mark.usefixtures("impatient")
async def test_a_lock_while_commands_are_registered_does_not_end_the_program(tmp_path: Path) -> None:
    async with town() as place:
        held = place.discord.hold_next("PUT /applications/*/commands", after_commit=True)
        async with bot_in(place, tmp_path):
            await held.until_reached(WITHIN)
            with locked(tmp_path):
                held.release()
                asked = await ask(place, "hello?")
                assert CANNOT_WRITE in (await answer_to(asked)).texts[-1]
            await works_again(place, asked)


@pytest.mark.usefixtures("impatient")
async def test_a_database_that_becomes_read_only_is_told_until_it_is_mended(tmp_path: Path) -> None:
    async with town() as place, bot_in(place, tmp_path):
        await next_question_works(place)
        with read_only(tmp_path):
            asked = await ask(place, "hello?")
            assert CANNOT_WRITE in (await answer_to(asked)).texts[-1]
        await works_again(place, asked)


async def test_a_server_that_becomes_read_only_is_told_until_it_is_mended(
    tmp_path: Path, postgres_home: Home, postgres_server: Server
) -> None:
    url = postgres_home.settings.url.get_secret_value()
    name = url.partition("@/")[2].partition("?")[0]
    leave = (  # all but the session that holds the program's place
        f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
        " and query not like '%try_advisory%'"
    )
    async with town() as place, bot_in(place, tmp_path, database={"url": url}):
        await next_question_works(place)
        await postgres_server.run(f"alter database {name} set default_transaction_read_only = on", leave)
        asked = await ask(place, "hello?")
        assert CANNOT_WRITE in (await answer_to(asked)).texts[-1]
        await postgres_server.run(f"alter database {name} reset default_transaction_read_only", leave)
        await works_again(place, asked)


async def test_a_database_that_is_locked_at_the_start_ends_the_program_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town() as place:
        async with bot_in(place, tmp_path):
            pass
        monkeypatch.setattr("bot.app.running.open_store", partial(open_store, busy_seconds=0.05))
        with locked(tmp_path), pytest.raises(DatabaseUnusable, match=r"is locked by another program\. Close"):
            async with running(settings_for(place, tmp_path)) as program:
                await program


async def test_a_page_whose_port_is_taken_ends_the_program_with_what_to_do(tmp_path: Path) -> None:
    async with town() as place, page_of(settings_for(place, tmp_path, page={"enabled": "on"})) as address:
        port = int(address.rpartition(":")[2])
        second = settings_for(place, tmp_path / "second", page={"enabled": "on", "port": port})
        with pytest.raises(ExceptionGroup) as caught:
            async with running(second) as program:
                await program
        assert caught.group_contains(PortInUse, match="set PAGE_PORT to another port")
