"""What happens to servers: members come and go, roles change, the bot is invited and thrown out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, cast

from tests.discord_server import payloads
from tests.discord_server.ground import Event, Ground
from tests.discord_server.permissions import DEFAULT, Permission
from tests.discord_server.things import Guild, Json, Member, Role, User

if TYPE_CHECKING:
    from tests.discord_server.world import World


class Guilds(Ground):
    """Changes to guilds, their members and roles."""

    def add_guild(self, name: str, owner: User | None, bot_permissions: Permission, *, with_bot: bool = True) -> Guild:
        guild = Guild(world=cast("World", self), id=self.ids.next_guild(), name=name, owner=owner or self.owner)
        everyone = Role(id=guild.id, guild=guild, name="@everyone", permissions=DEFAULT, position=0)
        guild.roles[guild.id] = everyone
        self.guilds[guild.id] = guild
        self._join(guild, guild.owner, ())
        if with_bot:
            self.invite(guild, bot_permissions)
        return guild

    def invite(self, guild: Guild, permissions: Permission) -> None:
        """The bot joins, with a role of its own."""
        role = Role(
            id=self.ids.next(),
            guild=guild,
            name=self.bot.name,
            permissions=permissions,
            position=len(guild.roles),
            bot_id=self.bot.id,
        )
        guild.roles[role.id] = role
        self._join(guild, self.bot, (role,))
        self.emit(Event(name="GUILD_CREATE", data={"id": str(guild.id)}, guild_id=guild.id))

    def _join(self, guild: Guild, user: User, roles: Iterable[Role], nick: str | None = None) -> Member:
        ids = {role.id for role in roles}
        member = Member(user=user, guild=guild, joined_at=self.clock.now(), roles=ids, nick=nick)
        guild.members[user.id] = member
        return member

    def add_member(self, guild: Guild, user: User, roles: Iterable[Role], *, nick: str | None = None) -> Member:
        member = self._join(guild, user, roles, nick)
        data = {**payloads.member(member), "guild_id": str(guild.id)}
        self.emit(Event(name="GUILD_MEMBER_ADD", data=data, guild_id=guild.id, about=user))
        return member

    def remove_member(self, guild: Guild, user: User) -> None:
        del guild.members[user.id]
        if user is self.bot:
            for role in [role for role in guild.roles.values() if role.bot_id == user.id]:
                del guild.roles[role.id]
            self.emit(Event(name="GUILD_DELETE", data={"id": str(guild.id)}, guild_id=guild.id))
            return
        data: Json = {"guild_id": str(guild.id), "user": payloads.user(user)}
        self.emit(Event(name="GUILD_MEMBER_REMOVE", data=data, guild_id=guild.id, about=user))

    def set_availability(self, guild: Guild, *, available: bool) -> None:
        """A guild goes away in an outage and comes back."""
        guild.available = available
        data: Json = {"id": str(guild.id), "unavailable": not available}
        self.emit(Event(name="GUILD_CREATE" if available else "GUILD_DELETE", data=data, guild_id=guild.id))

    def member_changed(self, guild: Guild, user: User) -> None:
        data = {**payloads.member(guild.members[user.id]), "guild_id": str(guild.id)}
        self.emit(Event(name="GUILD_MEMBER_UPDATE", data=data, guild_id=guild.id, about=user))

    def set_roles(self, guild: Guild, user: User, roles: Iterable[Role]) -> None:
        with Gained(self, guild):
            own = {role.id for role in guild.roles.values() if role.bot_id == user.id}
            guild.members[user.id].roles = {role.id for role in roles} | own
            self.member_changed(guild, user)

    def time_out(self, guild: Guild, user: User, until: datetime | None) -> None:
        guild.members[user.id].timed_out_until = until
        self.member_changed(guild, user)

    def add_role(self, guild: Guild, name: str, permissions: Permission, *, mentionable: bool) -> Role:
        role = Role(
            id=self.ids.next(),
            guild=guild,
            name=name,
            permissions=permissions,
            position=len(guild.roles),
            mentionable=mentionable,
        )
        guild.roles[role.id] = role
        self._role_event("GUILD_ROLE_CREATE", role)
        return role

    def set_role(self, role: Role, permissions: Permission) -> None:
        with Gained(self, role.guild):
            role.permissions = permissions
            self._role_event("GUILD_ROLE_UPDATE", role)

    def delete_role(self, role: Role) -> None:
        guild = role.guild
        del guild.roles[role.id]
        for member in guild.members.values():
            member.roles.discard(role.id)
        for channel in guild.channels.values():
            channel.overwrites.pop(role.id, None)
        data: Json = {"guild_id": str(guild.id), "role_id": str(role.id)}
        self.emit(Event(name="GUILD_ROLE_DELETE", data=data, guild_id=guild.id))

    def _role_event(self, name: str, role: Role) -> None:
        data: Json = {"guild_id": str(role.guild.id), "role": payloads.role(role)}
        self.emit(Event(name=name, data=data, guild_id=role.guild.id))


class Gained:
    """Threads in channels that the bot comes to see are told in THREAD_LIST_SYNC."""

    def __init__(self, world: Ground, guild: Guild) -> None:
        self._world = world
        self._guild = guild

    def _seen(self) -> set[int]:
        channels = self._guild.channels.values()
        return {each.id for each in channels if not each.is_thread and self._world.sees(self._world.bot, each)}

    def __enter__(self) -> None:
        self._before = self._seen()

    def __exit__(self, *_: object) -> None:
        gained = self._seen() - self._before
        if not gained:
            return
        threads = [
            each
            for each in self._guild.channels.values()
            if each.is_thread and each.parent is not None and each.parent.id in gained and not each.archived
        ]
        bot = self._world.bot
        data: Json = {
            "guild_id": str(self._guild.id),
            "channel_ids": [str(each) for each in sorted(gained)],
            "threads": [payloads.channel(each) for each in threads if self._world.sees(bot, each)],
            "members": [payloads.thread_member(each, bot) for each in threads if bot.id in each.thread_members],
        }
        self._world.emit(Event(name="THREAD_LIST_SYNC", data=data, guild_id=self._guild.id))
