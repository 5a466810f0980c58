"""REST: channels and threads."""

from __future__ import annotations

from tests.discord_server import payloads
from tests.discord_server.errors import (
    ApiError,
    channel_limited,
    invalid_form,
    missing_access,
    missing_permissions,
    tag_required,
    unknown,
)
from tests.discord_server.message import Message
from tests.discord_server.permissions import Permission
from tests.discord_server.posting import Draft, shown
from tests.discord_server.rest import Answer, Api, Call
from tests.discord_server.things import Channel, ChannelType, Json, User

MOST_TAGS = 5


class ChannelRoutes:
    def __init__(self, api: Api) -> None:
        self._posting = api.posting
        base = "/channels/{channel_id}"
        api.add("GET", base, self.get)
        api.add("PATCH", base, self.edit)
        api.add("DELETE", base, self.delete)
        api.add("POST", base + "/messages/{message_id}/threads", self.from_message)
        api.add("POST", base + "/threads", self.create)
        api.add("GET", base + "/thread-members", self.members)
        api.add("GET", base + "/thread-members/{user_id}", self.one_member)
        api.add("PUT", base + "/thread-members/{user_id}", self.join)
        api.add("DELETE", base + "/thread-members/{user_id}", self.leave)
        api.add("GET", "/guilds/{guild_id}/threads/active", self.active)
        api.add("GET", base + "/threads/archived/{kind}", self.archived)

    async def get(self, call: Call) -> Answer:
        return payloads.channel(call.channel())

    async def edit(self, call: Call) -> Answer:
        channel, body, world = call.channel(), call.draft.body, call.world
        if channel.guild is None:
            raise ApiError(403, 50003, "Cannot execute action on a DM channel")
        name = body.get("name", channel.name)
        if not isinstance(name, str) or not 1 <= len(name) <= 100:
            raise invalid_form("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        if channel.is_thread:
            self._edit_thread(call, channel, body, name)
        else:
            call.need(channel, Permission.MANAGE_CHANNELS)
            channel.name, channel.topic = name, body.get("topic", channel.topic)
            world.channel_event("CHANNEL_UPDATE", channel)
        return payloads.channel(channel)

    def _edit_thread(self, call: Call, thread: Channel, body: Json, name: str) -> None:
        world = call.world
        rights = world.permissions(world.bot, thread)
        manages = Permission.MANAGE_THREADS in rights
        # Anyone who may write in it may wake a thread that is not locked; its owner may rename and archive it.
        waking = set(body) == {"archived"} and body["archived"] is False and not thread.locked
        if not (manages or (thread.owner is world.bot and "locked" not in body and not thread.locked) or waking):
            raise missing_permissions()
        if thread.archived and body.get("archived", True):
            raise ApiError(400, 50083, "Thread is archived")
        if "applied_tags" in body and thread.parent is not None:
            thread.applied_tags = self._tags(thread.parent, thread.applied_tags, body, manages=manages)
        if name != thread.name:
            left = call.api.limits.rename(thread.id)
            if left is not None:
                raise channel_limited(left)
            thread.name = name
            world.announce(4, thread, world.bot, name)
        thread.auto_archive_minutes = body.get("auto_archive_duration", thread.auto_archive_minutes)
        world.archive(thread, archived=bool(body.get("archived", thread.archived)), locked=body.get("locked"))

    @staticmethod
    def _tags(parent: Channel, before: set[int], body: Json, *, manages: bool) -> set[int]:
        """Those of the body, instead of those before."""
        known, wanted = parent.available_tags, {int(each) for each in body.get("applied_tags", ())}
        if parent.requires_tag and not wanted:
            raise tag_required()
        if len(wanted) > MOST_TAGS or not wanted <= known.keys():
            raise invalid_form("applied_tags", "BASE_TYPE_CHOICES", "Not five of the forum's tags.")
        if not manages and any(known[each].moderated for each in wanted ^ before):
            raise missing_permissions()
        return wanted

    async def delete(self, call: Call) -> Answer:
        channel = call.channel()
        if channel.guild is None:
            return payloads.channel(channel)
        call.need(channel, Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS)
        shown_last = payloads.channel(channel)
        call.world.delete_channel(channel)
        return shown_last

    async def from_message(self, call: Call) -> Answer:
        message = call.message(Permission.CREATE_PUBLIC_THREADS, Permission.READ_MESSAGE_HISTORY)
        if message.thread is not None:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        return self._make(call, message.channel, call.draft.body, message=message)

    async def create(self, call: Call) -> Answer:
        parent, body = call.channel(), call.draft.body
        if parent.type is ChannelType.FORUM:
            return self._post(call, parent, body)
        kind = body.get("type", ChannelType.PRIVATE_THREAD)
        private = kind == ChannelType.PRIVATE_THREAD
        call.need(parent, Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS)
        return self._make(call, parent, body, private=private)

    def _post(self, call: Call, forum: Channel, body: Json) -> Answer:
        call.need(forum, Permission.SEND_MESSAGES)
        manages = Permission.MANAGE_THREADS in call.world.permissions(call.world.bot, forum)
        tags = self._tags(forum, set(), body, manages=manages)
        thread = call.world.add_thread(forum, self._name(body), call.world.bot, tags=tags)
        draft = Draft(body=body.get("message") or {}, files=call.draft.files)
        message = self._posting.send(thread, call.world.bot, draft)
        return {**payloads.channel(thread), "message": shown(message, full=True)}

    def _make(
        self, call: Call, parent: Channel, body: Json, *, message: Message | None = None, private: bool = False
    ) -> Answer:
        if parent.type not in (ChannelType.TEXT, ChannelType.NEWS):
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        thread = call.world.add_thread(parent, self._name(body), call.world.bot, message=message, private=private)
        minutes = body.get("auto_archive_duration", 1440)
        if minutes not in (60, 1440, 4320, 10080):
            raise invalid_form("auto_archive_duration", "BASE_TYPE_CHOICES", "Not one of the durations.")
        thread.auto_archive_minutes = minutes
        return payloads.channel(thread)

    @staticmethod
    def _name(body: Json) -> str:
        name = body.get("name")
        if not isinstance(name, str) or not 1 <= len(name.strip()) <= 100:
            raise invalid_form("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        return name

    def _thread(self, call: Call) -> tuple[Channel, User]:
        thread = call.channel()
        if not thread.is_thread:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        if thread.archived:
            raise ApiError(400, 50083, "Thread is archived")
        user = call.world.users.get(call.number("user_id"))
        if user is None:
            raise unknown("User")
        return thread, user

    async def join(self, call: Call) -> Answer:
        thread, user = self._thread(call)
        if user is not call.world.bot:
            call.need(thread, Permission.SEND_MESSAGES_IN_THREADS)
            assert thread.parent is not None
            if not call.world.sees(user, thread.parent):
                raise missing_access()
        call.world.set_thread_member(thread, user, joined=True)
        return None

    async def leave(self, call: Call) -> Answer:
        thread, user = self._thread(call)
        if user is not call.world.bot and thread.owner is not call.world.bot:
            call.need(thread, Permission.MANAGE_THREADS)
        call.world.set_thread_member(thread, user, joined=False)
        return None

    async def members(self, call: Call) -> Answer:
        thread = call.channel()
        users = [call.world.users[each] for each in thread.thread_members]
        return [payloads.thread_member(thread, user) for user in users]

    async def one_member(self, call: Call) -> Answer:
        thread = call.channel()
        user = call.world.users.get(call.number("user_id"))
        if user is None or user.id not in thread.thread_members:
            raise unknown("Member")
        return payloads.thread_member(thread, user)

    async def active(self, call: Call) -> Answer:
        world = call.world
        every = [each for each in call.guild().channels.values() if each.is_thread and not each.archived]
        return self._listed([each for each in every if world.sees(world.bot, each)])

    async def archived(self, call: Call) -> Answer:
        parent = call.channel(Permission.READ_MESSAGE_HISTORY)
        private = call.params["kind"] == "private"
        if private:
            call.need(parent, Permission.MANAGE_THREADS)
        assert parent.guild is not None
        found = [
            each
            for each in parent.guild.channels.values()
            if each.parent is parent
            and each.archived
            and (each.type is ChannelType.PRIVATE_THREAD) == private
            and ("before" not in call.query or payloads.archived_at(each) < call.query["before"])
        ]
        found.sort(key=payloads.archived_at, reverse=True)
        limit = call.limit(50, 100)
        return {**self._listed(found[:limit]), "has_more": len(found) > limit}

    @staticmethod
    def _listed(threads: list[Channel]) -> Json:
        mine = [each for each in threads if each.world.bot.id in each.thread_members]
        return {
            "threads": [payloads.channel(each) for each in threads],
            "members": [payloads.thread_member(each, each.world.bot) for each in mine],
        }
