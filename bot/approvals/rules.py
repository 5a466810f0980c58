"""Which tools are offered where, and to whom: the operator's word, then what moderators decided, the nearest first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping

from bot.errors import CalanqueError
from bot.ports.approvals import ApprovalStore
from bot.ports.rights import Rights
from bot.talk.approval import ToolRule, guild_key
from bot.talk.message import Place

log = logging.getLogger(__name__)

MOST_RULES = 2000
"""Kept of one program; no moderator can fill the memory."""

Key = tuple[str, str, str]


class ToolRules:
    """All rules in memory, because what is offered is asked for at every turn. `load` before anything is offered."""

    def __init__(self, store: ApprovalStore, *, never: Collection[str], rights: Mapping[str, Rights]) -> None:
        self._store = store
        self._never = frozenset(never)
        self._rights = rights
        self._rules: dict[Key, ToolRule] | None = None
        self._reading = asyncio.Lock()

    async def load(self) -> None:
        """Raises DatabaseUnusable."""
        async with self._reading:  # what was read before a change does not come after it
            self._rules = {_key(rule): rule for rule in await self._store.tool_rules()}

    async def refresh(self) -> None:
        """As they are now, where they can be read; else they stay as they were, and before the first time nothing is
        offered."""
        try:
            await self.load()
        except CalanqueError as error:
            log.error("the rules of tools could not be read: %s", error)

    async def require(self) -> None:
        """That they are known. Raises DatabaseUnusable."""
        if self._rules is None:
            await self.load()

    @property
    def full(self) -> bool:
        return len(self._rules or ()) >= MOST_RULES

    async def save(self, rule: ToolRule) -> None:
        """Raises DatabaseUnusable."""
        await self._store.save_tool_rule(rule)
        await self.load()

    async def remove(self, rule: ToolRule) -> None:
        """Raises DatabaseUnusable."""
        await self._store.remove_tool_rule(rule)
        await self.load()

    def off(self, tool: str) -> bool:
        """Whether the operator never offers it."""
        return tool in self._never

    def deciding(self, tool: str, place: Place) -> ToolRule | None:
        """The rule that says whether it is offered there: the place's own, its channel's, its server's."""
        for scope in _scopes(place):
            if (rule := (self._rules or {}).get((scope, tool, ""))) is not None:
                return rule
        return None

    def offers(self, tool: str, place: Place) -> bool:
        """What is not known is not offered."""
        if self._rules is None or self.off(tool):
            return False
        rule = self.deciding(tool, place)
        return rule is None or rule.allowed

    def of_roles(self, tool: str, place: Place) -> tuple[ToolRule, ...]:
        """What is decided of roles on the server of the place."""
        guild = guild_key(place)
        rules = (self._rules or {}).values()
        return tuple(each for each in rules if guild and each.guild == guild and each.tool == tool and each.role)

    async def allows(self, tool: str, person: str, place: Place) -> bool:
        """Whether the person's roles let them have it called. A refusal counts more than a permission."""
        rules = self.of_roles(tool, place)
        if not rules:
            return True
        rights = self._rights.get(place.platform)
        if rights is None:
            return False
        roles = await rights.roles(person, place)
        told = {rule.allowed for rule in rules if rule.role in roles}
        if False in told:
            return False
        # Where nobody is named who may, everybody else may; but whoever's roles are not known is nobody.
        return True in told or (not any(rule.allowed for rule in rules) and bool(roles))


def _scopes(place: Place) -> tuple[str, ...]:
    channel = place.channel
    near = [f"place {place.key}", *([f"place {channel.key}"] if channel is not None else [])]
    guild = guild_key(place)
    return (*near, *([f"guild {guild}"] if guild is not None else []))


def _key(rule: ToolRule) -> Key:
    return rule.scope, rule.tool, rule.role or ""
