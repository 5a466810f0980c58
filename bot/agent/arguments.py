"""The arguments of a call: the schema that a tool's type hints make, and what the model wrote, read within bounds."""

from __future__ import annotations

import inspect
import json
import math
import re
from typing import Any, NoReturn, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import PydanticUndefined

from bot.errors import BadCall
from bot.ports.tool import AnyTool
from bot.talk.found import Found
from bot.talk.turn import Call, ToolSpec

MOST_CHARS = 32_768  # of the arguments of one call
MOST_LEVELS = 16  # of lists and objects in each other
MOST_REASONS, REASON_CHARS, NAME_CHARS = 5, 300, 64  # of what the model is told about wrong arguments

GIVEN = (str, Found, str | Found)
"""What a tool may return."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_UNPAIRED = re.compile(r"[\ud800-\udfff]")


class Arguments(BaseModel):
    """Of one tool; its fields are the function's parameters after the context."""

    model_config = ConfigDict(extra="forbid")


def read(call: Call) -> object:
    """The JSON of a call. Raises BadCall before it costs anything: too long, too deep, twice the same key, no JSON."""
    text, name = call.arguments or "{}", shown(call.name)
    if len(text) > MOST_CHARS:
        raise BadCall(f"the arguments of {name} are too long: at most {MOST_CHARS} characters")
    if _levels(text) > MOST_LEVELS:
        raise BadCall(f"the arguments of {name} are nested too deeply: at most {MOST_LEVELS} levels")
    try:
        given = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
    except BadCall as error:
        raise BadCall(f"the arguments of {name} {error}") from None
    except ValueError:
        raise BadCall(f"the arguments of {name} are not JSON") from None
    if _UNPAIRED.search(json.dumps(given, ensure_ascii=False)):
        raise BadCall(f"the arguments of {name} hold half a character (an unpaired surrogate)")
    return given


def alike(call: Call) -> tuple[str, str]:
    """Equal for calls of one tool with the same arguments, however these are written."""
    try:
        return call.name, json.dumps(read(call), sort_keys=True)
    except BadCall:
        return call.name, call.arguments


def check(call: Call, model: type[Arguments]) -> dict[str, Any]:
    """What to call the function with. Raises BadCall with what is wrong, for the model."""
    try:
        checked = model.model_validate(read(call))
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(shown(str(step)) for step in item['loc'][:MOST_LEVELS]) or 'arguments'}: {item['msg']}"[
                :REASON_CHARS
            ]
            for item in error.errors(include_input=False, include_url=False)[:MOST_REASONS]
        )
        raise BadCall(f"wrong arguments for {call.name}: {wrong}") from None
    return {name: getattr(checked, name) for name in type(checked).model_fields}


def shown(name: str) -> str:
    """A name that the model made up, as it may stand in a result."""
    return "".join(each if each.isprintable() else "\ufffd" for each in name[:NAME_CHARS])


def model_of(tool: AnyTool) -> type[Arguments]:
    """Raises TypeError for a function whose arguments could not be checked."""
    hints = get_type_hints(tool.run, include_extras=True)
    first, *parameters = inspect.signature(tool.run).parameters.values()
    fields: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.kind not in {parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY}:
            raise TypeError(f"the tool {tool.name} must name each of its arguments, not take {parameter}")
        if parameter.name not in hints:
            raise TypeError(f"the tool {tool.name} must say of what type {parameter.name} is")
        default = PydanticUndefined if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (hints[parameter.name], default)
    if first.kind not in {first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD} or hints.get("return") not in GIVEN:
        raise TypeError(f"the tool {tool.name} must take a CallContext first and return str or Found")
    return create_model(f"{tool.name}_arguments", __base__=Arguments, **fields)


def spec_of(tool: AnyTool, arguments: type[Arguments]) -> ToolSpec:
    """How the model is told about it."""
    schema = arguments.model_json_schema()
    properties: dict[str, object] = {}
    for field, described in schema.get("properties", {}).items():
        properties[field] = {key: value for key, value in described.items() if key != "title"}
    parameters: dict[str, object] = {
        "type": "object",
        "required": [field for field, info in arguments.model_fields.items() if info.is_required()],
        "properties": properties,
    }
    if "$defs" in schema:
        parameters["$defs"] = schema["$defs"]
    return ToolSpec(name=tool.name, description=inspect.cleandoc(tool.run.__doc__ or ""), parameters=parameters)


def _levels(text: str) -> int:
    """How deep it is nested at most, by its brackets outside of strings."""
    most = level = 0
    for each in re.findall(r"[\[{\]}]", _STRING.sub("", text)):
        level += 1 if each in "[{" else -1
        most = max(most, level)
    return most


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise BadCall(f"name {shown(key)!r} twice")
        found[key] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise BadCall(f"hold {text}, which is no number")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise BadCall("hold a number that is too large")
    return number
