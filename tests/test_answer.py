"""A question gets one answer: streamed, remembered, stoppable, and honest about everything that went wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.errors import EngineBroke, EngineStalled, EngineUnreachable, ModelMissing
from bot.settings import Limits as LimitSettings
from bot.settings import Memory, Settings
from bot.talk.event import Deleted, Edited
from bot.talk.message import Addressed, Attachment, Quote, QuoteKind
from bot.talk.turn import Call
from tests.fakes import ANA, BEN, GENERAL, FakeEngine, FakePlatform, direct, said, settle
from tests.rig import rig

NOTES = Attachment(id="1", name="notes.txt", media_type="text/plain", size=5, source="notes")
CAT = Attachment(id="2", name="cat.png", media_type="image/png", size=5, source="cat")
BROKEN = Attachment(id="3", name="bro*ken*.png", media_type="image/png", size=5, source="broken")


async def test_a_mention_gets_its_answer_as_a_reply(tmp_path: Path) -> None:
    async with rig(tmp_path, ("It is ", "blue.")) as house:
        question = said("what colour is the sea?")
        await house.says(question)
        shown = await house.platform.final("blue")
        assert shown.text == "It is blue."
        assert shown.reply_to == question.id
        assert shown.actions == ()
        assert "Ana: what colour is the sea?" in house.asked()


async def test_typing_comes_first_and_a_long_wait_shows_a_sign_that_can_be_stopped(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, (gate, "Done.")) as house:
        await house.says(said("think hard"))
        await house.engine.asked.wait()
        assert house.platform.typed == [GENERAL.key]
        await house.clock.advance(2.5)
        sign = await house.platform.until(lambda delivery: not delivery.final)
        assert sign.text == ""
        assert [action.label for action in sign.actions] == ["Stop"]
        gate.set()
        await house.platform.final("Done.")


async def test_the_next_prompt_begins_with_the_last_one_and_its_reply(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), ("Two.",), ("Three.",)) as house:
        for number, text in enumerate(("One.", "Two.", "Three.")):
            await house.says(said(f"question {number}"))
            await house.platform.final(text)
            await settle()
        first, second, third = (house.asked(turn) for turn in range(3))
        assert second.startswith(first + "\nOne.")
        assert third.startswith(second + "\nTwo.")


async def test_what_was_said_between_two_questions_is_overheard_once(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), ("Two.",), ("Three.",)) as house:
        await house.says(said("first"))
        await house.platform.final("One.")
        await house.says(said("my disk is full", by=BEN, addressed=Addressed.NO))
        await house.says(said("what is wrong with Ben's disk?"))
        await house.platform.final("Two.")
        await house.says(said("thanks"))
        await house.platform.final("Three.")
        assert house.asked(1).count("my disk is full") == 1
        assert house.asked(2).count("my disk is full") == 1
        assert "my disk is full" not in house.engine.prompts[2].pieces[-1].text


async def test_a_picture_and_a_file_reach_the_model_and_a_broken_one_is_named_to_the_asker(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"notes": b"buy milk", "cat": b"IMAGE cat", "broken": b"BAD"}
    async with rig(tmp_path, ("A cat.",), platform=platform) as house:
        await house.says(said("look", attachments=(NOTES, CAT, BROKEN)))
        shown = await house.platform.final("A cat.")
        assert "I could not open broken.png" in shown.lead
        asked = house.engine.prompts[0].pieces[-1]
        assert "buy milk" in asked.text
        assert [image.digest for image in asked.images] == ["digest-IMAGE cat"]
        assert await house.store.images(["digest-IMAGE cat"]) == {"digest-IMAGE cat": b"IMAGE cat"}


async def test_the_picture_of_a_message_that_is_replied_to_is_seen(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"cat": b"IMAGE cat"}
    async with rig(tmp_path, ("A cat.",), platform=platform) as house:
        quote = Quote(kind=QuoteKind.REPLIED, author="Ben", text="look at this", attachments=(CAT,))
        await house.says(said("what is it?", quotes=(quote,), reply_to="m0"))
        await house.platform.final("A cat.")
        assert len(house.engine.prompts[0].pieces[-1].images) == 1


async def test_of_too_many_or_too_large_attachments_the_asker_hears_and_the_rest_is_read(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"notes": b"buy milk"}
    huge = Attachment(id="9", name="film.bin", media_type="x/y", size=200 * 1024 * 1024, source="film")
    async with rig(tmp_path, ("Milk.",), platform=platform) as house:
        await house.says(said("read", attachments=(huge, NOTES, *(NOTES for _ in range(48)))))
        shown = await house.platform.final("Milk.")
        assert "I can read 3 attachments per message" in shown.lead
        assert "film.bin is too large for me (limit: 1 MiB)" in shown.lead
        assert house.asked().count("buy milk") == 2


async def test_an_attachment_that_lies_about_its_size_is_not_read_to_its_end(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"notes": b"x" * (3 * 1024 * 1024)}
    async with rig(tmp_path, ("No.",), platform=platform) as house:
        await house.says(said("read", attachments=(NOTES,)))
        assert "notes.txt is too large" in (await house.platform.final("No.")).lead


async def test_stop_ends_the_answer_keeps_what_was_said_and_frees_the_engine(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("Once upon", gate), ("Bye.",)) as house:
        await house.says(said("tell me a story"))
        begun = await house.platform.until(lambda delivery: delivery.text == "Once upon")
        assert await house.presses(begun.actions[0].id, by=BEN) == (
            "Only the person who asked, or a moderator, can stop this."
        )
        await house.presses(begun.actions[0].id)
        shown = await house.platform.final("stopped")
        assert shown.text == "Once upon\n\n*(stopped)*"
        assert house.engine.closed == 1
        await house.says(said("thanks"))
        await house.platform.final("Bye.")
        assert "tell me a story" in house.asked(1)
        assert "Once upon </s>" in house.asked(1).replace("  ", " ")
        assert await house.presses(begun.actions[0].id) == "That answer is finished already."


async def test_a_moderator_may_stop_anybodys_answer(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Once", asyncio.Event())) as house:
        await house.says(said("tell me a story"))
        begun = await house.platform.until(lambda delivery: delivery.text == "Once")
        await house.presses(begun.actions[0].id, by=BEN, moderator=True)
        await house.platform.final("stopped")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (EngineUnreachable(), "does not answer"),
        (ModelMissing(), "calanque pull"),
        (EngineStalled(), "stopped in mid-thought"),
        (EngineBroke(), "failed in mid-answer"),
    ],
)
async def test_a_failing_engine_gives_one_plain_sentence_and_the_next_question_works(
    tmp_path: Path, error: EngineBroke, sentence: str
) -> None:
    async with rig(tmp_path, ("Half of", error), ("Whole.",)) as house:
        await house.says(said("first"))
        shown = await house.platform.final(sentence)
        assert shown.text.startswith("Half of\n\n")
        await house.says(said("second"))
        await house.platform.final("Whole.")
        assert "Half of" not in house.asked(1)
        assert "Ana (18:00): first" in house.asked(1)


async def test_a_defect_is_told_without_its_detail(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with rig(tmp_path, (RuntimeError("secret words"),)) as house:
        await house.says(said("first"))
        shown = await house.platform.final("Something went wrong on my side")
        assert "secret" not in shown.text
    assert "RuntimeError" in caplog.text


async def test_a_tool_at_work_is_shown_and_its_result_kept_for_the_next_turn(tmp_path: Path) -> None:
    call = Call(id="1", name="calculator", arguments='{"expression": "6*7"}')
    async with rig(tmp_path, (call,), ("It is 42.",), ("Yes.",)) as house:
        await house.says(said("what is 6*7?"))
        await house.platform.final("42")
        await house.says(said("sure?"))
        await house.platform.final("Yes.")
        assert "6*7 = 42" in house.asked(2)


async def test_an_answer_at_the_length_limit_says_how_to_go_on(tmp_path: Path) -> None:
    settings = Settings()
    settings = settings.model_copy(update={"engine": settings.engine.model_copy(update={"reply_tokens": 64})})
    async with rig(tmp_path, ("word " * 70,), settings=settings) as house:
        await house.says(said("go"))
        assert "Say “go on”" in (await house.platform.final("length limit")).text


async def test_two_questions_in_one_channel_are_answered_one_after_the_other(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, (gate, "One."), ("Two.",)) as house:
        await house.says(said("first"))
        await house.says(said("second", by=BEN))
        await settle()
        gate.set()
        await house.platform.final("Two.")
        assert "first" in house.asked(1)
        assert house.asked(1).index("One.") < house.asked(1).index("Ben: second")


async def test_a_message_heard_twice_is_answered_once(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), ("Again!",)) as house:
        question = said("hello")
        await house.says(question)
        await house.platform.final("One.")
        await house.says(question)
        await settle()
        assert len(house.engine.prompts) == 1


async def test_deleting_the_question_in_mid_answer_removes_the_answer_and_leaves_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Half", asyncio.Event()), ("New.",)) as house:
        question = said("my password is swordfish")
        await house.says(question)
        await house.platform.until(lambda delivery: delivery.text == "Half")
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=(question.id,)))
        await house.platform.until(lambda delivery: delivery.final and not delivery.text)
        await house.says(said("hello"))
        await house.platform.final("New.")
        assert "swordfish" not in house.asked(1)


async def test_an_edit_of_an_earlier_message_is_what_is_overheard(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), ("Two.",)) as house:
        await house.says(said("first"))
        await house.platform.final("One.")
        await house.says(said("the port is 80", by=BEN, addressed=Addressed.NO, message_id="e1"))
        await house.hearing.hear(
            Edited(message=said("the port is 8080", by=BEN, addressed=Addressed.NO, message_id="e1"))
        )
        await house.says(said("which port?"))
        await house.platform.final("Two.")
        assert "the port is 8080" in house.asked(1)


async def test_a_long_history_is_cut_at_whole_turns_and_the_prompt_still_fits(tmp_path: Path) -> None:
    settings = Settings().model_copy(update={"memory": Memory(high_water=0.9, low_water=0.5)})
    engine = FakeEngine(*[(f"<{number}> " + "word " * 300,) for number in range(12)])
    settings = settings.model_copy(
        update={"engine": settings.engine.model_copy(update={"window": 3000, "reply_tokens": 500})}
    )
    async with rig(tmp_path, engine=engine, settings=settings) as house:
        for number in range(12):
            await house.says(said(f"question {number}"))
            await house.platform.final(f"<{number}>")
        assert all(prompt.tokens <= 2500 for prompt in engine.prompts)
        assert 1 <= house.counters.get("prefix_breaks_total", cause="cut") <= 4
        assert "question 0" not in house.asked()


async def test_a_message_larger_than_the_window_is_refused_with_a_sentence(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await house.says(said("word " * 40_000))
        await house.platform.final("more than I can read at once")
        assert house.engine.prompts == []


async def test_a_shutdown_marks_the_answer_and_the_next_start_goes_on_in_the_same_message(tmp_path: Path) -> None:
    settings = Settings().model_copy(update={"limits": LimitSettings(shutdown_seconds=0)})
    question = said("tell me a story")
    async with rig(tmp_path, ("Once", asyncio.Event()), settings=settings) as house:
        await house.says(question)
        await house.platform.until(lambda delivery: delivery.text == "Once")
        before = house.platform
    marked = before.revisions[-1]
    assert "being restarted" in marked.text
    async with rig(tmp_path, ("Once more.",), settings=settings) as house:
        for message in await house.answers.unanswered():
            house.answers.begin(message)
        again = await house.platform.final("Once more.")
        assert again.id == marked.id
        assert await house.answers.unanswered() == ()


async def test_a_question_that_broke_three_starts_gets_an_apology(tmp_path: Path) -> None:
    settings = Settings().model_copy(update={"limits": LimitSettings(shutdown_seconds=0)})
    question = said("the question of death")
    async with rig(tmp_path, (asyncio.Event(),), settings=settings) as house:
        await house.says(question)
        await house.engine.asked.wait()
    for _ in range(2):
        async with rig(tmp_path, (asyncio.Event(),), settings=settings) as house:
            (message,) = await house.answers.unanswered()
            house.answers.begin(message)
            await house.engine.asked.wait()
    async with rig(tmp_path, settings=settings) as house:
        (message,) = await house.answers.unanswered()
        house.answers.begin(message)
        await house.platform.final("I tried several times")
        assert house.engine.prompts == []


async def test_people_in_direct_messages_have_conversations_of_their_own(tmp_path: Path) -> None:
    async with rig(tmp_path, ("To Ana.",), ("To Ben.",)) as house:
        await house.says(said("my secret", place=direct(ANA), addressed=Addressed.DIRECT))
        await house.platform.final("To Ana.")
        await house.says(said("hello", by=BEN, place=direct(BEN), addressed=Addressed.DIRECT))
        await house.platform.final("To Ben.")
        assert "my secret" not in house.asked(1)
