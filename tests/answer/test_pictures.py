"""Pictures in a conversation: very many, and some whose bytes went while somebody still looked at them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from bot.errors import EngineRefused
from bot.ports import ImageBytes
from bot.settings import Settings
from bot.talk.delivery import Delivery
from bot.talk.event import Deleted
from bot.talk.message import Attachment, Conversation
from bot.talk.prompt import Chunk, Engine, Prompt
from bot.talk.turn import Image, Line, Piece, Question, Reply, TurnState
from tests.fakes import BEN, GENERAL, START, FakeEngine, FakePlatform, said
from tests.rig import Rig, rig

CAT = Attachment(id="2", name="cat.png", media_type="image/png", size=5, source="cat")
WINDOW, REPLY = 3000, 300
TURNS, EACH = 10, 50


class Seeing(FakeEngine):
    """Refuses a prompt with a picture that is not kept any more, as every engine's adapter does."""

    images: ImageBytes | None = None

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        wanted = {image.digest for piece in prompt.pieces for image in piece.images}
        if self.images is not None and wanted - (await self.images.images(wanted)).keys():
            raise EngineRefused("a picture is not kept any more")
        async with aclosing(super().stream(prompt, reply_tokens=reply_tokens)) as chunks:
            async for chunk in chunks:
                yield chunk


def seeing(*scripts: tuple[object, ...]) -> Seeing:
    engine = Engine(name="fake", model="fake", window=WINDOW, vision=True, tools=True, kv_bytes=1.0)
    return Seeing(*scripts, engine=engine)  # pyright: ignore[reportArgumentType] # checked where played


def settings() -> Settings:
    engine = Settings().engine.model_copy(update={"window": WINDOW, "reply_tokens": REPLY})
    return Settings().model_copy(update={"engine": engine})


async def test_a_picture_that_went_with_another_message_while_it_was_looked_at_spoils_no_later_question(
    tmp_path: Path,
) -> None:
    platform, gate = FakePlatform(), asyncio.Event()
    platform.files = {"cat": b"IMAGE cat"}
    engine = seeing(("A cat.",), (gate, "The same cat."), ("Meow.",))
    async with rig(tmp_path, engine=engine, platform=platform) as house:
        engine.images = house.store
        first = said("what is it?", attachments=(CAT,))
        await house.says(first)
        await house.idle()
        await house.says(said("and this?", by=BEN, attachments=(CAT,)))
        while len(engine.prompts) < 2:
            await house.passes(1)
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=(first.id,)))
        gate.set()
        await house.platform.final("The same cat.")
        await house.says(said("what does it say?"))
        await house.platform.final("Meow.")
        assert "and this?" in house.asked()
        assert not any(piece.images for piece in engine.prompts[-1].pieces)


async def many_pictures(house: Rig) -> None:
    """A history that was written down with a larger window."""
    pictures = [
        Image(digest=f"d{number}", media_type="image/png", width=28, height=28) for number in range(TURNS * EACH)
    ]
    for picture in pictures:
        await house.store.save_image(picture, b"bytes")
    for turn in range(TURNS):
        message = said(f"album {turn}", message_id=f"q{turn}")
        await house.store.record(message, keep=True)
        opened = await house.store.open_turn(message, at=START)
        assert opened is not None
        shown = tuple(pictures[turn * EACH : (turn + 1) * EACH])
        line = Line(text=message.text, images=shown, message=message.id, author=message.author.key)
        parts = (Question(lines=(line,)), Reply(text="Nice."))
        none = Piece(text="", tokens=0, template="")
        await house.store.close_turn(
            opened.id,
            state=TurnState.DONE,
            delivery=Delivery(id=opened.delivery_id, conversation=Conversation(place=GENERAL), text="Nice."),
            parts=[(part, none) for part in parts],
            at=START,
        )


@pytest.mark.parametrize("tending", [False, True])
async def test_of_five_hundred_pictures_in_a_history_as_many_are_shown_as_fit(tmp_path: Path, tending: bool) -> None:
    engine = seeing(("Yes.",) * 3)
    async with rig(tmp_path, engine=engine, settings=settings(), tending=tending) as house:
        engine.images = house.store
        await many_pictures(house)
        await house.passes(5)
        for question in ("first", "second"):
            await house.says(said(question))
            await house.idle()
            await house.passes(5)
        assert house.counters.get("answers_total", outcome="done") == 2
        assert all(prompt.tokens <= WINDOW - REPLY for prompt in (*engine.prompts, *engine.warmed))
        assert 0 < sum(len(piece.images) for piece in engine.prompts[-1].pieces) < TURNS * EACH
        assert house.counters.get("prompt_count_total", result="under") == 0


async def test_of_five_hundred_attachments_to_one_message_the_first_are_read_and_the_asker_hears(
    tmp_path: Path,
) -> None:
    platform = FakePlatform()
    platform.files = {"cat": b"IMAGE cat"}
    async with rig(tmp_path, ("Cats.",), platform=platform) as house:
        await house.says(said("what are these?", attachments=(CAT,) * 500))
        shown = await house.platform.final("Cats.")
        assert shown.lead == "I can read 3 attachments per message; the others I left out."
        assert len(house.engine.prompts[0].pieces[-1].images) == 3
