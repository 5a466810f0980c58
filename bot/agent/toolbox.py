"""The tools of one process: their schemas from type hints, their calls validated, bounded, and never fatal."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from collections.abc import Sequence
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.errors import BadCall
from bot.talk.tool import CallContext, ToolFunction
from bot.talk.turn import Call, Result, ToolSpec

log = logging.getLogger(__name__)


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Toolbox:
    """Offers `tools` to the model. `seconds`: limit of one call; `chars`: of one result; `calls`: of one step."""

    def __init__(self, tools: Sequence[ToolFunction], *, seconds: float, chars: int, calls: int) -> None:
        self._functions = {tool.__name__: tool for tool in tools}
        self._arguments = {name: _arguments_of(tool) for name, tool in self._functions.items()}
        self._seconds = seconds
        self._chars = chars
        self._calls = calls
        self.specs: tuple[ToolSpec, ...] = tuple(
            _spec(name, self._functions[name], self._arguments[name]) for name in sorted(self._functions)
        )

    async def run(self, calls: Sequence[Call], context: CallContext) -> tuple[Result, ...]:
        """The results in the order of the calls, which run beside each other. A failure is a result, too."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._run_one(call, context)) for call in calls[: self._calls]]
        results = [task.result() for task in tasks]
        results += [
            Result(
                call_id=call.id, name=call.name, content=f"Error: at most {self._calls} calls at a time", failed=True
            )
            for call in calls[self._calls :]
        ]
        return tuple(results)

    async def _run_one(self, call: Call, context: CallContext) -> Result:
        try:
            function, arguments = self._prepare(call)
            async with asyncio.timeout(self._seconds):
                content = await function(context, **arguments)
        except (BadCall, ValueError) as error:
            return self._failure(call, str(error))
        except TimeoutError:
            return self._failure(call, f"{call.name} took longer than {self._seconds:g} seconds")
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # Something inside the tool was cancelled, not the turn: left alone, it would end the turn without a word.
            log.warning("tool %s gave up", call.name)
            return self._failure(call, f"{call.name} gave up")
        except Exception as error:  # a broken tool must not take the answer with it
            log.exception("tool %s failed", call.name)
            return self._failure(call, f"{call.name} failed ({type(error).__name__})")
        if len(content) > self._chars:
            content = content[: self._chars] + f"\n[cut: {len(content) - self._chars} more characters]"
        return Result(call_id=call.id, name=call.name, content=content)

    def _prepare(self, call: Call) -> tuple[ToolFunction, dict[str, Any]]:
        function = self._functions.get(call.name)
        if function is None:
            names = ", ".join(sorted(self._functions)) or "none"
            raise BadCall(f"there is no tool {call.name[:64]!r}; the tools are: {names}")
        try:
            given = json.loads(call.arguments or "{}")
        except ValueError:
            raise BadCall(f"the arguments of {call.name} are not JSON") from None
        try:
            checked = self._arguments[call.name].model_validate(given)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(str(step) for step in item['loc']) or 'arguments'}: {item['msg']}"
                for item in error.errors(include_input=False, include_url=False)[:5]
            )
            raise BadCall(f"wrong arguments for {call.name}: {wrong}") from None
        return function, {name: getattr(checked, name) for name in type(checked).model_fields}

    def _failure(self, call: Call, reason: str) -> Result:
        return Result(call_id=call.id, name=call.name, content=f"Error: {reason}"[: self._chars], failed=True)


def _arguments_of(tool: ToolFunction) -> type[BaseModel]:
    hints = get_type_hints(tool, include_extras=True)
    parameters = list(inspect.signature(tool).parameters.values())[1:]  # the first is the context
    fields: dict[str, Any] = {
        parameter.name: (
            hints[parameter.name],
            PydanticUndefined if parameter.default is inspect.Parameter.empty else parameter.default,
        )
        for parameter in parameters
    }
    return create_model(f"{tool.__name__}_arguments", __base__=_Arguments, **fields)


def _spec(name: str, tool: ToolFunction, arguments: type[BaseModel]) -> ToolSpec:
    if not tool.__doc__:
        raise TypeError(f"the tool {name} needs a docstring: it is what the model is told")
    schema = arguments.model_json_schema()
    properties: dict[str, object] = {}
    for field, described in schema.get("properties", {}).items():
        properties[field] = {key: value for key, value in described.items() if key != "title"}
    parameters: dict[str, object] = {
        "type": "object",
        "required": [field for field, info in arguments.model_fields.items() if _required(info)],
        "properties": properties,
    }
    if "$defs" in schema:
        parameters["$defs"] = schema["$defs"]
    return ToolSpec(name=name, description=inspect.cleandoc(tool.__doc__), parameters=parameters)


def _required(info: FieldInfo) -> bool:
    return info.is_required()
