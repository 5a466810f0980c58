"""What people said and what is shown to them, kept up as it happens: who still waits, and when something last moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from benchmarks.torture.journal import Journal
from benchmarks.torture.plan import Fate, Planned
from benchmarks.torture.words import LONG_LINES, QUESTION
from tests.discord_server import DiscordServer, Message
from tests.discord_server.world import Event

STOP = "stop:"
"""How the id of the Stop button begins."""


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """A message of a person, with what became of it. `taken_away`: ids of answers that a person deleted."""

    planned: Planned
    message: Message
    edited: bool = False
    taken_away: list[int] = field(default_factory=list[int])
    settled: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        return (self.planned.word, self.planned.other) if self.edited else (self.planned.word,)


class Ledger:
    """Listens to everything on the double. `shown` is called with each answer that is to be taken away."""

    def __init__(self, discord: DiscordServer, journal: Journal, shown: Callable[[Entry, Message], None]) -> None:
        self.entries: dict[int, Entry] = {}
        self.by_word: dict[str, Entry] = {}
        self.waiting: set[int] = set()
        """Ids of questions that nothing was said to yet but half an answer."""
        self.moved = 0.0
        """When a message of ours last came, changed or went."""
        self._bot = discord.bot
        self._journal = journal
        self._shown = shown
        discord.world.listeners.append(self._heard)

    def said(self, planned: Planned, message: Message) -> Entry:
        entry = Entry(planned=planned, message=message)
        self.entries[message.id] = entry
        for word in (planned.word, planned.other):
            self.by_word[word] = entry
        if planned.question:
            self.waiting.add(message.id)
        self._journal.note(
            f"{message.author.name} says {planned.word} ({message.id}) in {message.channel.name}", planned.word
        )
        return entry

    def deleted(self, entry: Entry) -> None:
        self.waiting.discard(entry.message.id)

    def asked(self, message: Message) -> Entry | None:
        """The question that a message of ours answers: it replies to it, or holds its word."""
        if message.referenced is not None:
            return self.entries.get(message.referenced.id)
        found = QUESTION.search(message.content)
        return self.by_word.get(found[0]) if found else None

    def _heard(self, event: Event) -> None:
        message = event.message
        if message is None or message.author is not self._bot:
            if event.name == "MESSAGE_DELETE":
                self.moved = monotonic()
            return
        self.moved = monotonic()
        entry = self.asked(message)
        half = grows(message) or (entry is not None and entry.planned.long and begins_only(message.content))
        verb = "come" if event.name == "MESSAGE_CREATE" else "change"
        line = f"ours {verb}s ({message.id}, {'half' if half else 'whole'}): {message.content[:60]!r}"
        self._journal.note(line, *(() if entry is None else (entry.planned.word,)))
        if entry is None:
            return
        if not half:
            entry.settled = True
            self.waiting.discard(entry.message.id)
        if entry.planned.fate is Fate.ANSWER_DELETED and not entry.taken_away:
            entry.taken_away.append(message.id)
            self._shown(entry, message)


def grows(message: Message) -> bool:
    """Whether it has a Stop button: the answer is not whole yet."""
    return any(str(button.get("custom_id", "")).startswith(STOP) for button in message.buttons)


def begins_only(content: str) -> bool:
    """Whether it is a long answer without its last line: between its messages there is a moment without a button."""
    return QUESTION.search(content) is not None and f"{LONG_LINES}. On " not in content
