"""An edited question gets its button, and its second answer, on Discord and on the page."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.asking import answer_to, answers_to, ask, growing_answer
from tests.end_to_end.harness import WITHIN, bot_in, page_of, settings_for, town
from tests.end_to_end.page import window


async def test_on_discord_an_edited_question_is_answered_again_at_a_press(tmp_path: Path) -> None:
    async with town() as place:
        place.ollama.script("Two metres.", "Three metres.")
        async with bot_in(place, tmp_path):
            asked = await ask(place, "how high is teh tide?")
            first = await answer_to(asked, "Two metres.")
            await place.discord.edit(asked, f"{place.mention} how high is the tide at noon?")
            assert (await growing_answer(asked)).id == first.id
            (button,) = first.buttons
            assert button["label"] == "Answer again"
            await place.discord.press(first, button["custom_id"], place.ana)
            second = await answer_to(asked, "Three metres.")
            await answer_to(asked, "Two metres.")
        assert answers_to(asked) == [first, second]
        assert [each.texts[-1] for each in (first, second)] == ["Two metres.", "Three metres."]
        before, after = place.ollama.generations
        assert after.prompt.startswith(before.prompt + "Two metres.</s>[INST]")
        assert "how high is the tide at noon?" in after.prompt


async def test_on_discord_previews_of_links_and_other_peoples_presses_change_nothing(tmp_path: Path) -> None:
    async with town() as place:
        place.ollama.script("A harbour.")
        async with bot_in(place, tmp_path):
            asked = await ask(place, "what is https://harbour.example?")
            first = await answer_to(asked, "A harbour.")
            await place.discord.unfurl(asked, {"title": "Harbour", "description": "a page"})
            await place.discord.edit(asked, f"{place.mention} what was https://harbour.example?")
            await growing_answer(asked)
            (button,) = first.buttons
            pressed = await place.discord.press(first, button["custom_id"], place.ben)
            told = "Only the person who asked"
            await asked.channel.until(lambda _: any(told in each.content for each in pressed.seen), WITHIN)
        assert len(place.ollama.generations) == 1
        assert first.buttons


async def test_on_the_page_an_edited_question_is_answered_again_at_a_press(tmp_path: Path) -> None:
    async with town() as place:
        place.ollama.script("Two metres.", "Three metres.")
        settings = settings_for(place, tmp_path, page={"enabled": "on"}, discord={"token": None})
        async with page_of(settings) as url, window(url) as lea:
            _, sent = await lea.say("how high is teh tide?")
            message = sent["message"]["id"]
            first = await lea.answer(message)
            edit = {"person": lea.person, "text": "how high is the tide at noon?"}
            assert (await lea.ask("PUT", f"/api/channels/{lea.direct}/messages/{message}", json=edit))[0] == 200
            offered = await lea.shown(lambda it: it["id"] == first["id"] and bool(it["actions"]))
            assert [each["label"] for each in offered["actions"]] == ["Answer again"]
            await lea.press(offered["actions"][0]["id"])
            second = await lea.shown(
                lambda it: it["id"] != first["id"] and it["final"] and "Three metres." in it["html"]
            )
            assert second["reply_to"] == message
            ours = [line["delivery"] for line in await lea.history() if line["type"] == "delivery"]
            answers = [each for each in ours if each["reply_to"] == message]
            assert [each["actions"] for each in answers] == [[], []]
