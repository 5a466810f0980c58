"""What a version of Ollama can and cannot do, as far as this program hangs on it.

Source: Ollama's history. `truncate` came to its native API with 0.12.6. Since 0.30 it runs llama.cpp's llama-server,
which keeps prompts that have left a slot in main memory. 0.30.0 alone reported only those tokens of a prompt that were
not cached (mended in 0.30.1, pull request 16428).
"""

from __future__ import annotations

import re

Version = tuple[int, int, int]

NEVER_CUTS: Version = (0, 12, 6)
KEEPS_PROMPTS: Version = (0, 30, 0)
MISCOUNTED: Version = (0, 30, 0)

_NUMBERS = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


def parsed(version: str) -> Version | None:
    """None for builds of one's own, which call themselves 0.0.0, and for what is no version: taken to be new."""
    found = _NUMBERS.match(version)
    numbers = (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)
    return numbers if any(numbers) else None


def at_least(version: str, wanted: Version) -> bool:
    return (parsed(version) or wanted) >= wanted


def counts_whole_prompts(version: str) -> bool:
    """Whether `prompt_eval_count` is the whole prompt, its cached part included."""
    return parsed(version) != MISCOUNTED
