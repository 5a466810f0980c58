"""Whether messages say what a point says, decided by code that knows no language and trusts no model. Pure.

Two questions. Does everything that can be looked up letter by letter stand in the messages: each name, number, link and
quotation, each technical term? And do the words of the point point to these messages rather than to others: words that
are rare in the talk count most, and another message that has much more of them shows that the pointer is wrong. What is
told in another language is held by names, numbers and the words that both have; where nothing is common, it is not
supported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import log

from bot.digest.marks import LINK, Marks, links_of, marks, numbers_of, spelled_numbers
from bot.digest.spelled_out import DATES
from bot.talk.message import Message, QuoteKind
from bot.talk.spelling import fold, tokens, units

LINKED = "\0"
"""Before an address as a word."""
STEM = 5
"""Letters that words of one stem share; endings differ."""
STEM_WEIGHT = 0.7
"""What a common stem is worth beside a common word."""
COMMON = 0.1
"""Of the messages: a word that stands in more says nothing about any."""
ENOUGH = 40
"""Messages from which on it shows what is common."""
COMMON_WEIGHT = 0.1
SHORT_WORD, SHORT_WEIGHT = 3, 0.5
QUOTED_WEIGHT, NUMBER_WEIGHT, DIGIT_WEIGHT = 1.0, 0.5, 0.25
"""What a quotation, a number and a number of one digit are worth that stand in the messages."""
LEAST = 0.9
"""Weight of what is common without which nothing is held."""
LEAST_SHARE = 0.3
"""Of the weight of all its words that a point shares with its messages, where both speak one language."""
LEAST_BESIDE = 0.7
"""Of what the message that fits best has in common with the point."""
OWN_LANGUAGE = 0.55
"""Share of a point's words that the talk knows, from which on both speak one language."""
SPEAKERS_OF_A_WORD = 3
"""A name that so many people use as a word is one."""


class Talk:
    """The messages among which a point's sources are: who speaks there, which words are rare, what stands where."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = {message.id: message for message in messages}
        self._keys = {each.id: frozenset(_keys(_said(each))) for each in self._messages.values()}
        self._holders: defaultdict[str, list[str]] = defaultdict(list)
        for message, keys in self._keys.items():
            for key in keys:
                self._holders[key].append(message)
        self._names = self._named()

    def author_of(self, message: str | None) -> str:
        found = self._messages.get(message or "")
        return "" if found is None else found.author.name

    def knows(self, word: str) -> bool:
        return word in self._holders or _stem(word) in self._holders

    def names_in(self, text: str) -> set[tuple[str, ...]]:
        """Of those who speak there, as they are spelled."""
        spelled = units(text)
        return {
            name
            for at, unit in enumerate(spelled)
            for name in self._names.get(unit, ())
            if tuple(spelled[at : at + len(name)]) == name
        }

    def weight(self, key: str) -> float:
        """Up to 1, for what is said once."""
        count, held = len(self._messages), len(self._holders.get(key, ()))
        length = SHORT_WEIGHT if len(key) <= SHORT_WORD and key.isascii() and key.isalpha() else 1.0
        if count >= ENOUGH and held > count * COMMON:
            return COMMON_WEIGHT * length
        return length * log(1 + count / max(1, held)) / log(1 + count) if count else length

    def likeness(self, words: Sequence[str], held: frozenset[str]) -> float:
        """What words have in common with such keys."""
        return sum(self._shared(word, held) for word in words)

    def keys_of(self, sources: Iterable[Message]) -> frozenset[str]:
        return frozenset().union(*(self._keys.get(each.id) or frozenset(_keys(_said(each))) for each in sources))

    def best(self, words: Sequence[str]) -> float:
        """How much the message that fits best has in common with them."""
        scores: defaultdict[str, float] = defaultdict(float)
        for word in words:
            exact = set(self._holders.get(word, ()))
            weight = self.weight(word) if exact else 0.0
            for message in exact:
                scores[message] += weight
            stem = _stem(word)
            holders = self._holders.get(stem, ()) if stem else ()
            weight = STEM_WEIGHT * self.weight(stem) if holders else 0.0
            for message in holders:
                if message not in exact:
                    scores[message] += weight
        return max(scores.values(), default=0.0)

    def _shared(self, word: str, held: frozenset[str]) -> float:
        if word in held:
            return self.weight(word)
        stem = _stem(word)
        return STEM_WEIGHT * self.weight(stem) if stem and stem in held else 0.0

    def _named(self) -> dict[str, set[tuple[str, ...]]]:
        users: defaultdict[str, set[str]] = defaultdict(set)
        for message in self._messages.values():
            for word in units(message.text)[1:]:
                if word not in users or len(users[word]) < SPEAKERS_OF_A_WORD:
                    users[word].add(message.author.key)
        found: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
        for name in {message.author.name for message in self._messages.values()}:
            spelled = tuple(units(name))
            is_word = len(spelled) == 1 and name.islower() and len(users[spelled[0]]) >= SPEAKERS_OF_A_WORD
            if spelled and len("".join(spelled)) > 1 and not is_word:
                found[spelled[0]].add(spelled)
        return found


def supported(text: str, sources: Sequence[Message], talk: Talk | None = None) -> bool:
    """Whether the sources say what the point's text says. `talk`: the messages that they were chosen from."""
    if not sources or not text.strip():
        return False
    talk = talk or Talk(sources)
    told = marks(text)
    written = [_written(each, talk) for each in sources]
    names = talk.names_in(LINK.sub(" ", text))
    return _stands(told, written) and _speak(names, written) and _held(text, names, sources, talk, told)


