"""What the page needs of the store: a small part of it, so that a test or another program can stand in."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.talk.message import Place
from bot.talk.record import Upload


class Keeping(Protocol):
    """As in `bot.ports.Store`."""

    async def save_place(self, place: Place) -> None: ...
    async def save_upload(self, upload: Upload, *, at: datetime) -> None: ...
    async def upload(self, upload_id: str) -> Upload | None: ...
