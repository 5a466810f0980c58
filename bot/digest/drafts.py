"""What a model may have meant by its answer, in whatever form: lines as asked for, lists under headings, JSON, broken
JSON, prose with numbers in brackets. Nothing is checked here. Pure; never raises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.digest.asking import NOTHING
from bot.talk.digest import Section
from bot.talk.spelling import fold

LONGEST_REPLY = 40_000
"""Characters of an answer that are read."""
LONGEST_LINE = 1500
"""Characters of what may become a point."""
MOST_LINES = 600
MOST_VALUES = 200
"""Places in an answer at which JSON may begin."""
LONGEST_RANGE = 8
"""Numbers from one to another, as [3-7]."""

_WORDS = {
    Section.DECIDED: (
        "decided decision decisions agreed solved resolved conclusion entschieden entscheidung entscheidungen "
        "beschlossen gelöst "
        "décidé décision décisions résolu decidido decisión decisiones resuelto decisões resolvido deciso "
        "decisioni risolto "
        "besloten beslissingen ustalono zdecydowano karar kararlar решено решения 決定 决定 已决定 결정 تقرر"
    ),
    Section.OPEN: (
        "open question questions unanswered unresolved offen offene frage fragen ouvert ouverte question "
        "ouvertes abierto abierta "
        "pregunta preguntas aberto pergunta perguntas aperto domanda domande vraag vragen otwarte pytania "
        "açık sorular "
        "открыто вопрос вопросы 未解決 質問 问题 未解决 待解决 질문 سؤال مفتوح"
    ),
    Section.TODO: (
        "todo to-do task tasks action actions next aufgabe aufgaben erledigen tâche tâches faire tarea tareas "
        "hacer tarefa tarefas "
        "fazer attività compiti fare taak taken zadania zadanie yapılacak yapılacaklar сделать задача задачи "
        "やること 待办 할일 مهام"
    ),
    Section.READING: (
        "reading read link links resources worth lesenswert lesen lire lecture liens leer lectura enlaces "
        "leitura ler lettura "
        "leggere lezen czytać okunacak okuma читать ссылки 読む 阅读 链接 읽기 قراءة"
    ),
}
_SECTIONS = {fold(word): section for section, words in _WORDS.items() for word in words.split()}
_NOISE = frozenset({"to", "do", "à", "a", "por", "zu", "da", "te", "the", "worth", "items", "list", "new", "key"})
_HEADING_WORDS = 5

_BULLET = re.compile(r"^\s*(?:[-*+•·–—▪◦>#]+\s*|\d{1,3}[.)]\s+)*")
_POINTER = re.compile(
    r"[\[【［]\s*(?:(?:messages?|lines?|numbers?|nos?\.?|#)\s*)*(?P<one>#?\d{1,6}(?:\s*(?:(?:[,;、，&]|and|und|et|y|e|-|–|—|to|bis)\s*)?#?(?<!\d)\d{1,6})*)\s*[\]】］]",
    re.IGNORECASE,
)
"""Reads no digits and no spaces in two ways: a model that goes on and on with numbers would take hours, else."""
_AT_END = re.compile(r"[(（]\s*#?(?P<one>\d{1,6}(?:\s*[,;、，–-]\s*#?\d{1,6})*)\s*[)）]\s*[.。]?\s*$")
_BARE = re.compile(r"^\s*#?(?P<one>\d{1,6}(?:\s*,\s*#?\d{1,6})*)\s*[:.)-]\s+")
_NUMBER = re.compile(r"(?P<dash>[-–—]|\bto\b|\bbis\b)?\s*#?(?P<number>\d{1,6})")
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_TEXTS = ("text", "point", "summary", "content", "description", "sentence", "title", "what")
_NUMBERS = (
    "numbers",
    "sources",
    "source",
    "messages",
    "message",
    "lines",
    "line",
    "refs",
    "references",
    "ids",
    "id",
    "number",
)
_KINDS = ("section", "type", "category", "kind", "label", "tag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`section` None: it was not said. `numbers` as they were given, whether there are such lines or not."""

    section: Section | None
    numbers: tuple[int, ...]
    text: str


def drafts(reply: str) -> Iterator[Draft]:
    """In the order of the answer."""
    text = _THOUGHT.sub("", reply[:LONGEST_REPLY])
    found = list(_of_json(text)) if '"' in text and ("{" in text or "[" in text) else []
    yield from found or _of_lines(text)


