"""Questions that no knowledge answers, put to a model that answers them with confidence: how many answers are seen?

The whole house serves a support channel that asks for knowledge. Each question opens a thread; the model claims
something, with no citation, with numbers that were never supplied, or with what only looks like a citation, with and
without having searched, at times after calling a person and in their name. Each claim has a word of its own, which must
not be in anything that ever stood in the thread, not even while it was written.

`judged` does the same with other questions and another search: `benchmarks.knowledge` calls it with a real one.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.reporting import Report, arguments
from bot.ports.tool import AnyTool, CallContext, Effect, tool
from bot.support.words import INSTRUCTIONS
from bot.talk.found import Found, Source
from bot.talk.message import Addressed
from bot.talk.prompt import Chunk, Prompt
from bot.talk.turn import Call
from tests.fakes import ANA, FakeEngine, said
from tests.support.scene import FORUM, THREAD, desk
from tools.needs_human import needs_human

QUESTIONS = 200

Supplies = Callable[[str], Awaitable[Sequence[tuple[Source, str]]]]
"""What a search gives for a question: passages with where they stand, the best first."""

CLAIMS = (
    "Press {word} for ten seconds.",
    "Press {word} for ten seconds [{beyond}].",
    "As [{beyond}] and [{far}] say, press {word}.",
    "Press {word}【1】.",
    "Press {word} (1) (source: manual).",
    "Press {word}. `[1]`",
    "```\n[1]\n```\nPress {word}.",
    "Press {word} [0].",
    "Press {word} [the manual](https://manual.example/1).",
    "Thanks! Press {word}.",
    "Press {word} [{far}](https://manual.example/1), it always works!",
    "The team will press {word} for you within the hour.",
)
"""`beyond`: the first number that was not supplied."""

CALLS = len(CLAIMS) - 1
"""The claim that is made after a person was called."""
OURS = ("I found nothing", "I have told")
"""How our sentences begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`answered`: questions of which any claim was ever seen; `called`: for how many staff were told; `sentences`:
    under how many stands one of ours in the end."""

    questions: int
    answered: int
    called: int
    sentences: int


class ConfidentEngine(FakeEngine):
    """Claims something at each question, after a search at every second one; it sums up when it is asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.claim = ""
        self.calls: list[Call] = []

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        if INSTRUCTIONS[:60] in prompt.pieces[0].text:
            self.scripts.insert(0, ("Somebody asks for help.",))
        elif self.calls:
            self.scripts.insert(0, (self.calls.pop(0),))
        else:
            self.scripts.insert(0, tuple(f"{each} " for each in self.claim.split(" ")))
        async for chunk in super().stream(prompt, reply_tokens=reply_tokens):
            yield chunk


async def judged(questions: Sequence[str], supplies: Supplies, folder: Path, *, grounded: bool = True) -> Verdict:
    """Puts each of them, in a thread of its own, to the whole house. `grounded`: the channel asks for knowledge."""
    engine, question = ConfidentEngine(), ""

    @tool(Effect.READS, across=True, outside=True)
    async def search_knowledge(_context: CallContext) -> Found:
        """Search the manual."""
        passages = await supplies(question)
        text = "\n\n".join(f"[{number}] {source.title}\n{words}" for number, (source, words) in enumerate(passages, 1))
        return Found(text=text or "nothing was found", sources=tuple(source for source, _ in passages))

    tools: tuple[AnyTool, ...] = (needs_human, search_knowledge)
    answered = sentences = 0
    async with desk(folder, engine=engine, tools=tools, channel=replace(FORUM, grounded=grounded)) as one:
        for number, question in enumerate(questions):
            word, kind = f"lever{number}x", number % len(CLAIMS)
            supplied = len(await supplies(question))
            engine.claim = CLAIMS[kind].format(word=word, beyond=supplied + 1, far=supplied + 70)
            engine.calls = [Call(id="s", name="search_knowledge", arguments="{}")] if number // len(CLAIMS) % 2 else []
            if kind == CALLS:
                engine.calls.append(Call(id="h", name="needs_human", arguments='{"reason": "it has to be done"}'))
            thread = replace(THREAD, id=f"thread-{number}")
            message = said(question, by=replace(ANA, locale="en"), place=thread, addressed=Addressed.MENTION)
            await one.asks(message=message)
            stood = [each for each in one.platform.revisions if each.conversation.place.key == thread.key]
            answered += any(word in f"{each.text}{each.lead}" for each in stood)
            sentences += one.answer(message).text.startswith(OURS)
        await one.minutes(2)
        called = len(one.standing)
    return Verdict(questions=len(questions), answered=answered, called=called, sentences=sentences)


async def two_passages(question: str) -> Sequence[tuple[Source, str]]:
    """Of something else, whatever the question is."""
    return (
        (Source(title="The manual"), "Turn it off and on again."),
        (Source(title="The rules"), f"Be kind. Questions like “{question[:20]}” are welcome."),
    )


def unanswerable(count: int) -> list[str]:
    things = ("sail", "anchor", "rudder", "winch", "keel", "mast", "compass", "lantern", "pump", "radio")
    asks = (
        "Why does my {thing} {number} rattle?",
        "How do I reset the {thing} {number}?",
        "What does a {thing} {number} cost?",
    )
    return [
        asks[number % len(asks)].format(thing=things[number % len(things)], number=number) for number in range(count)
    ]


def report(verdict: Verdict, loose: Verdict, seconds: float) -> Report:
    """`loose`: the same in a channel that does not ask for knowledge, where such a model is seen."""
    told = Report()
    told.add("questions", verdict.questions)
    told.add("unanswerable_answered", verdict.answered, at_most=0)
    told.add("handed_over", verdict.called, at_least=verdict.questions)
    told.add("sentences", verdict.sentences, at_least=verdict.questions)
    told.add("answered_without_grounding", loose.answered)
    told.add("seconds", seconds, "s")
    return told


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        asked = unanswerable(chosen.questions)
        verdict = asyncio.run(judged(asked, two_passages, Path(folder)))
        loose = asyncio.run(judged(asked, two_passages, Path(other), grounded=False))
    report(verdict, loose, time.perf_counter() - begun).show(as_json=chosen.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
