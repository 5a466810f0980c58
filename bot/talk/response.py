"""What a verb says back to a command or a press: privately, to whoever used it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.talk.delivery import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """`fleeting`: it repeats words that are kept elsewhere, and go with that: it is shown now or never, not kept."""

    text: str
    actions: tuple[Action, ...] = ()
    fleeting: bool = False


class Unfit(Exception):
    """What was asked for cannot be had: the key of the sentence that says why, and its values."""

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.values = values
