"""The limits that the worker process works under, as it gets them on its command line."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`megapixels` before scaling, `pages` and `characters` that are read, `seconds` of one attachment, bytes."""

    megapixels: int
    pages: int
    characters: int
    seconds: float
    memory_bytes: int
    attachment_bytes: int

    @property
    def pixels(self) -> int:
        return self.megapixels * 1_000_000

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Bounds:
        return cls(**json.loads(text))
