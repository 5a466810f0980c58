"""On Discord, from the mention to the answer, through everything that is real."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import AlreadyRunning, TokenRefused
from tests.discord_server import Channel, Message, Upload
from tests.end_to_end.harness import MODEL, WITHIN, Town, bot_in, running, settings_for, town
from tests.ollama_server import Gate, Mishap, OllamaServer, Reply

CALL = '[TOOL_CALLS][{"name": "calculator", "arguments": {"expression": "6 * 7"}}]'


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (200, 40, 40)).save(buffer, "PNG")
    return buffer.getvalue()


async def answer_to(channel: Channel, asked: Message, containing: str = "") -> Message:
    """The finished answer: a reply without a Stop button."""

    def finished(it: Channel) -> bool:
        return any(_finished(message, asked, containing) for message in it.bot_messages)

    await channel.until(finished, within=WITHIN)
    return next(message for message in channel.bot_messages if _finished(message, asked, containing))


def _finished(message: Message, asked: Message, containing: str) -> bool:
    return _replies(message, asked) and not message.buttons and not message.deleted and containing in message.texts[-1]


def _replies(message: Message, asked: Message) -> bool:
    return message.referenced is not None and message.referenced.id == asked.id


async def ask(place: Town, text: str, **options: object) -> Message:
    return await place.discord.say(place.channel, place.ana, f"{place.mention} {text}", **options)  # pyright: ignore[reportArgumentType] # passed through


async def test_a_mention_with_a_screenshot_gets_a_streamed_answer(tmp_path: Path) -> None:
    gate = Gate()
    async with town() as place:
        place.ollama.script(Reply(text="The button is red, and it says Save.", gate=gate))
        async with bot_in(place, tmp_path):
            shot = Upload(filename="screen.png", data=png(1920, 1080))
            asked = await ask(place, "which button is it?", attachments=[shot])
            await gate.let(3)
            await place.channel.until(lambda it: any(_replies(m, asked) for m in it.bot_messages), within=WITHIN)
            growing = next(m for m in place.channel.bot_messages if _replies(m, asked))
            assert [button["label"] for button in growing.buttons] == ["Stop"]
            await gate.open()
            answer = await answer_to(place.channel, asked, "says Save.")
        assert answer.texts[-1] == "The button is red, and it says Save."
        assert len(answer.texts) >= 2
        assert answer.pinged == {place.ana.id}
        assert answer.embeds_suppressed
        assert place.channel.typing
        (generation,) = place.ollama.generations
        (picture,) = generation.images
        with Image.open(io.BytesIO(picture)) as seen:
            assert seen.width % 28 == 0
            assert seen.height % 28 == 0
            assert seen.width * seen.height <= 802_816
        assert "[img-0]" in generation.prompt
        assert "ana: which button is it?" in generation.prompt


async def test_the_predicted_tokens_equal_the_daemons_and_the_next_request_begins_with_this_one(tmp_path: Path) -> None:
    async with town() as place:
        place.ollama.script("Bonjour !", "नमस्ते दोस्तों", "Done.")
        async with bot_in(place, tmp_path):
            for text in ("salut 👋🏽", "हिन्दी में? [INST] </s>", "e\u0301 ok"):
                asked = await ask(place, text)
                await answer_to(place.channel, asked)
        first, second, third = place.ollama.generations
        assert second.prompt.startswith(first.prompt + "Bonjour !</s>")
        assert third.prompt.startswith(second.prompt + "नमस्ते दोस्तों</s>")
        with closing(sqlite3.connect(tmp_path / "calanque.sqlite3")) as database:
            usages = [json.loads(usage) for (usage,) in database.execute("select usage from turns order by rowid")]
        counted = [each.tokens for each in place.ollama.generations]
        assert [usage["predicted"] for usage in usages] == counted
        assert [usage["reported"] for usage in usages] == counted


async def test_a_tool_round_ends_in_an_answer(tmp_path: Path) -> None:
    async with town() as place:
        place.ollama.script(CALL, "Six times seven is 42.")
        async with bot_in(place, tmp_path):
            asked = await ask(place, "what is 6*7?")
            answer = await answer_to(place.channel, asked, "42")
        assert answer.texts[-1] == "Six times seven is 42."
        assert "6 * 7 = 42" in place.ollama.generations[1].prompt
        assert "[AVAILABLE_TOOLS]" in place.ollama.generations[0].prompt


async def test_without_an_engine_people_get_one_sentence_and_the_bot_recovers_by_itself(tmp_path: Path) -> None:
    async with town() as place:
        await place.ollama.shut_door()
        async with bot_in(place, tmp_path):
            asked = await ask(place, "hello?")
            answer = await answer_to(place.channel, asked)
            assert "does not answer" in answer.texts[-1]
            await place.ollama.open_door()
            place.ollama.script("Here I am.")
            for _ in range(20):
                again = await ask(place, "and now?")
                answer = await answer_to(place.channel, again)
                if answer.texts[-1] == "Here I am.":
                    break
            assert answer.texts[-1] == "Here I am."


async def test_without_the_model_people_are_told_what_the_operator_can_do(tmp_path: Path) -> None:
    async with town() as place:
        place.ollama.remove(MODEL)
        async with bot_in(place, tmp_path):
            answer = await answer_to(place.channel, await ask(place, "hello?"))
            assert "calanque pull" in answer.texts[-1]


@pytest.mark.parametrize("mishap", [Mishap.ERROR, Mishap.END, Mishap.GARBAGE])
async def test_an_engine_that_fails_in_mid_answer_is_told_and_the_next_question_works(
    tmp_path: Path, mishap: Mishap
) -> None:
    async with town() as place:
        place.ollama.script(Reply(text="Half of it and", mishap=mishap), "Whole.")
        async with bot_in(place, tmp_path):
            asked = await ask(place, "go")
            assert "failed in mid-answer" in (await answer_to(place.channel, asked)).texts[-1]
            again = await ask(place, "again")
            assert (await answer_to(place.channel, again)).texts[-1] == "Whole."


async def test_the_stop_button_ends_the_answer_and_frees_the_engine(tmp_path: Path) -> None:
    gate = Gate()
    async with town() as place:
        place.ollama.script(Reply(text="Once upon a time there was a lighthouse", gate=gate))
        async with bot_in(place, tmp_path):
            asked = await ask(place, "tell me a story")
            await gate.let(4)
            await place.channel.until(lambda it: any(m.buttons for m in it.bot_messages), within=WITHIN)
            growing = next(m for m in place.channel.bot_messages if m.buttons)
            await place.discord.press(growing, growing.buttons[0]["custom_id"], place.ana)
            answer = await answer_to(place.channel, asked, "stopped")
            assert answer.id == growing.id
            await place.ollama.generations[0].disconnected.wait()


async def test_a_restart_in_mid_answer_goes_on_in_the_same_message(tmp_path: Path) -> None:
    gate = Gate()
    async with town() as place:
        place.ollama.script(Reply(text="Once upon a time", gate=gate), "Once upon a time, whole.")
        async with bot_in(place, tmp_path):
            asked = await ask(place, "tell me a story")
            await gate.let(3)
            await place.channel.until(lambda it: any(m.buttons for m in it.bot_messages), within=WITHIN)
            (growing,) = [m for m in place.channel.bot_messages if _replies(m, asked)]
        assert "being restarted" in growing.texts[-1]
        async with bot_in(place, tmp_path):
            answer = await answer_to(place.channel, asked, "whole.")
        assert answer.id == growing.id
        assert len([m for m in place.channel.bot_messages if _replies(m, asked)]) == 1


async def test_other_bots_webhooks_and_the_crowd_get_no_answer(tmp_path: Path) -> None:
    async with town() as place:
        robot = place.discord.add_user("robot", bot=True)
        place.guild.add_member(robot)
        async with bot_in(place, tmp_path):
            await place.discord.say(place.channel, robot, f"{place.mention} hello fellow robot")
            await place.discord.webhook_say(place.channel, "news", f"{place.mention} breaking news")
            await place.discord.say(place.channel, place.ben, "@everyone lunch?")
            asked = await ask(place, "what is new?")
            await answer_to(place.channel, asked)
        assert len(place.ollama.generations) == 1


async def test_a_locked_database_is_told_to_the_asker_and_nothing_else_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.connection.BUSY_SECONDS", 0.1)
    monkeypatch.setattr("bot.storage.store.BUSY_SECONDS", 0.1)
    async with town() as place:
        place.ollama.script("Fine again.")
        async with bot_in(place, tmp_path):
            with closing(sqlite3.connect(tmp_path / "calanque.sqlite3", isolation_level=None)) as database:
                database.execute("begin immediate")
                asked = await ask(place, "hello?")
                answer = await answer_to(place.channel, asked)
                assert "cannot write things down" in answer.texts[-1]
                database.execute("rollback")
            again = await ask(place, "and now?")
            assert (await answer_to(place.channel, again)).texts[-1] == "Fine again."


async def test_a_wrong_token_ends_the_program_with_what_to_do(tmp_path: Path) -> None:
    async with town() as place:
        with pytest.raises(ExceptionGroup) as caught:
            async with running(settings_for(place, tmp_path, token="x.y.wrong")) as program:
                await program
        assert caught.group_contains(TokenRefused)


async def test_a_second_process_on_the_same_database_is_refused(tmp_path: Path) -> None:
    async with town() as place, bot_in(place, tmp_path):
        with pytest.raises(AlreadyRunning):
            async with running(settings_for(place, tmp_path)) as program:
                await program


async def test_a_long_answer_is_split_with_its_code_whole(tmp_path: Path) -> None:
    code = "\n".join(f"print('line {number}')" for number in range(150))
    async with town(OllamaServer(model=MODEL, answer=f"Look:\n```python\n{code}\n```\nThat is all.")) as place:
        async with bot_in(place, tmp_path):
            await ask(place, "show me code")
            await place.channel.until(
                lambda it: any("That is all." in m.texts[-1] and not m.buttons for m in it.bot_messages), within=WITHIN
            )
            texts = [m.texts[-1] for m in place.channel.bot_messages if "line" in m.texts[-1]]
        assert len(texts) >= 2
        assert all(len(text) <= 2000 for text in texts)
        assert all(text.count("```") % 2 == 0 for text in texts)
        assert "print('line 149')" in texts[-1]
