"""Messages that come together are heard together, each for itself; what comes again is never answered twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.talk.event import Said
from bot.talk.message import Addressed, Message, Place
from bot.talk.policy import Consent, Keep, Policy
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.hooks import Hooked
from tests.rig import Rig, rig
from tests.test_hear import holds

PLACES = [Place(platform="local", id=f"place-{n}", name=f"place {n}", guild="g") for n in range(20)]


class Trips:
    """Counts the trips to the store, and may hold up those of one kind."""

    def __init__(self, *, held: str = "") -> None:
        self.made: list[str] = []
        self.held = held
        self.reached, self.gate = asyncio.Event(), asyncio.Event()

    async def at(self, moment: str, _given: object) -> None:
        name, _, what = moment.partition(" ")
        if what == "begins":
            self.made.append(name)
            if name == self.held:
                self.reached.set()
                await self.gate.wait()

    def around(self, part: object) -> object:
        return Hooked(part, self.at)


def plain(text: str, *, place: Place = GENERAL) -> Message:
    return said(text, by=BEN, place=place, addressed=Addressed.NO)


async def keeps(house: Rig, *places: Place) -> None:
    for place in places:
        await house.store.save_policy(place, Policy(keep=Keep.ALWAYS, announced=True))


async def hears(house: Rig, messages: Sequence[Message]) -> list[BaseException | None]:
    heard = (house.hearing.hear(Said(message=message)) for message in messages)
    return await asyncio.gather(*heard, return_exceptions=True)


async def kept(house: Rig, place: Place = GENERAL) -> list[str]:
    question = said("and?", place=place)
    return [each.text for each in await house.store.overheard(question.conversation, before=question, limit=100)]


async def test_what_comes_while_one_is_written_down_takes_two_trips_together(tmp_path: Path) -> None:
    trips = Trips(held="record_all")
    async with rig(tmp_path, around=trips.around) as house:
        await keeps(house, GENERAL, *PLACES)
        trips.made.clear()
        first = asyncio.create_task(house.hearing.hear(Said(message=plain("one"))))
        await trips.reached.wait()
        others = asyncio.create_task(hears(house, [plain("two", place=place) for place in PLACES]))
        while trips.made.count("permissions") < 2:
            await house.store.fact("-")
        await house.store.fact("-")
        trips.gate.set()
        assert await others == [None] * 20
        await first
        assert sorted(trips.made) == ["permissions", "permissions", "record_all", "record_all"]
        assert [await kept(house, place) for place in PLACES] == [["two"]] * 20


async def test_one_alone_takes_two_trips(tmp_path: Path) -> None:
    trips = Trips()
    async with rig(tmp_path, around=trips.around) as house:
        await keeps(house, GENERAL)
        trips.made.clear()
        await house.hearing.hear(Said(message=plain("one")))
        assert trips.made == ["permissions", "record_all"]


async def test_many_at_once_are_kept_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await keeps(house, GENERAL)
        await hears(house, [plain(f"line {n}") for n in range(90)])
        assert await kept(house) == [f"line {n}" for n in range(90)]


async def test_one_that_cannot_be_written_down_fails_alone(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await keeps(house, GENERAL, *PLACES)
        broken = replace(said("when?", message_id="asked"), sent_at=START.replace(tzinfo=None))
        others = [plain("fine", place=place) for place in PLACES]
        assert await hears(house, [*others[:10], broken, *others[10:]]) == [None] * 21
        assert [await kept(house, place) for place in PLACES] == [["fine"]] * 20
        (told,) = [each for each in house.platform.standing.values() if each.reply_to == "asked"]
        assert told.text.startswith("Something went wrong on my side")


async def test_whoever_opts_out_before_it_is_written_down_is_not_kept(tmp_path: Path) -> None:
    trips = Trips(held="record_all")
    async with rig(tmp_path, around=trips.around) as house:
        await keeps(house, GENERAL)
        hearing = asyncio.create_task(hears(house, [plain("a swordfish"), plain("another swordfish")]))
        await trips.reached.wait()
        await house.store.save_consent(BEN.key, Consent(opted_out=True))
        trips.gate.set()
        await hearing
    assert not holds(tmp_path, "swordfish")


async def test_a_caller_that_gives_up_takes_nobody_along(tmp_path: Path) -> None:
    trips = Trips(held="record_all")
    async with rig(tmp_path, around=trips.around) as house:
        await keeps(house, GENERAL)
        first, second, third = (
            asyncio.create_task(house.hearing.hear(Said(message=plain(text)))) for text in ("one", "two", "three")
        )
        await trips.reached.wait()
        first.cancel()
        second.cancel()
        trips.gate.set()
        await third
        assert "three" in await kept(house)


# what comes again


async def test_a_question_that_was_edited_while_nobody_listened_becomes_a_correction_and_no_second_answer(
    tmp_path: Path,
) -> None:
    question = said("how high is teh tide?", message_id="q")
    edited = replace(question, text="how high is the tide at noon?", edited_at=START + timedelta(minutes=1))
    async with rig(tmp_path, ("Two metres.",)) as house:
        await house.says(question)
        await house.idle()
        for _ in range(3):
            await house.says(edited)
            await house.idle()
        (answer,) = [each for each in house.platform.standing.values() if each.reply_to == "q"]
        assert [action.label for action in answer.actions] == ["Answer again"]
        assert len(house.engine.prompts) == 1
        await house.says(said("thanks"))
        await house.idle()
        assert house.asked().count("at noon") == 1


async def test_an_overheard_message_that_comes_again_edited_reads_as_it_does_now(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await keeps(house, GENERAL)
        message = plain("a dolphin")
        await house.says(message)
        await house.says(replace(message, text="a porpoise", edited_at=START + timedelta(minutes=1)))
        await house.says(message)
        assert await kept(house) == ["a porpoise"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [({"place": PLACES[0]}, "foreign"), ({"author": ANA}, "foreign"), ({"text": "a swordfish"}, "reworded")],
)
async def test_an_id_that_comes_with_other_content_keeps_the_first_and_is_counted(
    tmp_path: Path, change: dict[str, object], kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig(tmp_path) as house:
        await keeps(house, GENERAL, PLACES[0])
        message = plain("a dolphin")
        await house.says(message)
        await house.says(replace(message, **change))  # pyright: ignore[reportArgumentType]
        assert await kept(house) == ["a dolphin"]
        assert await kept(house, PLACES[0]) == []
        assert house.counters.get("messages_conflicting_total", kind=kind) == 1
        assert house.engine.prompts == []
    assert ("id of another" in caplog.text) is (kind == "foreign")
    assert "dolphin" not in caplog.text
    assert "swordfish" not in caplog.text


async def test_the_same_message_from_two_sides_at_once_is_answered_once(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Yes.",)) as house:
        question = said("is it?", message_id="q")
        assert await hears(house, [question] * 5) == [None] * 5
        await house.idle()
        assert len(house.engine.prompts) == 1
        assert len([each for each in house.platform.standing.values() if each.reply_to == "q"]) == 1
