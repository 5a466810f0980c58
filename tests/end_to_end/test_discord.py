"""On Discord, from the mention to the answer, through everything that is real."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import AlreadyRunning, TokenRefused
from tests.discord_server import Upload
from tests.end_to_end.asking import answer_to, answers_to, ask, growing_answer, png
from tests.end_to_end.harness import MODEL, WITHIN, bot_in, running, settings_for, town, usages
from tests.ollama_server import Gate, Model, OllamaServer, Reply

CALL = '[TOOL_CALLS][{"name": "calculator", "arguments": {"expression": "6 * 7"}}]'


async def test_a_mention_with_a_screenshot_gets_a_streamed_answer(tmp_path: Path) -> None:
    gate = Gate()
    async with town() as place:
        place.ollama.script(Reply(text="The button is red, and it says Save.", gate=gate))
        async with bot_in(place, tmp_path):
            shot = Upload(filename="screen.png", data=png(1920, 1080))
            asked = await ask(place, "which button is it?", attachments=[shot])
            await gate.let(3)
            growing = await growing_answer(asked)
            assert [button["label"] for button in growing.buttons] == ["Stop"]
            await gate.open()
            answer = await answer_to(asked, "says Save.")
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
                await answer_to(asked)
        first, second, third = place.ollama.generations
        assert second.prompt.startswith(first.prompt + "Bonjour !</s>")
        assert third.prompt.startswith(second.prompt + "नमस्ते दोस्तों</s>")
        counted = [each.tokens for each in place.ollama.generations]
        assert [usage["predicted"] for usage in usages(tmp_path)] == counted
        assert [usage["reported"] for usage in usages(tmp_path)] == counted


async def test_a_tool_round_ends_in_an_answer(tmp_path: Path) -> None:
    async with town() as place:
        place.ollama.script(CALL, "Six times seven is 42.")
        async with bot_in(place, tmp_path):
            asked = await ask(place, "what is 6*7?")
            answer = await answer_to(asked, "42")
        assert answer.texts[-1] == "Six times seven is 42."
        assert "6 * 7 = 42" in place.ollama.generations[1].prompt
        assert "[AVAILABLE_TOOLS]" in place.ollama.generations[0].prompt


async def test_without_an_engine_people_are_told_and_are_answered_when_there_is_one(tmp_path: Path) -> None:
    async with town() as place:
        await place.ollama.shut_door()
        async with bot_in(place, tmp_path):
            asked = await ask(place, "hello?")
            growing = await growing_answer(asked)
            await place.channel.until(lambda _: "does not answer" in growing.texts[-1], WITHIN)
            place.ollama.script("Here I am.")
            await place.ollama.open_door()
            assert (await answer_to(asked)).texts[-1] == "Here I am."
            assert len(answers_to(asked)) == 1


async def test_without_the_model_people_are_told_why_and_are_answered_when_it_is_there(tmp_path: Path) -> None:
    async with town() as place:
        place.ollama.remove(MODEL)
        async with bot_in(place, tmp_path):
            asked = await ask(place, "hello?")
            growing = await growing_answer(asked)
            await place.channel.until(lambda _: "calanque pull" in growing.texts[-1], WITHIN)
            place.ollama.script("Here I am.")
            place.ollama.add(Model(name=MODEL))
            assert (await answer_to(asked)).texts[-1] == "Here I am."


async def test_the_stop_button_ends_the_answer_and_frees_the_engine(tmp_path: Path) -> None:
    gate = Gate()
    async with town() as place:
        place.ollama.script(Reply(text="Once upon a time there was a lighthouse", gate=gate))
        async with bot_in(place, tmp_path):
            asked = await ask(place, "tell me a story")
            await gate.let(4)
            growing = await growing_answer(asked)
            await place.discord.press(growing, growing.buttons[0]["custom_id"], place.ana)
            answer = await answer_to(asked, "stopped")
            assert answer.id == growing.id
            await place.ollama.generations[0].disconnected.wait()


async def test_a_restart_in_mid_answer_goes_on_in_the_same_message(tmp_path: Path) -> None:
    gate = Gate()
    async with town() as place:
        place.ollama.script(Reply(text="Once upon a time", gate=gate), "Once upon a time, whole.")
        async with bot_in(place, tmp_path):
            asked = await ask(place, "tell me a story")
            await gate.let(3)
            growing = await growing_answer(asked)
        assert "being restarted" in growing.texts[-1]
        async with bot_in(place, tmp_path):
            answer = await answer_to(asked, "whole.")
        assert answer.id == growing.id
        assert answers_to(asked) == [answer]


async def test_other_bots_webhooks_and_the_crowd_get_no_answer(tmp_path: Path) -> None:
    async with town() as place:
        robot = place.discord.add_user("robot", bot=True)
        place.guild.add_member(robot)
        async with bot_in(place, tmp_path):
            await place.discord.say(place.channel, robot, f"{place.mention} hello fellow robot")
            await place.discord.webhook_say(place.channel, "news", f"{place.mention} breaking news")
            await place.discord.say(place.channel, place.ben, "@everyone lunch?")
            asked = await ask(place, "what is new?")
            await answer_to(asked)
        assert len(place.ollama.generations) == 1


async def test_a_wrong_token_ends_the_program_with_what_to_do(tmp_path: Path) -> None:
    async with town() as place:
        with pytest.raises(ExceptionGroup) as caught:
            async with running(settings_for(place, tmp_path, discord={"token": "x.y.wrong"})) as program:
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
