"""What was edited or deleted since is known to the next turn, and written through when the prompt changes anyway."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.settings import Settings
from bot.talk.event import Deleted, Edited
from bot.talk.message import Addressed, Message
from bot.talk.record import StoredSummary
from bot.talk.turn import Summary
from tests.fakes import BEN, GENERAL, FakeEngine, said
from tests.rig import Rig, rig

TALK = said("").conversation
TOLD = "has changed an earlier message, which now reads:)\n  "


async def asks(joined: Rig, text: str) -> Message:
    message = said(text)
    await joined.says(message)
    await joined.idle()
    return message


async def edits(joined: Rig, message: Message, text: str) -> None:
    await joined.hearing.hear(Edited(message=replace(message, text=text, edited_at=joined.clock.now())))


async def deletes(joined: Rig, message: Message) -> None:
    await joined.hearing.hear(Deleted(place=GENERAL, message_ids=(message.id,)))


async def cut(joined: Rig, *, turns: int, summary: str = "") -> None:
    """All but the last so many turns go, of two pieces each."""
    ledger = await joined.store.ledger(TALK)
    before = ledger.pieces[-2 * turns].seq
    told = None
    if summary:
        part = Summary(text=summary)
        told = StoredSummary(
            summary=part, piece=await joined.engine.render(part), first=ledger.pieces[0].seq, last=before - 1
        )
    assert await joined.store.cut(TALK, before=before, cause="cut", summary=told, revision=ledger.revision)


async def test_an_edit_is_told_once_at_the_end_and_the_prompt_before_it_stays(tmp_path: Path) -> None:
    async with rig(tmp_path) as joined:
        first = await asks(joined, "the port is 80")
        await edits(joined, first, "the port is 8080")
        await asks(joined, "which port?")
        prompt = joined.asked()
        assert prompt.startswith(joined.asked(0))
        assert f"(Ana {TOLD}the port is 8080" in prompt
        await asks(joined, "and now?")
        assert joined.asked().startswith(prompt)
        assert joined.asked().count("8080") == 1
        assert joined.counters.get("prefix_breaks_total", cause="deletion") == 0


async def test_edits_of_what_was_overheard_count_and_those_of_what_no_turn_took_up_do_not(tmp_path: Path) -> None:
    async with rig(tmp_path) as joined:
        await asks(joined, "hello")
        aside = said("the port is 80", by=BEN, addressed=Addressed.NO)
        await joined.says(aside)
        await edits(joined, aside, "the port is 443")
        await asks(joined, "which port?")
        assert "changed an earlier" not in joined.asked()
        assert joined.asked().count("443") == 1
        await edits(joined, aside, "the port is 8080")
        await asks(joined, "sure?")
        assert f"(Ben {TOLD}the port is 8080" in joined.asked()


async def test_an_edit_while_the_question_is_answered_is_told_to_the_next_turn(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("One", gate)) as joined:
        message = said("the port is 80")
        await joined.says(message)
        await joined.platform.until(lambda each: each.text == "One")
        await edits(joined, message, "the port is 8080")
        gate.set()
        await joined.idle()
        await asks(joined, "which port?")
        assert f"{TOLD}the port is 8080" in joined.asked()


async def test_a_question_that_is_edited_while_it_waits_is_answered_as_it_now_reads(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("One", gate), ("Two.",)) as joined:
        await joined.says(said("first"))
        await joined.platform.until(lambda each: each.text == "One")
        message = said("what is port 80?")
        await joined.says(message)
        await joined.passes(1)
        await edits(joined, message, "what is port 8080?")
        gate.set()
        await joined.idle()
        assert "Ana: what is port 8080?" in joined.asked()
        assert "port 80?" not in joined.asked()
        answer = await joined.platform.final("Two.")
        assert answer.actions == ()
        await asks(joined, "and now?")
        assert "changed an earlier" not in joined.asked()


async def test_a_turn_that_fails_leaves_the_edit_to_the_next_one(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), (RuntimeError(),)) as joined:
        first = await asks(joined, "the port is 80")
        await edits(joined, first, "the port is 8080")
        for _ in range(2):
            await asks(joined, "which port?")
            assert f"{TOLD}the port is 8080" in joined.engine.prompts[-1].pieces[-1].text


async def test_more_edits_than_one_turn_is_told_of_are_told_by_and_by(tmp_path: Path) -> None:
    settings = Settings()
    small = settings.model_copy(
        update={"engine": settings.engine.model_copy(update={"window": 4096, "reply_tokens": 512})}
    )
    async with rig(tmp_path, settings=small) as joined:
        messages = [await asks(joined, f"question {number}") for number in range(4)]
        for number, message in enumerate(messages):
            await edits(joined, message, f"edit{number} " + "word " * 100)
            await joined.clock.advance(1)
        told: list[list[int]] = []
        for _ in range(4):
            await asks(joined, "well?")
            text = joined.engine.prompts[-1].pieces[-1].text
            told.append([number for number in range(4) if f"edit{number} " in text])
        assert [number for each in told for number in each] == [0, 1, 2, 3]
        assert 0 < len(told[0]) < 4


async def test_after_a_cut_the_new_words_stand_where_the_old_ones_stood(tmp_path: Path) -> None:
    async with rig(tmp_path) as joined:
        await asks(joined, "hello")
        second = await asks(joined, "the port is 80")
        await edits(joined, second, "the port\nis 8080")
        await asks(joined, "which port?")
        await cut(joined, turns=2)
        await asks(joined, "and now?")
        prompt = joined.asked()
        assert "Ana: the port\n  is 8080" in prompt
        assert "is 80 " not in prompt.replace("\n", " ")
        await asks(joined, "once more")
        assert joined.asked().startswith(prompt)


async def test_an_edit_of_words_that_only_the_summary_may_hold_is_told(tmp_path: Path) -> None:
    async with rig(tmp_path) as joined:
        first = await asks(joined, "the port is 80")
        await asks(joined, "thanks")
        await cut(joined, turns=1, summary="They spoke of port 80.")
        await edits(joined, first, "the port is 8080")
        await asks(joined, "which port?")
        assert "They spoke of port 80." in joined.asked()
        assert f"{TOLD}the port is 8080" in joined.asked()


# deletions


async def test_a_deletion_takes_a_correction_that_was_told_and_one_that_was_not(tmp_path: Path) -> None:
    async with rig(tmp_path) as joined:
        first, second = await asks(joined, "one periwinkle"), await asks(joined, "two")
        aside = said("a snail", by=BEN, addressed=Addressed.NO)
        await joined.says(aside)
        await asks(joined, "three")
        await edits(joined, aside, "a periwinkle")
        await asks(joined, "four")
        await edits(joined, second, "two periwinkles")
        for message in (first, second, aside):
            await deletes(joined, message)
        await asks(joined, "five")
        assert "periwinkle" not in joined.asked()
        assert "three" in joined.asked()
        assert "four" in joined.asked()


async def test_a_deletion_takes_the_summary_along_and_what_is_left_is_told_instead(tmp_path: Path) -> None:
    async with rig(tmp_path) as joined:
        first = await asks(joined, "my password is periwinkle")
        await asks(joined, "the harbour is in Cassis")
        await asks(joined, "thanks")
        await cut(joined, turns=1, summary="Ana's password is periwinkle; the harbour is in Cassis.")
        await asks(joined, "and now?")
        assert "periwinkle" in joined.asked()
        await deletes(joined, first)
        await asks(joined, "where is it?")
        assert "periwinkle" not in joined.asked()
        assert "the harbour is in Cassis" in joined.asked()


async def test_what_is_deleted_while_another_channel_has_the_engine_does_not_reach_the_prompt(tmp_path: Path) -> None:
    gate = asyncio.Event()
    elsewhere = replace(GENERAL, id="elsewhere", name="elsewhere")
    engine = FakeEngine(("Hello.",), ("One", gate), ("Two.",))
    async with rig(tmp_path, engine=engine) as joined:
        await asks(joined, "hello")
        aside = said("a dolphin swims by", by=BEN, addressed=Addressed.NO)
        await joined.says(aside)
        await joined.says(said("first", place=elsewhere))
        await joined.platform.until(lambda each: each.text == "One")
        await joined.says(said("what swims?"))
        await joined.passes(2)
        assert joined.lanes.waiting == 2
        await deletes(joined, aside)
        gate.set()
        await joined.platform.final("Two.")
        await joined.idle()
        assert "what swims?" in joined.asked()
        assert "dolphin" not in joined.asked()


async def test_a_question_deleted_in_the_middle_of_its_answer_leaves_neither_answer_nor_words(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("Half an octopus", gate)) as joined:
        message = said("a dolphin?")
        await joined.says(message)
        await joined.platform.until(lambda each: each.text == "Half an octopus")
        await deletes(joined, message)
        await joined.idle()
        assert [each for each in joined.platform.standing.values() if each.reply_to == message.id] == []
        await asks(joined, "and now?")
        assert "dolphin" not in joined.asked()
        assert "octopus" not in joined.asked()


async def test_something_overheard_that_is_deleted_in_the_middle_of_the_answer_is_gone_from_the_next_prompt(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("Hello.",), ("One", gate)) as joined:
        await asks(joined, "hello")
        aside = said("a dolphin swims by", by=BEN, addressed=Addressed.NO)
        await joined.says(aside)
        await joined.says(said("what swims?"))
        await joined.platform.until(lambda each: each.text == "One")
        await deletes(joined, aside)
        gate.set()
        await joined.idle()
        await asks(joined, "and now?")
        assert "dolphin" not in joined.asked()
        assert "what swims?" in joined.asked()


async def test_two_replies_to_one_message_at_once_are_both_answered_in_order(tmp_path: Path) -> None:
    async with rig(tmp_path, ("The tide.",), ("To Ana.",), ("To Ben.",)) as joined:
        await asks(joined, "what is it?")
        ours = next(key for key, each in joined.platform.standing.items() if each.text == "The tide.")
        replies = [
            said(f"why, asks {person.name}", by=person, addressed=Addressed.REPLY, reply_to=ours)
            for person in (said("").author, BEN)
        ]
        await asyncio.gather(*(joined.says(reply) for reply in replies))
        await joined.idle()
        answers = [
            [each.text for each in joined.platform.standing.values() if each.reply_to == reply.id] for reply in replies
        ]
        assert sorted(answers) == [["To Ana."], ["To Ben."]]
        second, third = joined.asked(-2), joined.asked(-1)
        assert third.startswith(second)
        assert "asks Ana" in third
        assert "asks Ben" in third
