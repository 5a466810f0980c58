"""REST: answers to interactions and application commands."""

from __future__ import annotations

from tests.discord_server import payloads
from tests.discord_server.app_commands import AppCommands
from tests.discord_server.errors import ApiError, invalid_form, unknown
from tests.discord_server.interactions import Interaction, Interactions, Reply
from tests.discord_server.message import MessageFlag
from tests.discord_server.posting import Draft
from tests.discord_server.rest import Answer, Api, Call
from tests.discord_server.things import Json


class InteractionRoutes:
    def __init__(self, api: Api, interactions: Interactions, commands: AppCommands) -> None:
        self._interactions = interactions
        self._commands = commands
        api.add("POST", "/interactions/{interaction_id}/{interaction_token}/callback", self.answer, token=False)
        for base in ("/applications/{application_id}", "/applications/{application_id}/guilds/{guild_id}"):
            api.add("GET", base + "/commands", self.commands)
            api.add("PUT", base + "/commands", self.replace)
            api.add("POST", base + "/commands", self.upsert)
            api.add("GET", base + "/commands/{command_id}", self.command)
            api.add("PATCH", base + "/commands/{command_id}", self.edit)
            api.add("DELETE", base + "/commands/{command_id}", self.delete)

    async def answer(self, call: Call) -> Answer:
        body = call.draft.body
        draft = Draft(body=body.get("data") or {}, files=call.draft.files)
        kind = body.get("type")
        if not isinstance(kind, int):
            raise invalid_form("type", "BASE_TYPE_REQUIRED", "This field is required")
        token = call.params["interaction_token"]
        one = self._interactions.answer(call.number("interaction_id"), token, kind, draft)
        wanted = call.query.get("with_response") in ("1", "true", "True")
        return self._response(one) if wanted else None

    @staticmethod
    def _response(one: Interaction) -> Json:
        interaction: Json = {"id": str(one.id), "type": int(one.kind)}
        assert one.reply is not None
        resource: Json = {"type": int(one.reply)}
        if one.original is not None:
            interaction["response_message_id"] = str(one.original.id)
            interaction["response_message_loading"] = MessageFlag.LOADING in one.original.flags
            interaction["response_message_ephemeral"] = one.original.ephemeral
            if one.reply in (Reply.MESSAGE, Reply.UPDATE):
                resource["message"] = payloads.message(one.original)
        return {"interaction": interaction, "resource": resource}

    def _scope(self, call: Call) -> int | None:
        if call.number("application_id") != call.world.application_id:
            raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
        return call.guild().id if "guild_id" in call.params else None

    async def commands(self, call: Call) -> Answer:
        return self._commands.listed(self._scope(call))

    async def replace(self, call: Call) -> Answer:
        if not isinstance(call.body, list):
            raise invalid_form("commands", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        bodies: list[Json] = call.body
        return self._commands.replace(self._scope(call), bodies)

    async def upsert(self, call: Call) -> Answer:
        return self._commands.upsert(self._scope(call), call.draft.body)

    async def command(self, call: Call) -> Answer:
        return self._commands.get(self._scope(call), call.params["command_id"])

    async def edit(self, call: Call) -> Answer:
        known = self._commands.get(self._scope(call), call.params["command_id"])
        return self._commands.upsert(self._scope(call), {**known, **call.draft.body})

    async def delete(self, call: Call) -> Answer:
        if not self._commands.delete(self._scope(call), call.params["command_id"]):
            raise unknown("application command")
        return None
