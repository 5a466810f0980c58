"""Tools that note what they did, people and their roles, and what a model says that wants something done."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from bot.ports.tool import AnyTool, CallContext, Effect, tool
from bot.talk.delivery import Delivery
from bot.talk.found import Found
from bot.talk.message import Person, Place
from bot.talk.turn import Call
from tests.fakes import ANA, BEN, GENERAL, said
from tests.rig import Rig
from tests.rights import FakeRights

HARBOUR = Place(platform="local", id="harbour", name="harbour", guild="marseille")
MOD = Person(platform="local", id="mod", name="Mod")
Text = Annotated[str, Field(max_length=5000)]


@dataclass(slots=True)
class Done:
    """What tools did. `written` is what stays: once for each key, as a tool of ours does it."""

    written: dict[str, str] = field(default_factory=dict[str, str])
    sent: list[str] = field(default_factory=list[str])

    @property
    def tools(self) -> tuple[AnyTool, ...]:
        @tool(Effect.WRITES)
        async def note(context: CallContext, text: Text) -> str:
            """Keep a note."""
            self.written[context.call] = text
            return f"noted {text}"

        @tool(Effect.LEAVES, outside=True)
        async def fetch(_context: CallContext, url: Text) -> str:
            """Fetch a page."""
            self.sent.append(url)
            return f"the page at {url} says: see also https://found.example/page"

        @tool(Effect.READS, across=True, outside=True)
        async def recall(_context: CallContext, about: Text) -> Found:
            """Look up what was said elsewhere."""
            return Found(text=f"somebody said something about {about}", privately=True)

        @tool(Effect.READS)
        async def echo(_context: CallContext, text: Text) -> str:
            """Say it again."""
            return text

        return (note, fetch, recall, echo)


def everybody(*, of_role: Mapping[str, Collection[str]] | None = None) -> FakeRights:
    """Who reads everything; one of them moderates."""
    keys = [each.key for each in (ANA, BEN, MOD)]
    return FakeRights(
        readers={GENERAL.room: keys, HARBOUR.room: keys},
        moderators=[MOD.key],
        of_role={} if of_role is None else of_role,
    )


def call(name: str, /, *, of: str = "c1", **arguments: str) -> Call:
    return Call(id=of, name=name, arguments=json.dumps(arguments))


async def asks(rig: Rig, text: str = "Please note milk", *, place: Place = GENERAL, by: Person = ANA) -> Delivery:
    """Somebody asks; the answer when it is whole and shown."""
    message = said(text, place=place, by=by)
    before = len(rig.platform.revisions)
    await rig.says(message)
    await rig.idle()
    finals = [each for each in rig.platform.revisions[before:] if each.final and each.reply_to == message.id]
    return finals[-1]


def button(delivery: Delivery, kind: str, number: int = 0) -> str:
    return [each.id for each in delivery.actions if each.id.startswith(f"{kind}:")][number]


def buttons(delivery: Delivery) -> list[str]:
    return [each.id.partition(":")[0] for each in delivery.actions]
