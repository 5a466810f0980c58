"""A message as it stands in a channel, whom it mentions, and every revision of it that was shown. State only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntFlag

from tests.discord_server.clock import made_at
from tests.discord_server.files import Attachment
from tests.discord_server.things import Channel, Guild, Json, Role, User


class MessageFlag(IntFlag):
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    HAS_SNAPSHOT = 1 << 14
    COMPONENTS_V2 = 1 << 15


NO_FLAGS = MessageFlag(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A message as it was shown from a moment on."""

    content: str
    embeds: list[Json]
    components: list[Json]
    attachments: tuple[Attachment, ...]
    flags: MessageFlag
    at: datetime
    monotonic: float
    allowed_mentions: Json | None
    """As the sender gave it; None if it gave none, which on Discord means everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """Whom a message mentions after `allowed_mentions` and the author's rights had their say."""

    users: tuple[User, ...] = ()
    roles: tuple[Role, ...] = ()
    everyone: bool = False
    replied: User | None = None


@dataclass(eq=False, slots=True, kw_only=True)
class Message:
    id: int
    channel: Channel
    author: User
    content: str
    type: int = 0
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    flags: MessageFlag = NO_FLAGS
    mentions: Mentions = field(default_factory=Mentions)
    pinged: frozenset[int] = frozenset()
    """Ids of the people who were notified when it was sent; edits notify nobody."""
    reference: Json | None = None
    referenced: Message | None = None
    snapshots: tuple[Message, ...] = ()
    """Copies of what it forwards."""
    poll: Json | None = None
    stickers: list[str] = field(default_factory=list[str])
    nonce: str | int | None = None
    tts: bool = False
    webhook_id: int | None = None
    application_id: int | None = None
    interaction: Json | None = None
    seen_by: User | None = None
    """Only this person sees it (ephemeral)."""
    edited_at: datetime | None = None
    reactions: dict[str, dict[int, User]] = field(default_factory=dict[str, dict[int, User]])
    pinned: bool = False
    thread: Channel | None = None
    deleted: bool = False
    history: list[Revision] = field(default_factory=list[Revision])

    @property
    def created_at(self) -> datetime:
        return made_at(self.id)

    @property
    def guild(self) -> Guild | None:
        return self.channel.guild

    @property
    def embeds_suppressed(self) -> bool:
        """Whether links in it are shown without a preview, which also means that nobody fetches them."""
        return MessageFlag.SUPPRESS_EMBEDS in self.flags

    @property
    def ephemeral(self) -> bool:
        return MessageFlag.EPHEMERAL in self.flags

    @property
    def texts(self) -> list[str]:
        """Its content in every revision as shown, oldest first."""
        return [revision.content for revision in self.history]

    @property
    def buttons(self) -> list[Json]:
        """The buttons that stand under it."""
        return [one for one in walk(self.components) if one.get("type") == 2]

    @property
    def announces(self) -> bool:
        """Whether it is one of Discord's own: a thread was made, a message was pinned, somebody joined."""
        return self.type not in (0, 19, 20, 23)

    @property
    def link(self) -> str:
        return f"https://discord.com/channels/{self.channel.guild_id or '@me'}/{self.channel.id}/{self.id}"


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """All components, those inside others, too."""
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        if "accessory" in component:
            yield from walk([component["accessory"]])
