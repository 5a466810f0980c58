"""Makes the compact vocabulary file from the one that the mistral-common package carries (a development dependency).

    python -m bot.inference.tekken_vocabulary .venv/lib/python3.*/site-packages/mistral_common/data/tekken_240911.json

The format: one byte for the length of each token in the order of ranks, then the tokens' bytes one after the other,
all under LZMA.
"""

from __future__ import annotations

import base64
import lzma
import sys
from pathlib import Path

from pydantic import BaseModel

from bot.inference.tekken import RANKS, VOCABULARY


class _Entry(BaseModel):
    rank: int
    token_bytes: str


class _Source(BaseModel):
    vocab: list[_Entry]


def plain(source: bytes) -> bytes:
    """The file's content before compression, from Mistral's JSON."""
    entries = sorted(_Source.model_validate_json(source).vocab, key=lambda entry: entry.rank)[:RANKS]
    tokens = [base64.b64decode(entry.token_bytes) for entry in entries]
    return bytes(len(token) for token in tokens) + b"".join(tokens)


def main(arguments: list[str]) -> None:
    VOCABULARY.write_bytes(lzma.compress(plain(Path(arguments[0]).read_bytes()), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main(sys.argv[1:])
