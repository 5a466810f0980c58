"""In which language people are answered, on real lines: with a channel's list of languages, and what they wrote before.

People keep to a language nine times in ten. Each message is identified as the program does it, restricted to what the
channel lists, with the person's last messages (as the program remembers them) as a prior. Beside it: the same library
without a list and without a prior, and others, on the same messages. `--tuning` measures on the half of the lines that
limits were chosen with.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random

from benchmarks.program import BenchmarkFailed
from benchmarks.reporting import Report, arguments
from benchmarks.tongues.lines import MEASURED, TUNED, fetched, read
from benchmarks.tongues.others import Guess, others
from benchmarks.tongues.people import Cut, Written, written
from bot.languages.identify import Identifier, Ranks
from bot.languages.model import ranks
from bot.ports.languages import HISTORY

SEED = 20261128
PEOPLE, EACH = 200, 25
UNLIKE = (
    ("en", "de", "es", "ru", "ja"),
    ("en", "fr", "pt", "zh", "tr"),
    ("en", "pl", "ko", "it", "ar"),
)
TWENTY = (
    (
        "en",
        "de",
        "fr",
        "es",
        "it",
        "pt",
        "nl",
        "pl",
        "ru",
        "uk",
        "tr",
        "sv",
        "cs",
        "hu",
        "ro",
        "ja",
        "ko",
        "zh",
        "ar",
        "vi",
    ),
)
SIBLINGS = (
    ("da", "no", "sv", "hr", "sl"),
    ("hr", "sr", "sl", "da", "no"),
    ("id", "ms", "da", "no", "sv"),
)
FIVE_AT_LEAST, TWENTY_AT_LEAST, SIBLINGS_AT_LEAST, SHORT_AT_LEAST = 0.99, 0.99, 0.985, 0.95
MOST_US = 200.0
TIMED = 1000
BATCHES = 7  # the fastest counts: what else the machine does is not ours
OTHERS = 500  # messages that others are asked about, of each kind


@dataclass(slots=True)
class Measured:
    ranks: Ranks
    lines: Mapping[str, Sequence[str]]
    asked: list[tuple[Written, Sequence[str]]] = field(default_factory=list[tuple[Written, Sequence[str]]])
    identifier: Identifier = field(init=False)

    def __post_init__(self) -> None:
        # Many messages are the same lines: their scores are worked out once.
        self.identifier = Identifier(lru_cache(maxsize=None)(self.ranks))

    def accuracy(self, channels: Sequence[Sequence[str]], cut: Cut, *, keep: bool = False) -> float:
        """`keep` the messages for the others."""
        right = total = 0
        for languages in channels:
            random = Random(SEED)
            before: dict[int, tuple[str, ...]] = {}
            for each in written(self.lines, languages, cut, people=PEOPLE, each=EACH, random=random):
                last = before.get(each.person, ())
                heard = self.identifier.heard(each.text, languages, before=last)
                if heard.sure:
                    before[each.person] = (*last, heard.language)[-HISTORY:]
                right += heard.language == each.language
                total += 1
                if keep and total % max(1, PEOPLE * EACH * len(channels) // OTHERS) == 0:
                    self.asked.append((each, languages))
        return right / total

    def us_per_message(self) -> float:
        messages = list(
            written(self.lines, UNLIKE[0], Cut.SIXTY, people=TIMED // EACH, each=EACH, random=Random(SEED + 1))
        )
        identifier, taken = Identifier(self.ranks), list[float]()
        for _ in range(BATCHES):
            begun = time.thread_time()
            for each in messages:
                identifier.heard(each.text, UNLIKE[0], before=("en", "en", "de", "en", "en"))
            taken.append(time.thread_time() - begun)
        return min(taken) / len(messages) * 1e6


def language(folder: Path, *, half: int = MEASURED, with_others: bool = True) -> Report:
    fetched(folder)
    measured, report = Measured(ranks(), read(folder, half)), Report()
    groups = {"5": UNLIKE, "20": TWENTY, "siblings": SIBLINGS}
    goals = {"5": FIVE_AT_LEAST, "20": TWENTY_AT_LEAST, "siblings": SIBLINGS_AT_LEAST}
    for name, channels in groups.items():
        found = measured.accuracy(channels, Cut.SIXTY, keep=with_others)
        report.add(f"accuracy_{name}", found, at_least=goals[name])
    report.add("accuracy_short", measured.accuracy(UNLIKE, Cut.WORDS), at_least=SHORT_AT_LEAST)
    report.add("us_per_message", measured.us_per_message(), "us", at_most=MOST_US)
    for name, channels in groups.items():
        report.add(f"accuracy_{name}_30", measured.accuracy(channels, Cut.THIRTY))
    for name, channels in (("20", TWENTY), ("siblings", SIBLINGS)):
        report.add(f"accuracy_{name}_short", measured.accuracy(channels, Cut.WORDS))
    if with_others:
        _others(folder, measured, report)
    return report


def _others(folder: Path, measured: Measured, report: Report) -> None:
    """What is not installable here is left out, and said so."""

    identifier = Identifier(measured.ranks)

    def alone(text: str, _: Sequence[str]) -> str:
        return identifier.of(text)[0]

    def listed(text: str, languages: Sequence[str]) -> str:
        return identifier.heard(text, languages).language

    guesses: dict[str, Callable[[], Guess]] = {"py3langid": lambda: alone, "py3langid_listed": lambda: listed}
    for name, make in {**guesses, **others(folder)}.items():
        try:
            guess = make()
        except (BenchmarkFailed, ImportError) as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
            continue
        begun = time.thread_time()
        right = sum(guess(each.text, languages) == each.language for each, languages in measured.asked)
        report.add(f"other_{name}", right / len(measured.asked))
        report.add(f"other_{name}_us", (time.thread_time() - begun) / len(measured.asked) * 1e6, "us")


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--tuning", action="store_true", help="on the half of the lines that limits were chosen with")
    parser.add_argument("--alone", action="store_true", help="without the others")
    options = parser.parse_args()
    with contextlib.suppress(BrokenPipeError), tempfile.TemporaryDirectory(prefix="calanque-language-") as folder:
        half = TUNED if options.tuning else MEASURED
        language(Path(folder), half=half, with_others=not options.alone).show(as_json=options.json)


if __name__ == "__main__":
    main()