def section_of(words: str) -> Section | None:
    """Of a word or a heading in some language."""
    for word in re.split(r"[\s/:&,]+", fold(words.strip(" *_#:-–—.()[]"))):
        if word in _SECTIONS:
            return _SECTIONS[word]
        if word and word not in _NOISE:
            return None
    return Section.TODO if "to do" in fold(words) else Section.READING if "worth" in fold(words) else None


def _of_lines(text: str) -> Iterator[Draft]:
    section: Section | None = None
    for raw in text.splitlines()[:MOST_LINES]:
        whole = _BULLET.sub("", raw[:LONGEST_LINE]).strip()
        if not whole or whole.strip("*.").casefold() == NOTHING:
            continue
        pointed = _pointed(whole)
        if pointed is None:
            if len(whole.split()) <= _HEADING_WORDS and (named := section_of(whole)) is not None:
                section = named
                continue
            yield Draft(section=section, numbers=(), text=whole)
            continue
        numbers, words = pointed
        own, words = _sectioned(words)
        yield Draft(section=own or section, numbers=numbers, text=words)


def _pointed(line: str) -> tuple[tuple[int, ...], str] | None:
    """The numbers that a line points with, and the rest of it."""
    found = list(_POINTER.finditer(line))
    if found:
        numbers = [number for each in found for number in _numbers(each["one"])]
        return tuple(dict.fromkeys(numbers)), _POINTER.sub(" ", line)
    if (end := _AT_END.search(line)) is not None:
        return _numbers(end["one"]), line[: end.start()]
    head, _, rest = line.partition(" ")
    if section_of(head) is not None and (bare := _BARE.match(rest)) is not None:
        return _numbers(bare["one"]), f"{head} {rest[bare.end() :]}"
    return None


def _sectioned(words: str) -> tuple[Section | None, str]:
    """The section that stands in front, with a colon or as a word alone, and the rest."""
    words = words.strip().lstrip("*_ ")
    head, mark, rest = words.partition(":")
    if mark and _is_heading(head) and (named := section_of(head)) is not None:
        return named, rest.lstrip("*_ ").strip()
    head, _, rest = words.partition(" ")
    plain = head.strip("*_[]().-–—:")
    if plain and fold(plain) in _SECTIONS and (plain.islower() or head != plain or not plain.isascii()):
        return _SECTIONS[fold(plain)], rest.lstrip(" :–—-*_").strip()
    return None, words


def _is_heading(words: str) -> bool:
    """Whether it names a section and nothing else."""
    each = [word for word in re.split(r"[\s/:&,*_()-]+", fold(words)) if word]
    return 0 < len(each) <= _HEADING_WORDS and all(word in _SECTIONS or word in _NOISE for word in each)


def _numbers(pointer: str) -> tuple[int, ...]:
    found: list[int] = []
    for each in _NUMBER.finditer(pointer):
        number = int(each["number"])
        if each["dash"] and found and found[-1] < number <= found[-1] + LONGEST_RANGE:
            found += range(found[-1] + 1, number + 1)
        else:
            found.append(number)
    return tuple(dict.fromkeys(found))


def _of_json(text: str) -> Iterator[Draft]:
    decoder = json.JSONDecoder()
    at = 0
    for _ in range(MOST_VALUES):
        begin = min((found for mark in "{[" if (found := text.find(mark, at)) >= 0), default=-1)
        if begin < 0:
            return
        try:
            value, at = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError):
            at = begin + 1
            continue
        yield from _within(value, None, 0)


def _within(value: object, section: Section | None, depth: int) -> Iterator[Draft]:
    if depth > len(_KINDS):
        return
    if isinstance(value, list):
        for each in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _within(each, section, depth + 1)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, dict):
        fields = {str(key).casefold(): each for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        text = next((fields[key] for key in _TEXTS if isinstance(fields.get(key), str)), None)
        if isinstance(text, str):
            text = text[:LONGEST_LINE]
            kind = next((fields[key] for key in _KINDS if isinstance(fields.get(key), str)), "")
            numbers = next((fields[key] for key in _NUMBERS if key in fields), ())
            said = _pointed(text)
            pointed = _numbers(json.dumps(numbers)) or (said[0] if said else ())
            words = text if said is None else said[1]
            yield Draft(section=section_of(str(kind)) or section, numbers=pointed, text=words)
        else:
            for key, each in fields.items():
                yield from _within(each, section_of(key) or section, depth + 1)
