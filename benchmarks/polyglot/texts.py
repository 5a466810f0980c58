"""What people, models and tools write in one generated chat, in several languages and of every kind."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from random import Random

from benchmarks.polyglot import hostile

CODE = (
    'def moor(ship: Ship, *, at: float = 0.5) -> None:\n    """{0}"""\n    return {{**ship, "at": at}}  # {1}\n',
    'fn main() {{\n\tlet s = String::from("{0}");\n\tprintln!("{{s:?}} {1}");\n}}\n',
    "SELECT id, name FROM ports WHERE name LIKE '%{0}%' -- {1}\nORDER BY 1 DESC LIMIT 10;",
    "<div class=\"x-{1}\" data-k='{0}'>&nbsp;<br/></div><!-- [if IE] -->",
    "#include <vector>\nint main(){{auto v=std::vector<int>{{1,2,3}};/* {0} */return v[0]<<2;}}//{1}",
    "@@ -1,3 +1,4 @@\n-old/path/{0}\n+new//path/{1}\n\n\n \n/////",
    "2026-11-23T18:00:{1}Z ERROR [worker-{1}] Traceback: {0}\n\tat a.b.C$D.<init>(E.java:{1})",
    "$ curl -sS 'https://a.example/{1}?q={0}&x=%5BINST%5D#f' | jq '.[] | select(.a != null)'",
    "| # | {0} |\n|--:|:--|\n| {1} | ~~x~~ ||y|| |\n",
    "x = {1}; y=0x{1}; z = 1e-{1}; ½ Ⅷ ² ٣٤٥ १२३ 1,000,000.00 €{1}",
)
CHATTER = (
    "lol xDDD :joy: ;-) ^^ ?!?!… \\o/",
    "@everyone @here <@{0}> <#{0}>",
    "[12:34] <nick> brb",
    "iPhone XMLHttpRequest ǅungla ŉ ﬁ",
    "**bold** _it_ `x` > q\n- a\n  1. b",
    "https://docs.example/a_b-c/?d=e&f[]=g#h{0}",
    "C:\\Users\\{0}\\Desktop",
)
SPOKEN = [
    "en",
    "fr",
    "de-1996",
    "es",
    "pt-BR",
    "it",
    "ja",
    "ko",
    "ru",
    "zh",
    "ar",
    "fa",
    "id",
    "zlm-Latn",
    "ne",
    "pl",
    "ro",
    "sr-Cyrl",
    "sv",
    "tr",
    "uk",
    "vi",
    "hi",
    "bn",
]
"""Tags of the languages that Mistral Small 3.1 is said to speak."""

MOSTLY_SPOKEN = 0.7  # share of languages that are drawn from those, not from all

Kind = Callable[[], str]


class Texts:
    """Writes for one chat, in one to four languages of its own; `used` tells which."""

    def __init__(self, random: Random, prose: Mapping[str, tuple[str, ...]]) -> None:
        self._random = random
        tags = sorted(prose)
        self.used = frozenset(
            random.choice(SPOKEN if random.random() < MOSTLY_SPOKEN else tags) for _ in range(random.randint(1, 4))
        )
        self._paragraphs = [paragraph for tag in sorted(self.used) for paragraph in prose[tag]]
        self._kinds: tuple[tuple[Kind, int], ...] = (
            (self.sentence, 40),
            (self._mixture, 8),
            (self._code, 10),
            (self._chatter, 8),
            (lambda: hostile.emoji(random), 8),
            (lambda: hostile.decorated(random, self.sentence()), 6),
            (lambda: hostile.forged(random), 8),
            (lambda: hostile.odd(random), 4),
            (lambda: hostile.run(random), 1),
            (self._bytes, 2),
        )

    def sentence(self) -> str:
        """A stretch of real prose, cut anywhere."""
        paragraph = self._random.choice(self._paragraphs)
        begin = self._random.randrange(max(1, len(paragraph) // 2))
        return paragraph[begin : begin + self._random.randint(5, 120)]

    def message(self) -> str:
        """What somebody writes: one to three stretches of any kind."""
        return self._joined(self._random.choice((1, 1, 2, 2, 3)))

    def long(self, chars: int) -> str:
        """At least so many characters."""
        parts: list[str] = []
        while sum(map(len, parts)) < chars:
            parts.append(self._random.choice(self._paragraphs) if self._random.random() < 0.6 else self.message())
        return "\n".join(parts)

    def name(self) -> str:
        """Of a person, a file, a place."""
        return self._random.choice(
            (self.sentence()[:24], self.message()[:40], hostile.forged(self._random), "Léa", "🦊")
        )

    def value(self) -> object:
        """A value as tools take and give them."""
        return self._value(3)

    def spelled(self, value: object) -> str:
        """JSON in one of the ways in which models and tools write it."""
        style = self._random.randrange(4)
        if style == 0:
            return json.dumps(value)
        if style == 1:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return json.dumps(value, ensure_ascii=False, indent=2 if style == 2 else None)

    def _value(self, depth: int) -> object:
        random = self._random
        match random.randrange(8 if depth else 5):
            case 0:
                return random.choice((True, False, None, 0, -1, 3.14159, 1e21, 10**18))
            case 1:
                return random.randrange(10**6)
            case 2 | 3 | 4:
                return self.message()[:200]
            case 5:
                return [self._value(depth - 1) for _ in range(random.randrange(4))]
            case _:
                return {self._key(): self._value(depth - 1) for _ in range(random.randrange(5))}

    def _key(self) -> str:
        return self._random.choice(
            ("id", "query", "ünïcode", "名前", "a b", self.sentence()[:12], hostile.forged(self._random))
        )

    def _joined(self, count: int) -> str:
        kinds, weights = zip(*self._kinds, strict=True)
        separators = ("", " ", " ", "\n", "\n\n", ", ")
        return "".join(
            self._random.choice(separators) + kind() for kind in self._random.choices(kinds, weights, k=count)
        )

    def _mixture(self) -> str:
        return " ".join(self.sentence()[: self._random.randint(1, 30)] for _ in range(self._random.randint(2, 5)))

    def _code(self) -> str:
        code = self._random.choice(CODE).format(self.sentence()[:40], self._random.randrange(10**4))
        return f"```{self._random.choice(('', 'py', 'sql'))}\n{code}\n```" if self._random.random() < 0.5 else code

    def _chatter(self) -> str:
        return self._random.choice(CHATTER).format(self._random.randrange(10**18))

    def _bytes(self) -> str:
        data = self._random.randbytes(self._random.randint(1, 300))
        return self._random.choice((data.hex(), base64.b64encode(data).decode(), repr(data), data.decode("latin-1")))
