"""REST: webhooks of channels, and follow-ups to interactions, which share their routes."""

from __future__ import annotations

from tests.discord_server import payloads
from tests.discord_server.errors import ApiError, unknown
from tests.discord_server.interactions import Interactions
from tests.discord_server.message import Message
from tests.discord_server.permissions import Permission
from tests.discord_server.rest import Answer, Api, Call
from tests.discord_server.things import Channel
from tests.discord_server.webhooks import Webhook, Webhooks


class WebhookRoutes:
    def __init__(self, api: Api, interactions: Interactions, webhooks: Webhooks) -> None:
        self._interactions = interactions
        self._webhooks = webhooks
        self._posting = api.posting
        api.add("POST", "/channels/{channel_id}/webhooks", self.create)
        api.add("GET", "/channels/{channel_id}/webhooks", self.of_channel)
        api.add("GET", "/webhooks/{webhook_id}", self.get)
        api.add("DELETE", "/webhooks/{webhook_id}", self.delete)
        base = "/webhooks/{webhook_id}/{webhook_token}"
        api.add("GET", base, self.get_by_token, token=False)
        api.add("DELETE", base, self.delete_by_token, token=False)
        api.add("POST", base, self.execute, token=False)
        api.add("GET", base + "/messages/{message_id}", self.message, token=False)
        api.add("PATCH", base + "/messages/{message_id}", self.edit_message, token=False)
        api.add("DELETE", base + "/messages/{message_id}", self.delete_message, token=False)

    async def create(self, call: Call) -> Answer:
        channel = call.channel(Permission.MANAGE_WEBHOOKS)
        name = str(call.draft.body.get("name") or "")
        return self._webhooks.payload(self._webhooks.add(channel, name, call.world.bot))

    async def of_channel(self, call: Call) -> Answer:
        channel = call.channel(Permission.MANAGE_WEBHOOKS)
        mine = [each for each in self._webhooks.known.values() if each.channel is channel]
        return [self._webhooks.payload(each, token=each.user is call.world.bot) for each in mine]

    async def get(self, call: Call) -> Answer:
        return self._webhooks.payload(self._managed(call))

    async def delete(self, call: Call) -> Answer:
        del self._webhooks.known[self._managed(call).id]
        return None

    def _managed(self, call: Call) -> Webhook:
        one = self._webhooks.get(call.number("webhook_id"))
        call.need(one.channel, Permission.MANAGE_WEBHOOKS)
        return one

    def _own(self, call: Call) -> Webhook:
        return self._webhooks.get(call.number("webhook_id"), call.params["webhook_token"])

    async def get_by_token(self, call: Call) -> Answer:
        return self._webhooks.payload(self._own(call))

    async def delete_by_token(self, call: Call) -> Answer:
        del self._webhooks.known[self._own(call).id]
        return None

    def _is_interaction(self, call: Call) -> bool:
        return call.number("webhook_id") == call.world.application_id

    async def execute(self, call: Call) -> Answer:
        if self._is_interaction(call):
            return payloads.message(self._interactions.follow(call.params["webhook_token"], call.draft))
        one = self._own(call)
        author = self._webhooks.author(one, call.draft.body.get("username"))
        place = self._place(call, one)
        message = self._posting.send(place, author, call.draft, webhook_id=one.id)
        return payloads.message(message) if call.query.get("wait") in ("1", "true") else None

    @staticmethod
    def _place(call: Call, one: Webhook) -> Channel:
        if "thread_id" not in call.query:
            return one.channel
        thread = call.world.channels.get(int(call.query["thread_id"]))
        if thread is None or thread.parent is not one.channel:
            raise unknown("Channel")
        return thread

    def _find(self, call: Call) -> Message:
        which = call.params["message_id"]
        if self._is_interaction(call):
            return self._interactions.find(call.params["webhook_token"], which)
        one = self._own(call)
        found = self._place(call, one).messages.get(int(which)) if which.isdecimal() else None
        if found is None or found.webhook_id != one.id:
            raise unknown("Message")
        return found

    async def message(self, call: Call) -> Answer:
        return payloads.message(self._find(call))

    async def edit_message(self, call: Call) -> Answer:
        message = self._find(call)
        if self._is_interaction(call):
            return payloads.message(self._interactions.edit(message, call.draft))
        return payloads.message(self._posting.edit(message, call.draft))

    async def delete_message(self, call: Call) -> Answer:
        message = self._find(call)
        if message.ephemeral and message.deleted:
            raise ApiError(404, 10008, "Unknown Message")
        call.world.delete_messages([message])
        return None
