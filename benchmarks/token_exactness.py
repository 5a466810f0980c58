"""Whether predicted prompt tokens are the engine's: generated chats, rendered as for Ollama, against real llama.cpp.

Every chat is split by llama.cpp's own tokenizer, whole, with the token that opens a prompt. Chats with pictures, and a
part of the others, are evaluated with a tiny model of Mistral Small 3.1's shape and real vocabulary, so that what is
compared is what an engine reports after a reply. In none may a text have become a control token.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.polyglot.chats import Chat, chat
from benchmarks.polyglot.languages import languages
from benchmarks.polyglot.rivals import Count, rivals
from benchmarks.reporting import Report, arguments, percentile
from bot.inference.tekken import CONTROL_TOKENS, Tekken
from bot.inference.template import assemble, piece
from bot.settings import ToolsPosition
from bot.talk.prompt import Prompt
from bot.talk.turn import Instructions, Part, Question, Reply, Results, Summary
from tests.inference.llama import LlamaCpp
from tests.models.fixtures import lent_models

SEED = 20261123
CHATS = 2000
WINDOW = 65_536
"""Tokens of the longest prompt that is evaluated; no generated chat with pictures comes near it."""

WORKERS = 2  # one asks the engine while the other makes the next chat

EVALUATED = 10
"""Of the chats without pictures every so many is evaluated, too, if it is no longer than LONGEST_EVALUATED tokens."""

LONGEST_EVALUATED = 2000


class Engine(Protocol):
    """What is asked of llama.cpp; `LlamaCpp` says what it means."""

    def tokens(self, text: str, *, opened: bool) -> list[int]: ...
    def prompt_tokens(self, prompt: str, pictures: Sequence[bytes]) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One chat. `real`: the engine's count; `forged`: the control tokens that it found are not those that we wrote."""

    chat: Chat
    predicted: int
    real: int
    rivals: Mapping[str, int]
    forged: bool
    evaluated: bool


@dataclass(slots=True)
class Tally:
    """How far one way of counting was off; tokens where nothing else is said."""

    chats: int = 0
    unequal: int = 0
    under: int = 0  # chats for which it said less than the engine
    max_under: int = 0
    max_over: int = 0
    shares: list[float] = field(default_factory=list[float])  # of the engine's count, by which it was off

    def add(self, predicted: int, real: int) -> None:
        self.shares.append(abs(predicted - real) / real)
        self.chats += 1
        self.unequal += predicted != real
        self.under += predicted < real
        self.max_under = max(self.max_under, real - predicted)
        self.max_over = max(self.max_over, predicted - real)


@dataclass(slots=True)
class Outcome:
    """All comparisons of a run, ours and the others', and what they were made on."""

    ours: Tally = field(default_factory=Tally)
    others: dict[str, Tally] = field(default_factory=dict[str, Tally])
    forged: int = 0
    evaluated: int = 0
    tokens: int = 0
    longest: int = 0
    languages: set[str] = field(default_factory=set[str])
    pictures: int = 0
    illustrated: int = 0
    with_tools: int = 0
    tools_last: int = 0

    def add(self, one: Comparison) -> None:
        self.ours.add(one.predicted, one.real)
        for name, count in one.rivals.items():
            self.others.setdefault(name, Tally()).add(count, one.real)
        self.forged += one.forged
        self.evaluated += one.evaluated
        self.tokens += one.real
        self.longest = max(self.longest, one.real)
        self.languages |= one.chat.languages
        self.pictures += len(one.chat.pictures)
        self.illustrated += bool(one.chat.pictures)
        self.with_tools += bool(one.chat.tools)
        self.tools_last += bool(one.chat.tools) and one.chat.position is ToolsPosition.LAST


def compare(each: Chat, engine: Engine, tekken: Tekken, others: Mapping[str, Count]) -> Comparison:
    """Render and count a chat as the adapter does, and ask the engine."""
    prompt = Prompt(pieces=tuple(piece(part, each.position, tekken) for part in each.parts))
    text, images = assemble(prompt.pieces)
    found = engine.tokens(_without_pictures(text, len(images)), opened=True)
    evaluated = bool(images) or (each.number % EVALUATED == 0 and len(found) <= LONGEST_EVALUATED)
    data = [each.pictures[image.digest] for image in images]
    return Comparison(
        chat=each,
        predicted=prompt.tokens,
        real=engine.prompt_tokens(text, data) if evaluated else len(found),
        rivals={name: count(text, images) for name, count in others.items()},
        forged=[token for token in found if token < len(CONTROL_TOKENS)] != skeleton(each.parts, each.position),
        evaluated=evaluated,
    )


