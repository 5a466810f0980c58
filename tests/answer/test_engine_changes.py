"""Another engine, another template, another window, other instructions: the past is rendered again, and still fits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import EngineUnreachable, ModelMissing
from bot.ports.tool import CallContext, Effect, tool
from bot.settings import Settings
from bot.talk.message import Addressed, Quote, QuoteKind
from bot.talk.prompt import Engine
from bot.talk.turn import Part, Piece
from tests.fakes import BEN, FakeEngine, said
from tests.rig import Rig, rig

DEMO = Engine(name="embedded", model="small", window=400, exact=True, demo=True)


def small(window: int, reply: int = 100) -> Settings:
    engine = Settings().engine.model_copy(update={"window": window, "reply_tokens": reply})
    return Settings().model_copy(update={"engine": engine})


async def asks(house: Rig, text: str) -> None:
    await house.says(said(text))
    await house.idle()


def breaks(house: Rig) -> dict[str, int]:
    return {
        dict(labels)["cause"]: count
        for (name, labels), count in house.counters.counts.items()
        if name == "prefix_breaks_total"
    }


def exact(house: Rig) -> bool:
    counts = house.counters.counts
    return not any(name == "prompt_count_total" and ("result", "equal") not in labels for name, labels in counts)


@pytest.mark.parametrize("away", [EngineUnreachable("refused"), ModelMissing("no model")])
async def test_the_demo_stands_in_labelled_and_leaves_the_conversation_as_it_would_have_been(
    tmp_path: Path, away: EngineUnreachable
) -> None:
    main = FakeEngine(("One.",), ("Four.",), ("Five.",))
    demo = FakeEngine(("Two.",), ("Three " + "word " * 200,), engine=DEMO, template="demo/1")
    async with rig(tmp_path, engine=main, demo=demo) as house:
        await asks(house, "first " + "word " * 290)
        main.away = away
        await house.clock.advance(100)
        for text in ("second", "third"):
            await asks(house, text)
        shown = await house.platform.final("Three")
        assert shown.lead.startswith("demo model")
        assert all(prompt.tokens <= 300 for prompt in demo.prompts)
        assert "first" not in "".join(piece.text for piece in demo.prompts[-1].pieces)
        main.away = None
        await house.clock.advance(100)
        for text in ("fourth", "fifth"):
            await asks(house, text)
        assert house.asked(1).startswith(house.asked(0) + "\nOne.")
        assert house.asked(2).startswith(house.asked(1) + "\nFour.")
        for text in ("first", "second", "third", "fourth"):
            assert text in house.asked(2)
        assert (await house.platform.final("Five.")).lead == ""
        assert breaks(house) == {}
        assert exact(house)


async def test_after_a_change_of_template_all_is_rendered_again_once_and_counted_once(tmp_path: Path) -> None:
    async with rig(tmp_path, engine=FakeEngine(("One.",), ("Two.",))) as house:
        await asks(house, "first")
        await asks(house, "second")
    later = FakeEngine(("Three.",), ("Four.",), template="fake/2")
    async with rig(tmp_path, engine=later) as house:
        await asks(house, "third")
        await asks(house, "fourth")
        assert all(piece.template == "fake/2" for prompt in later.prompts for piece in prompt.pieces)
        assert house.asked(1).startswith(house.asked(0) + "\nThree.")
        assert breaks(house) == {"model": 1}
        assert house.counters.get("pieces_rendered_again_total") == 4
        assert exact(house)


async def test_other_tools_or_another_persona_break_the_prefix_once_by_their_own_cause(tmp_path: Path) -> None:
    @tool(Effect.READS)
    async def tide(context: CallContext) -> str:
        """When the tide is."""
        return "six"

    async with rig(tmp_path) as house:
        await asks(house, "first")
    async with rig(tmp_path, tools=(tide,)) as house:
        await asks(house, "second")
        await asks(house, "third")
        assert breaks(house) == {"tools": 1}
        assert "tide" in house.asked()
        assert "first" in house.asked()


async def test_a_window_that_shrank_between_two_questions_is_kept_to(tmp_path: Path) -> None:
    async with rig(tmp_path, settings=small(2000)) as house:
        for number in range(5):
            await asks(house, f"question-{number} " + "word " * 200)
    shrunk = FakeEngine(engine=Engine(name="fake", model="fake", window=600, tools=True))
    async with rig(tmp_path, engine=shrunk, settings=small(2000)) as house:
        await asks(house, "and now?")
        assert shrunk.prompts[0].tokens <= 500
        assert "question-0" not in house.asked()
        assert breaks(house) == {"cut": 1}
        await asks(house, "go on")
        assert house.asked(1).startswith(house.asked(0))
        assert breaks(house) == {"cut": 1}


NOISE = {
    "many lines": "word " * 100,
    "scripts that cost a token a byte": "\u13a0\u13c1\ua500" * 400,
    "one enormous line": "wörd " * 4000,
}


class ByteEngine(FakeEngine):
    """A token a byte: no engine counts more."""

    async def render(self, part: Part) -> Piece:
        piece = await super().render(part)
        return replace(piece, tokens=len(piece.text.encode()))


@pytest.mark.parametrize("kind", NOISE)
async def test_however_noisy_a_channel_is_a_small_question_in_it_is_answered(tmp_path: Path, kind: str) -> None:
    engine = ByteEngine(
        ("One.",), ("Two.",), ("Three.",), engine=Engine(name="fake", model="fake", window=3000, exact=False)
    )
    async with rig(tmp_path, engine=engine, settings=small(3000, reply=300)) as house:
        await asks(house, "hello")
        for number in range(20):
            await house.says(said(f"{NOISE[kind]} {number}", by=BEN, addressed=Addressed.NO))
        await asks(house, "can you hear me?")
        await house.platform.final("Two.")
        await asks(house, "and now?")
        await house.platform.final("Three.")
        assert all(prompt.tokens <= 2700 for prompt in engine.prompts)


async def test_what_is_embedded_in_overheard_messages_counts_as_heard(tmp_path: Path) -> None:
    settings = small(3000)
    embed = Quote(kind=QuoteKind.EMBED, author="News", text="headline " * 400)
    async with rig(tmp_path, ("One.",), ("Two.",), settings=settings) as house:
        await asks(house, "hello")
        for _ in range(20):
            await house.says(said("", by=BEN, addressed=Addressed.NO, quotes=(embed,)))
        await asks(house, "what is new?")
        await house.platform.final("Two.")
        assert house.asked().count("headline") <= 400
        assert "One." in house.asked()


async def test_what_was_overheard_gives_way_where_the_guess_of_its_size_was_too_small(tmp_path: Path) -> None:
    engine = FakeEngine(("One.",), ("Two.",), engine=Engine(name="fake", model="fake", window=600, tools=True))
    async with rig(tmp_path, engine=engine, settings=small(600)) as house:
        await asks(house, "hello")
        for _ in range(20):
            # One word a token: far more tokens than a third of the bytes.
            await house.says(said("a b c d e f g h i j " * 20, by=BEN, addressed=Addressed.NO))
        await asks(house, "a b c " * 60)
        await house.platform.final("Two.")
