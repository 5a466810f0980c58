"""What people do with buttons, menus, commands and forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.discord_server.app_commands import AppCommands, Value
from tests.discord_server.driver import Driver
from tests.discord_server.errors import DriverError
from tests.discord_server.interactions import Interaction, Interactions, Kind
from tests.discord_server.message import Message, walk
from tests.discord_server.modals import TEXT_INPUT, check_values
from tests.discord_server.permissions import Permission
from tests.discord_server.posting import Posting
from tests.discord_server.things import Channel, Json, User
from tests.discord_server.world import World

_SELECTS = (3, 5, 6, 7, 8)


class People(Driver):
    """The people's side of interactions. Whatever could not happen on Discord raises DriverError."""

    def __init__(self, world: World, posting: Posting) -> None:
        super().__init__(world, posting)
        self.interactions = Interactions(world, posting)
        self.app_commands = AppCommands(world)

    async def press(self, message: Message, custom_id: str, user: User) -> Interaction:
        """Press a button that stands under a message."""
        component = self._component(message, custom_id, user)
        if component["type"] != 2:
            raise DriverError(f"{custom_id!r} is not a button")
        return self._touch(message, component, user)

    async def choose(self, message: Message, custom_id: str, values: Sequence[str], user: User) -> Interaction:
        """Choose in a menu that stands under a message."""
        component = self._component(message, custom_id, user)
        offered = {each["value"] for each in component.get("options") or ()}
        if component["type"] not in _SELECTS or (component["type"] == 3 and not set(values) <= offered):
            raise DriverError(f"{custom_id!r} does not offer {list(values)}")
        return self._touch(message, component, user, values=list(values))

    def _component(self, message: Message, custom_id: str, user: User) -> Json:
        if message.deleted or not self._sees(message, user):
            raise DriverError(f"{user.name} does not see that message")
        for component in walk(message.components):
            if component.get("custom_id") == custom_id:
                if component.get("disabled"):
                    raise DriverError(f"{custom_id!r} is disabled")
                return component
        there = [each.get("custom_id") for each in walk(message.components) if "custom_id" in each]
        raise DriverError(f"there is no {custom_id!r} under {message.content!r}, only {there}")

    def _sees(self, message: Message, user: User) -> bool:
        if message.seen_by is not None:
            return message.seen_by is user
        return self.world.sees(user, message.channel)

    def _touch(self, message: Message, component: Json, user: User, **more: object) -> Interaction:
        data = {"custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"], **more}
        return self.interactions.open(Kind.COMPONENT, user, message.channel, data, message)

    async def use_command(
        self, name: str, options: Mapping[str, Value] | None = None, *, user: User, channel: Channel
    ) -> Interaction:
        """Use a registered slash command; a subcommand is `group name`."""
        data = self.app_commands.data(name, options or {}, channel)
        self._may(name.split(maxsplit=1)[0], 1, user, channel)
        return self.interactions.open(Kind.COMMAND, user, channel, data)

    async def autocomplete(
        self, name: str, focused: str, options: Mapping[str, Value], *, user: User, channel: Channel
    ) -> Interaction:
        """Type into an option with suggestions; they arrive in `choices`."""
        data = self.app_commands.data(name, options, channel, focused=focused, complete=False)
        return self.interactions.open(Kind.AUTOCOMPLETE, user, channel, data)

    async def use_menu(self, name: str, target: User | Message, *, user: User, channel: Channel) -> Interaction:
        """Choose a command in the context menu of a person or a message."""
        self._may(name, 2 if isinstance(target, User) else 3, user, channel)
        return self.interactions.open(Kind.COMMAND, user, channel, self.app_commands.menu_data(name, target, channel))

    def _may(self, name: str, kind: int, user: User, channel: Channel) -> None:
        rights = self.world.permissions(user, channel)
        if channel.guild is None:
            return
        if Permission.VIEW_CHANNEL | Permission.USE_APPLICATION_COMMANDS not in rights:
            raise DriverError(f"{user.name} may not use commands in #{channel.name}")
        needed = self.app_commands.find(name, channel.guild, kind).get("default_member_permissions")
        if needed is not None and Permission.ADMINISTRATOR not in rights:
            bits = int(needed)
            if bits == 0 or int(rights) & bits != bits:
                raise DriverError(f"{user.name} is not offered {name!r}")

    async def submit(self, interaction: Interaction, values: Mapping[str, str]) -> Interaction:
        """Fill in the form that an interaction opened, and send it."""
        modal = interaction.modal
        if modal is None:
            raise DriverError("no form was opened")
        inputs = {each["custom_id"] for each in _inputs(modal)}
        if not set(values) <= inputs:
            raise DriverError(f"the form has only {sorted(inputs)}")
        wrong = check_values(
            {each["custom_id"]: each for each in _inputs(modal) if each["type"] == TEXT_INPUT}, dict(values)
        )
        if wrong:
            raise DriverError(wrong)
        components = [_filled(each, values) for each in modal["components"]]
        data: Json = {"custom_id": modal["custom_id"], "components": components, "resolved": {}}
        return self.interactions.open(Kind.MODAL, interaction.user, interaction.channel, data, interaction.message)


def _inputs(modal: Json) -> list[Json]:
    found: list[Json] = []
    for component in walk(modal.get("components") or ()):
        inner: Json = component.get("component") or component
        if "custom_id" in inner:
            found.append(inner)
    return found


def _filled(component: Json, values: Mapping[str, str]) -> Json:
    """The component as a submitted form gives it back: its id, type and value."""
    result: Json = {"type": component["type"], "id": component.get("id", 0)}
    if "components" in component:
        result["components"] = [_filled(each, values) for each in component["components"]]
    if "component" in component:
        result["component"] = _filled(component["component"], values)
    if "custom_id" in component:
        result |= {"custom_id": component["custom_id"], "value": values.get(component["custom_id"], "")}
    return result
