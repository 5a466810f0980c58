"""REST: who the bot is, users, guilds and their members."""

from __future__ import annotations

from tests.discord_server import payloads
from tests.discord_server.errors import ApiError, unknown
from tests.discord_server.gateway import Gateway
from tests.discord_server.rest import Answer, Api, Call


class UserRoutes:
    def __init__(self, api: Api, gateway: Gateway) -> None:
        self._gateway = gateway
        api.add("GET", "/users/@me", self.me)
        api.add("GET", "/users/@me/guilds", self.guilds)
        api.add("POST", "/users/@me/channels", self.open_dm)
        api.add("GET", "/users/{user_id}", self.user)
        api.add("GET", "/oauth2/applications/@me", self.application)
        api.add("GET", "/applications/@me", self.application)
        api.add("GET", "/gateway", self.gateway, token=False)
        api.add("GET", "/gateway/bot", self.gateway_bot)
        api.add("GET", "/guilds/{guild_id}", self.guild)
        api.add("GET", "/guilds/{guild_id}/channels", self.channels)
        api.add("GET", "/guilds/{guild_id}/roles", self.roles)
        api.add("GET", "/guilds/{guild_id}/members/{user_id}", self.member)
        api.add("DELETE", "/users/@me/guilds/{guild_id}", self.leave)

    async def me(self, call: Call) -> Answer:
        flags = {"verified": True, "mfa_enabled": True, "email": None, "flags": 0}
        return {**payloads.user(call.world.bot), **flags}

    async def guilds(self, call: Call) -> Answer:
        bot = call.world.bot
        mine = [guild for guild in call.world.guilds.values() if bot.id in guild.members]
        return [
            {"id": str(guild.id), "name": guild.name, "icon": None, "owner": False, "permissions": "0", "features": []}
            for guild in mine[: call.limit(200, 200)]
        ]

    async def open_dm(self, call: Call) -> Answer:
        body = call.draft.body
        user = call.world.users.get(int(body.get("recipient_id", 0)))
        if user is None:
            raise unknown("User")
        if user is call.world.bot:
            raise ApiError(400, 50033, "Invalid Recipient(s)")
        return payloads.channel(call.world.dm(user))

    async def user(self, call: Call) -> Answer:
        user = call.world.users.get(call.number("user_id"))
        if user is None:
            raise unknown("User")
        return payloads.user(user)

    async def application(self, call: Call) -> Answer:
        return payloads.application(call.world)

    async def gateway(self, call: Call) -> Answer:
        return {"url": self._gateway.url}

    async def gateway_bot(self, call: Call) -> Answer:
        gateway = self._gateway
        limit = {
            "total": gateway.total,
            "remaining": gateway.budget,
            "reset_after": int(gateway.reset_after * 1000),
            "max_concurrency": gateway.max_concurrency,
        }
        return {"url": gateway.url, "shards": gateway.shards, "session_start_limit": limit}

    async def guild(self, call: Call) -> Answer:
        return payloads.guild(call.guild())

    async def channels(self, call: Call) -> Answer:
        return [payloads.channel(each) for each in call.guild().channels.values() if not each.is_thread]

    async def roles(self, call: Call) -> Answer:
        return [payloads.role(each) for each in call.guild().roles.values()]

    async def member(self, call: Call) -> Answer:
        member = call.guild().members.get(call.number("user_id"))
        if member is None:
            raise unknown("Member")
        return payloads.member(member)

    async def leave(self, call: Call) -> Answer:
        call.world.remove_member(call.guild(), call.world.bot)
        return None
