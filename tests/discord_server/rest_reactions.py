"""REST: reactions and pins."""

from __future__ import annotations

import re
from urllib.parse import unquote

from tests.discord_server import payloads
from tests.discord_server.clock import stamp
from tests.discord_server.errors import ApiError, missing_permissions, unknown
from tests.discord_server.message import Message
from tests.discord_server.permissions import Permission
from tests.discord_server.posting import shown
from tests.discord_server.rest import Answer, Api, Call
from tests.discord_server.things import Channel
from tests.discord_server.world import DISTINCT_REACTIONS

PINS = 250
_CUSTOM = re.compile(r"\w{2,32}:\d{15,20}")


def emoji_key(text: str) -> str:
    """`👍`, or `name:id` of a custom emoji. Raises ApiError 10014 for anything else."""
    key = unquote(text)
    if key and (_CUSTOM.fullmatch(key) or not key.isascii() or re.fullmatch("[0-9#*]\ufe0f?\u20e3", key)):
        return key
    raise unknown("Emoji")


class ReactionRoutes:
    def __init__(self, api: Api) -> None:
        base = "/channels/{channel_id}/messages/{message_id}/reactions"
        api.add("PUT", base + "/{emoji}/@me", self.add)
        api.add("DELETE", base + "/{emoji}/@me", self.take_back)
        api.add("DELETE", base + "/{emoji}/{user_id}", self.take_away)
        api.add("GET", base + "/{emoji}", self.people)
        api.add("DELETE", base + "/{emoji}", self.clear_emoji)
        api.add("DELETE", base, self.clear)
        # Before the routes of single messages, whose path these would match, too.
        pins = "/channels/{channel_id}/messages/pins"
        api.add("GET", pins, self.pins)
        api.add("PUT", pins + "/{message_id}", self.pin)
        api.add("DELETE", pins + "/{message_id}", self.unpin)

    async def add(self, call: Call) -> Answer:
        message = call.message(Permission.READ_MESSAGE_HISTORY)
        key = emoji_key(call.params["emoji"])
        if key not in message.reactions:
            call.need(message.channel, Permission.ADD_REACTIONS)
            if len(message.reactions) >= DISTINCT_REACTIONS:
                raise ApiError(400, 30010, "Maximum number of reactions reached (20)")
        if message.channel.archived:
            raise ApiError(400, 50083, "Thread is archived")
        call.world.react(message, call.world.bot, key)
        return None

    async def take_back(self, call: Call) -> Answer:
        call.world.unreact(call.message(), call.world.bot, emoji_key(call.params["emoji"]))
        return None

    async def take_away(self, call: Call) -> Answer:
        message = call.message(Permission.MANAGE_MESSAGES)
        user = call.world.users.get(call.number("user_id"))
        if user is None:
            raise unknown("User")
        call.world.unreact(message, user, emoji_key(call.params["emoji"]))
        return None

    async def people(self, call: Call) -> Answer:
        message = call.message(Permission.READ_MESSAGE_HISTORY)
        people = message.reactions.get(emoji_key(call.params["emoji"]), {})
        after = int(call.query.get("after", 0))
        later = [each for each in sorted(people) if each > after]
        return [payloads.user(people[each]) for each in later[: call.limit(25, 100)]]

    async def clear_emoji(self, call: Call) -> Answer:
        call.world.clear_reactions(call.message(Permission.MANAGE_MESSAGES), emoji_key(call.params["emoji"]))
        return None

    async def clear(self, call: Call) -> Answer:
        call.world.clear_reactions(call.message(Permission.MANAGE_MESSAGES))
        return None

    async def pins(self, call: Call) -> Answer:
        channel = call.channel(Permission.READ_MESSAGE_HISTORY)
        newest = sorted(channel.pins.items(), key=lambda pin: pin[1], reverse=True)
        items = [
            {"pinned_at": stamp(at), "message": shown(channel.messages[each], full=call.reads_content)}
            for each, at in newest
            if "before" not in call.query or stamp(at) < call.query["before"]
        ]
        limit = call.limit(50, 50)
        return {"items": items[:limit], "has_more": len(items) > limit}

    async def pin(self, call: Call) -> Answer:
        message = self._pinnable(call)
        if len(message.channel.pins) >= PINS:
            raise ApiError(400, 30003, f"Maximum number of pinned messages reached ({PINS})")
        call.world.pin(message, call.world.bot, pinned=True)
        return None

    async def unpin(self, call: Call) -> Answer:
        call.world.pin(self._pinnable(call), call.world.bot, pinned=False)
        return None

    @staticmethod
    def _pinnable(call: Call) -> Message:
        message = call.message()
        channel: Channel = message.channel
        if channel.guild is not None:
            rights = call.world.permissions(call.world.bot, channel)
            if Permission.PIN_MESSAGES not in rights:
                raise missing_permissions()
        return message
