"""Webhooks of channels: a name and a secret by which anything may write."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from tests.discord_server import payloads
from tests.discord_server.errors import ApiError, unknown
from tests.discord_server.things import Channel, Json, User
from tests.discord_server.world import World


@dataclass(eq=False, slots=True, kw_only=True)
class Webhook:
    id: int
    token: str
    channel: Channel
    name: str
    user: User


class Webhooks:
    """All of them; `name` in a message may differ from the webhook's."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.known: dict[int, Webhook] = {}

    def add(self, channel: Channel, name: str, user: User) -> Webhook:
        """Raises ApiError for a name that Discord forbids."""
        if not 1 <= len(name) <= 80 or "discord" in name.lower() or "clyde" in name.lower():
            raise ApiError(
                400, 50035, "Invalid Form Body", errors={"name": {"_errors": [{"code": "USERNAME_INVALID"}]}}
            )
        one = Webhook(id=self._world.ids.next(), token=secrets.token_urlsafe(48), channel=channel, name=name, user=user)
        self.known[one.id] = one
        return one

    def get(self, webhook_id: int, token: str | None = None) -> Webhook:
        """Raises ApiError 10015, or 50027 for a wrong token."""
        one = self.known.get(webhook_id)
        if one is None or one.channel.deleted:
            raise unknown("Webhook")
        if token is not None and token != one.token:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return one

    def author(self, one: Webhook, name: str | None) -> User:
        """Who its messages are from: nobody's account, only a name."""
        return User(id=one.id, name=name or one.name, bot=True)

    def payload(self, one: Webhook, *, token: bool = True) -> Json:
        result: Json = {
            "id": str(one.id),
            "type": 1,
            "name": one.name,
            "avatar": None,
            "channel_id": str(one.channel.id),
            "guild_id": str(one.channel.guild_id),
            "application_id": str(self._world.application_id) if one.user is self._world.bot else None,
            "user": payloads.user(one.user),
        }
        return {**result, "token": one.token} if token else result
