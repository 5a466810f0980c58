"""Calls a person of the community, where there is somebody to call."""

from __future__ import annotations

from typing import Protocol


class Human(Protocol):
    async def call(self, reason: str) -> None:
        """For the question that is being answered; calling again changes nothing. Raises ValueError where nobody can be
        called, with what to do instead."""
        ...
