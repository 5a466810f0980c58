"""Where a private answer could use more, whoever asked can have one, and nobody else sees anything of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import text

from bot.talk.event import Deleted, Pressed
from bot.talk.message import Conversation
from bot.talk.policy import Consent
from tests.approvals.scene import MOD, Done, asks, button, buttons, call, everybody
from tests.approvals.test_lives import lives
from tests.fakes import ANA, BEN, GENERAL, direct, said
from tests.rig import rig

SCRIPTS = (call("recall", about="ships"),), ("Little can be said here.",), ("Only you read this.",)


async def test_the_asker_gets_the_same_question_answered_alone(tmp_path: Path) -> None:
    async with rig(tmp_path, *SCRIPTS, tools=Done().tools, rights=everybody()) as house:
        answer = await asks(house, "What of ships?")
        assert buttons(answer) == ["privately"]
        pressed = Pressed(
            action=button(answer, "privately"), person=ANA, place=GENERAL, at=house.clock.now(), handle="h/1"
        )
        typed = len(house.platform.typed)
        await house.hearing.hear(pressed)
        await house.idle()
        told = await house.platform.final("Only you read this.")
        assert (told.conversation.only, told.handle, told.reply_to) == (ANA.key, "h/1", None)
        assert "What of ships?" in house.asked()
        assert "privately, so that nobody else reads" in house.asked()
        assert "Little can be said here" not in house.asked()
        revisions = [each for each in house.platform.revisions if each.id == told.id]
        assert all(each.conversation.only == ANA.key for each in revisions)
        assert len(house.platform.typed) == typed
        assert "already" in await house.presses(button(answer, "privately"))
        # What was said alone is not overheard, nor part of the channel.
        await asks(house, "And now?")
        assert "Only you read this" not in house.asked()
        assert house.asked().count("What of ships?") == 1


async def test_nobody_else_gets_it_not_even_a_moderator(tmp_path: Path) -> None:
    async with rig(tmp_path, *SCRIPTS, tools=Done().tools, rights=everybody()) as house:
        answer = await asks(house, "What of ships?")
        for who in (BEN, MOD):
            told = await house.presses(button(answer, "privately"), by=who, moderator=True)
            assert "Only the person who asked" in told
        await house.idle()
        assert len(house.engine.prompts) == 2


async def test_who_loses_the_place_while_they_wait_is_told_nothing_of_it(tmp_path: Path) -> None:
    rights, gate = everybody(), asyncio.Event()
    async with rig(tmp_path, *SCRIPTS[:2], (gate, "Busy."), tools=Done().tools, rights=rights) as house:
        answer = await asks(house, "What of ships?")
        house.engine.asked.clear()
        await house.says(said("and you?", by=BEN))
        await house.engine.asked.wait()
        await house.presses(button(answer, "privately"))
        rights.readers = {GENERAL.room: [BEN.key]}
        gate.set()
        told = await house.platform.final("cannot read that place any more")
        await house.idle()
        assert (told.conversation.only, told.actions) == (ANA.key, ())
        assert len(house.engine.prompts) == 3


async def test_a_direct_message_offers_none(tmp_path: Path) -> None:
    place = direct(ANA)
    rights = everybody()
    async with rig(tmp_path, *SCRIPTS, tools=Done().tools, rights=rights) as house:
        assert buttons(await asks(house, "What of ships?", place=place)) == []


async def test_a_private_answer_survives_the_end_of_the_process_and_stays_private(tmp_path: Path) -> None:
    async with lives(tmp_path) as all_:
        async with all_.life(*SCRIPTS[:2]) as first:
            answer = await asks(first, "What of ships?")
        async with all_.life() as dying:
            dying.answers._closing = True  # pyright: ignore[reportPrivateUsage]
            await dying.presses(button(answer, "privately"))
        async with all_.life(("Only you read this.",)) as last:
            told = await last.platform.final("Only you read this.")
            await last.idle()
        assert told.conversation.only == ANA.key
        assert not [
            each for each in all_.platform.revisions if "Only you" in each.text and each.conversation.only != ANA.key
        ]


async def test_a_deleted_question_takes_its_private_answer_along(tmp_path: Path) -> None:
    async with rig(tmp_path, *SCRIPTS, ("Hm?",), tools=Done().tools, rights=everybody()) as house:
        message = said("What of ships?")
        await house.says(message)
        await house.idle()
        answer = next(each for each in house.platform.revisions if "privately" in buttons(each))
        await house.presses(button(answer, "privately"))
        await house.idle()
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=(message.id,)))
        assert (await house.store.ledger(Conversation(place=GENERAL, only=ANA.key))).pieces == ()
        assert "gone" in await house.presses(button(answer, "privately"))


async def test_a_call_asked_for_in_private_is_decided_on_by_that_person_alone(tmp_path: Path) -> None:
    done = Done()
    scripts = (*SCRIPTS[:2], (call("note", text="milk"),), ("Allow it.",), ("Noted.",))
    async with rig(tmp_path, *scripts, tools=done.tools, rights=everybody()) as house:
        answer = await asks(house, "What of ships?")
        await house.presses(button(answer, "privately"))
        await house.idle()
        private = await house.platform.final("Allow it.")
        assert private.conversation.only == ANA.key
        assert "Only the person who asked" in await house.presses(button(private, "allow"), by=MOD, moderator=True)
        await house.presses(button(private, "allow"))
        await house.idle()
        told = await house.platform.final("Noted.")
        assert told.conversation.only == ANA.key
        assert list(done.written.values()) == ["milk"]


async def test_a_question_that_is_deleted_at_the_press_leaves_no_copy(tmp_path: Path) -> None:
    async with rig(tmp_path, *SCRIPTS, tools=Done().tools, rights=everybody()) as house:
        answer = await asks(house, "What of ships?")
        pressing = asyncio.create_task(house.presses(button(answer, "privately")))
        consent, store = house.store.consent, house.store

        async def meanwhile(person: str) -> Consent:
            await house.hearing.hear(Deleted(place=GENERAL, message_ids=(answer.reply_to or "",)))
            return await consent(person)

        store.consent = meanwhile  # type: ignore[method-assign]
        assert "gone" in await pressing
        await house.idle()
        assert len(house.engine.prompts) == 2
        rows = await store._db.read(lambda c: c.execute(text("SELECT body FROM messages")).scalars().all())  # pyright: ignore[reportPrivateUsage]
        assert not [body for body in rows if body and "ships" in body]
