"""The tools of one process: what the model is told of them, and its calls, validated, bounded, and never fatal."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Generator, Sequence
from itertools import groupby

from bot.agent.arguments import alike, check, model_of, spec_of
from bot.agent.carrying import Carrying
from bot.errors import BadCall
from bot.talk.tool import AnyTool, CallContext, Effect, Tool
from bot.talk.turn import Call, Result, ToolSpec

SAME_CALLS = 3  # with the same arguments in one turn; of a tool that writes, one


class Toolbox:
    """Offers `tools` to the model. `seconds`: limit of one call; `chars`: of one result; `calls`: of one step; `same`:
    of calls with the same arguments in one turn.

    Raises TypeError for a tool that does not declare what it does, or whose arguments could not be checked.
    """

    def __init__(
        self, tools: Sequence[AnyTool], *, seconds: float, chars: int, calls: int, same: int = SAME_CALLS
    ) -> None:
        for each in tools:
            if not isinstance(each, Tool):  # pyright: ignore[reportUnnecessaryIsInstance] # a bare function
                raise TypeError(f"{each!r} is no tool: declare it with @tool(Effect.…)")
        self._tools = {tool.name: tool for tool in tools}
        if len(self._tools) < len(tools):
            raise TypeError(f"two tools have one name: {', '.join(tool.name for tool in tools)}")
        self._models = {name: model_of(tool) for name, tool in self._tools.items()}
        self._seconds = seconds
        self._chars = chars
        self._calls = calls
        self._same = same
        self._carrying = Carrying(chars=chars)
        self.specs: tuple[ToolSpec, ...] = tuple(
            spec_of(self._tools[name], self._models[name]) for name in sorted(self._tools)
        )

    async def run(
        self, calls: Sequence[Call], context: CallContext, *, earlier: Sequence[Sequence[Call]] = ()
    ) -> tuple[Result, ...]:
        """The results in the order of the calls. A failure is a result, too.

        Neighbours that may run beside each other do; any other call runs alone, when those before it have ended.
        `earlier`: the calls of each step that this turn has made before.
        """
        results: list[Result] = []
        for together in self._groups(calls[: self._calls], earlier):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._run_one(call, context, before)) for call, before in together]
            results += [task.result() for task in tasks]
        results += [_failure(call, f"at most {self._calls} calls at a time") for call in calls[self._calls :]]
        return tuple(results)

    def _groups(self, calls: Sequence[Call], earlier: Sequence[Sequence[Call]]) -> Generator[list[tuple[Call, int]]]:
        """What may run at the same time, in order; with each call, how often the same was made before it."""
        made = Counter(alike(call) for step in earlier for call in step[: self._calls])
        counted: list[tuple[Call, int]] = []
        for call in calls:
            counted.append((call, made[alike(call)]))
            made[alike(call)] += 1
        for beside, neighbours in groupby(counted, key=lambda each: self._beside(each[0])):
            if beside:
                yield list(neighbours)
            else:
                yield from ([each] for each in neighbours)

    def _beside(self, call: Call) -> bool:
        found = self._tools.get(call.name)
        return found is None or found.beside

    async def _run_one(self, call: Call, context: CallContext, before: int) -> Result:
        try:
            found = self._tools.get(call.name)
            if found is None:
                names = ", ".join(sorted(self._tools)) or "none"
                raise BadCall(f"there is no tool {call.name[:64]!r}; the tools are: {names}")
            most = 1 if found.effect is Effect.WRITES else self._same
            if before >= most:
                raise BadCall(
                    f"not called: {found.name} was called with the same arguments {before} times already for this "
                    "question; use what it gave, or answer with what you have"
                )
            arguments = check(call, self._models[found.name])
            seconds = min(self._seconds, found.seconds or self._seconds)
            content = await self._carrying.carry_out(found, context, arguments, seconds=seconds)
        except BadCall as error:
            return _failure(call, str(error)[: self._chars])
        return Result(call_id=call.id, name=call.name, content=content)


def _failure(call: Call, reason: str) -> Result:
    return Result(call_id=call.id, name=call.name, content=f"Error: {reason}", failed=True)
