"""What leaves the program: a delivery is a row of the outbox before it is anything on a screen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.talk.digest import Told
from bot.talk.message import Conversation
from bot.talk.poll import Poll


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
    conversation with `only` is private: it goes through `handle` (the platform's token of a press or a command, which
    may be a secret) while that lives, else to a direct message. `final` is False while more text is to come. `lead` is
    a short line of the program's own (e.g. that a demo model speaks) that the platform shows apart from the text,
    small. `poll`: shown in place of the text where the platform has polls; a message that shows one is never
    edited. `told`: the stretches that `text` is put together of (`text_of`) where it tells of other people's messages:
    they go with these, also where they stand already. `quiet`: not even the author of `reply_to` is pinged.
    `opens`: the title of a thread that may have to be made first. Where the place is a thread, it is begun from the
    message of its parent that has the thread's id; where it is a forum, with the delivery's first message. `tags`: ids
    of those that this post gets, as far as they are there; None: one, where the forum requires that.
    """

    id: str
    conversation: Conversation
    text: str
    reply_to: str | None = None
    handle: str | None = field(default=None, repr=False)
    actions: tuple[Action, ...] = ()
    final: bool = True
    lead: str = ""
    poll: Poll | None = None
    told: tuple[Told, ...] = ()
    quiet: bool = False
    opens: str = ""
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMessage:
    """One message of ours on the platform and a digest of what it shows, so that an equal edit is not sent.

    `gone`: somebody has deleted it. It counts as shown: nothing is sent in its place.
    """

    id: str
    digest: str
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What of a delivery stands on the platform: its messages in order. Empty before the first send.

    `since`: a doubt. Sends that are not in `messages` may have happened since this moment by our clock, which may be
    wrong: the process that sent ended before it knew, or the answer was lost. None: there were none. `removed`: how
    many messages were taken away again because the text became shorter.
    """

    messages: tuple[ShownMessage, ...] = ()
    since: datetime | None = None
    removed: int = 0

    @property
    def known(self) -> tuple[tuple[str, bool], ...]:
        """What is worth writing down at once: which messages there are, and which of them somebody deleted."""
        return tuple((each.id, each.gone) for each in self.messages)

    @property
    def withdrawn(self) -> bool:
        """Whether somebody deleted all there was of it."""
        return bool(self.messages) and all(each.gone for each in self.messages)

    def left(self, begun: datetime) -> Shown:
        """What an earlier process knew of a delivery that was `begun` then: where it sent, it may have sent more."""
        return replace(self, since=self.since or begun) if self.messages or self.since is not None else self


class DeliveryState(StrEnum):
    """OPEN: more may come. READY: final, not yet wholly shown. SENT: shown. FAILED: the place is gone, or does not take
    it. BARRED: we may not write there now.

    UNKNOWN: it may have been shown or not, and the place cannot be read. Not sent again; an operator has to look.
    """

    OPEN = "open"
    READY = "ready"
    SENT = "sent"
    FAILED = "failed"
    BARRED = "barred"
    UNKNOWN = "unknown"
