"""Catching up in the whole house: what people said, an engine, and what comes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bot.errors import EngineBroke
from bot.talk.event import Commanded
from bot.talk.message import Addressed, Attachment, Message, Person
from bot.talk.policy import Keep, Policy
from bot.talk.quoting import inline
from bot.talk.turn import Call
from tests.fakes import ANA, BEN, GENERAL, START, FakeEngine, said
from tests.rig import Rig, rig
from tests.rights import FakeRights

SAID = (
    "Shall we move the race to Friday?",
    "Yes, the race is on Friday at 18:00, I will book the boat",
    "Where do we meet?",
)

NINE = (
    ("Ana", "The slipway opens again on Monday at 9", "The slipway opens again on Monday at 9"),
    ("Bernd", "Ich hole morgen 40 Meter Tauwerk bei Hansen ab", "Bernd fetches 40 metres of rope at Hansen"),
    ("Chloé", "La réunion du club est déplacée au 12 mars à Cassis", "Chloé moved the meeting in Cassis to 12 March"),
    ("Diego", "El faro de Planier cuesta 8 euros por persona", "Diego says that Planier costs 8 euros"),
    ("Дмитрий", "Двигатель Yanmar починен, счёт 320 евро", "Дмитрий: the Yanmar is mended for 320 euros"),
    ("健太", "新しい桟橋は第4区画に決まりました、図面はA12です", "健太: the new pier goes to section 4, plan A12"),
    ("ليلى", "سجلنا 15 قاربا في سباق Frioul", "ليلى counts 15 boats for the Frioul race"),
    ("आशा", "नाव Mistral पर 6 जैकेट चाहिए", "आशा: 6 jackets are needed on the Mistral"),
    ("小林", "3号仓库的钥匙在Marius那里", "小林: Marius has the key of warehouse 3"),
)
"""Who said what, each in a language of their own, and what the model makes of it."""

STEPS = 12


@asynccontextmanager
async def harbour(folder: Path, engine: FakeEngine) -> AsyncGenerator[Rig]:
    rights = FakeRights(readers={GENERAL.key: [ANA.key, BEN.key]}, places=(GENERAL,))
    async with rig(folder, engine=engine, rights=rights) as house:
        await house.store.save_policy(GENERAL, Policy(keep=Keep.ALWAYS, announced=True))
        for number, text in enumerate(SAID, 1):
            at = START - timedelta(hours=3) + timedelta(minutes=number)
            message = said(text, by=BEN, message_id=f"m{number}", addressed=Addressed.NO, at=at)
            assert await house.store.record(message, keep=True)
        task = asyncio.create_task(house.plans.run())
        try:
            yield house
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def catch_up(house: Rig, by: Person = ANA, *, within: float = 12) -> str:
    """What the person is told, after so many seconds at most."""
    await house.hearing.hear(Commanded(name="catch-up", person=by, place=GENERAL, at=house.clock.now()))
    for _ in range(STEPS):
        await house.clock.advance(within / STEPS)
        told = [each for each in house.platform.shown.values() if each.conversation.only == by.key and each.final]
        if told:
            return told[0].text
    raise AssertionError("nothing was told")


async def test_points_of_the_model_are_told_with_links_and_what_nobody_said_is_not(tmp_path: Path) -> None:
    engine = FakeEngine(
        (
            "decided [2] The race is on Friday at 18:00\n"
            "todo [2] Ben books the boat\n"
            "open [3] Where do they meet?\n"
            "decided [9] The harbour closes on Sunday\n"
            "decided [1] The race costs 500 euros, says Zoe",
        )
    )
    async with harbour(tmp_path, engine) as house:
        text = await catch_up(house)
        assert "The race is on Friday at 18:00" in text
        assert "https://chat.example/general/m2" in text
        assert ["Sunday" in text, "500" in text] == [False, False]
        assert "3 messages by one person" in text
        (prompt,) = house.engine.prompts
        assert SAID[1] in "".join(piece.text for piece in prompt.pieces)


async def test_nine_languages_in_one_stretch_are_told_in_one_and_only_what_stands_in_them(tmp_path: Path) -> None:
    wrong = ("decided [5] The Yanmar engine costs 999 euros", "decided [6] The pier goes to section 7")
    points = [f"decided [{number}] {point}" for number, (_, _, point) in enumerate(NINE, 1)]
    async with harbour(tmp_path, FakeEngine(("\n".join([*points, *wrong]),))) as house:
        await house.store.delete_messages(GENERAL, ["m1", "m2", "m3"])
        for number, (name, text, _) in enumerate(NINE, 1):
            who = Person(platform="local", id=f"p{number}", name=name)
            at = START - timedelta(hours=2) + timedelta(minutes=number)
            message = said(text, by=who, message_id=f"n{number}", addressed=Addressed.NO, at=at)
            assert await house.store.record(message, keep=True)
        text = await catch_up(house)
        assert [point for _, _, point in NINE if inline(point) not in text] == []
        assert [f"general/n{number}>" in text for number in range(1, 10)] == [True] * 9
        assert ["999" in text, "section 7" in text] == [False, False]
        assert "9 messages by 9 people" in text


async def test_a_model_that_answers_in_prose_leaves_people_s_own_words_labelled(tmp_path: Path) -> None:
    prose = "Well, they talked about a race and I feel it was quite nice."
    async with harbour(tmp_path, FakeEngine(*[(prose,)] * 9)) as house:
        text = await catch_up(house)
        assert "Made without a model" in text
        assert "Ben: “Where do we meet?”" in text


async def test_an_engine_that_breaks_leaves_people_s_own_words_labelled(tmp_path: Path) -> None:
    async with harbour(tmp_path, FakeEngine(*[(EngineBroke(),)] * 99)) as house:
        text = await catch_up(house, within=300)
        assert "Made without a model" in text
        assert "Ben: “Where do we meet?”" in text


async def test_pictures_alone_are_named(tmp_path: Path) -> None:
    async with harbour(tmp_path, FakeEngine(("reading [1] Ben posted the picture chart.png",))) as house:
        await house.store.delete_messages(GENERAL, ["m1", "m2", "m3"])
        await house.store.record(picture(), keep=True)
        text = await catch_up(house)
        assert "one message by one person" in text
        assert "chart.png" in text


async def test_whoever_asks_the_model_what_they_missed_is_told_in_its_words(tmp_path: Path) -> None:
    call = Call(id="1", name="catch_up", arguments="{}")
    async with harbour(tmp_path, FakeEngine((call,), ("The race is on Friday.",))) as house:
        await house.says(said("what did I miss?", by=ANA, message_id="q"))
        await house.idle()
        assert "3 messages were sent by 1 people" in house.asked()
        assert "“Where do we meet?” (https://chat.example/general/m3)" in house.asked()


def picture() -> Message:
    chart = Attachment(id="f", name="chart.png", media_type="image/png", size=1, source="f")
    at = START - timedelta(hours=1)
    return said("", by=BEN, message_id="p1", addressed=Addressed.NO, at=at, attachments=(chart,))
