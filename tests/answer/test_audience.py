"""What was said elsewhere stays in a conversation's prompt only as long as nobody more can read the answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bot.agent.toolbox import Toolbox
from bot.errors import EngineBroke
from bot.ports.rights import Rights
from bot.ports.tool import CallContext, Effect, tool
from bot.talk.message import Conversation, Message, Person
from bot.talk.turn import Call
from tests.fakes import ANA, BEN, GENERAL, FakePlatform, said
from tests.rig import Rig, rig
from tests.rights import FakeRights
from tests.tend.talking import WORDS, pause, talking

SECRET = "the key is under the mat"
TALK = Conversation(place=GENERAL)


@tool(Effect.READS, across=True)
async def elsewhere(_context: CallContext) -> str:
    """Look elsewhere."""
    return SECRET


@tool(Effect.READS)
async def inside(_context: CallContext) -> str:
    """Look here."""
    return "nothing special"


@dataclass(slots=True)
class Readers:
    """Who can read the channel, as a test changes it."""

    keys: set[str] = field(default_factory=lambda: {ANA.key})

    @property
    def rights(self) -> Rights:
        return FakeRights(readers={GENERAL.room: self.keys})


def looks(name: str = "elsewhere") -> tuple[object, ...]:
    return (Call(id="c1", name=name, arguments="{}"),)


async def ask(house: Rig, text: str, *, by: Person = ANA) -> Message:
    message = said(text, by=by)
    await house.says(message)
    await house.idle()
    return message


def breaks(house: Rig) -> float:
    return house.counters.get("prefix_breaks_total", cause="audience")


async def test_a_wider_audience_cuts_what_was_said_elsewhere_out_of_the_prompt(tmp_path: Path) -> None:
    readers = Readers()
    scripts = (looks(), (f"I found: {SECRET}.",), ("Yes.",), ("Well.",), ("So.",))
    async with rig(tmp_path, *scripts, tools=(elsewhere,), rights=readers.rights) as house:
        await ask(house, "where is the key?")
        await ask(house, "really?")
        assert SECRET in house.asked(), "nobody more can read it"
        assert breaks(house) == 0
        readers.keys.add(BEN.key)
        await ask(house, "what did you find?", by=BEN)
        assert SECRET not in house.asked()
        assert "really?" not in house.asked()
        assert breaks(house) == 1
        await ask(house, "and now?")
        assert house.asked().startswith(house.asked(-2))
        assert breaks(house) == 1


async def test_a_wider_audience_changes_nothing_where_only_this_conversation_was_looked_at(tmp_path: Path) -> None:
    readers = Readers()
    async with rig(tmp_path, looks("inside"), ("Here.",), ("Yes.",), tools=(inside,), rights=readers.rights) as house:
        await ask(house, "what is here?")
        readers.keys.add(BEN.key)
        await ask(house, "really?", by=BEN)
        assert "what is here?" in house.asked()
        assert breaks(house) == 0


async def test_an_audience_that_is_not_known_is_not_told_again(tmp_path: Path) -> None:
    async with rig(tmp_path, looks(), ("There.",), ("Yes.",), tools=(elsewhere,)) as house:
        await ask(house, "where is the key?")
        await ask(house, "really?")
        assert SECRET not in house.asked()
        assert breaks(house) == 1


async def test_who_joins_between_the_prompt_and_its_answer_is_noticed_by_the_next_question(tmp_path: Path) -> None:
    readers = Readers()

    @tool(Effect.READS, across=True)
    async def elsewhere(_context: CallContext) -> str:
        """Look elsewhere; meanwhile somebody joins."""
        readers.keys.add(BEN.key)
        return SECRET

    async with rig(tmp_path, looks(), ("There.",), ("Yes.",), tools=(elsewhere,), rights=readers.rights) as house:
        await ask(house, "where is the key?")
        await ask(house, "really?", by=BEN)
        assert SECRET not in house.asked()


async def test_what_was_found_for_fewer_is_not_seen_by_those_who_come_back(tmp_path: Path) -> None:
    """Somebody could read when the question was put together, not when it was looked up, and can again."""
    readers = Readers(keys={ANA.key, BEN.key})

    @tool(Effect.READS, across=True)
    async def elsewhere(_context: CallContext) -> str:
        """Look elsewhere, when Ben has just been shut out."""
        readers.keys.discard(BEN.key)
        return SECRET

    async with rig(tmp_path, looks(), ("There.",), ("Yes.",), tools=(elsewhere,), rights=readers.rights) as house:
        await ask(house, "where is the key?")
        readers.keys.add(BEN.key)
        await ask(house, "really?", by=BEN)
        assert SECRET not in house.asked()


async def test_who_joins_while_an_answer_waits_for_its_engine_is_noticed_by_the_next_question(tmp_path: Path) -> None:
    """The answer goes on with what its tools gave before, in a prompt that is composed anew."""
    readers = Readers()

    @tool(Effect.READS, across=True)
    async def elsewhere(_context: CallContext) -> str:
        """Look elsewhere; meanwhile somebody joins."""
        readers.keys.add(BEN.key)
        return SECRET

    scripts = (looks(), (EngineBroke("away"),), ("There.",), ("Yes.",))
    async with rig(tmp_path, *scripts, tools=(elsewhere,), rights=readers.rights) as house:
        message = said("where is the key?")
        await house.says(message)
        await house.passes(30)
        await house.idle()
        await ask(house, "really?", by=BEN)
        assert SECRET not in house.asked()


async def test_no_summary_brings_back_what_was_cut_out(tmp_path: Path) -> None:
    """Neither the one that stood there, nor one that is made of what was cut, with or without the model."""
    readers = Readers()
    long = " ".join(["word"] * WORDS)
    scripts = (looks(), (f"I found: {SECRET}. {long}",), *[(long,)] * 40)
    toolbox = Toolbox((elsewhere,), seconds=5, chars=3000, calls=4)
    async with talking(tmp_path, *scripts, toolbox=toolbox, rights=readers.rights) as house:
        await ask(house, "where is the key?")
        for number in range(8):
            await ask(house, f"question {number} {long}")
        await pause(house)
        assert (await house.store.ledger(TALK)).summary is not None
        readers.keys.add(BEN.key)
        before = len(house.engine.prompts)
        for number in range(12):
            await ask(house, f"later {number} {long}", by=BEN)
            await pause(house)
        later = [piece.text for prompt in house.engine.prompts[before:] for piece in prompt.pieces]
        assert not [text for text in later if SECRET in text]
        assert (await house.store.ledger(TALK)).cut_before


async def test_a_restart_does_not_forget_for_whom_it_was(tmp_path: Path) -> None:
    readers = Readers()
    async with rig(tmp_path, looks(), ("There.",), tools=(elsewhere,), rights=readers.rights) as house:
        await ask(house, "where is the key?")
    readers.keys.add(BEN.key)
    platform = FakePlatform()
    async with rig(tmp_path, ("Yes.",), platform=platform, tools=(elsewhere,), rights=readers.rights) as house:
        await ask(house, "really?", by=BEN)
        assert SECRET not in house.asked()
