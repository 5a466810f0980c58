"""An answered question that is edited can be answered anew, at a press and not otherwise."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answer.again import OFFERED_WITHIN
from bot.errors import DatabaseUnusable, PlatformUnavailable
from bot.lanes.lanes import Bounds
from bot.talk.delivery import Action, Delivery
from bot.talk.event import Deleted, Edited, Pressed, Said
from bot.talk.message import Message
from tests.fakes import ANA, BEN, GENERAL, FakePlatform, said
from tests.rig import Rig, rig

QUESTION = said("how high is teh tide?", message_id="q")
EDITED = replace(QUESTION, text="how high is the tide at noon?")


async def answered(joined: Rig, message: Message = QUESTION) -> Delivery:
    await joined.says(message)
    await joined.idle()
    return standing(joined)[0]


async def edited(joined: Rig, message: Message = EDITED) -> None:
    await joined.hearing.hear(Edited(message=replace(message, edited_at=joined.clock.now())))


def standing(joined: Rig, question: str = "q") -> list[Delivery]:
    """What people see of the answers to a question, in the order in which they came."""
    return [each for each in joined.platform.standing.values() if each.reply_to == question]


def button(joined: Rig) -> Action:
    (action,) = standing(joined)[-1].actions
    assert action.label == "Answer again"
    return action


async def test_a_press_answers_the_question_as_it_now_reads_below_and_takes_the_button_away(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Two metres.",), ("Three metres.",)) as joined:
        first = await answered(joined)
        assert first.actions == ()
        await edited(joined)
        assert len(joined.engine.prompts) == 1
        assert await joined.presses(button(joined).id) == ""
        await joined.idle()
        assert [each.text for each in standing(joined)] == ["Two metres.", "Three metres."]
        assert [each.actions for each in standing(joined)] == [(), ()]
        prompt = joined.asked()
        assert prompt.startswith(joined.asked(0))
        new = prompt.removeprefix(joined.asked(0))
        assert "has been changed since" in new
        assert "Ana: how high is the tide at noon?" in new
        assert new.count("at noon") == 1


async def test_the_new_answer_can_be_asked_for_anew_as_well(tmp_path: Path) -> None:
    async with rig(tmp_path) as joined:
        await answered(joined)
        for number in (1, 2):
            await edited(joined, replace(EDITED, text=f"at {number} o'clock?"))
            await joined.presses(button(joined).id)
            await joined.idle()
        assert len(joined.engine.prompts) == len(standing(joined)) == 3
        assert "at 2 o'clock?" in joined.asked()


async def test_pressing_twice_or_again_later_answers_once(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("One.",), (gate, "Two.")) as joined:
        await answered(joined)
        await edited(joined)
        again = button(joined).id
        await asyncio.gather(*(joined.presses(again) for _ in range(3)))
        gate.set()
        await joined.idle()
        await joined.presses(again)
        await joined.idle()
        assert [each.text for each in standing(joined)] == ["One.", "Two."]
        assert len(joined.engine.prompts) == 2


@pytest.mark.parametrize("text", [QUESTION.text, "how high is teh tide?"])
async def test_an_edit_that_changes_no_words_offers_nothing(tmp_path: Path, text: str) -> None:
    async with rig(tmp_path) as joined:
        await answered(joined)
        await edited(joined, replace(QUESTION, text=text))
        assert standing(joined)[0].actions == ()


async def test_an_edit_long_after_the_answer_offers_nothing_and_is_told_to_the_next_turn(tmp_path: Path) -> None:
    async with rig(tmp_path) as joined:
        await answered(joined)
        await joined.clock.advance(OFFERED_WITHIN.total_seconds() + 1)
        await edited(joined)
        assert standing(joined)[0].actions == ()
        await joined.says(said("and now?", at=joined.clock.now()))
        await joined.idle()
        told = "(Ana has changed an earlier message, which now reads:)\n  how high is the tide at noon?"
        assert told in joined.asked()


async def test_an_edit_while_the_answer_is_written_offers_nothing(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("One", gate)) as joined:
        await joined.says(QUESTION)
        await joined.platform.until(lambda each: each.text == "One")
        await edited(joined)
        gate.set()
        await joined.idle()
        assert standing(joined)[0].actions == ()


@pytest.mark.parametrize("moderator", [False, True])
async def test_only_the_asker_and_moderators_can_have_it_answered_again(tmp_path: Path, moderator: bool) -> None:
    async with rig(tmp_path) as joined:
        await answered(joined)
        await edited(joined)
        told = await joined.presses(button(joined).id, by=BEN, moderator=moderator)
        await joined.idle()
        assert ("Only the person who asked" in told) is not moderator
        assert len(joined.engine.prompts) == 1 + moderator
        if not moderator:
            assert button(joined)


async def test_a_question_that_was_deleted_meanwhile_is_not_answered_again(tmp_path: Path) -> None:
    async with rig(tmp_path) as joined:
        await answered(joined)
        await edited(joined)
        again = button(joined).id
        await joined.hearing.hear(Deleted(place=GENERAL, message_ids=("q",)))
        assert await joined.presses(again) == "That question is gone."
        assert await joined.presses("again:never-heard-of") == "That question is gone."
        await joined.idle()
        assert len(joined.engine.prompts) == 1


async def test_a_question_deleted_while_it_is_answered_again_shows_and_keeps_nothing_new(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("One.",), ("Two", gate)) as joined:
        await answered(joined)
        await edited(joined)
        await joined.presses(button(joined).id)
        await joined.platform.until(lambda each: each.text == "Two")
        await joined.hearing.hear(Deleted(place=GENERAL, message_ids=("q",)))
        await joined.idle()
        assert [each.text for each in standing(joined)] == ["One."]
        assert (await joined.store.ledger(QUESTION.conversation)).pieces == ()


async def test_after_a_restart_the_button_works_and_a_turn_that_was_begun_is_taken_up(tmp_path: Path) -> None:
    platform = FakePlatform()
    async with rig(tmp_path, platform=platform) as joined:
        await answered(joined)
        await edited(joined)
    async with rig(tmp_path, platform=platform) as joined:
        again = button(joined).id
        turn = again.partition(":")[2]
        # As if the process had died right after the press was written down.
        assert await joined.store.open_turn(EDITED, at=joined.clock.now(), anew=turn) is not None
    async with rig(tmp_path, ("Three metres.",), platform=platform) as joined:
        await joined.take_up()
        await asyncio.gather(joined.presses(again), joined.presses(again))
        await joined.idle()
        assert [each.text for each in standing(joined)] == ["Yes.", "Three metres."]
        assert [each.actions for each in standing(joined)] == [(), ()]
        assert "has been changed since" in joined.asked()
        assert len(joined.engine.prompts) == 1


async def test_a_button_that_could_not_be_shown_is_shown_later(tmp_path: Path) -> None:
    async with rig(tmp_path) as joined:
        await answered(joined)
        joined.platform.failures.append(PlatformUnavailable("for now"))
        await edited(joined)
        assert standing(joined)[0].actions == ()
        await joined.clock.advance(2)
        await joined.platform.until(lambda each: bool(each.actions) and each.final)
        assert button(joined)


async def test_an_edit_is_written_down_even_where_the_button_cannot_be(tmp_path: Path) -> None:
    class Stubborn:
        def __init__(self, store: object) -> None:
            self._store = store

        def __getattr__(self, name: str) -> object:
            if name == "save_actions":
                return self._fail
            return getattr(self._store, name)

        async def _fail(self, *_: object) -> None:
            raise DatabaseUnusable("full")

    async with rig(tmp_path, around=lambda part: Stubborn(part) if hasattr(part, "save_actions") else part) as joined:
        await answered(joined)
        await edited(joined)
        assert standing(joined)[0].actions == ()
        (told,) = await joined.store.corrections(QUESTION.conversation, limit=9)
        assert told.text == EDITED.text


async def test_a_press_while_the_process_ends_is_answered_by_the_next_one(tmp_path: Path) -> None:
    platform = FakePlatform()
    async with rig(tmp_path, platform=platform) as joined:
        await answered(joined)
        await edited(joined)
        again = button(joined).id
        press = Pressed(action=again, person=ANA, place=GENERAL, at=joined.clock.now())
        async with joined.answers:
            pass  # it ends: nothing is begun any more
        await joined.hearing.hear(press)
        assert len(joined.engine.prompts) == 1
    async with rig(tmp_path, platform=platform) as joined:
        await joined.take_up()
        await joined.idle()
        assert len(standing(joined)) == 2


async def test_while_a_platform_is_slow_to_take_the_button_away_others_are_heard_and_can_stop(tmp_path: Path) -> None:
    harbour = replace(GENERAL, id="harbour")
    async with rig(tmp_path, ("Six.",), ("Long, long", asyncio.Event()), ("Seven.",), ("Hello.",)) as joined:
        await answered(joined)
        await edited(joined)
        again = button(joined).id
        story = said("a story?", by=BEN, message_id="story")
        await joined.says(story)
        stop = (await joined.platform.until(lambda each: each.text.startswith("Long"))).actions[0].id
        joined.platform.hold = asyncio.Event()  # from here on no call of the platform returns
        press = Pressed(action=again, person=ANA, place=GENERAL, at=joined.clock.now())
        hello = Said(message=said("hello?", by=BEN, place=harbour))
        waiting = [asyncio.create_task(joined.hearing.hear(press))]
        await joined.passes(2)
        waiting.append(asyncio.create_task(joined.hearing.hear(hello)))
        stopping = asyncio.create_task(joined.hearing.hear(replace(press, action=stop, person=BEN)))
        await joined.passes(2)
        assert not any(each.done() for each in waiting)
        assert stopping.done()
        texts = [each.text for each in await joined.answers.unanswered()]
        assert "hello?" in texts
        joined.platform.hold.set()
        await asyncio.gather(*waiting)
        await joined.idle()
        assert "stopped" in standing(joined, "story")[0].text


async def test_a_press_in_a_flood_waits_for_room_although_its_button_is_gone(tmp_path: Path) -> None:
    gate, bounds = asyncio.Event(), Bounds(slots=1, queue=5, queue_per_person=1, seconds=600)
    async with rig(tmp_path, ("Two metres.",), (gate, "So."), ("Three metres.",), bounds=bounds) as joined:
        await answered(joined)
        await edited(joined)
        joined.engine.asked.clear()
        await joined.says(said("what else?", message_id="other"))
        await joined.engine.asked.wait()
        for _ in range(2):  # refused, and told so once
            await joined.says(said("and what more?"))
        await joined.presses(button(joined).id)
        await joined.clock.advance(0)
        gate.set()
        await joined.platform.final("Three metres.")
        await joined.idle()
        assert [each.text for each in standing(joined)] == ["Two metres.", "Three metres."]
