"""A call that a person is asked about, and the rules of who may call what where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.talk.delivery import Action
from bot.talk.message import Conversation, Place
from bot.talk.turn import Call

ALLOW_PRESS = "allow"
REFUSE_PRESS = "refuse"
SHOW_PRESS = "show-call"
PRIVATELY_PRESS = "privately"


class RequestState(StrEnum):
    """WAITING: nobody has decided. VOID: what it was about is not as it was, so nothing may be run any more."""

    WAITING = "waiting"
    ALLOWED = "allowed"
    REFUSED = "refused"
    EXPIRED = "expired"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call that a person has to allow, exactly as it stands here.

    `turn`: whose answer asks for it. `asker`: the key of whoever the call is for. `server` and `definition`: of its
    tool when it was asked for. It stands until the moment `until`. `begun`: it was begun to be carried out.
    `decided_at`: when it ceased to wait; `decided_by`: the key of whoever allowed or refused it, None where nobody did,
    or nothing of them is kept.
    """

    id: str
    turn: str
    conversation: Conversation
    asker: str
    call: Call
    until: datetime
    server: str = ""
    definition: str = ""
    state: RequestState = RequestState.WAITING
    begun: bool = False
    decided_at: datetime | None = None
    decided_by: str | None = None

    @property
    def action_ids(self) -> tuple[str, str]:
        return f"{ALLOW_PRESS}:{self.id}", f"{REFUSE_PRESS}:{self.id}"

    def covers(self, call: Call, *, server: str, definition: str) -> bool:
        """Whether allowing this allows that call: the same one, of a tool that still says the same of itself."""
        asked = (self.call.name, self.call.arguments, self.server, self.definition)
        return asked == (call.name, call.arguments, server, definition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a turn asks people for when it is closed: the rows, the words under its answer, and the buttons."""

    requests: tuple[Request, ...] = ()
    text: str = ""
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRule:
    """What a moderator decided of one tool, in one place or on a whole server.

    Exactly one of `place` and `guild` is set; both are keys (`platform:id`). `role` None: whether it is offered there;
    otherwise whether who has the role may have it called.
    """

    tool: str
    allowed: bool
    place: str | None = None
    guild: str | None = None
    role: str | None = None

    @property
    def scope(self) -> str:
        return f"place {self.place}" if self.place is not None else f"guild {self.guild}"


def guild_key(place: Place) -> str | None:
    return None if place.guild is None else f"{place.platform}:{place.guild}"
