"""Presses, deletions, shutdowns and broken tools that come at a bad moment."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.lanes.lanes import Bounds
from bot.ports.tool import CallContext, Effect, tool
from bot.settings import Limits as LimitSettings
from bot.settings import Settings
from bot.talk.delivery import Delivery
from bot.talk.event import Deleted
from bot.talk.message import Addressed, Message, Quote, QuoteKind
from bot.talk.turn import Call
from tests.fakes import ANA, BEN, GENERAL, FakePlatform, direct, said
from tests.rig import Rig, rig
from tests.settling import settle

AT_ONCE = Settings().model_copy(update={"limits": LimitSettings(shutdown_seconds=0)})
FULL = "Too many people are waiting for me. Please ask again in a few minutes."


async def sign_of(house: Rig, message: Message) -> Delivery:
    """The sign of waiting, which has the button."""
    while not [each for each in house.platform.shown.values() if each.reply_to == message.id]:
        await house.clock.advance(1)
        await house.store.fact("a trip to a thread")
    return next(each for each in house.platform.shown.values() if each.reply_to == message.id)


def replies(platform: FakePlatform, message: Message) -> list[str]:
    return [each.text for each in platform.standing.values() if each.reply_to == message.id]


async def test_a_question_stopped_while_it_waits_leaves_the_one_before_it_alone_and_loses_nothing_overheard(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, (gate, "One."), ("Three.",)) as house:
        first, second = said("first"), said("second", by=BEN)
        await house.says(first)
        await house.engine.asked.wait()
        await house.says(said("a dolphin swims by", by=BEN, addressed=Addressed.NO))
        await house.says(second)
        (stop,) = (await sign_of(house, second)).actions
        assert await house.presses(stop.id, by=BEN) == ""
        await house.presses(stop.id, by=BEN)
        await house.platform.final("stopped")
        assert replies(house.platform, first) == [""]
        gate.set()
        await house.idle()
        assert replies(house.platform, first) == ["One."]
        assert replies(house.platform, second) == ["*(stopped)*"]
        await house.says(said("third"))
        await house.idle()
        assert "a dolphin swims by" in house.asked()
        assert "Ben (18:00): second" in house.asked()


async def test_a_question_deleted_while_it_waits_is_never_asked(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, (gate, "One."), ("Three.",)) as house:
        second = said("second", by=BEN)
        await house.says(said("first"))
        await house.engine.asked.wait()
        await house.says(second)
        await sign_of(house, second)
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=(second.id,)))
        gate.set()
        await house.idle()
        assert replies(house.platform, second) == []
        assert len(house.engine.prompts) == 1
        assert house.lanes.waiting == 0


async def test_a_shutdown_while_questions_wait_answers_each_once_at_the_next_start(tmp_path: Path) -> None:
    questions = [said(f"question {number}") for number in range(4)]
    async with rig(tmp_path, (asyncio.Event(),), settings=AT_ONCE) as house:
        for question in questions:
            await house.says(question)
        await house.engine.asked.wait()
        await sign_of(house, questions[-1])
    for question in questions:
        assert replies(house.platform, question) == ["*(I am being restarted and will go on in a moment.)*"]
    answers = [(f"Answer {number}.",) for number in range(4)]
    async with rig(tmp_path, *answers, platform=house.platform) as house:
        await house.take_up()
        await house.idle()
        assert [replies(house.platform, question) for question in questions] == [list(each) for each in answers]


async def test_a_shutdown_lets_an_answer_finish_that_is_nearly_there(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("Nearly", gate, " there.")) as house:
        question = said("are we there?")
        await house.says(question)
        await house.engine.asked.wait()
        asyncio.get_running_loop().call_soon(gate.set)  # when leaving has begun
    assert replies(house.platform, question) == ["Nearly there."]


async def test_leaving_that_is_itself_broken_off_leaves_no_answer_running(tmp_path: Path) -> None:
    question = said("think for ever")

    async def living() -> None:
        async with rig(tmp_path, (asyncio.Event(),)) as house:
            await house.says(question)
            await house.engine.asked.wait()
            asked.set()

    before, asked = asyncio.all_tasks(), asyncio.Event()
    life = asyncio.create_task(living())
    await asked.wait()
    await settle()
    life.cancel()
    await asyncio.wait([life])
    assert asyncio.all_tasks() == before
    async with rig(tmp_path, ("Done.",)) as house:
        await house.take_up()
        await house.platform.final("Done.")


async def test_a_message_that_comes_while_the_program_leaves_is_answered_at_the_next_start(tmp_path: Path) -> None:
    gate, late = asyncio.Event(), said("and me?", by=BEN)
    async with rig(tmp_path, (gate, "One.")) as house:
        await house.says(said("first"))
        await house.engine.asked.wait()

        async def late_one() -> None:
            await house.says(late)
            gate.set()

        speaking = asyncio.create_task(late_one())  # begins when leaving has begun
    await speaking
    assert replies(house.platform, late) == []
    async with rig(tmp_path, ("Two.",), platform=house.platform) as house:
        await house.take_up()
        await house.idle()
    assert replies(house.platform, late) == ["Two."]


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(slots=1, queue=2, queue_per_person=50, seconds=600),
        Bounds(slots=1, queue=50, queue_per_person=2, seconds=600),
    ],
)
async def test_who_finds_the_queue_full_hears_so_at_once_and_the_others_are_answered(
    tmp_path: Path, bounds: Bounds
) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, (gate, "One."), ("Two.",), ("Four.",), bounds=bounds) as house:
        first, second, third, fourth = (said(f"question {number}") for number in range(4))
        await house.says(first)
        await house.engine.asked.wait()
        await house.says(second)
        await settle()
        await house.says(third)
        await house.platform.final("Too many")
        gate.set()
        await house.idle()
        await house.says(fourth)
        await house.idle()
        told = [replies(house.platform, each) for each in (first, second, third, fourth)]
        assert told == [["One."], ["Two."], [FULL], ["Four."]]


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_who_waits_longer_than_the_limit_hears_so(tmp_path: Path, elsewhere: bool) -> None:
    gate = asyncio.Event()
    bounds = Bounds(slots=1, queue=50, queue_per_person=50, seconds=0.2)
    async with rig(tmp_path, (gate, "One."), bounds=bounds) as house:
        await house.says(said("first"))
        await house.engine.asked.wait()
        await house.says(said("second", by=BEN, place=direct(BEN) if elsewhere else GENERAL))
        await house.platform.final("Too many")
        gate.set()
        await house.platform.final("One.")
        await house.idle()
        assert house.lanes.waiting == 0


async def test_a_question_whose_words_go_between_its_opening_and_its_end_leaves_nothing(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("A swordfish", gate, "!"), ("Two.",)) as house:
        question = said("what is a swordfish?")
        await house.says(question)
        await house.engine.asked.wait()
        await house.store.delete_messages(GENERAL, [question.id])
        gate.set()
        await house.idle()
        await house.says(said("hello"))
        await house.idle()
        assert "swordfish" not in house.asked()
        assert await house.answers.unanswered() == ()


CALL = Call(id="1", name="tide", arguments="{}")


@pytest.mark.parametrize("error", [asyncio.CancelledError(), TimeoutError(), RuntimeError("secret"), ValueError("no")])
async def test_a_tool_that_fails_in_any_way_is_a_result_for_the_model(tmp_path: Path, error: BaseException) -> None:
    @tool(Effect.READS)
    async def tide(context: CallContext) -> str:
        """When the tide is."""
        raise error

    async with rig(tmp_path, (CALL, CALL), ("I could not find out.",), tools=(tide,)) as house:
        await house.says(said("when is low tide?"))
        shown = await house.platform.final("find out")
        assert shown.text == "I could not find out."
        assert house.asked().count("Error: ") == 2
        assert "secret" not in house.asked()
        assert house.counters.get("tool_calls_total", tool="tide", outcome="failed") == 2


async def test_stop_during_a_tool_call_ends_the_tool_and_gives_the_call_its_result(tmp_path: Path) -> None:
    ended, begun = asyncio.Event(), asyncio.Event()

    @tool(Effect.READS)
    async def tide(context: CallContext) -> str:
        """When the tide is."""
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return "never"

    async with rig(tmp_path, ("Let me look.", CALL), ("Two.",), tools=(tide,)) as house:
        await house.says(said("when is low tide?"))
        view = await house.platform.until(lambda each: each.lead == "uses tide …")
        await begun.wait()
        await house.presses(view.actions[0].id)
        await house.platform.final("stopped")
        assert ended.is_set()
        await house.says(said("and now?"))
        await house.idle()
        assert "Error: stopped by the person who asked" in house.asked()


async def test_names_of_tools_that_the_model_made_up_are_neither_shown_nor_counted(tmp_path: Path) -> None:
    made_up = Call(id="1", name="@everyone\n# free money", arguments="{}")
    async with rig(tmp_path, ("Let me look.", made_up), ("Sorry.",)) as house:
        await house.says(said("hello"))
        await house.idle()
        assert not any("everyone" in each.lead for each in house.platform.revisions)
        assert house.counters.get("tool_calls_total", tool="unknown", outcome="failed") == 1


async def test_two_who_reply_to_one_answer_at_once_are_answered_each_after_the_other(tmp_path: Path) -> None:
    async with rig(tmp_path, ("At six.",), ("Yes.",), ("No.",)) as house:
        await house.says(said("when is the tide?"))
        await house.idle()
        shown = next(key for key, each in house.platform.standing.items() if each.text == "At six.")
        quote = Quote(kind=QuoteKind.REPLIED, author="Calanque", text="At six.")
        replied = [
            said(text, by=by, addressed=Addressed.REPLY, reply_to=shown, quotes=(quote,))
            for text, by in (("really?", ANA), ("in the evening?", BEN))
        ]
        await asyncio.gather(*(house.says(message) for message in (*replied, *replied)))
        await house.idle()
        assert sorted(replies(house.platform, message) for message in replied) == [["No."], ["Yes."]]
        first, second, third = (prompt.pieces for prompt in house.engine.prompts)
        assert second[: len(first)] == first
        assert third[: len(second)] == second
