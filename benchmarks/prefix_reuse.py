"""How many tokens an engine evaluates for a busy channel, for us and for what people would write instead.

Real logs are replayed: a turn every five messages, at the moments at which people wrote, through the whole program (its
store, lanes, turns and idle work) on a virtual clock, with an engine that counts exactly, keeps prefixes as llama.cpp
does and takes the time that a card would take. The words of the message after each turn stand for the reply.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from benchmarks.replay.cache import PrefixCache
from benchmarks.replay.engine import Asked, Costs, piece_of
from benchmarks.replay.house import HOST_CACHE, KV_BYTES, REPLY, Replay, replaying
from benchmarks.replay.logs import SAMPLE, Spoken, in_turns, read
from benchmarks.replay.peers import HalveWhenFull, Peer, Said, last_messages, newest_that_fit
from benchmarks.replay.real import RealEngine
from benchmarks.reporting import arguments, percentile
from bot.agent.persona import load_persona
from bot.inference.tekken import Tekken
from bot.inference.template import piece
from bot.settings import ToolsPosition
from bot.talk.event import Deleted, Edited
from bot.talk.event import Said as Heard
from bot.talk.message import Addressed, Message, Person
from bot.talk.turn import Instructions, Line, Question
from tests.models.llama import llama_server
from tests.models.tiny import write_text_model

SLICE_WINDOW, SLICE_REPLY, SLICE_TURNS = 8192, 1024, 150
"""Of the replay with real llama.cpp."""
TURN = 5
"""Messages from one question to the next."""
WINDOWS = (32_768, 131_072)
EDITS, DELETIONS = 0.01, 0.002
"""Shares of messages that are changed or deleted, in the run that has them."""
LATEST = 1000
"""Messages after which one is changed or deleted, at most; of every order of magnitude equally many."""
ANSWER_SECONDS = 3600.0
"""Of the virtual clock: longest wait for an answer before the run is called broken."""
NOTES = 25
"""Messages whose words stand for a summary of the model."""
SEED = 20261123


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One policy at one window."""

    policy: str
    window: int
    evaluated_per_new: float
    asker_p50: float
    asker_p99: float
    after_cut_max: float
    cuts: int
    mean_prompt: float
    by_cause: dict[str, int] | None = None
    edited: bool = False
    engine: str = "simulated"

    def as_json(self) -> dict[str, object]:
        shown: dict[str, object] = {name: getattr(self, name) for name in self.__slots__ if name != "by_cause"}
        return {key: round(value, 4) if isinstance(value, float) else value for key, value in shown.items()} | (
            {} if self.by_cause is None else {"by_cause": self.by_cause}
        )


async def ours(spoken: Sequence[Spoken], *, window: int, tekken: Tekken, folder: Path, changed: bool) -> Row:
    """The program itself."""
    async with replaying(folder, window=window, tekken=tekken) as replay:
        after_cut = await _replay(replay, spoken, changed=changed)
        cuts = replay.breaks().get("cut", 0)
    return _row("calanque", replay.engine.costs, window, after_cut, cuts, changed=changed)


async def on_llama(spoken: Sequence[Spoken], *, tekken: Tekken, folder: Path, turns: int = SLICE_TURNS) -> Row:
    """The program on a small window, each request carried out by real llama.cpp, whose own counters are believed."""
    model = folder / "tiny.gguf"
    await asyncio.to_thread(write_text_model, model)
    with llama_server(model, window=SLICE_WINDOW) as address:
        async with (
            httpx.AsyncClient(base_url=address) as client,
            replaying(folder, window=SLICE_WINDOW, tekken=tekken, reply=SLICE_REPLY, kind=RealEngine) as replay,
        ):
            engine = replay.engine
            assert isinstance(engine, RealEngine)
            engine.attach(client)
            after_cut = await _replay(replay, spoken[: turns * TURN + 1], changed=False)
            cuts = replay.breaks().get("cut", 0)
        row = _row("calanque", engine.costs, SLICE_WINDOW, after_cut, cuts, changed=False)
        said = sum(kind.generated for kind in engine.costs.kinds.values())
        asked = sum(one.new for one in engine.costs.asked) + engine.costs.of("asker").generated
        return replace(
            row,
            engine="llama.cpp",
            evaluated_per_new=(engine.reused.evaluated + said) / asked,
            by_cause={
                "requests": engine.reused.requests,
                "cache_n": engine.reused.cached,
                "prompt_n": engine.reused.evaluated,
                "expected": engine.reused.expected,
                "miscounted": engine.reused.miscounted,
            },
        )


async def _replay(replay: Replay, spoken: Sequence[Spoken], *, changed: bool) -> list[Asked]:
    """Every turn of the log; those that followed a cut."""
    after_cut: list[Asked] = []
    chance = random.Random(SEED)
    number = cuts = 0
    for group, reply in in_turns(spoken, TURN):
        replay.engine.reply = reply
        replay.engine.notes = [*replay.engine.notes, *(f"{said.nick}: {said.text}" for said in group)][-NOTES:]
        for at, said in enumerate(group):
            number += 1
            message = _message(replay, said, number, asks=at == TURN - 1)
            await replay.clock.until(said.at)
            await replay.house.hearing.hear(Heard(message=message))
            if changed:
                await _change(replay, spoken, number, chance)
        await replay.clock.until_done(replay.nobody_waits, limit=ANSWER_SECONDS)
        now = replay.breaks().get("cut", 0)
        if now > cuts:
            after_cut.append(replay.engine.costs.asked[-1])
            cuts = now
    return after_cut


