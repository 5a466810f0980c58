"""For an operator: what each server says of its tools now, beside what is approved of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.errors import BackendError
from bot.mcp.connection import Opening, connected
from bot.mcp.definition import Definition, read, shown
from bot.mcp.owner import why_of
from bot.ports.servers import Approved
from bot.settings import ToolServer


class State(StrEnum):
    APPROVED = "approved"
    NEW = "not approved"
    CHANGED = "changed since it was approved, so it is not used"
    WITHDRAWN = "was changed after it was approved, so it is not used"
    UNUSABLE = "cannot be used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """`why`: it could not be asked. `gone`: approved tools that it does not have any more. `more`: it lists more than
    are looked at."""

    server: str
    why: str = ""
    tools: tuple[tuple[Definition, State], ...] = ()
    gone: tuple[str, ...] = ()
    more: bool = False


async def look(
    servers: Sequence[ToolServer], opening: Opening, approved: Sequence[Approved], *, reserved: Collection[str]
) -> tuple[Looked, ...]:
    """All of them beside each other, each started for this and ended."""
    return tuple(await asyncio.gather(*(_look(server, opening, approved, reserved) for server in servers)))


async def _look(
    server: ToolServer, opening: Opening, approved: Sequence[Approved], reserved: Collection[str]
) -> Looked:
    known = {each.tool: each for each in approved if each.server == server.name}
    try:
        async with connected(server, opening, lambda: None) as connection:
            async with asyncio.timeout(opening.seconds):
                listed = await connection.listed()
    except TimeoutError:
        return Looked(server=server.name, why=f"it did not say within {opening.seconds:g} s which tools it has")
    except BackendError as error:
        return Looked(server=server.name, why=str(error))
    except Exception as error:  # the SDK's own, in groups
        return Looked(server=server.name, why=why_of(error))
    definitions = await asyncio.to_thread(
        read, server.name, listed.tools, unreadable=listed.unreadable, reserved=reserved
    )
    return Looked(
        server=server.name,
        tools=tuple((each, _state(each, known.get(each.tool))) for each in definitions),
        gone=tuple(sorted(known.keys() - {each.tool for each in definitions})),
        more=listed.more,
    )


def only(looked: Looked, tool: str) -> Looked:
    """That tool alone, and nothing where the server has none of this name."""
    return replace(looked, tools=tuple(each for each in looked.tools if each[0].tool == tool), gone=())


def _state(definition: Definition, approved: Approved | None) -> State:
    if definition.problem:
        return State.UNUSABLE
    if approved is None:
        return State.NEW
    if approved.digest != definition.digest:
        return State.CHANGED
    return State.APPROVED if approved.withdrawn is None else State.WITHDRAWN


def as_text(looked: Sequence[Looked], *, whole: bool) -> str:
    """`whole`: with all that would be approved, character by character."""
    lines: list[str] = []
    for each in looked:
        lines.append(f"{each.server}: {each.why or f'{len(each.tools)} tools'}")
        for definition, state in each.tools:
            problem = f": {definition.problem}" if definition.problem else ""
            lines.append(f"  {shown(definition.tool)}: {state}{problem}")
            lines.append(f"      the model knows it as {definition.offered}; digest {definition.digest[:16]}")
            if whole:
                lines += [f"      {line}" for line in _whole(definition).splitlines()]
        lines += [f"  {shown(tool)}: approved, but the server has it no more" for tool in each.gone]
        if each.more:
            lines.append('  (and more, which are not looked at: name the ones you want under "tools")')
    return "\n".join(lines)


def as_json(looked: Sequence[Looked]) -> str:
    found = [
        {
            "server": each.server,
            "error": each.why or None,
            "tools": [
                {
                    "name": definition.tool,
                    "offered": definition.offered,
                    "state": state.name.lower(),
                    "problem": definition.problem or None,
                    "digest": definition.digest,
                    "definition": json.loads(definition.text),
                }
                for definition, state in each.tools
            ],
            "gone": list(each.gone),
            "more": each.more,
        }
        for each in looked
    ]
    return json.dumps(found, indent=2)


def _whole(definition: Definition) -> str:
    """In JSON, where all but ASCII is written out: nothing in it can look like something else."""
    return json.dumps(json.loads(definition.text), indent=2, ensure_ascii=True)