def telling(text: str, sources: Sequence[Message], talk: Talk) -> tuple[Message, ...]:
    """The sources that say any of it, the most telling first."""
    names = talk.names_in(text)
    words = _content(text, names)
    worth = [(talk.likeness(words, talk.keys_of((each,))) + _spoken_by(names, each) / 2, each) for each in sources]
    return tuple(each for value, each in sorted(worth, key=lambda pair: -pair[0]) if value > 0)


def _spoken_by(names: set[tuple[str, ...]], message: Message) -> bool:
    return tuple(units(message.author.name)) in names


def _stands(told: Marks, written: Sequence[str]) -> bool:
    """Whether everything that can be looked up is there."""
    whole = "\n".join(written)
    folded = fold(whole)
    known = set(units(whole))
    stems = {_stem(word) for word in known}
    links = {link.casefold().rstrip("/") for each in written for link in links_of(each)}
    numbers = {groups for groups, _ in numbers_of(whole)} | {(each,) for each in spelled_numbers(iter(known))}
    dates = {DATES[word] for word in known if word in DATES}
    plain = [_plain(each) for each in written]
    return (
        all(link.casefold().rstrip("/") in links for link in told.links)
        and all(any(_quotes(quotation, each) for each in plain) for quotation in told.quotations)
        and all(_is_number(groups, numbers) for groups in told.numbers)
        and all(date in dates for date in told.dates)
        and all(_is_term(term, folded) for term in told.terms)
        and all(_is_name(name, known, stems) for name in told.names)
        and (not told.first or _is_name(told.first, known, stems))
    )


def _speak(names: set[tuple[str, ...]], written: Sequence[str]) -> bool:
    """Whether everybody who is named speaks or is named in them."""
    spelled = [units(each) for each in written]
    return all(
        any(tuple(each[at : at + len(name)]) == name for each in spelled for at in range(len(each))) for name in names
    )


def _held(text: str, names: set[tuple[str, ...]], sources: Sequence[Message], talk: Talk, told: Marks) -> bool:
    """Whether its words point to these messages."""
    words = _content(text, names)
    held = talk.keys_of(sources)
    common = talk.likeness(words, held) + _looked_up(told)
    if common < LEAST or common < LEAST_BESIDE * talk.best(words):
        return False
    known = [talk.knows(word) for word in words]
    if sum(known) < OWN_LANGUAGE * len(known):
        return True
    whole = sum(talk.weight(word) if talk.knows(word) else SHORT_WEIGHT for word in words)
    return common >= LEAST_SHARE * whole


def _looked_up(told: Marks) -> float:
    """The weight of what stands in the messages letter by letter."""
    digits = sum(DIGIT_WEIGHT if len(each) == 1 and each[0] <= 9 else NUMBER_WEIGHT for each in told.numbers)
    return QUOTED_WEIGHT * len(told.quotations) + digits


def _content(text: str, names: set[tuple[str, ...]]) -> list[str]:
    """Its words, each once, less the names of who speaks there."""
    apart = {unit for name in names for unit in name}
    return list(dict.fromkeys(word for word in _words(text) if word not in apart))


def _words(text: str) -> Iterator[str]:
    yield from (token for token in tokens(text) if len(token) > 1)
    yield from (f"{LINKED}{link.casefold()}" for link in links_of(text))


def _keys(text: str) -> Iterator[str]:
    for word in _words(text):
        yield word
        if stem := _stem(word):
            yield stem


def _stem(word: str) -> str:
    """ "" for a short word; an asterisk keeps it apart from words."""
    return f"{word[:STEM]}*" if len(word) >= STEM and word[0] != LINKED else ""


def _said(message: Message) -> str:
    """Not what it replies to: a point that tells of that has to name that message, so that it goes with it."""
    files = (each.name for each in message.attachments)
    carried = (f"{quote.author} {quote.text}" for quote in message.quotes if quote.kind is not QuoteKind.REPLIED)
    return "\n".join([message.text, *files, *carried])


def _written(message: Message, talk: Talk) -> str:
    """All that stands in it or above it: who speaks, and to whom."""
    return "\n".join([message.author.name, talk.author_of(message.reply_to), _said(message)])


def _plain(text: str) -> str:
    return " ".join(fold(text).replace("’", "'").replace("`", "'").split())


def _quotes(quotation: Sequence[str], plain: str) -> bool:
    """Whether its parts stand there, in their order, as whole words."""
    at = 0
    for part in quotation:
        wanted = _plain(part)
        at = plain.find(wanted, at)
        while at >= 0 and not _is_whole(plain, at, at + len(wanted)):
            at = plain.find(wanted, at + 1)
        if at < 0:
            return False
        at += len(wanted)
    return True


def _is_whole(plain: str, start: int, end: int) -> bool:
    """No word is torn, as far as spaces part them."""
    before, after = plain[start - 1 : start], plain[end : end + 1]
    return not (
        (before.isascii() and before.isalnum() and plain[start].isalnum())
        or (after.isascii() and after.isalnum() and plain[end - 1].isalnum())
    )


def _is_number(groups: tuple[int, ...], numbers: set[tuple[int, ...]]) -> bool:
    size = len(groups)
    return any(groups == each[at : at + size] for each in numbers for at in range(len(each) - size + 1))


def _is_term(term: str, folded: str) -> bool:
    return term in folded or term.replace("-", "").replace(" ", "") in folded.replace("-", "").replace(" ", "")


def _is_name(name: str, known: set[str], stems: set[str]) -> bool:
    return all(unit in known or (_stem(unit) in stems and bool(_stem(unit))) for unit in units(name))
