"""The tools of one process: what the model is told of them, and its calls, validated, bounded, and never fatal."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot.agent.arguments import alike, read
from bot.agent.carrying import Carrying
from bot.agent.marking import numbered
from bot.agent.offer import Offer, foreign, ours
from bot.errors import BadCall
from bot.ports.gate import Admitted, Asked, Denied, Gate, Reading, Requested, Traits
from bot.ports.tool import AnyTool, CallContext, Effect, ForeignTool, Tool
from bot.talk.found import Source
from bot.talk.message import Conversation
from bot.talk.redaction import Redaction
from bot.talk.turn import Call, Image, Result, ToolSpec

MOST_ASKED = 3  # calls of one step that people are asked about
SAME_CALLS = 3  # with the same arguments in one turn; of a tool that writes, one


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran(Result):
    """A result with what goes to people beside it, as in `Found`. `asked`: somebody has to approve of it first, as
    `call` has it, without secrets.

    `across`: it may hold what was said elsewhere. `seconds`: how long it took; `secret`: names of its arguments that
    are shown to nobody.
    """

    sources: tuple[Source, ...] = ()
    images: tuple[Image, ...] = ()
    privately: bool = False
    asked: bool = False
    call: Call | None = None
    across: bool = False
    seconds: float = 0.0
    secret: frozenset[str] = frozenset()

    @property
    def outcome(self) -> str:
        return "failed" if self.failed else "asked" if self.asked else "ok"

    @property
    def plain(self) -> Result:
        """As it is kept."""
        return Result(call_id=self.call_id, name=self.name, content=self.content, failed=self.failed, of=self.of)


class Toolbox:
    """Offers `tools` to the model. `seconds`: limit of one call; `chars`: of one result; `calls`: of one step; `same`:
    of calls with the same arguments in one turn.

    `has`: names of the services that there are; a tool that needs another one is not there. `foreign`: the tools of
    other servers, as of now. `gate` decides on every call. `redact` takes secrets out of arguments and results.
    `monotonic`: seconds that never go back. Raises TypeError for a tool that does not declare what it does, or whose
    arguments could not be checked.
    """

    def __init__(
        self,
        tools: Sequence[AnyTool],
        *,
        seconds: float,
        chars: int,
        calls: int,
        same: int = SAME_CALLS,
        has: Collection[str] = (),
        gate: Gate | None = None,
        foreign: Callable[[], Sequence[ForeignTool]] = tuple,
        redact: Redaction | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        for each in tools:
            if not isinstance(each, Tool):  # pyright: ignore[reportUnnecessaryIsInstance] # a bare function
                raise TypeError(f"{each!r} is no tool: declare it with @tool(Effect.…)")
        if len({tool.name for tool in tools}) < len(tools):
            raise TypeError(f"two tools have one name: {', '.join(tool.name for tool in tools)}")
        offers = [ours(tool) for tool in tools]
        self._ours = {offer.name: offer for offer in offers if not offer.needs or offer.needs in has}
        self._foreign = foreign
        self._gate = gate or Reading()
        self._seconds = seconds
        self._chars = chars
        self._calls = calls
        self._same = same
        self._redact = Redaction() if redact is None else redact
        self._carrying = Carrying(chars=chars, redact=self._redact)
        self._monotonic = monotonic

    @property
    def offers(self) -> Mapping[str, Offer]:
        """All tools by name, as of now. No server's tool takes the place of one of ours."""
        return {**{each.name: foreign(each) for each in self._foreign()}, **self._ours}

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """All of them, in the order in which they are told."""
        return tuple(offer.spec for _, offer in sorted(self.offers.items()))

    def offered(self, conversation: Conversation) -> tuple[ToolSpec, ...]:
        """What the model is told of in a conversation."""
        offers = sorted(self.offers.items())
        return tuple(offer.spec for name, offer in offers if self._gate.offers(name, offer.server, conversation))

    async def run(
        self,
        calls: Sequence[Call],
        context: CallContext,
        *,
        earlier: Sequence[Sequence[Call]] = (),
        sources: Sequence[Source] = (),
    ) -> tuple[Ran, ...]:
        """The results in the order of the calls. A failure is a result, too.

        Neighbours that may run beside each other do; any other call runs alone, when those before it have ended.
        `earlier`: the calls of each step that this turn has made before; `sources`: those that its results named.
        """
        results: list[Ran] = []
        offers = self.offers
        for together in self._groups(calls[: self._calls], earlier, offers):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._run_one(call, context, before, offers)) for call, before in together]
            results += [task.result() for task in tasks]
        results = _few_asked(results)
        results += [_failure(call, f"at most {self._calls} calls at a time") for call in calls[self._calls :]]
        known = tuple(dict.fromkeys((*sources, *(source for each in results for source in each.sources))))
        return tuple(replace(each, content=numbered(each.content, each.sources, known)) for each in results)

    def _groups(
        self, calls: Sequence[Call], earlier: Sequence[Sequence[Call]], offers: Mapping[str, Offer]
    ) -> Generator[list[tuple[Call, int]]]:
        """What may run at the same time, in order; with each call, how often the same was made before it."""
        made = Counter(alike(call) for step in earlier for call in step[: self._calls])
        counted: list[tuple[Call, int]] = []
        for call in calls:
            counted.append((call, made[alike(call)]))
            made[alike(call)] += 1

        def beside(each: tuple[Call, int]) -> bool:
            found = offers.get(each[0].name)
            return found is None or found.beside

        for together, neighbours in groupby(counted, key=beside):
            if together:
                yield list(neighbours)
            else:
                yield from ([each] for each in neighbours)

    async def _run_one(self, call: Call, context: CallContext, before: int, offers: Mapping[str, Offer]) -> Ran:
        begun = self._monotonic()
        found = offers.get(call.name)
        try:
            ran = await self._ran(call, found, context, before, offers)
        except BadCall as error:
            ran = _failure(call, str(error)[: self._chars])
        secret = frozenset[str]() if found is None else found.secret
        return replace(ran, seconds=self._monotonic() - begun, secret=secret)

    async def _ran(
        self, call: Call, found: Offer | None, context: CallContext, before: int, offers: Mapping[str, Offer]
    ) -> Ran:
        """Raises BadCall with the reason where there is no result."""
        if found is None:
            names = ", ".join(spec.name for spec in self.offered(context.conversation)) or "none"
            raise BadCall(f"there is no tool {call.name[:64]!r}; the tools are: {names}")
        most = 1 if found.effect is Effect.WRITES else self._same
        if before >= most:
            raise BadCall(
                f"not called: {found.name} was called with the same arguments {before} times already for this "
                "question; use what it gave, or answer with what you have"
            )
        call = self._without_secrets(call)
        arguments = found.check(call)
        context = replace(context, call=_key(context.call, call, before))
        match await self._gate.admit(_requested(found, call, arguments, offers), context):
            case Denied(reason=reason):
                raise BadCall(reason)
            case Asked(told=told):
                return Ran(call_id=call.id, name=call.name, content=told, asked=True, call=call)
            case Admitted():
                pass
        seconds = min(self._seconds, found.seconds or self._seconds)
        given = await self._carrying.carry_out(found, context, arguments, seconds=seconds)
        return Ran(
            call_id=call.id,
            name=call.name,
            content=given.text,
            sources=given.sources,
            images=given.images,
            privately=given.privately,
            of=given.of,
            across=found.across,
        )

    def _without_secrets(self, call: Call) -> Call:
        """Raises BadCall for arguments that cannot be read."""
        given = read(call)
        clean = self._redact.within(given)
        return call if clean == given else replace(call, arguments=json.dumps(clean))


def _key(turn: str, call: Call, before: int) -> str:
    """The same when the turn is begun anew and makes this call again."""
    return hashlib.sha256("\n".join((turn, *alike(call), str(before))).encode()).hexdigest()[:32]


def _requested(offer: Offer, call: Call, arguments: Mapping[str, object], offers: Mapping[str, Offer]) -> Requested:
    return Requested(
        known={name: Traits(across=each.across, outside=each.outside) for name, each in offers.items()},
        call=call,
        arguments=arguments,
        effect=offer.effect,
        across=offer.across,
        unasked=offer.unasked,
        server=offer.server,
        definition=offer.definition,
    )


def _few_asked(results: Sequence[Ran]) -> list[Ran]:
    """Nobody is asked about more than a few things at once."""
    refusal = f"Error: not asked for: people are asked about {MOST_ASKED} calls at a time, and others came first"
    asked, bounded = 0, list[Ran]()
    for each in results:
        asked += each.asked
        over = each.asked and asked > MOST_ASKED
        bounded.append(replace(each, content=refusal, failed=True, asked=False) if over else each)
    return bounded


def _failure(call: Call, reason: str) -> Ran:
    return Ran(call_id=call.id, name=call.name, content=f"Error: {reason}", failed=True)
