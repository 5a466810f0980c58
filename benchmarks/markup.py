"""Whether anything but words changes in a translation, whatever the model does: messages full of mentions, emoji, code,
links, timestamps and terms of a glossary, translated by a scripted model that is hostile most of the time.

It loses marks, doubles, renumbers, swaps, invents and unpacks them, adds pings, links and code, drops lines, talks,
stays silent, and goes on for ever. What comes out is judged by code of its own: what must stay is listed when a message
is made. Beside it: the same model asked with the texts as they are, as a bot does that trusts it.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.program import measure
from benchmarks.reporting import Report, arguments
from benchmarks.tongues.hostile import Hostile, naively
from benchmarks.tongues.messages import GLOSSARY, WORDS, Made, made
from bot.errors import TranslationFailed
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.languages.identify import Identifier
from bot.languages.scores import Scores, scored
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.settings import EngineSettings
from bot.talk.message import Conversation, Place
from bot.translate.translator import Translator

MESSAGES = 5000
LONGEST = 1800.0  # seconds of the whole benchmark
SEED = 20261128
HERE = Conversation(place=Place(platform="bench", id="here"))


@dataclass(slots=True)
class Judged:
    """`damaged`: messages in which something was lost or altered; `pings`: that ping what the text did not."""

    lost: int = 0
    altered: int = 0
    pings: int = 0

    def judge(self, source: Made, text: str) -> None:
        lost = any(text.count(each) < source.kept.count(each) for each in source.kept)
        prescribed = source.text.replace("Mistral", "Mistralwind")
        more = any(text.count(each) > prescribed.count(each) for each in set(source.kept))
        self.lost += lost
        self.altered += more or source.strangers(text) or "<x" in text
        self.pings += source.pings(text)


async def markup(count: int) -> Report:
    clock, counters = SystemClock(), MemoryCounters()
    engine = Hostile(seed=SEED)
    bounds = Bounds(slots=1, queue=10, queue_per_person=10, seconds=600)
    lanes = Lanes(engine, bounds, clock=clock, counters=counters)
    translator = Translator(
        Engines(lanes, None, demo_platforms=(), clock=clock, counters=counters),
        identifies=_identifies,
        glossary=GLOSSARY,
        settings=EngineSettings(),
        counters=counters,
    )
    ours, naive, failed, outcomes = Judged(), Judged(), 0, {"whole": 0}
    for number in range(count):
        source = made(SEED + number)
        naive.judge(source, naively(source.text, SEED + number))
        try:
            result = await translator.translated(
                source.text, to="de", source="en", conversation=HERE, names=source.names
            )
        except TranslationFailed:
            failed += 1
            continue
        outcomes["whole"] += 1
        ours.judge(source, result.text)
    report = Report()
    report.add("messages", count)
    report.add("lost", ours.lost, at_most=0)
    report.add("altered", ours.altered, at_most=0)
    report.add("pings", ours.pings, at_most=0)
    report.add("failed", failed)
    report.add("translated", outcomes["whole"])
    report.add("requests", engine.requests)
    report.add("hostile_replies", engine.hostile)
    report.add("baseline_lost", naive.lost)
    report.add("baseline_altered", naive.altered)
    report.add("baseline_pings", naive.pings)
    return report


async def _identifies() -> Identifier:
    """Of the few words that messages are made of: English ones, and their German translations."""
    english, german = frozenset(WORDS), frozenset(WORDS.values())

    def ranks(text: str) -> Scores:
        words = text.casefold().split()
        scores = {
            "en": 3.0 * sum(word.strip(".,!?") in english for word in words),
            "de": 3.0 * sum(word.strip(".,!?") in german for word in words),
        }
        return scored(scores)

    return Identifier(ranks)


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    options = parser.parse_args()
    measure(markup(options.messages), seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()
