"""A digest without a model: what people said, cut out and named, chosen by what shows without understanding it.

Questions that nobody answered, answers that somebody was thankful for, decisions and promises by their usual words,
links and files. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from math import log

from bot.digest.cues import asks, decides, promises, thanks
from bot.digest.lines import Numbered, file_name, numbered, words
from bot.digest.marks import LINK, links_of
from bot.digest.merging import MOST
from bot.digest.reading import shortened, source
from bot.memory.transcribe import one_line
from bot.talk.digest import Length, Point, Section
from bot.talk.message import Message, QuoteKind
from bot.talk.spelling import fold, tokens

EXCERPT, SHORT_EXCERPT = 200, 120
"""Characters of somebody's words: alone, and of a question or an answer beside another."""
LEAST_WORDS, LEAST_PROMISED = 4, 6
"""Of a question, and of a promise, that others can understand; without spaces, so many pairs of characters."""
LOOKED_AHEAD = 60
"""Messages within which an answer comes, mostly."""
LOOKED_BACK = 40
"""Messages within which what is thanked for was said."""
LESS = 0.5
"""Of its worth is left to what others can do less with."""
FILES = 4
"""That are named of one message."""
FALLBACK = 3
"""Messages that are shown where nothing stands out."""
COUNTED = 200
"""Words of a message that count for how telling it is."""


def extracts(messages: Sequence[Message], *, length: Length = Length.NORMAL) -> tuple[Point, ...]:
    """In the order of their sections, in each the most telling first; at most as many of each as a whole digest has."""
    said = numbered(messages)
    talk = _Talk(said)
    found: defaultdict[Section, list[tuple[float, Point]]] = defaultdict(list)
    used: set[str] = set()
    for point, worth in talk.points():
        if point.sources[0].message not in used:
            used |= {each.message for each in point.sources}
            found[point.section].append((worth, point))
    if not found and said:
        found[Section.READING] = [(talk.weight(each), talk.quoted(Section.READING, each)) for each in said]
        found[Section.READING] = sorted(found[Section.READING], key=_by_worth)[:FALLBACK]
    return tuple(point for section in Section for _, point in sorted(found[section], key=_by_worth)[: MOST[length]])


def _by_worth(pair: tuple[float, Point]) -> float:
    return -pair[0]


