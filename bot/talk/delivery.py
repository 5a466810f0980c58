"""What leaves the program: a delivery is a row of the outbox before it is anything on a screen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.talk.message import Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button, as stored data: pressing it makes a `Pressed` event with this id, also after a restart."""

    id: str
    label: str
    danger: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one place shall show for one purpose, as of now.

    `id` is stable over all revisions and restarts. `text` is Markdown as Discord understands it, of any length: the
    platform splits it. `reply_to` is the id of the message it answers; its author alone is pinged. A delivery to a
    conversation with `only` is private: it goes through `handle` (the platform's token of a press or a command)
    while that lives, else to a direct message. `final` is False while more text is to come. `lead` is a short line of
    the program's own (e.g. that a demo model speaks) that the platform shows apart from the text, small.
    """

    id: str
    conversation: Conversation
    text: str
    reply_to: str | None = None
    handle: str | None = None
    actions: tuple[Action, ...] = ()
    final: bool = True
    lead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMessage:
    """One message of ours on the platform and a digest of what it shows, so that an equal edit is not sent."""

    id: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What of a delivery stands on the platform: its messages in order. Empty before the first send."""

    messages: tuple[ShownMessage, ...] = ()


class DeliveryState(StrEnum):
    """OPEN: more may come. READY: final, not yet wholly shown. SENT: shown. FAILED: the place is gone."""

    OPEN = "open"
    READY = "ready"
    SENT = "sent"
    FAILED = "failed"