async def _change(replay: Replay, spoken: Sequence[Spoken], number: int, chance: random.Random) -> None:
    """With its share of chance, somebody changes or deletes one of the last messages."""
    draw = chance.random()
    if draw >= EDITS + DELETIONS:
        return
    one = max(1, number - int(LATEST ** chance.random()) + 1)
    said = spoken[one - 1]
    if draw < DELETIONS:
        await replay.house.hearing.hear(Deleted(place=replay.place, message_ids=(str(one),)))
        return
    message = _message(replay, said, one, asks=one % TURN == 0)
    edited = Message(
        id=message.id,
        place=message.place,
        author=message.author,
        text=f"{message.text} (typo)",
        sent_at=message.sent_at,
        addressed=message.addressed,
        edited_at=replay.clock.now(),
    )
    await replay.house.hearing.hear(Edited(message=edited))


def _message(replay: Replay, said: Spoken, number: int, *, asks: bool) -> Message:
    return Message(
        id=str(number),
        place=replay.place,
        author=Person(platform=replay.place.platform, id=said.nick, name=said.nick),
        text=said.text,
        sent_at=said.at,
        addressed=Addressed.MENTION if asks else Addressed.NO,
    )


def _row(policy: str, costs: Costs, window: int, after_cut: Sequence[Asked], cuts: int, *, changed: bool) -> Row:
    waited = [one.read / one.new for one in costs.asked]
    said = costs.of("asker").generated
    evaluated = sum(kind.tokens + kind.generated for kind in costs.kinds.values())
    return Row(
        policy=policy,
        window=window,
        evaluated_per_new=evaluated / (sum(one.new for one in costs.asked) + said),
        asker_p50=percentile(waited, 0.5),
        asker_p99=percentile(waited, 0.99),
        after_cut_max=max((one.read / one.new for one in after_cut), default=0.0),
        cuts=cuts,
        mean_prompt=sum(one.whole for one in costs.asked) / len(costs.asked),
        by_cause=dict(costs.by_cause),
        edited=changed,
    )


def peers(spoken: Sequence[Spoken], *, window: int, tekken: Tekken) -> list[Row]:
    """What people would write, over the same messages and the same cache."""
    persona = load_persona(None, bot_name="Calanque")
    head = Said(piece(Instructions(persona=persona), ToolsPosition.FIRST, tekken).tokens)
    host = int(HOST_CACHE / KV_BYTES[window])
    kinds = {"newest-that-fit": newest_that_fit, "last-25": last_messages, "halve-when-full": HalveWhenFull()}
    made = [
        Peer(name=name, choose=choose, usable=window - REPLY, head=head, cache=PrefixCache(host))
        for name, choose in kinds.items()
    ]
    new = replied = 0
    for group, reply in in_turns(spoken, TURN):
        sizes = [_tokens(f"{said.nick}: {said.text}", tekken) for said in group]
        answer = piece_of(reply, tekken).tokens
        new, replied = new + sum(sizes), replied + answer
        for peer in made:
            peer.turn(sizes, answer)
    return [
        Row(
            policy=peer.name,
            window=window,
            evaluated_per_new=(peer.evaluated + replied) / (new + replied),
            asker_p50=percentile(peer.asked, 0.5),
            asker_p99=percentile(peer.asked, 0.99),
            after_cut_max=max(peer.after_cut, default=0.0),
            cuts=peer.cuts,
            mean_prompt=sum(peer.prompts) / len(peer.prompts),
        )
        for peer in made
    ]


def _tokens(text: str, tekken: Tekken) -> int:
    return piece(Question(lines=(Line(text=text),)), ToolsPosition.FIRST, tekken).tokens


async def measure(folder: Path, windows: Sequence[int]) -> list[Row]:
    """All rows, ours first at each window."""
    tekken = Tekken()
    await tekken.load()
    spoken = read(folder)
    rows: list[Row] = []
    for window in windows:
        for changed in (False, True):
            with tempfile.TemporaryDirectory(dir=_in_memory()) as place:
                rows.append(await ours(spoken, window=window, tekken=tekken, folder=Path(place), changed=changed))
            print(rows[-1].as_json(), file=sys.stderr)
        rows += peers(spoken, window=window, tekken=tekken)
    with tempfile.TemporaryDirectory(dir=_in_memory()) as place:
        rows.append(await on_llama(spoken, tekken=tekken, folder=Path(place)))
    return rows


def _in_memory() -> str | None:
    """A folder that takes no disk's time, where the system has one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--logs", type=Path, default=SAMPLE, help="folder of logs; by default the sample beside it")
    parser.add_argument("--window", type=int, action="append", choices=WINDOWS, help="only this window")
    given = parser.parse_args()
    rows = asyncio.run(measure(given.logs, given.window or WINDOWS))
    for row in rows:
        print(" ".join(f"{key}={value}" for key, value in row.as_json().items()))
    if given.json:
        print(json.dumps({"rows": [row.as_json() for row in rows]}))


if __name__ == "__main__":
    main()
