"""Interactions: a press or a command, its one answer within three seconds, and what may follow for fifteen minutes.

Source: Discord API reference, "Receiving and Responding" (types, tokens, ephemeral messages, follow-ups).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from tests.discord_server import payloads
from tests.discord_server.errors import ApiError, invalid_form, unknown
from tests.discord_server.forms import FILE_BYTES
from tests.discord_server.ground import Event
from tests.discord_server.mentions import notified
from tests.discord_server.message import Message, MessageFlag
from tests.discord_server.modals import check_form
from tests.discord_server.posting import Draft, Posting
from tests.discord_server.things import Channel, Json, User
from tests.discord_server.world import World

FIRST_ANSWER = timedelta(seconds=3)
TOKEN_LIFE = timedelta(minutes=15)


class Kind(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Reply(IntEnum):
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(eq=False, slots=True, kw_only=True)
class Interaction:
    """One interaction as the person and the test see it."""

    id: int
    token: str
    kind: Kind
    user: User
    channel: Channel
    data: Json
    at: datetime
    message: Message | None = None
    """Where the pressed component stands."""
    reply: Reply | None = None
    """How the bot answered first; None while it has not."""
    original: Message | None = None
    followups: list[Message] = field(default_factory=list[Message])
    modal: Json | None = None
    choices: list[Json] | None = None

    @property
    def thinking(self) -> bool:
        """Whether the person still sees the bot thinking."""
        return self.original is not None and MessageFlag.LOADING in self.original.flags and not self.original.deleted

    @property
    def seen(self) -> list[Message]:
        """The messages it brought forth, oldest first."""
        first = [] if self.original is None or self.original is self.message else [self.original]
        return [each for each in (*first, *self.followups) if not each.deleted]


class Interactions:
    """All interactions, by token."""

    def __init__(self, world: World, posting: Posting) -> None:
        self._world = world
        self._posting = posting
        self.by_token: dict[str, Interaction] = {}

    def open(
        self,
        kind: Kind,
        user: User,
        channel: Channel,
        data: Json,
        message: Message | None = None,
        id_: int | None = None,
    ) -> Interaction:
        """Something a person did is sent to the bot."""
        world = self._world
        one = Interaction(
            id=id_ or world.ids.next(),
            token=secrets.token_urlsafe(32),
            kind=kind,
            user=user,
            channel=channel,
            data=data,
            at=world.clock.now(),
            message=message,
        )
        self.by_token[one.token] = one
        world.emit(Event(name="INTERACTION_CREATE", data=self._payload(one), guild_id=channel.guild_id))
        return one

    def _payload(self, one: Interaction) -> Json:
        world, guild = self._world, one.channel.guild
        result: Json = {
            "id": str(one.id),
            "application_id": str(world.application_id),
            "type": int(one.kind),
            "token": one.token,
            "version": 1,
            "data": one.data,
            "channel": payloads.channel(one.channel),
            "channel_id": str(one.channel.id),
            "locale": one.user.locale,
            "app_permissions": str(int(world.permissions(world.bot, one.channel))),
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(guild.id if guild else 0)},
            "context": 1 if guild is None else 0,
            "attachment_size_limit": FILE_BYTES,
        }
        if one.message is not None:
            result["message"] = payloads.message(one.message)
        if guild is None:
            return {**result, "user": payloads.user(one.user)}
        rights = str(int(world.permissions(one.user, one.channel)))
        return {
            **result,
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": {**payloads.member(guild.members[one.user.id]), "permissions": rights},
        }

    # the first answer
    def answer(self, interaction_id: int, token: str, reply: int, draft: Draft) -> Interaction:
        """The callback. Raises ApiError: 10062 unknown or late, 40060 answered already, 50035 not to this kind."""
        one = self.by_token.get(token)
        if one is None or one.id != interaction_id:
            raise unknown("interaction")
        if one.reply is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if self._world.clock.now() - one.at > FIRST_ANSWER:
            raise unknown("interaction")
        self._check_kind(one, reply)
        kind = Reply(reply)
        self._do(one, kind, draft)
        one.reply = kind
        self._world.changes.announce()
        return one

    @staticmethod
    def _check_kind(one: Interaction, reply: int) -> None:
        allowed = {Reply.MESSAGE, Reply.DEFERRED_MESSAGE, Reply.MODAL}
        if one.message is not None:
            allowed |= {Reply.DEFERRED_UPDATE, Reply.UPDATE}
        if one.kind is Kind.MODAL:
            allowed -= {Reply.MODAL}
        if one.kind is Kind.AUTOCOMPLETE:
            allowed = {Reply.CHOICES}
        if reply not in allowed:
            raise invalid_form("type", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(map(int, allowed))}.")

    def _do(self, one: Interaction, kind: Reply, draft: Draft) -> None:
        if kind is Reply.CHOICES:
            one.choices = list(draft.body.get("choices") or [])
            if len(one.choices) > 25:
                raise invalid_form("data.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
        elif kind is Reply.MODAL:
            if not 1 <= len(str(draft.body.get("title") or "")) <= 45:
                raise invalid_form("data.title", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length.")
            check_form(draft.body)
            one.modal = draft.body
        elif kind is Reply.MESSAGE:
            one.original = self._send(one, draft, ephemeral=_ephemeral(draft))
        elif kind is Reply.DEFERRED_MESSAGE:
            one.original = self._think(one, ephemeral=_ephemeral(draft))
        else:
            one.original = one.message
            if kind is Reply.UPDATE and one.message is not None:
                self._posting.edit(one.message, draft)

    def _send(self, one: Interaction, draft: Draft, *, ephemeral: bool) -> Message:
        seen_by = one.user if ephemeral else None
        return self._publish(one, self._posting.make(one.channel, self._world.bot, draft, seen_by=seen_by), draft)

    def _think(self, one: Interaction, *, ephemeral: bool) -> Message:
        world = self._world
        message = Message(id=world.ids.next(), channel=one.channel, author=world.bot, content="")
        message.flags = MessageFlag.LOADING | (MessageFlag.EPHEMERAL if ephemeral else MessageFlag(0))
        message.seen_by = one.user if ephemeral else None
        return self._publish(one, message, Draft(body={}))

    def _publish(self, one: Interaction, message: Message, draft: Draft) -> Message:
        message.application_id = message.webhook_id = self._world.application_id
        if one.kind is Kind.COMMAND and one.reply is None:
            message.type = {1: 20}.get(one.data.get("type", 1), 23)
        message.interaction = {
            "id": str(one.id),
            "type": int(one.kind),
            "user": payloads.user(one.user),
            "authorizing_integration_owners": {"0": str(one.channel.guild_id or 0)},
        }
        self._posting.publish(message, draft.allowed_mentions)
        return message

    # what follows
    def living(self, token: str) -> Interaction:
        """The interaction of a webhook token. Raises ApiError 10015 before an answer, 50027 after 15 minutes."""
        one = self.by_token.get(token)
        if one is None or (one.reply is None and self._world.clock.now() - one.at < TOKEN_LIFE):
            raise unknown("Webhook")
        if self._world.clock.now() - one.at >= TOKEN_LIFE:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return one

    def follow(self, token: str, draft: Draft) -> Message:
        """One more message. The first one after a deferral is the deferred answer itself."""
        one = self.living(token)
        if one.thinking and one.original is not None:
            return self._finish(one.original, draft)
        message = self._send(one, draft, ephemeral=_ephemeral(draft))
        one.followups.append(message)
        return message

    def find(self, token: str, which: str) -> Message:
        """`@original` or one of its messages by id. Raises ApiError."""
        one = self.living(token)
        if which == "@original":
            found = one.original
        else:
            found = next((each for each in one.seen if str(each.id) == which), None)
        if found is None or found.deleted:
            raise unknown("Message")
        return found

    def edit(self, message: Message, draft: Draft) -> Message:
        return self._finish(message, draft)

    def _finish(self, message: Message, draft: Draft) -> Message:
        loading = MessageFlag.LOADING in message.flags
        self._posting.edit(message, draft)
        if loading and message.seen_by is None:
            message.pinged = notified(self._world, message.channel, message.author, message.mentions)
        return message


def _ephemeral(draft: Draft) -> bool:
    return bool(int(draft.body.get("flags") or 0) & MessageFlag.EPHEMERAL)
