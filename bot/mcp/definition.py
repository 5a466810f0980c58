"""What a server says of its tools, made fit to be shown: names of ours, bounded texts, and a digest to approve."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from bot.mcp.schema import BadSchema, Fitting
from bot.mcp.sieve import Unreadable

MOST_TOOLS = 64  # of one server; of more, none of the rest is looked at
MOST_TEXT = 32 * 1024  # characters of a whole definition
DESCRIPTION_CHARS = 1200  # of what the model is told
NAME_CHARS = 64  # of a tool as engines allow it
_TELLING = ("name", "title", "description", "inputSchema", "outputSchema", "annotations", "execution")
"""What is approved. The rest (icons, a server's own notes) is told to nobody."""

_UNUSUAL = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A tool as its server describes it. `offered` is the name that the model knows it by; `text` is canonical JSON.

    `problem`: why it cannot be offered even where it is approved; `fitting` is there where there is none.
    """

    server: str
    tool: str
    offered: str
    description: str
    parameters: Mapping[str, object]
    text: str
    digest: str
    problem: str = ""
    fitting: Fitting | None = None


def read(
    server: str,
    listed: Sequence[Mapping[str, object]],
    *,
    unreadable: Sequence[Unreadable] = (),
    reserved: Collection[str] = (),
) -> list[Definition]:
    """The definitions of a server's tools as it listed them, in its order; then what could not be read.

    `reserved`: names of our own tools.
    """
    said = [*((each, "") for each in listed), *((each.said, each.why) for each in unreadable)]
    names = Counter(str(each.get("name")) for each, _ in said)
    found: list[Definition] = []
    for each, why in said:
        name = str(each.get("name"))
        if not any(known.tool == name for known in found):
            problem = f"the server lists {names[name]} tools of this name" if names[name] > 1 else why
            found.append(define(server, each, problem=problem, reserved=reserved))
    return found


def define(server: str, said: Mapping[str, object], *, problem: str = "", reserved: Collection[str] = ()) -> Definition:
    """One tool. Nothing that it says raises."""
    told = {key: said[key] for key in _TELLING if said.get(key) is not None}
    name = str(told.get("name"))
    try:
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        text, problem = json.dumps({"name": name}), "its definition is not JSON"
    schema = told.get("inputSchema")
    parameters = cast("Mapping[str, object]", schema) if isinstance(schema, Mapping) else {}
    if len(text) > MOST_TEXT:
        problem = f"its definition is longer than {MOST_TEXT} characters"
    elif not name or len(name) > 2 * NAME_CHARS or not name.isprintable():
        problem = "its name is empty, too long or cannot be shown"
    fitting = None
    if not problem:
        try:
            fitting = Fitting(parameters)
        except BadSchema as error:
            problem = str(error)
    return Definition(
        server=server,
        tool=name,
        offered=offered_as(server, name, reserved),
        description=described(server, told.get("description") or told.get("title") or ""),
        parameters={**parameters, "type": "object", "properties": parameters.get("properties", {})},
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        problem=problem,
        fitting=fitting,
    )


def known(server: str, text: str, *, reserved: Collection[str] = ()) -> Definition:
    """A definition as it was approved, from its text, before the server is there."""
    return define(server, cast("Mapping[str, object]", json.loads(text)), reserved=reserved)


def offered_as(server: str, tool: str, reserved: Collection[str] = ()) -> str:
    """The name that the model knows a tool by. Different tools have different ones, and none has one of ours."""
    plain = f"{server}_{tool}"
    if len(plain) <= NAME_CHARS and not _UNUSUAL.search(plain) and plain not in reserved:
        return plain
    mark = hashlib.sha256(f"{server}\n{tool}".encode()).hexdigest()[:10]
    return f"{_UNUSUAL.sub('-', plain)[: NAME_CHARS - len(mark) - 1]}-{mark}"


def described(server: str, description: object) -> str:
    """What the model is told of a tool. Control tokens in it are made harmless where it is rendered."""
    words = " ".join(_printable(str(description)[: 4 * DESCRIPTION_CHARS]).split())
    cut = words if len(words) <= DESCRIPTION_CHARS else f"{words[:DESCRIPTION_CHARS]} [cut]"
    return f"(Of the tool server {server}, in its own words:) {cut or 'no description'}"


def shown(text: str) -> str:
    """As an operator may see it: what a terminal would obey, or hide, is written out."""
    return "".join(each if each.isprintable() or each == "\n" else _written(ord(each)) for each in text)


def label(tool: str) -> str:
    """A name of any length, in a sentence of ours."""
    return shown(tool[:NAME_CHARS])


def _written(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)
