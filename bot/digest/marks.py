"""What of a text can be looked up letter by letter: links, quotations, numbers, names and technical terms. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.digest.spelled_out import ANYBODY, DATES, NUMBERS, REPORTING
from bot.talk.spelling import fold

LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}://[\w\[][^\s<>\"”»`]*")
_QUOTATION = re.compile(
    r"“([^“”]+)”|„([^„“”]+)[“”]|\"([^\"]+)\"|«([^«»]+)»|»([^«»]+)«|‹([^‹›]+)›|「([^「」]+)」|『([^『』]+)』"
    r"|(?<!`)`++([^`]+)`+|(?<![\w'])'([^'\n]{2,})'(?!\w)|(?<![\w‘])‘([^‘’\n]{2,})’(?!\w)"
)
_ELLIPSIS = re.compile(r"\s*(?:…|\.{3,}|\[…\]|\(…\))\s*")
_TRAILING = ".,;:!?…。、！？؟)]}>*_~"
_LEADING = "([{<*_~"
_NUMBER = re.compile(r"\d+(?:[.,:/'’]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,'’]\d{3})+")
_HALF_DAY = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s?([ap])\.?m\b")
_SENTENCE = ".!?:;—–-…。！？\"“„«»'‘(•"
_GERMAN = (
    "und nicht ein eine einen einem einer kein keine mit für auf zum zur dem bei nach auch sich wird werden "
    "kann aus wie "
    "oder dass der den ist sind sei soll möchte meint sagt fragt nennt beim vom über unter gegen ohne durch "
    "schon wenn weil"
)
_GERMAN_WORDS = frozenset(map(fold, _GERMAN.split()))
"""Where one of them stands, names cannot be told from other nouns."""
_PLAIN_PAIR = re.compile(r"[^\W\d_]+(?:[/.][^\W\d_]+)+", re.UNICODE)
_TECHNICAL = re.compile(r"[_@#=~\\]|\w[./:]\w|^[~/.-]+\w|[^\W\d_]\d|\d[^\W\d_]|[a-z][A-Z]")
_ADDRESSED = re.compile(
    "([\u4e00-\u9fff\u3005]{1,6}|[\u30a1-\u30ff]{2,12}|[A-Za-z0-9_]{2,30})(?:\u3055\u3093|\u304f\u3093|\u3061\u3083\u3093|\u6c0f)"
    "|([\uac00-\ud7af]{2,4}) ?(?:\uc528|\ub2d8)(?![\uac00-\ud7af]{2})"
)
"""Whoever is called with what stands behind a name in Japanese and Korean: san, kun, chan, shi; ssi, nim."""
_NOBODY = re.compile("[\u7686\u5ba2\u5965]$")  # all of you, guest, wife
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|er|re|e|ème|º|ª|°|h|%|x)")
_ABBREVIATION = re.compile(r"(?:\w\.){2,}\w?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """`quotations`: each in its parts, where words were left out between them. `numbers`: the groups of digits of each.
    `terms` and `names` are folded words; `dates` days and months; `first`: the first word, where it is one."""

    links: tuple[str, ...]
    quotations: tuple[tuple[str, ...], ...]
    numbers: tuple[tuple[int, ...], ...]
    terms: tuple[str, ...]
    names: tuple[str, ...]
    dates: tuple[str, ...]
    first: str = ""


def marks(text: str) -> Marks:
    """Of a point's text."""
    links = tuple(dict.fromkeys(links_of(text)))
    unlinked = LINK.sub(" ", text)
    quoted = [next(filter(None, found.groups())) for found in _QUOTATION.finditer(unlinked)]
    rest = _QUOTATION.sub(" ” ", unlinked)
    words = list(_words(rest))
    folded = [fold(word) for word, _ in words]
    german = not _GERMAN_WORDS.isdisjoint(folded)
    return Marks(
        links=links,
        quotations=tuple(parts for each in quoted if (parts := _parts(each))),
        numbers=tuple(groups for groups, _ in numbers_of(rest)),
        terms=(
            *(fold(part) for word, _ in words for part in _parted(word) if _is_technical(part)),
            *(fold(name) for found in _ADDRESSED.finditer(rest) if not _NOBODY.search(name := found[1] or found[2])),
        ),
        names=() if german else tuple(fold(word) for word, begins in words if not begins and _is_capitalised(word)),
        dates=tuple(DATES[word] for word in folded if word in DATES),
        first=folded[0] if _is_somebody(words, folded) else "",
    )


def links_of(text: str) -> Iterator[str]:
    """Addresses, less the punctuation behind them."""
    for found in LINK.finditer(text):
        address = found[0].rstrip(_TRAILING.replace("_", "").replace("~", ""))
        yield address + (")" if address.count("(") > address.count(")") else "")


def unquoted(text: str) -> str:
    """The text without quotation marks, so that it says in other words what it said."""
    return _QUOTATION.sub(lambda found: next(filter(None, found.groups())), text)


def numbers_of(text: str) -> Iterator[tuple[tuple[int, ...], bool]]:
    """Groups of digits as numbers, in any script's digits; and whether the moment or amount is another way to write one
    that stands there: 18 where 6 pm does."""
    folded = fold(text)
    for found in _NUMBER.finditer(folded):
        if _THOUSANDS.fullmatch(found[0]):
            yield (int(re.sub(r"\D", "", found[0])[:18]),), False
        else:
            groups = tuple(int(each[:18]) for each in re.findall(r"\d+", found[0]))
            yield (groups[:1] if ":" in found[0] and len(groups) == 2 and groups[1] == 0 else groups), False
    for found in _HALF_DAY.finditer(folded):
        hour = int(found[1]) % 12 + (12 if found[3] == "p" else 0)
        yield (hour, int(found[2])) if found[2] and int(found[2]) else (hour,), True


def spelled_numbers(folded_words: Iterator[str]) -> Iterator[int]:
    return (NUMBERS[word] for word in folded_words if word in NUMBERS)


def _parts(quotation: str) -> tuple[str, ...]:
    return tuple(part for each in _ELLIPSIS.split(quotation) if (part := each.strip().strip(_TRAILING).strip()))


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """What spaces part, less the punctuation around it; and whether a sentence begins with it."""
    begins = True
    for raw in text.split():
        word = raw.lstrip(_LEADING + _SENTENCE.replace(".", "").replace("-", "")).rstrip(_TRAILING + "\"'”’»“")
        opened = bool(raw) and raw[0] in _SENTENCE and raw[0] not in ".-"
        for mark in ("'s", "’s"):
            word = word.removesuffix(mark)
        if word:
            yield word, begins or opened
        begins = raw[-1] in _SENTENCE + "”" and not _ABBREVIATION.fullmatch(raw)


def _parted(word: str) -> list[str]:
    """A compound's parts: only some of them may be technical."""
    return [part for part in word.split("-") if part] if "/" not in word else [word]


def _is_somebody(words: list[tuple[str, bool]], folded: list[str]) -> bool:
    """Whether the first word stands for somebody who says or does something, as far as that shows."""
    return len(words) > 1 and _is_capitalised(words[0][0]) and folded[1] in REPORTING and folded[0] not in ANYBODY


def _is_technical(word: str) -> bool:
    if _ORDINAL.fullmatch(word) or _ABBREVIATION.fullmatch(word) or _PLAIN_PAIR.fullmatch(word):
        return "." in word and not _ABBREVIATION.fullmatch(word) and all(len(part) > 1 for part in word.split("."))
    return _TECHNICAL.search(word) is not None and not _NUMBER.fullmatch(word)


def _is_capitalised(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and any(each.islower() for each in word) and fold(word) not in DATES
