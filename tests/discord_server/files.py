"""Files as they are sent and as they are kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Upload:
    """A file as a person or the bot sends it. `size` and `content_type` may lie, as they may on Discord."""

    filename: str
    data: bytes
    content_type: str | None = None
    size: int | None = None
    description: str | None = None


@dataclass(eq=False, slots=True, kw_only=True)
class Attachment:
    id: int
    channel_id: int
    filename: str
    data: bytes
    content_type: str | None
    size: int
    width: int | None = None
    height: int | None = None
    description: str | None = None
    ephemeral: bool = False