def _without_pictures(text: str, count: int) -> str:
    for number in range(count):
        text = text.replace(f"[img-{number}]", "\n")
    return text


def skeleton(parts: Sequence[Part], position: ToolsPosition) -> list[int]:
    """The control tokens of a prompt of these parts, by what the format says and nothing that is in the parts."""
    names = [_controls(part) for part in parts]
    questions = [at for at, part in enumerate(parts) if isinstance(part, Question | Summary)]
    last = questions[-1] if questions and position is ToolsPosition.LAST else 1
    if any(isinstance(part, Instructions) and part.tools for part in parts):
        names.insert(last, ["[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]"])
    return [CONTROL_TOKENS.index(name) for each in names for name in each]


def _controls(part: Part) -> list[str]:
    match part:
        case Instructions():
            return ["<s>", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"]
        case Summary():
            return ["[INST]", "[/INST]", "</s>"]
        case Question():
            return ["[INST]", "[/INST]"]
        case Reply():
            return ["[TOOL_CALLS]", "</s>"] if part.calls else ["</s>"]
        case Results():
            return ["[TOOL_RESULTS]", "[/TOOL_RESULTS]"] * len(part.results)


def measure(
    make: Callable[[int], Chat], count: int, engine: Engine, tekken: Tekken, others: Mapping[str, Count]
) -> Outcome:
    """Compare that many; what differs is told at once, by the number with which it can be made again."""
    outcome = Outcome()

    def one_of(number: int) -> Comparison:
        return compare(make(number), engine, tekken, others)

    with ThreadPoolExecutor(WORKERS) as pool:
        for one in pool.map(one_of, range(count)):
            outcome.add(one)
            if one.predicted != one.real or one.forged:
                said = f"chat {one.chat.number}: predicted {one.predicted}, the engine counted {one.real}"
                print(said + (", and a text became a control token" if one.forged else ""), file=sys.stderr)
    return outcome


def report(outcome: Outcome) -> Report:
    made, ours = Report(), outcome.ours
    made.add("chats", ours.chats)
    made.add("unequal", ours.unequal, "chats", at_most=0)
    made.add("under", ours.under, "chats", at_most=0)
    made.add("max_under", ours.max_under, "tokens", at_most=0)
    made.add("max_over", ours.max_over, "tokens", at_most=0)
    made.add("forged", outcome.forged, "chats", at_most=0)
    made.add("evaluated", outcome.evaluated, "chats")
    made.add("tokens", outcome.tokens)
    made.add("longest", outcome.longest, "tokens")
    made.add("languages", len(outcome.languages))
    made.add("with_images", outcome.illustrated, "chats")
    made.add("images", outcome.pictures)
    made.add("with_tools", outcome.with_tools, "chats")
    made.add("with_tools_last", outcome.tools_last, "chats")
    for name, tally in outcome.others.items():
        made.add(f"{name}_unequal", tally.unequal, "chats")
        made.add(f"{name}_under", tally.under, "chats")
        made.add(f"{name}_max_under", tally.max_under, "tokens")
        made.add(f"{name}_max_over", tally.max_over, "tokens")
        made.add(f"{name}_off_p50", percentile(tally.shares, 0.5), "of the engine's count")
    return made


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--chats", type=int, default=CHATS, help="how many")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed makes other chats")
    given = parser.parse_args()
    if given.chats < 1:
        parser.error("--chats must be at least 1")
    prose = languages()
    models = lent_models()
    with closing(LlamaCpp(models.noise(), models.projector(), window=WINDOW)) as engine:
        outcome = measure(lambda number: chat(given.seed, number, prose), given.chats, engine, Tekken(), rivals())
    report(outcome).show(as_json=given.json)


if __name__ == "__main__":
    main()
