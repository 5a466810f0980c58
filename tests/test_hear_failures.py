"""A database that fails at any moment: whoever asked is told, nobody is kept unknowing, and nothing else breaks."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.errors import DatabaseUnusable
from bot.talk.delivery import Delivery
from bot.talk.event import Commanded, Deleted, Edited, Event, Left, Said
from bot.talk.message import Addressed
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.hooks import Hooked
from tests.rig import Rig, rig
from tests.test_hear import holds

SORRY = "I cannot write things down"


def replies(house: Rig) -> list[Delivery]:
    return [each for each in house.platform.standing.values() if each.reply_to == "asked"]


class Broken:
    """Fails the chosen call of the chosen method, once or from then on; nothing else."""

    def __init__(self, method: str, *, error: Exception | None = None) -> None:
        self.method = method
        self.error = error or DatabaseUnusable("the disk is full")
        self.on = False
        self.met = 0

    async def at(self, moment: str, _given: object) -> None:
        if self.on and moment == f"{self.method} begins":
            self.met += 1
            raise self.error

    def around(self, part: object) -> object:
        return Hooked(part, self.at)


@pytest.mark.parametrize(
    "method",
    [
        "policy",
        "permissions",
        "save_policy",
        "record_all",
        "open_turn",
        "ledger",
        "aside",
        "save_head",
    ],
)
async def test_a_question_that_cannot_be_written_down_gets_one_sentence_and_the_next_one_an_answer(
    tmp_path: Path, method: str
) -> None:
    broken = Broken(method)
    async with rig(tmp_path, ("An octopus.",), around=broken.around) as house:
        broken.on = True
        await house.says(said("what is a swordfish?", message_id="asked"))
        await house.idle()
        assert broken.met
        (told,) = replies(house)
        assert told.text.startswith(SORRY)
        broken.on = False
        await house.says(said("what is a squid?"))
        await house.platform.final("octopus")
        assert house.announcements() == [GENERAL.id]


@pytest.mark.parametrize("method", ["save_policy", "record_all"])
async def test_nobody_is_kept_without_having_been_told_whatever_fails(tmp_path: Path, method: str) -> None:
    broken = Broken(method)
    async with rig(tmp_path, around=broken.around) as house:
        broken.on = True
        await house.says(said("hello"))
        broken.on = False
        await house.says(said("a dolphin", by=BEN, addressed=Addressed.NO))
        await house.idle()
        assert holds(tmp_path, "dolphin") is (house.announcements() == [GENERAL.id])


async def test_an_answer_that_cannot_be_stored_is_made_good_at_the_next_start_in_the_same_message(
    tmp_path: Path,
) -> None:
    broken = Broken("close_turn")
    async with rig(tmp_path, ("An octo", "pus."), around=broken.around) as house:
        broken.on = True
        await house.says(said("what is a swordfish?", message_id="asked"))
        await house.idle()
        (told,) = replies(house)
        assert told.text.startswith(SORRY)
    async with rig(tmp_path, ("An octopus.",), platform=house.platform) as house:
        await house.take_up()
        await house.idle()
        assert [each.text for each in replies(house)] == ["An octopus."]


async def test_an_answer_whose_messages_cannot_be_noted_is_not_sent_twice(tmp_path: Path) -> None:
    broken, gate = Broken("save_shown"), asyncio.Event()
    async with rig(tmp_path, ("An octo", gate, "pus."), around=broken.around) as house:
        broken.on = True
        await house.says(said("what is a swordfish?", message_id="asked"))
        await house.platform.until(lambda delivery: delivery.text == "An octo")
        gate.set()
        await house.idle()
        assert [each.text for each in replies(house)] == ["An octopus."]


@pytest.mark.parametrize(
    ("method", "event"),
    [
        ("revise", Edited(message=said("changed"))),
        ("delete_messages", Deleted(place=GENERAL, message_ids=("1",))),
        ("forget_guild", Left(platform="local", guild="g")),
        ("forget_place", Left(platform="local", place=GENERAL)),
    ],
)
async def test_whoever_takes_words_away_learns_that_they_could_not_be_taken_away(
    tmp_path: Path, method: str, event: Event
) -> None:
    broken = Broken(method)
    async with rig(tmp_path, around=broken.around) as house:
        broken.on = True
        with pytest.raises(DatabaseUnusable):
            await house.hearing.hear(event)
        assert house.platform.revisions == []
        broken.on = False
        await house.hearing.hear(event)


@pytest.mark.parametrize("error", [DatabaseUnusable("the disk is full"), RuntimeError("a defect with secret words")])
async def test_a_command_that_fails_is_answered_with_a_sentence_even_where_that_cannot_be_stored(
    tmp_path: Path, error: Exception
) -> None:
    broken, unsaved = Broken("save_consent", error=error), Broken("save_delivery")

    async with rig(tmp_path, around=lambda part: broken.around(unsaved.around(part))) as house:
        broken.on = unsaved.on = True
        await house.hearing.hear(Commanded(name="opt-out", person=ANA, place=GENERAL, at=START))
        (told,) = house.platform.revisions
        assert told.text.startswith((SORRY, "Something went wrong on my side"))
        assert "secret" not in told.text
        assert told.conversation.only == ANA.key


async def test_a_defect_in_hearing_is_told_to_whoever_asked_and_to_nobody_else(tmp_path: Path) -> None:
    broken = Broken("record_all", error=RuntimeError("a defect with secret words"))
    async with rig(tmp_path, around=broken.around) as house:
        broken.on = True
        await house.says(said("hello", message_id="asked"))
        (told,) = replies(house)
        assert told.text.startswith("Something went wrong on my side")
        before = len(house.platform.revisions)
        await house.hearing.hear(Said(message=said("not for the bot", addressed=Addressed.NO)))
        assert len(house.platform.revisions) == before
