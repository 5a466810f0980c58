"""Messages of a chat with everything in them that no translation may change, and what that is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from bot.ports.glossary import Prescribed, Term

WORDS = {
    "please": "bitte", "look": "schau", "the": "das", "window": "fenster", "does": "tut", "not": "nicht",
    "open": "öffnen", "when": "wenn", "we": "wir", "start": "beginnen", "program": "programm", "again": "wieder",
    "after": "nach", "update": "aktualisierung", "and": "und", "then": "dann", "screen": "bildschirm",
    "turns": "dreht", "black": "schwarz", "thanks": "danke", "for": "für", "your": "dein", "help": "hilfe",
    "where": "wo", "is": "ist", "setting": "einstellung", "somebody": "jemand", "said": "sagte", "that": "dass",
    "it": "es", "works": "funktioniert", "only": "nur", "with": "mit", "new": "neu", "driver": "treiber",
}  # fmt: skip
NAMES = ("Rosalind", "Jürgen", "Ana-Maria", "Łukasz")
TERMS = (Term(word="Calanque"), Term(word="Harbour"), Term(word="Mistral", written=("Mistralwind",)))


@dataclass(frozen=True, slots=True)
class OwnGlossary:
    async def prescribed(self, text: str, *, to: str) -> Prescribed:
        return Prescribed(terms=tuple(term for term in TERMS if term.word in text))


GLOSSARY = OwnGlossary()

_PINGS = re.compile(r"@everyone|@here|<@[!&]?\d+>")
_STRANGE = re.compile(r"evil|https?://[^\s)]*[\w#=]|`[^`\n]*`|<[@#:][^>]*>")


@dataclass(frozen=True, slots=True)
class Made:
    """`kept`: what must stand in its translation, as often as here."""

    text: str
    kept: tuple[str, ...]
    names: tuple[str, ...]

    def pings(self, text: str) -> bool:
        return sorted(_PINGS.findall(text)) != sorted(_PINGS.findall(self.text))

    def strangers(self, text: str) -> bool:
        """Whether there is a link, code or mention that was not there."""
        return not set(_STRANGE.findall(text)) <= set(_STRANGE.findall(self.text))


def made(seed: int) -> Made:
    random = Random(seed)
    kept: list[str] = []
    names: list[str] = []
    lines = [_line(random, kept, names) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    if random.random() < 0.1:
        fence = f"```py\nx = {random.randint(1, 9)}\nprint(x)  # @everyone\n```"
        lines.insert(random.randint(0, len(lines)), fence)
        kept.append(fence)
    return Made("\n".join(lines), tuple(kept), tuple(names))


def _line(random: Random, kept: list[str], names: list[str]) -> str:
    parts: list[str] = []
    for _ in range(random.randint(2, 5)):
        parts.append(" ".join(random.choices(list(WORDS), k=random.randint(2, 6))))
        if random.random() < 0.8:
            thing = _thing(random, names)
            kept.append({"Mistral": "Mistralwind"}.get(thing, thing).removeprefix("[the window"))
            parts.append(thing)
    if random.random() < 0.2:
        parts[0] = f"**{parts[0]}**"
        kept += ["**", "**"]
    start = random.choice(("", "", "", "> ", "- ", "# ", "1. "))
    return f"{start}{' '.join(parts)}{random.choice(('', '.', '!', ' '))}"


def _thing(random: Random, names: list[str]) -> str:
    number = random.randint(10**17, 10**18)
    kind = random.randrange(14)
    if kind == 0:
        names.append(random.choice(NAMES))
        return names[-1]
    if kind == 1:
        return random.choice(("Calanque", "Harbour", "Mistral"))
    return (
        f"<@{number}>", f"<@&{number}>", f"<#{number}>", f"<:wave:{number}>", f"<a:dance:{number}>",
        f"<t:{random.randint(10**9, 2 * 10**9)}:R>", f"`run --level {random.randint(1, 9)}`",
        f"https://example.org/{random.randint(1, 999)}?a=b&c=%20d#e", ":thumbsup:", "👩‍👩‍👧", "@everyone",
        f"[the window](https://example.net/{random.randint(1, 999)})",
    )[kind - 2]  # fmt: skip
