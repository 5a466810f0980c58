"""The judge of the torture finds what is wrong, and what is drawn from one seed is drawn again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.torture.journal import Journal
from benchmarks.torture.judge import Verdict, judge
from benchmarks.torture.ledger import Entry, Ledger
from benchmarks.torture.plan import Fate, Moment, Planned, draw
from benchmarks.torture.records import Row
from benchmarks.torture.town import Town
from benchmarks.torture.words import answer, asked_in
from tests.discord_server import Channel, DiscordServer, Message, User
from tests.discord_server.posting import Draft
from tests.ollama_server import OllamaServer

WORD, OTHER = "q000001abc", "q500001abc"
STOP = [{"type": 1, "components": [{"type": 2, "style": 2, "label": "Stop", "custom_id": "stop:1"}]}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    town: Town
    ledger: Ledger
    room: Channel
    ana: User

    async def asked(self, *, fate: Fate = Fate.NONE, word: str = WORD) -> Entry:
        message = await self.town.discord.say(self.room, self.ana, f"<@BOT> what of {word}?")
        return self.ledger.said(planned(word, fate=fate), message)

    def says(self, text: str, to: Message | None = None, *, half: bool = False) -> Message:
        """The bot."""
        body: dict[str, object] = {"content": text, "components": STOP if half else []}
        if to is not None:
            body["message_reference"] = {"message_id": str(to.id)}
        return self.town.discord.posting.send(self.room, self.town.discord.bot, Draft(body=body))

    def verdict(self, rows: Sequence[Row] = ()) -> Verdict:
        return judge(self.town, self.ledger, rows, kept_from=0 if rows else 1_000_000)


def planned(word: str, *, fate: Fate = Fate.NONE) -> Planned:
    return Planned(
        index=int(word[1:7]),
        word=word,
        other=OTHER,
        question=word.startswith("q"),
        room=0,
        author=0,
        long=False,
        fate=fate,
        gap=0,
        fate_after=0,
    )


@pytest.fixture
async def court(tmp_path: Path) -> AsyncGenerator[Court]:
    async with DiscordServer(rate_limits=False) as discord:
        guild = discord.add_guild()
        room, ana = guild.add_text_channel("general"), discord.add_user("ana")
        guild.add_member(ana)
        town = Town(discord=discord, engine=OllamaServer(), rooms=[room], people=[ana])
        with Journal(tmp_path / "journal.txt") as journal:
            ledger = Ledger(discord, journal, lambda entry, shown: entry.taken_away.append(shown.id))
            yield Court(town=town, ledger=ledger, room=room, ana=ana)


async def test_one_whole_answer_is_right(court: Court) -> None:
    entry = await court.asked()
    assert court.ledger.waiting
    court.says(f"-# a small line\n{answer(WORD, long=False)}", entry.message)
    assert not court.ledger.waiting
    assert court.verdict() == Verdict()


async def test_a_question_without_an_answer_is_lost(court: Court) -> None:
    await court.asked()
    assert len(court.verdict().lost) == 1


async def test_half_an_answer_is_none(court: Court) -> None:
    entry = await court.asked()
    court.says(f"As to {WORD}", entry.message, half=True)
    assert court.ledger.waiting
    assert len(court.verdict().lost) == 1


async def test_two_answers_are_one_too_many(court: Court) -> None:
    entry = await court.asked()
    for _ in range(2):
        court.says(answer(WORD, long=False), entry.message)
    assert len(court.verdict().duplicated) == 1


async def test_an_apology_beside_an_answer_is_too_much(court: Court) -> None:
    entry = await court.asked()
    court.says("Something went wrong.", entry.message)
    assert len(court.verdict().apologised) == 1
    court.says(answer(WORD, long=False), entry.message)
    assert (len(court.verdict().apologised), len(court.verdict().duplicated)) == (0, 1)


async def test_an_answer_that_a_person_deleted_must_not_come_again(court: Court) -> None:
    entry = await court.asked(fate=Fate.ANSWER_DELETED)
    await court.town.discord.delete(court.says(answer(WORD, long=False), entry.message))
    assert court.verdict() == Verdict()
    court.says(answer(WORD, long=False), entry.message)
    assert len(court.verdict().duplicated) == 1


async def test_another_questions_answer_is_mixed_up(court: Court) -> None:
    entry = await court.asked()
    court.says(answer("q000009xyz", long=False), entry.message)
    assert len(court.verdict().mixed) == 1


async def test_nobody_owes_an_answer_to_what_was_deleted_but_a_button_must_not_stay(court: Court) -> None:
    entry = await court.asked(fate=Fate.DELETED)
    await court.town.discord.delete(entry.message)
    assert court.verdict() == Verdict()
    court.says(f"As to {WORD}", half=True)
    assert len(court.verdict().duplicated) == 1


async def test_the_same_announcement_twice_is_one_too_many(court: Court) -> None:
    court.says("I am now keeping a transcript.")
    assert court.verdict() == Verdict()
    court.says("I am now keeping a transcript.")
    assert len(court.verdict().duplicated) == 1


async def test_a_transcript_holds_what_stands_there_as_it_reads_now(court: Court) -> None:
    said = await court.town.discord.say(court.room, court.ana, "nothing new about c000002abc")
    entry = court.ledger.said(planned("c000002abc"), said)

    def row(body: str | None) -> list[Row]:
        return [Row(id=str(said.id), body=body, pending=False)]

    assert court.verdict(row("about c000002abc")) == Verdict()
    assert len(court.verdict(row(None)).transcript_lost) == 1
    entry.edited = True
    assert len(court.verdict(row("about c000002abc")).transcript_stale) == 1
    await court.town.discord.delete(said)
    assert len(court.verdict(row(f"about {OTHER}")).transcript_undeleted) == 1
    assert court.verdict(row(None)) == Verdict()


def test_a_seed_draws_the_same_again_and_every_moment_occurs() -> None:
    first, again = (draw(7, messages=300, kills=500, rooms=30, talked_in=24, people=30) for _ in range(2))
    assert first == again
    assert {each.moment for each in first.kills} == set(Moment)
    assert len({each.word for each in first.messages}) == 300
    assert {each.room for each in first.messages[:30]} == set(range(30))


def test_a_prompt_asks_for_what_is_said_to_us_last() -> None:
    told = (
        "[INST](Overheard)\nBen (18:00): c000001abc\n(It is Monday. Ana says to you in #x:)\nAna: what of q000002abc?"
    )
    assert asked_in(f"[INST]q000001abc says to you[/INST]As to it</s>{told}[/INST]") == "q000002abc"
    assert asked_in("[INST]Sum up what q000001abc is.[/INST]") is None
