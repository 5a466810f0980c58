"""A channel with a small window that fills up within a few questions, and what idle work made of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.agent.toolbox import Toolbox
from bot.ports.rights import Rights
from bot.settings import Settings
from bot.talk.message import Conversation
from bot.talk.prompt import Engine
from tests.fakes import GENERAL, FakeEngine, said
from tests.rig import Rig, rig

WINDOW, REPLY = 2000, 300
"""The fake engine counts words. Usable are 1,700; a cut is prepared from 1,445 on and keeps 510."""
WORDS = 100
FULL = 7
"""Questions of so many words, with their answers, after which the next cut is due."""
TALK = Conversation(place=GENERAL)
NOTES = (
    "Ana and Ben agreed to move the backups to the spare machine in the cellar and to check them on the first Monday "
    "of every month; the password of the router is still to be changed."
)


def small(*, host_words: int = 10_000) -> Engine:
    """An engine of that window that can hold so many words beside it."""
    return Engine(
        name="fake", model="fake", window=WINDOW, vision=True, tools=True, kv_bytes=1.0, host_cache_bytes=host_words
    )


@asynccontextmanager
async def talking(
    folder: Path,
    *scripts: tuple[object, ...],
    engine: FakeEngine | None = None,
    tending: bool = True,
    toolbox: Toolbox | None = None,
    persona: str = "You are Calanque.",
    rights: Rights | None = None,
) -> AsyncGenerator[Rig]:
    """The whole house with idle work; `scripts` are played by answers and summaries in the order in which they come."""
    settings = Settings()
    settings = settings.model_copy(
        update={"engine": settings.engine.model_copy(update={"window": WINDOW, "reply_tokens": REPLY})}
    )
    engine = engine or FakeEngine(*scripts, engine=small())  # pyright: ignore[reportArgumentType] # checked where played
    async with rig(
        folder, engine=engine, settings=settings, tending=tending, toolbox=toolbox, persona=persona, rights=rights
    ) as house:
        yield house


async def ask(house: Rig, number: int, *, words: int = WORDS, text: str = "") -> None:
    """One question, answered."""
    filler = " ".join([f"w{number}", *words_of(words - 1)])
    await house.says(said(f"question {number} {text} {filler}", message_id=f"q{number}"))
    await house.idle()


def words_of(count: int) -> list[str]:
    """So many words of plain English."""
    talk = (  # noqa: SIM905 - a sentence reads better than its words
        "the backups of the server are on the old machine in the cellar and somebody should check them every month "
        "because the password of the router was changed and nobody told the others about it on Monday"
    ).split()
    return [talk[number % len(talk)] for number in range(count)]


async def pause(house: Rig, seconds: float = 5) -> None:
    """Long enough for idle work to begin, and to its end unless something holds it."""
    await house.passes(seconds)


def answers(count: int) -> list[tuple[str]]:
    return [(f"<answer {number}> " + " ".join(words_of(WORDS)),) for number in range(count)]
