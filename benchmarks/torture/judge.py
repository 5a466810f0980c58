"""The verdict: what stands on Discord and in the database, against what people said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.torture.ledger import Entry, Ledger, grows
from benchmarks.torture.plan import Fate
from benchmarks.torture.records import Row
from benchmarks.torture.town import Town
from benchmarks.torture.words import QUESTION, answer, plain
from tests.discord_server import Channel, Message

AWAY = "I was away"
"""How the one notice begins that stands for every question before it that came too late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about one message. `words` find its story in the journal."""

    what: str
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class Verdict:
    """Each finding is a violation but `apologised`.

    lost: a question with neither answer nor apology. duplicated: more than one of them, an answer that came again
    after a person deleted it, or half an answer beside it. mixed: an answer with another question's word.
    """

    lost: list[Finding] = field(default_factory=list[Finding])
    duplicated: list[Finding] = field(default_factory=list[Finding])
    mixed: list[Finding] = field(default_factory=list[Finding])
    apologised: list[Finding] = field(default_factory=list[Finding])
    transcript_lost: list[Finding] = field(default_factory=list[Finding])
    transcript_stale: list[Finding] = field(default_factory=list[Finding])
    transcript_undeleted: list[Finding] = field(default_factory=list[Finding])


def judge(town: Town, ledger: Ledger, rows: Sequence[Row], *, kept_from: int) -> Verdict:
    """`kept_from`: every room keeps a transcript from the message with this index on."""
    verdict = Verdict()
    shown: dict[int, list[Message]] = defaultdict(list)
    notices: dict[int, int] = {}
    others: Counter[tuple[int, str]] = Counter()
    for room in town.rooms:
        for message in _ours(town, room):
            entry = ledger.asked(message)
            if entry is not None:
                shown[entry.message.id].append(message)
            elif AWAY in message.content:
                notices[room.id] = message.id
            else:
                others[room.id, message.content] += 1
    for (room_id, text), count in others.items():
        if count > 1:
            verdict.duplicated.append(Finding(what=f"{count} times in {room_id}: {text[:60]!r}"))
    for entry in ledger.entries.values():
        if entry.planned.question:
            late = notices.get(entry.message.channel.id, 0) > entry.message.id
            _question(verdict, entry, shown[entry.message.id], late=late)
    _transcript(verdict, ledger, rows, kept_from)
    return verdict


def _ours(town: Town, room: Channel) -> Iterable[Message]:
    return [each for _, each in sorted(room.messages.items()) if each.author is town.discord.bot and not each.announces]


def _question(verdict: Verdict, entry: Entry, shown: list[Message], *, late: bool) -> None:
    planned, words = entry.planned, entry.words

    def finding(what: str) -> Finding:
        seen = ", ".join(f"{each.id}{' (half)' if grows(each) else ''}: {each.content[:40]!r}" for each in shown)
        return Finding(what=f"{planned.word} ({entry.message.id}, {planned.fate}) {what}; shown: [{seen}]", words=words)

    strange = {found for each in shown for found in QUESTION.findall(each.content)} - {planned.word, planned.other}
    if strange:
        verdict.mixed.append(finding(f"is answered with {strange}"))
    if entry.taken_away:
        if shown:
            verdict.duplicated.append(finding(f"is answered although a person deleted {entry.taken_away}"))
        return
    text = plain("\n".join(each.content for each in shown))
    whole = sum(text.count(plain(answer(word, long=planned.long))) for word in words)
    messages = 2 if planned.long else 1
    if whole > 1 or (whole == 1 and len(shown) > messages):
        verdict.duplicated.append(finding(f"has {whole} answers in {len(shown)} messages"))
    elif whole == 0 and len(shown) > 1 and not planned.long:
        verdict.duplicated.append(finding(f"has {len(shown)} messages without a whole answer"))
    elif any(grows(each) for each in shown):
        kind = verdict.duplicated if whole or planned.fate is Fate.DELETED else verdict.lost
        kind.append(finding("keeps a Stop button"))
    elif planned.fate is Fate.DELETED or whole:
        return
    elif shown or late:
        verdict.apologised.append(finding("is apologised for"))
    else:
        verdict.lost.append(finding("has no answer"))


def _transcript(verdict: Verdict, ledger: Ledger, rows: Sequence[Row], kept_from: int) -> None:
    kept: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        kept[row.id].append(row)
    for entry in ledger.entries.values():
        planned, found = entry.planned, kept[str(entry.message.id)]
        if planned.index < kept_from:
            continue
        bodies = [row.body for row in found if row.body is not None]
        words = entry.words

        def finding(what: str, words: tuple[str, ...] = words, entry: Entry = entry) -> Finding:
            return Finding(what=f"{entry.planned.word} ({entry.message.id}, {entry.planned.fate}) {what}", words=words)

        if entry.message.deleted:
            if any(words[-1] in body or planned.word in body for body in bodies):
                verdict.transcript_undeleted.append(finding("is kept although it was deleted"))
        elif len(bodies) != 1:
            verdict.transcript_lost.append(finding(f"is kept {len(bodies)} times"))
        elif words[-1] not in bodies[0]:
            verdict.transcript_stale.append(finding("is kept as it read before its edit"))
