"""In a channel that asks for knowledge nothing stands that rests on nothing, not even while it is written."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.talk.event import Pressed
from bot.talk.message import Addressed
from bot.talk.oversight import Flag, ReviewState, Which
from bot.talk.turn import Reply
from tests.fakes import ANA, said
from tests.settling import settle
from tests.support.scene import FORUM, HELP, THREAD, asked, call, desk

FINDS = (call("search_knowledge"),)
GROUNDED = ("Turn it off ", "and on again [1]", ", then wait.")
SUMMARY = ("Ana asks why it does not start.",)


async def test_an_answer_that_cites_what_was_supplied_stands_with_its_source(tmp_path: Path) -> None:
    async with desk(tmp_path, FINDS, GROUNDED) as one:
        question = await one.asks()
        text = one.answer(question).text
        assert text.startswith("Turn it off and on again [1], then wait.")
        assert "-# [1] The manual" in text
        assert not one.standing
        assert not one.answer(question).actions


@pytest.mark.parametrize("confident", ["Press the red button.", "Press the red button [1].", "As [3] says: press it."])
async def test_an_answer_that_rests_on_nothing_is_never_seen_and_a_person_is_called(
    tmp_path: Path, confident: str
) -> None:
    async with desk(tmp_path, tuple(f"{word} " for word in confident.split()), SUMMARY) as one:
        question = await one.asks()
        assert not [text for text in one.seen(question) if "press" in text.casefold()]
        assert one.answer(question).text.startswith("I found nothing about this in what I was given")
        assert "nothing that was found in the knowledge answers it" in one.note.text
        assert one.rig.counters.get("answers_ungrounded_total") == 1


async def test_an_invented_number_beside_a_real_one_is_taken_out(tmp_path: Path) -> None:
    async with desk(tmp_path, FINDS, ("Turn it off [1]. Or hit it [9].",)) as one:
        question = await one.asks()
        assert one.answer(question).text.startswith("Turn it off [1]. Or hit it.")
        assert not [text for text in one.seen(question) if "[9]" in text]
        ledger = await one.rig.store.ledger(question.conversation)
        parts = await one.rig.store.parts(question.conversation, [each.seq for each in ledger.pieces])
        assert Reply(text="Turn it off [1]. Or hit it.") in parts.values()


async def test_nothing_is_seen_before_the_first_citation_and_all_of_it_after(tmp_path: Path) -> None:
    go, on = asyncio.Event(), asyncio.Event()
    async with desk(tmp_path, FINDS, ("Turn it off and on. ", go, "Says the manual [1] so.", on, " Good luck.")) as one:
        question = asked("Why?")
        await one.rig.says(question)
        while len(one.rig.engine.prompts) < 2:
            await settle()
        await one.rig.clock.advance(5)
        assert not "".join(one.seen(question))
        go.set()
        seen = await one.platform.until(lambda each: "Says the manual [1]" in each.text)
        assert seen.text.startswith("Turn it off and on.")
        on.set()
        await one.rig.idle()
        assert "Good luck." in one.answer(question).text


@pytest.mark.parametrize("code", [("```\nx = a", "[1]", "\n``` "), ("Type `x = a", "[1]", "` ")])
async def test_code_that_is_just_being_written_cites_nothing_either(tmp_path: Path, code: tuple[str, str, str]) -> None:
    go = asyncio.Event()
    begins, index, ends = code
    async with desk(tmp_path, FINDS, (begins, index, go, ends, "and press the red button."), SUMMARY) as one:
        question = asked("Why?", at=one)
        await one.rig.says(question)
        while len(one.rig.engine.prompts) < 2:
            await settle()
        await one.rig.clock.advance(5)
        go.set()
        await one.rig.idle()
        await settle()
        assert not [text for text in one.seen(question) if "x = a" in text]
        assert one.answer(question).text.startswith("I found nothing about this")


async def test_what_was_supplied_earlier_in_the_conversation_may_be_cited(tmp_path: Path) -> None:
    async with desk(tmp_path, FINDS, GROUNDED, ("Off means: the switch at the back [1].",)) as one:
        await one.asks()
        question = await one.asks("What does off mean?")
        assert one.answer(question).text.startswith("Off means: the switch at the back [1].")
        assert not one.standing


async def test_what_is_supplied_for_the_question_before_may_be_cited_by_one_that_waited_behind_it(
    tmp_path: Path,
) -> None:
    go = asyncio.Event()
    told = ("Off means: the switch at the back [1].",)
    async with desk(tmp_path, FINDS, (*GROUNDED, go), told) as one:
        await one.rig.says(asked("Why?", at=one))
        while len(one.rig.engine.prompts) < 2:
            await settle()
        behind = asked("What does off mean?", at=one)
        await one.rig.says(behind)
        await settle()
        go.set()
        await one.rig.idle()
        await settle()
        assert one.answer(behind).text.startswith("Off means: the switch at the back [1].")
        assert not one.standing


async def test_what_was_supplied_for_fewer_is_cited_to_nobody_else(tmp_path: Path) -> None:
    async with desk(tmp_path, FINDS, GROUNDED, ("Press the red button [1].",), SUMMARY) as one:
        await one.asks()
        one.rights.readers = {**one.rights.readers, THREAD.room: [*one.rights.readers[THREAD.room], "local:more"]}
        question = await one.asks("And what does [1] say?")
        assert "Turn it off" not in one.rig.asked(2)
        assert one.answer(question).text.startswith("I found nothing about this")


async def test_a_channel_that_does_not_ask_for_knowledge_shows_what_the_model_says(tmp_path: Path) -> None:
    async with desk(tmp_path, ("Press the red button [9].",), channel=replace(FORUM, grounded=False)) as one:
        question = await one.asks()
        assert one.answer(question).text == "Press the red button [9]."


async def test_nobody_is_called_for_thanks_and_what_is_said_to_them_is_ours(tmp_path: Path) -> None:
    async with desk(tmp_path, FINDS, GROUNDED, ("You are welcome. Your refund has been approved.",)) as one:
        await one.asks()
        question = await one.asks("Merci beaucoup !")
        assert one.answer(question).text == "Glad to be of use. Ask me again whenever there is something."
        assert not one.standing


@pytest.mark.parametrize("words", ["🙏🙏😭", "hello"])
async def test_who_only_greets_under_a_title_that_asks_is_not_told_that_we_were_of_use(
    tmp_path: Path, words: str
) -> None:
    async with desk(tmp_path, ("I do not know.",), SUMMARY) as one:
        question = await one.asks(message=replace(asked(words), id=THREAD.id))
        assert one.answer(question).text.startswith("I found nothing about this")
    async with desk(tmp_path / "other", ("You are welcome.",)) as one:
        thread = replace(THREAD, name="Thank you all!")
        question = await one.asks(message=replace(asked(words), id=THREAD.id, place=thread))
        assert one.answer(question).text.startswith("Glad to be of use.")


async def test_what_was_not_shown_is_not_what_the_model_goes_on_from(tmp_path: Path) -> None:
    async with desk(tmp_path, ("Press the red button.",), SUMMARY, FINDS, GROUNDED) as one:
        await one.asks()
        await one.asks("And then?")
        assert "red button" not in one.rig.asked()
        assert "I found nothing about this" in one.rig.asked()


async def test_an_answer_that_is_stopped_before_it_cites_leaves_no_words(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with desk(tmp_path, ("Press the red button. ", gate), FINDS, GROUNDED) as one:
        question = asked("Why?")
        await one.rig.says(question)
        await one.rig.engine.asked.wait()
        await one.rig.clock.advance(5)
        view = await one.platform.until(lambda each: not each.final and each.reply_to == question.id)
        (stop,) = [each.id for each in view.actions]
        await one.rig.hearing.hear(Pressed(action=stop, person=question.author, place=THREAD, at=one.rig.clock.now()))
        await one.rig.idle()
        assert one.answer(question).text == "*(stopped)*"
        await one.asks("And then?")
        assert "red button" not in one.rig.asked()


async def test_a_failure_in_mid_answer_shows_nothing_of_it(tmp_path: Path) -> None:
    from bot.errors import EngineRefused  # noqa: PLC0415 - only here

    async with desk(tmp_path, ("Press the red button. ", EngineRefused("no"))) as one:
        question = await one.asks()
        assert not [text for text in one.seen(question) if "red button" in text]


async def test_a_private_answer_that_rests_on_nothing_calls_nobody(tmp_path: Path) -> None:
    async with desk(tmp_path, ("Press the red button.",)) as one:
        message = replace(said("Why?", by=ANA, place=THREAD, addressed=Addressed.MENTION), only=ANA.key)
        await one.asks(message=message)
        final = await one.platform.final("I found nothing")
        assert final.conversation.only == ANA.key
        assert not one.standing


async def test_who_goes_on_from_what_was_supplied_before_is_trusted_as_much(tmp_path: Path) -> None:
    told = ("Off means: the switch at the back [1].",)
    async with desk(tmp_path, FINDS, GROUNDED, told, ("Press it.",), SUMMARY, overseen=True) as one:
        for text in ("Why?", "What does off mean?", "And then?"):
            await one.asks(text)
            one.rig.clock.jump(1)
        found = await one.rig.store.reviews(Which.ALL, ReviewState.OPEN, rooms={HELP.key}, limit=9)
        assert [each.flags for each in found] == [{Flag.HANDED_OVER}, {Flag.FEW}, {Flag.FEW}]
