"""The commands an application has registered, and what a person's use of one looks like.

Source: Discord API reference, "Application Commands" (naming, limits, option types, resolved data).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.discord_server import payloads
from tests.discord_server.errors import DriverError, invalid_form, unknown
from tests.discord_server.files import Upload
from tests.discord_server.message import Message
from tests.discord_server.things import Channel, Guild, Json, Role, User
from tests.discord_server.world import World

Value = str | int | float | bool | User | Channel | Role | Upload
_NAME = re.compile(r"[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}")
_KINDS: dict[int, tuple[type, ...]] = {
    3: (str,),
    4: (int,),
    5: (bool,),
    6: (User,),
    7: (Channel,),
    8: (Role,),
    9: (User, Role),
    10: (int, float),
    11: (Upload,),
}


def _check(body: Json, index: int) -> None:
    name, kind = str(body.get("name") or ""), body.get("type", 1)
    if not 1 <= len(name) <= 32 or (kind == 1 and (not _NAME.fullmatch(name) or name != name.lower())):
        raise invalid_form(f"{index}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    description = str(body.get("description") or "")
    if (not 1 <= len(description) <= 100) if kind == 1 else bool(description):
        raise invalid_form(f"{index}.description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    options: list[Json] = body.get("options") or []
    if len(options) > 25:
        raise invalid_form(f"{index}.options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    optional = False
    for option in options:
        required = bool(option.get("required"))
        if required and optional:
            code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
            raise invalid_form(f"{index}.options", code, "Required options must be placed before non-required options")
        optional = optional or not required
        if not _NAME.fullmatch(str(option.get("name"))) or not 1 <= len(str(option.get("description") or "")) <= 100:
            raise invalid_form(f"{index}.options.0.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


class AppCommands:
    """By guild, None for everywhere."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[int | None, dict[str, Json]] = {}
        self.writes = 0
        """How often the application changed them; syncing on every start is rude."""

    def listed(self, guild_id: int | None) -> list[Json]:
        return list(self._known.get(guild_id, {}).values())

    def get(self, guild_id: int | None, command_id: str) -> Json:
        found = self._known.get(guild_id, {}).get(command_id)
        if found is None:
            raise unknown("application command")
        return found

    def delete(self, guild_id: int | None, command_id: str) -> bool:
        self.writes += 1
        return self._known.get(guild_id, {}).pop(command_id, None) is not None

    def replace(self, guild_id: int | None, bodies: list[Json]) -> list[Json]:
        """Bulk overwrite. Raises ApiError."""
        names = [(body.get("type", 1), body.get("name")) for body in bodies]
        if len(set(names)) < len(names):
            code = "APPLICATION_COMMANDS_DUPLICATE_NAME"
            raise invalid_form("commands", code, "Application command names must be unique")
        if sum(kind == 1 for kind, _ in names) > 100:
            raise invalid_form("commands", "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
        for index, body in enumerate(bodies):
            _check(body, index)
        old = self._known.get(guild_id, {})
        made = [self._made(guild_id, body, old) for body in bodies]
        self._known[guild_id] = {each["id"]: each for each in made}
        self.writes += 1
        return made

    def upsert(self, guild_id: int | None, body: Json) -> Json:
        _check(body, 0)
        known = self._known.setdefault(guild_id, {})
        made = self._made(guild_id, body, known)
        known[made["id"]] = made
        self.writes += 1
        return made

    def _made(self, guild_id: int | None, body: Json, old: Mapping[str, Json]) -> Json:
        same = [k for k, v in old.items() if (v["name"], v["type"]) == (body["name"], body.get("type", 1))]
        made: Json = {
            "default_member_permissions": None,
            "nsfw": False,
            "description": "",
            **body,
            "type": body.get("type", 1),
            "id": same[0] if same else str(self._world.ids.next()),
            "application_id": str(self._world.application_id),
            "version": str(self._world.ids.next()),
        }
        return made if guild_id is None else {**made, "guild_id": str(guild_id)}

    # use
    def find(self, name: str, guild: Guild | None, kind: int = 1) -> Json:
        """A command a person can choose here. Raises DriverError."""
        guild_id = None if guild is None else guild.id
        for command in (*self.listed(guild_id), *self.listed(None)):
            if command["name"] == name and command["type"] == kind:
                contexts: list[int] | None = command.get("contexts")
                if guild is None and (
                    (contexts is not None and 1 not in contexts) or command.get("dm_permission") is False
                ):
                    continue
                return command
        known = sorted(str(each["name"]) for each in (*self.listed(guild_id), *self.listed(None)))
        raise DriverError(f"there is no command {name!r} here; registered: {known}")

    def data(
        self,
        name: str,
        options: Mapping[str, Value],
        channel: Channel,
        *,
        focused: str | None = None,
        complete: bool = True,
    ) -> Json:
        """The `data` of an interaction; `name` may go into groups: `settings language`. Raises DriverError."""
        first, *path = name.split()
        command = self.find(first, channel.guild)
        level: Json = command
        for step in path:
            inner: list[Json] = [
                each for each in level.get("options") or () if each["name"] == step and each["type"] < 3
            ]
            if not inner:
                raise DriverError(f"{name!r}: there is no {step!r} in it")
            level = inner[0]
        declared: list[Json] = level.get("options") or []
        if any(each["type"] < 3 for each in declared):
            raise DriverError(f"{name!r} is a group; name one of {[each['name'] for each in declared]}")
        resolved: Json = {}
        given = self._options(declared, options, resolved, channel, complete=complete)
        for one in given:
            if one["name"] == focused:
                one["focused"] = True
        for step in reversed(path):
            kind = 1 if step == path[-1] else 2
            given = [{"name": step, "type": kind, "options": given}]
        data: Json = {"id": command["id"], "name": first, "type": 1, "options": given}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return {**data, "resolved": resolved} if resolved else data

    def _options(
        self, declared: list[Json], options: Mapping[str, Value], resolved: Json, channel: Channel, *, complete: bool
    ) -> list[Json]:
        names = {each["name"]: each for each in declared}
        missing = [each["name"] for each in declared if each.get("required") and each["name"] not in options]
        if set(options) - set(names) or (missing and complete):
            raise DriverError(f"options {sorted(options)} do not fit {sorted(names)}; missing: {missing}")
        result: list[Json] = []
        for name, value in options.items():
            kind, choices = names[name]["type"], names[name].get("choices")
            if not isinstance(value, _KINDS[kind]) or (kind == 4 and isinstance(value, bool)):
                raise DriverError(f"option {name!r} cannot be {value!r}")
            if choices and complete and value not in [each["value"] for each in choices]:
                raise DriverError(f"option {name!r} has only the choices {[each['value'] for each in choices]}")
            result.append({"name": name, "type": kind, "value": self._value(value, resolved, channel)})
        return result

    def _value(self, value: Value, resolved: Json, channel: Channel) -> str | int | float | bool:
        if isinstance(value, User):
            resolve_user(value, resolved, channel)
        elif isinstance(value, Channel):
            rights = str(int(value.world.permissions(value.world.bot, value)))
            resolved.setdefault("channels", {})[str(value.id)] = {**payloads.channel(value), "permissions": rights}
        elif isinstance(value, Role):
            resolved.setdefault("roles", {})[str(value.id)] = payloads.role(value)
        elif isinstance(value, Upload):
            kept = self._world.cdn.keep(self._world.ids.next(), channel.id, value, ephemeral=True)
            resolved.setdefault("attachments", {})[str(kept.id)] = payloads.attachment(self._world, kept)
            return str(kept.id)
        else:
            return value
        return str(value.id)

    def menu_data(self, name: str, target: User | Message, channel: Channel) -> Json:
        """The `data` of a context-menu command; the target's content is shown whatever the intents."""
        kind = 2 if isinstance(target, User) else 3
        command = self.find(name, channel.guild, kind)
        resolved: Json = {}
        if isinstance(target, User):
            resolve_user(target, resolved, channel)
        else:
            resolved["messages"] = {str(target.id): payloads.message(target)}
        return {"id": command["id"], "name": name, "type": kind, "target_id": str(target.id), "resolved": resolved}


def resolve_user(user: User, resolved: Json, channel: Channel) -> None:
    resolved.setdefault("users", {})[str(user.id)] = payloads.user(user)
    if channel.guild is not None and user.id in channel.guild.members:
        one = payloads.member(channel.guild.members[user.id], with_user=False)
        one["permissions"] = str(int(channel.world.permissions(user, channel)))
        resolved.setdefault("members", {})[str(user.id)] = one
