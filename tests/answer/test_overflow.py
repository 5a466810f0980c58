"""An engine that counts more than was predicted, and takes less, does not end a conversation for ever."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from bot.errors import ContextOverflow
from bot.settings import Settings
from bot.talk.message import Addressed
from bot.talk.prompt import Chunk, Engine, Prompt
from bot.talk.turn import Call
from tests.fakes import BEN, FakeEngine, said
from tests.rig import rig

WINDOW = 3000


class Narrow(FakeEngine):
    """Holds fewer tokens than it says, or counts each of them several times; it may say so when it overflows."""

    def __init__(self, *scripts: tuple[str | Call, ...], room: int, each: int = 1, telling: bool = False) -> None:
        engine = Engine(name="narrow", model="narrow", window=WINDOW, tools=True, exact=False)
        super().__init__(*scripts, engine=engine)
        self.room = room
        self.each = each
        self.telling = telling
        self.refused = 0
        self.too_large = ""  # a prompt that ends with a piece that begins so, overflows

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        counted = prompt.tokens * self.each
        if counted > self.room or (self.too_large and prompt.pieces[-1].text.startswith(self.too_large)):
            self.refused += 1
            if self.telling:
                raise ContextOverflow("too many", prompt_tokens=counted, window=self.room)
            raise ContextOverflow("too many")
        async with aclosing(super().stream(prompt, reply_tokens=reply_tokens)) as chunks:
            async for chunk in chunks:
                yield chunk


def small() -> Settings:
    settings = Settings()
    return settings.model_copy(
        update={"engine": settings.engine.model_copy(update={"window": WINDOW, "reply_tokens": 500})}
    )


@pytest.mark.parametrize("telling", [True, False])
async def test_a_conversation_that_overflows_is_cut_and_the_same_question_answered(
    tmp_path: Path, telling: bool
) -> None:
    scripts = [(f"<{number}> " + "word " * 200,) for number in range(8)]
    engine = Narrow(*scripts, room=2000, each=2, telling=telling)
    async with rig(tmp_path, engine=engine, settings=small()) as house:
        for number in range(8):
            await house.says(said(f"question {number}"))
            await house.platform.final(f"<{number}>")
            await house.idle()
        overflows = house.counters.get("prefix_breaks_total", cause="overflow")
        assert 1 <= overflows == engine.refused <= 4
        assert house.counters.get("prefix_breaks_total", cause="cut") == 0
        # What was cut stays cut: the next prompt begins with the last one.
        assert house.asked().startswith(house.asked(-2).split("</q>", maxsplit=1)[0])


async def test_an_overflow_in_mid_answer_is_told_and_asking_again_works(tmp_path: Path) -> None:
    call = Call(id="1", name="calculator", arguments='{"expression": "6*7"}')
    engine = Narrow(("word " * 600,), (call,), ("Done.",), room=10_000)
    async with rig(tmp_path, engine=engine, settings=small()) as house:
        await house.says(said("first"))
        await house.idle()
        await house.says(said("what is 6*7?"))
        engine.too_large = "<r>"
        await house.platform.final("Please ask again")
        await house.idle()
        assert house.counters.get("prefix_breaks_total", cause="overflow") == 1
        assert engine.refused == 1
        await house.says(said("what is 6*7, please?"))
        await house.platform.final("Done.")
        assert house.asked().split().count("word") < 100


async def test_a_question_that_overflows_by_itself_is_called_too_large(tmp_path: Path) -> None:
    engine = Narrow(("Yes.",), room=100)
    async with rig(tmp_path, engine=engine, settings=small()) as house:
        await house.says(said("word " * 300))
        await house.platform.final("more than I can read at once")
        await house.idle()
        assert engine.refused == 1
        await house.says(said("short"))
        await house.platform.final("Yes.")


async def test_what_was_overheard_makes_room_for_the_question_itself(tmp_path: Path) -> None:
    engine = Narrow(("Zero.",), ("Yes.",), room=10_000)
    async with rig(tmp_path, engine=engine, settings=small()) as house:
        await house.says(said("hello"))
        await house.platform.final("Zero.")
        for _ in range(6):
            await house.says(said("chatter " * 30, by=BEN, addressed=Addressed.NO))
        engine.room = 100
        await house.says(said("and now?"))
        await house.platform.final("Yes.")
