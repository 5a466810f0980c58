"""One gateway session: what it asked for, what it was sent, and what a RESUME may replay."""

from __future__ import annotations

import json
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tests.discord_server.intents import Intent
from tests.discord_server.things import Json

if TYPE_CHECKING:
    from tests.discord_server.connection import Connection

BUFFER_EVENTS = 1000
"""Events kept for a replay; when more were missed, RESUME is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A dispatch as it went out, or would have."""

    seq: int
    name: str
    data: Json

    @property
    def text(self) -> str:
        return json.dumps({"op": 0, "s": self.seq, "t": self.name, "d": self.data}, separators=(",", ":"))


@dataclass(eq=False, slots=True, kw_only=True)
class Session:
    shard: int
    shards: int
    intents: Intent
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    seq: int = 0
    buffer: deque[Sent] = field(default_factory=lambda: deque[Sent](maxlen=BUFFER_EVENTS))
    connection: Connection | None = None
    lost_at: datetime | None = None
    presence: Json | None = None

    def hears_of(self, guild_id: int | None) -> bool:
        """Guilds belong to the shard of their id, direct messages to the first."""
        return (0 if guild_id is None else (guild_id >> 22) % self.shards) == self.shard

    def dispatch(self, name: str, data: Json) -> None:
        """Number the event, keep it for a replay, and send it if anyone listens."""
        self.seq += 1
        sent = Sent(seq=self.seq, name=name, data=data)
        self.buffer.append(sent)
        if self.connection is not None:
            self.connection.send_text(sent.text, dispatch=True)

    def missed(self, seq: int) -> list[Sent] | None:
        """What came after `seq`; None if that is not all kept any more."""
        if seq > self.seq or seq < 0:
            return None
        later = [sent for sent in self.buffer if sent.seq > seq]
        return later if len(later) == self.seq - seq else None
