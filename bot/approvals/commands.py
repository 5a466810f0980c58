"""The commands by which moderators decide which tools are offered where, and which roles may have them called."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from bot.approvals.rules import ToolRules
from bot.approvals.shown import plain
from bot.errors import NotAllowed
from bot.languages.phrases import Phrases
from bot.ports import OnCommand
from bot.talk.approval import ToolRule, guild_key
from bot.talk.command import Argument, Command, Who
from bot.talk.event import Commanded
from bot.talk.message import Place
from bot.talk.response import Response

HERE, SERVER = "here", "server"
YES, NO, DEFAULT = "yes", "no", "default"
MOST_LISTED = 100
"""Tools that one answer names."""

_ROLE = re.compile(r"\s*(?:<@&)?(\d{1,20})>?\s*")


def commands(phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them, in the language of `phrases`."""

    def command(name: str, *arguments: Argument) -> Command:
        description = phrases.say(f"command-{name}")
        return Command(name=name, description=description, arguments=arguments, who=Who.MODERATOR)

    tool = Argument(name="tool", description=phrases.say("argument-tool"))
    where = Argument(name="where", description=phrases.say("argument-where"), choices=(HERE, SERVER))
    on = Argument(name="on", description=phrases.say("argument-on"), choices=(YES, NO, DEFAULT))
    role = Argument(name="role", description=phrases.say("argument-role"), role=True)
    allowed = Argument(name="allowed", description=phrases.say("argument-allowed"), choices=(YES, NO, DEFAULT))
    return (command("tools"), command("tools-offer", tool, where, on), command("tools-role", tool, role, allowed))


class ToolCommands:
    """`names`: all tools that there are, as of now."""

    def __init__(self, rules: ToolRules, *, names: Callable[[], Collection[str]], phrases: Phrases) -> None:
        self._rules = rules
        self._names = names
        self._phrases = phrases

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        return {"tools": self._tools, "tools-offer": self._offer, "tools-role": self._role}

    async def _tools(self, event: Commanded) -> Response:
        _moderators_only(event)
        await self._rules.require()
        names = sorted(self._names())
        phrases = self._phrases.to(event.person.locale)
        lines = [self._line(name, event.place, phrases) for name in names[:MOST_LISTED]]
        if len(names) > MOST_LISTED:
            lines.append("…")
        return Response(text="\n".join(lines) or phrases.say("tools-none"))

    async def _offer(self, event: Commanded) -> Response:
        _moderators_only(event)
        tool, on, where = (event.arguments.get(name, "").strip() for name in ("tool", "on", "where"))
        if (wrong := self._wrong(event, tool, on)) is not None:
            return wrong
        guild = guild_key(event.place)
        if where == SERVER:
            if guild is None:
                return self._said(event, "tools-no-server")
            rule = ToolRule(tool=tool, allowed=on == YES, guild=guild)
        elif where == HERE:
            rule = ToolRule(tool=tool, allowed=on == YES, place=event.place.key)
        else:
            return self._said(event, "tools-bad-where")
        return await self._decided(event, rule, on)

    async def _role(self, event: Commanded) -> Response:
        _moderators_only(event)
        tool, allowed = (event.arguments.get(name, "").strip() for name in ("tool", "allowed"))
        if (wrong := self._wrong(event, tool, allowed)) is not None:
            return wrong
        guild = guild_key(event.place)
        if guild is None:
            return self._said(event, "tools-no-server")
        role = _ROLE.fullmatch(event.arguments.get("role", ""))
        if role is None:
            return self._said(event, "tools-bad-role")
        rule = ToolRule(tool=tool, allowed=allowed == YES, guild=guild, role=role[1])
        return await self._decided(event, rule, allowed)

    async def _decided(self, event: Commanded, rule: ToolRule, choice: str) -> Response:
        await self._rules.require()
        if choice == DEFAULT:
            await self._rules.remove(rule)
        elif self._rules.full:
            return self._said(event, "tools-too-many")
        else:
            await self._rules.save(rule)
        return Response(text=self._line(rule.tool, event.place, self._phrases.to(event.person.locale)))

    def _wrong(self, event: Commanded, tool: str, choice: str) -> Response | None:
        if tool not in self._names():
            known = ", ".join(sorted(self._names())[:MOST_LISTED])
            phrases = self._phrases.to(event.person.locale)
            return Response(text=phrases.say("tools-unknown", tool=plain(tool, limit=64), tools=known))
        return None if choice in (YES, NO, DEFAULT) else self._said(event, "tools-bad-choice")

    def _line(self, tool: str, place: Place, phrases: Phrases) -> str:
        return f"- {told(self._rules, tool, place, phrases)}"

    def _said(self, event: Commanded, key: str) -> Response:
        return Response(text=self._phrases.to(event.person.locale).say(key))


def told(rules: ToolRules, tool: str, place: Place, phrases: Phrases) -> str:
    """Whether it is offered there, and why; then what is decided of roles."""
    if rules.off(tool):
        why = phrases.say("tools-off")
    elif (rule := rules.deciding(tool, place)) is None:
        why = phrases.say("tools-default")
    else:
        of = "server" if rule.guild is not None else "here" if rule.place == place.key else "channel"
        why = phrases.say(f"tools-{'on' if rule.allowed else 'not'}-{of}")
    roles = rules.of_roles(tool, place)
    of_roles = [phrases.say(f"tools-role-{'yes' if each.allowed else 'no'}", role=each.role or "") for each in roles]
    return f"`{tool}`: {'; '.join([why, *of_roles])}"


def _moderators_only(event: Commanded) -> None:
    if not event.moderator:
        raise NotAllowed(f"{event.person.key} may not manage {event.place.key}")
