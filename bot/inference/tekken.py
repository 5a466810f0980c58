"""Counts tokens as llama.cpp does for Mistral's Tekken vocabulary, exactly and without an engine.

The vocabulary is Mistral's (the first 130,072 ranks; 1,000 control tokens stand before them). How a text is cut into
words before merging is llama.cpp's own `tekken` pattern, because the engine's count is the one that must be met:
Mistral's own pattern gives other counts in Hindi, Bengali, Thai and Arabic.
"""

from __future__ import annotations

import asyncio
import lzma
import re
import threading
from functools import cache
from pathlib import Path

import tiktoken

VOCABULARY = Path(__file__).parent / "tekken.vocabulary.xz"
"""Written by `bot.inference.tekken_vocabulary`, which describes its format."""

RANKS = 130_072
"""Entries of the vocabulary besides control tokens."""

CONTROL_TOKENS = (
    "<unk>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[TOOL_CALLS]",
    "[IMG]",
    "<pad>",
    "[IMG_BREAK]",
    "[IMG_END]",
    "[PREFIX]",
    "[MIDDLE]",
    "[SUFFIX]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
    *(f"<SPECIAL_{number}>" for number in range(20, 1000)),
)
"""All control tokens of version 7 of the vocabulary; the index is the token's id."""

KNOWN = r"\p{Age=15.1}"
"""What Unicode had assigned when llama.cpp's tables were made. The digits of later versions are digits to tiktoken, but
something else to llama.cpp, which therefore puts the space before them into the same word."""

_LETTER, _DIGIT = rf"[\p{{L}}&&{KNOWN}]", rf"[\p{{N}}&&{KNOWN}]"
PATTERN = (
    rf"[^\r\n{_LETTER}{_DIGIT}]?((?={_LETTER})([^a-z]))*((?={_LETTER})([^A-Z]))+"
    rf"|[^\r\n{_LETTER}{_DIGIT}]?((?={_LETTER})([^a-z]))+((?={_LETTER})([^A-Z]))*"
    rf"|{_DIGIT}| ?[^\s{_LETTER}{_DIGIT}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""llama.cpp's pre-tokenizer pattern of the name `tekken`."""


@cache
def _control() -> re.Pattern[str]:
    """Made at the first use: a thousand words take a moment."""
    return re.compile("|".join(re.escape(token) for token in sorted(CONTROL_TOKENS, key=len, reverse=True)))


class Tekken:
    """The vocabulary, loaded at first use (0.2 s, 35 MiB) and shared by whoever it is handed to."""

    def __init__(self) -> None:
        self._encoding: tiktoken.Encoding | None = None
        self._lock = threading.Lock()

    @property
    def loaded(self) -> bool:
        return self._encoding is not None

    async def load(self) -> None:
        """Load in a thread, if it has not happened yet. Counting would do it, too, but on the loop."""
        if not self.loaded:
            await asyncio.to_thread(self._ready)

    def count(self, text: str) -> int:
        """Tokens of a text in which nothing is a control token."""
        return len(self._ready().encode_ordinary(text))

    def count_rendered(self, text: str) -> int:
        """Tokens of rendered text: control tokens are one each, and what stands between them is counted apart."""
        encode = self._ready().encode_ordinary
        tokens = at = 0
        for control in _control().finditer(text):
            if control.start() > at:
                tokens += len(encode(text[at : control.start()]))
            tokens += 1
            at = control.end()
        return tokens + (len(encode(text[at:])) if at < len(text) else 0)

    def _ready(self) -> tiktoken.Encoding:
        with self._lock:
            if self._encoding is None:
                self._encoding = _encoding(lzma.decompress(VOCABULARY.read_bytes()))
            return self._encoding


def _encoding(vocabulary: bytes) -> tiktoken.Encoding:
    ranks: dict[bytes, int] = {}
    at = RANKS
    for rank in range(RANKS):
        end = at + vocabulary[rank]
        ranks[vocabulary[at:end]] = rank
        at = end
    encoding = tiktoken.Encoding("tekken", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})
    # tiktoken keeps a second copy of the ranks only so that an encoding can be pickled: 13 MiB that we do not need.
    encoding._mergeable_ranks = {}  # pyright: ignore[reportPrivateUsage] there is no public way
    return encoding
