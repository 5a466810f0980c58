"""REST: messages, typing, deletions."""

from __future__ import annotations

from datetime import timedelta

from tests.discord_server import payloads
from tests.discord_server.clock import made_at
from tests.discord_server.errors import ApiError, missing_permissions
from tests.discord_server.message import Message, MessageFlag
from tests.discord_server.permissions import Permission
from tests.discord_server.posting import shown
from tests.discord_server.rest import Answer, Api, Call
from tests.discord_server.world import Event

BULK_AGE = timedelta(days=14)


class MessageRoutes:
    def __init__(self, api: Api) -> None:
        self._posting = api.posting
        base = "/channels/{channel_id}/messages"
        api.add("POST", base, self.create)
        api.add("GET", base, self.history)
        api.add("POST", base + "/bulk-delete", self.bulk_delete)
        api.add("GET", base + "/{message_id}", self.get)
        api.add("PATCH", base + "/{message_id}", self.edit)
        api.add("DELETE", base + "/{message_id}", self.delete)
        api.add("POST", "/channels/{channel_id}/typing", self.typing)

    async def create(self, call: Call) -> Answer:
        message = self._posting.send(call.channel(), call.world.bot, call.draft)
        return shown(message, full=call.reads_content)

    async def history(self, call: Call) -> Answer:
        channel = call.channel()
        limit = call.limit(50, 100)
        if Permission.READ_MESSAGE_HISTORY not in call.world.permissions(call.world.bot, channel):
            return []
        ids = sorted(channel.messages)
        if "around" in call.query:
            middle = int(call.query["around"])
            before = [each for each in ids if each < middle][-(limit // 2) :]
            after = [each for each in ids if each >= middle][: limit - len(before)]
            ids = [*before, *after]
        elif "before" in call.query:
            ids = [each for each in ids if each < int(call.query["before"])][-limit:]
        elif "after" in call.query:
            ids = [each for each in ids if each > int(call.query["after"])][:limit]
        else:
            ids = ids[-limit:]
        return [shown(channel.messages[each], full=call.reads_content) for each in reversed(ids)]

    async def get(self, call: Call) -> Answer:
        return shown(call.message(Permission.READ_MESSAGE_HISTORY), full=call.reads_content)

    async def edit(self, call: Call) -> Answer:
        message = call.message()
        if message.author is not call.world.bot:
            return shown(self._suppress(call, message), full=call.reads_content)
        return shown(self._posting.edit(message, call.draft), full=call.reads_content)

    def _suppress(self, call: Call, message: Message) -> Message:
        """Others' messages have only their previews to take away."""
        body = call.draft.body
        if not set(body) <= {"flags", "tts"}:
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        call.need(message.channel, Permission.MANAGE_MESSAGES)
        suppress = int(body.get("flags") or 0) & MessageFlag.SUPPRESS_EMBEDS
        message.flags = (message.flags & ~MessageFlag.SUPPRESS_EMBEDS) | MessageFlag(suppress)
        call.world.message_event("MESSAGE_UPDATE", message)
        return message

    async def delete(self, call: Call) -> Answer:
        message = call.message()
        if message.author is not call.world.bot:
            call.need(message.channel, Permission.MANAGE_MESSAGES)
        call.world.delete_messages([message])
        return None

    async def bulk_delete(self, call: Call) -> Answer:
        channel = call.channel(Permission.MANAGE_MESSAGES)
        if channel.guild is None:
            raise ApiError(403, 50003, "Cannot execute action on a DM channel")
        ids = {int(each) for each in call.draft.body.get("messages", ())}
        if not 2 <= len(ids) <= 100:
            raise ApiError(400, 50016, "Provided too few or too many messages to delete.")
        now = call.world.clock.now()
        if any(now - made_at(each) > BULK_AGE for each in ids):
            raise ApiError(400, 50034, "You can only bulk delete messages that are under 14 days old.")
        found = [channel.messages[each] for each in sorted(ids) if each in channel.messages]
        if found:
            call.world.delete_messages(found, bulk=True)
        return None

    async def typing(self, call: Call) -> Answer:
        channel = call.channel()
        world = call.world
        needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        if needed not in world.permissions(world.bot, channel):
            raise missing_permissions()
        channel.typing.append((world.bot.id, world.clock.now()))
        data = payloads.typing(world, channel, world.bot)
        world.emit(Event(name="TYPING_START", data=data, guild_id=channel.guild_id, channel=channel))
        return None