class _Talk:
    """Who answers whom, and how telling each message is."""

    def __init__(self, said: Sequence[Numbered]) -> None:
        self._said = said
        self._frequency = Counter(word for each in said for word in set(_words(each.text)))
        self._names = {fold(one_line(each.message.author.name)): each.message.author.key for each in said}
        self._by_id = {each.message.id: each for each in said}
        self._to = [self._addressed(each) for each in said]
        self._links = Counter(link for each in said for link in set(links_of(each.message.text)))

    def points(self) -> Iterator[tuple[Point, float]]:
        """Pairs of question and answer before what is made of single messages."""
        for at, each in enumerate(self._said):
            if thanks(each.text) and (pair := self._thanked_for(at)) is not None:
                question, answer = pair
                yield self._answered(question, answer, each), self.weight(answer) + self.weight(question)
        for at, each in enumerate(self._said):
            section = self._section(at, each)
            if section is not None:
                yield self.quoted(section, each), self.weight(each) * self._share(section, at)
            elif each.message.attachments:
                yield self.quoted(Section.READING, each), self.weight(each) + 1

    def weight(self, each: Numbered) -> float:
        """More where it says more that is rare, less where it is long for what it says."""
        found = set(list(_words(each.text))[:COUNTED])
        rare = sum(log(1 + len(self._said) / self._frequency[word]) for word in found if word in self._frequency)
        return rare / (8 + len(found)) ** 0.5 + sum(log(self._links[link]) for link in links_of(each.message.text))

    def _share(self, section: Section, at: int) -> float:
        """Less for a bare link, and for what somebody is asked who is there."""
        bare = section is Section.READING and not _long_enough(LINK.sub(" ", self._said[at].text))
        return LESS if bare or (section is Section.OPEN and self._to[at] is not None) else 1.0

    def quoted(self, section: Section, each: Numbered) -> Point:
        name = one_line(each.message.author.name)
        files = [file_name(one) for one in each.message.attachments]
        more = [f"+{len(files) - FILES}"] if len(files) > FILES else []
        named = ", ".join([*files[:FILES], *more])
        own = shortened(words(each.message.text), EXCERPT) or shortened(words(_carried(each.message)), EXCERPT)
        said = _in_quotes(own) if own else ""
        text = f"{name}: {said} ({named})" if own and named else f"{name}: {said or named}"
        return Point(section=section, text=text, sources=(source(each.message),))

    def _answered(self, question: Numbered, answer: Numbered, thanked: Numbered) -> Point:
        asked = _in_quotes(shortened(words(question.message.text), SHORT_EXCERPT))
        told = _in_quotes(shortened(words(answer.message.text), EXCERPT))
        text = f"{one_line(question.message.author.name)}: {asked} – {one_line(answer.message.author.name)}: {told}"
        sources = tuple(source(each.message) for each in (answer, question, thanked))
        return Point(section=Section.DECIDED, text=text, sources=sources)

    def _section(self, at: int, each: Numbered) -> Section | None:
        text = each.message.text
        if each.message.author.bot:
            return Section.READING if LINK.search(text) else None
        long_enough = _long_enough(LINK.sub(" ", text))
        if asks(text):
            return Section.OPEN if long_enough and not self._is_answered(at) else None
        if long_enough and decides(text):
            return Section.DECIDED
        if _long_enough(text, LEAST_PROMISED) and promises(text):
            return Section.TODO
        return Section.READING if LINK.search(text) else None

    def _is_answered(self, at: int) -> bool:
        """Whether anybody speaks to whoever asked, soon after."""
        asked = self._said[at].message
        later = range(at + 1, min(len(self._said), at + 1 + LOOKED_AHEAD))
        return any(
            self._said[one].message.reply_to == asked.id
            or (self._to[one] == asked.author.key and self._said[one].message.author.key != asked.author.key)
            for one in later
        )

    def _thanked_for(self, at: int) -> tuple[Numbered, Numbered] | None:
        """The question and the answer that somebody is thankful for: the most telling that the same person said to
        them in between."""
        thanked = self._said[at]
        thankful = thanked.message.author.key
        if len(thanked.text) > SHORT_EXCERPT:
            return None
        answers: list[Numbered] = []
        for one in range(at - 1, max(-1, at - 1 - LOOKED_BACK), -1):
            each = self._said[one]
            if self._helps(one, thankful, answers[0].message.author.key if answers else self._to[at]):
                answers.append(each)
            elif answers and each.message.author.key == thankful and asks(each.message.text):
                return (each, max(answers, key=self.weight)) if _long_enough(each.text) else None
        return None

    def _helps(self, at: int, thankful: str, helper: str | None) -> bool:
        """`helper`: who it must be; None: anybody else."""
        each = self._said[at]
        by = each.message.author.key
        right = by != thankful if helper is None else by == helper
        return right and self._to[at] == thankful and _long_enough(each.text) and not asks(each.message.text)

    def _addressed(self, each: Numbered) -> str | None:
        """Whom it speaks to: whoever it replies to, or is named first."""
        replied = self._by_id.get(each.message.reply_to or "")
        if replied is not None:
            return replied.message.author.key
        first = each.message.text.split(maxsplit=1)[0] if each.message.text.strip() else ""
        return self._names.get(fold(one_line(first.strip("@,:;"))))


def _carried(message: Message) -> str:
    """Not what it replies to: that somebody else said there, who may have opted out."""
    return " ".join(quote.text for quote in message.quotes if quote.kind is not QuoteKind.REPLIED)


def _words(text: str) -> Iterator[str]:
    return (token for token in tokens(text) if len(token) > 1)


def _long_enough(text: str, least: int = LEAST_WORDS) -> bool:
    return sum(1 for _ in islice(_words(text), least)) == least


def _in_quotes(text: str) -> str:
    return f"“{text.replace('“', '‘').replace('”', '’')}”"
