"""The review list: what speaks against an answer, shown to staff who can read its place, and mended."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.talk.message import Person
from bot.talk.oversight import Flag, ReviewState, Which
from bot.talk.policy import Consent
from bot.talk.support import Case, CaseState
from tests.fakes import ANA, BEN, GENERAL
from tests.oversight.scene import ATTIC, CLEO, MOD, OUTSIDER, Scene, button, labels, scene

NOTHING = "There is nothing here that you could review."


async def seen(house: Scene, by: Person, which: str = "", state: str = "") -> str:
    return await house.rig.commands("review", by=by, which=which, state=state)


async def test_staff_see_question_answer_votes_reasons_and_link(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Turn left [9].",)) as house:
        question, answer = await house.asks("where is\nthe door?")
        turn = button(answer, "👎").id.partition(":")[2]
        await house.rig.presses(f"why:{turn}", reason="there is\nno door")
        house.called.cases[question.id] = Case(
            id="c1",
            place=GENERAL,
            message=question.id,
            asker=ANA.key,
            language="eo",
            reason="",
            opened_at=house.rig.clock.now(),
            state=CaseState.CLAIMED,
        )
        told = await seen(house, CLEO)
        assert "> where is\n> the door?" in told
        assert "> Turn left [9]." in told
        assert "👍 0 · 👎 1 (👎 by whoever asked)" in told
        assert "cites no source" in told
        assert "Reason: there is no door" in told
        assert "doing it" in told
        shown = next(each for each, one in house.rig.platform.standing.items() if one.id == answer.id)
        assert f"https://chat.example/general/{shown}" in told
        assert await seen(house, MOD) == told
        assert labels(house.told(MOD)) == [
            "Newer", "Older", "Done", "Nothing is wrong", "Right answer", "Right answer, and post it",
        ]  # fmt: skip


async def test_who_is_not_of_staff_or_cannot_read_the_place_sees_an_empty_list(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Up.",)) as house:
        _, answer = await house.asks("where is the ladder?", place=ATTIC, by=BEN)
        turn = button(answer, "👎").id.partition(":")[2]
        await house.rig.presses(f"why:{turn}", by=BEN, reason="no")
        assert "ladder" in await seen(house, MOD)
        at = house.told(MOD).actions[0].id.rpartition("open.")[2]
        for person in (CLEO, BEN, OUTSIDER):
            assert await seen(house, person) == NOTHING
            assert await house.rig.presses(f"review:o.all.open.{at}", by=person) == NOTHING
            refused = await house.rig.presses(f"review-set:done.all.open.{at}", by=person)
            assert refused == await house.rig.presses(f"review-set:done.all.open.{'1.' + '0' * 32}", by=person)
            right = await house.rig.presses(f"right:{turn}", by=person, question="q", answer="a")
            assert right == refused
            assert "Nothing was counted" in await house.rig.commands("support-figures", by=person)
        assert house.known.added == []
        house.rights.readers = {**house.rights.readers, ATTIC.key: [BEN.key]}
        assert await seen(house, MOD) == NOTHING


async def test_the_list_is_paged_and_filtered(tmp_path: Path) -> None:
    async with scene(tmp_path, *[("Yes.",)] * 3) as house:
        for text in ("one", "two", "three"):
            _, answer = await house.asks(text)
            house.rig.clock.jump(1)
        await house.rig.presses(button(answer, "👎").id)
        assert "> three" in await seen(house, CLEO)
        assert "> two" in await house.rig.presses(button(house.told(CLEO), "Older").id, by=CLEO)
        assert "> one" in await house.rig.presses(button(house.told(CLEO), "Older").id, by=CLEO)
        last = house.told(CLEO)
        assert await house.rig.presses(button(last, "Older").id, by=CLEO) == NOTHING
        assert "> two" in await house.rig.presses(button(last, "Newer").id, by=CLEO)
        assert "> three" in await seen(house, CLEO, which="down")
        assert await house.rig.presses(button(house.told(CLEO), "Older").id, by=CLEO) == NOTHING
        assert await seen(house, CLEO, which="handed") == NOTHING
        assert "Say which" in await seen(house, CLEO, which="best")
        await house.rig.store.mark_answer(button(answer, "👎").id.partition(":")[2], Flag.HANDED_OVER)
        assert "handed over" in await seen(house, CLEO, which="handed")


async def test_a_decided_review_gives_way_to_the_next_and_can_be_opened_again(tmp_path: Path) -> None:
    async with scene(tmp_path, *[("Yes.",)] * 2) as house:
        await house.asks("one")
        house.rig.clock.jump(1)
        await house.asks("two")
        await seen(house, CLEO)
        assert "> one" in await house.rig.presses(button(house.told(CLEO), "Nothing is wrong").id, by=CLEO)
        assert await house.rig.presses(button(house.told(CLEO), "Done").id, by=CLEO) == NOTHING
        assert "> two" in await seen(house, MOD, state="dismissed")
        await house.rig.presses(button(house.told(MOD), "Open again").id, by=MOD)
        assert "> two" in await seen(house, CLEO)
        assert house.rig.counters.get("reviews_total", outcome="done") == 1


async def test_a_right_answer_goes_into_the_knowledge_of_whoever_reads_the_question(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Left.",)) as house:
        question, answer = await house.asks("where is the door?")
        turn = button(answer, "👎").id.partition(":")[2]
        assert "knowledge" in await house.rig.presses(
            f"right:{turn}", by=CLEO, question=" Where is the door? ", answer="Right."
        )
        link = f"https://chat.example/general/{question.id}"
        assert house.known.added == [("Where is the door?", "Right.", GENERAL.room, CLEO.key, link)]
        assert await seen(house, CLEO) == NOTHING
        assert "where is" in await seen(house, CLEO, state="done")
        assert "Please write" in await house.rig.presses(f"right:{turn}", by=CLEO, question=" ", answer="Right.")


async def test_a_right_answer_is_posted_under_the_wrong_one_and_says_whose_it_is(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Left.",)) as house:
        _, answer = await house.asks("where is the door?")
        shown = next(each for each, one in house.rig.platform.standing.items() if one.id == answer.id)
        turn = button(answer, "👎").id.partition(":")[2]
        mean = Person(platform="local", id="cleo", name="**Cleo** @everyone\n")
        await house.rig.presses(f"right-post:{turn}", by=mean, question="q", answer="Right.")
        (posted,) = [each for each in house.rig.platform.shown.values() if each.reply_to == shown]
        assert posted.text == "**Correction** by Cleo everyone:\nRight."
        assert posted.conversation.only is None
        assert len(house.known.added) == 1
        await house.rig.store.forget(CLEO.key)
        assert await house.rig.store.undelivered() == ()


async def test_a_form_that_is_sent_twice_posts_one_correction(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Left.",)) as house:
        _, answer = await house.asks("where is the door?")
        turn = button(answer, "👎").id.partition(":")[2]
        sent = (house.rig.presses(f"right-post:{turn}", by=CLEO, question="q", answer="Right.") for _ in range(2))
        await asyncio.gather(*sent)
        assert "knowledge" in await house.rig.presses(f"right-post:{turn}", by=CLEO, question="q", answer="Right.")
        await house.rig.presses(f"right-post:{turn}", by=CLEO, question="q", answer="Right, and up the stairs.")
        posted = [each.text for each in house.rig.platform.standing.values() if "Correction" in each.text]
        assert [text.partition("\n")[2] for text in posted] == ["Right.", "Right, and up the stairs."]


async def test_without_a_knowledge_a_right_answer_can_still_be_posted(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Left.",), keeps=False) as house:
        await house.asks("where is the door?")
        await seen(house, CLEO)
        assert "Right answer" not in labels(house.told(CLEO))
        post = button(house.told(CLEO), "Right answer, and post it").id
        assert "posted" in await house.rig.presses(post, by=CLEO, question="q", answer="Right.")


async def test_words_of_staff_who_have_opted_out_are_not_kept(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Left.",)) as house:
        _, answer = await house.asks("where is the door?")
        await house.rig.store.save_consent(CLEO.key, Consent(opted_out=True))
        turn = button(answer, "👎").id.partition(":")[2]
        assert "opted out" in await house.rig.presses(f"right:{turn}", by=CLEO, question="q", answer="Right.")
        assert house.known.added == []


async def test_figures_count_only_what_the_person_oversees(tmp_path: Path) -> None:
    async with scene(tmp_path, *[("Yes.",)] * 3) as house:
        _, answer = await house.asks("one")
        await house.rig.presses(button(answer, "👍").id, by=BEN)
        await house.asks("two", place=ATTIC, by=BEN)
        house.rig.clock.jump(timedelta(days=10).total_seconds())
        await house.asks("three")
        told = await house.rig.commands("support-figures", by=CLEO, weeks="2")
        assert "\nanswered: 2 · handed over: 0 · solved: 0 · 👍 1 · 👎 0\n- Esperanto: answered: 2" in told
        assert "German" not in told
        told = await house.rig.commands("support-figures", by=MOD, weeks="2")
        assert "- German: answered: 1" in told
        assert "answered: 1 ·" in await house.rig.commands("support-figures", by=CLEO)
        for wrong in ("0", "54", "x", "²"):
            assert "whole number" in await house.rig.commands("support-figures", by=CLEO, weeks=wrong)


async def test_a_broken_cursor_shows_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Yes.",)) as house:
        await house.asks("one")
        for broken in ("", "o", "o.all.open.x", "o.all.open.1.--", f"o.all.open.{'9' * 18}.a", "o.none.open.1.a"):
            assert await house.rig.presses(f"review:{broken}", by=CLEO) == NOTHING
            assert await house.rig.presses(f"review-set:{broken}", by=CLEO) == NOTHING


async def test_who_oversees_is_told_for_a_page(tmp_path: Path) -> None:
    async with scene(tmp_path, ("Yes.",)) as house:
        await house.asks("one")
        (oversees,) = house.oversees
        found = await oversees.listed(CLEO, GENERAL, which=Which.ALL, state=ReviewState.OPEN, limit=5)
        assert [each.review.question.text for each in found] == ["one"]
        assert await oversees.listed(ANA, GENERAL, which=Which.ALL, state=ReviewState.OPEN, limit=5) == ()
