"""`docs/api.md` is true: its examples are sent, in order, and answered as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.local.wire import INCOMING, OUTGOING
from tests.platforms.local.conftest import Program

DOCUMENT = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
EXCHANGE = re.compile(r"```http\n(.*?)\n```\n+```json (\d+)\n(.*?)```", re.DOTALL)
FRAME = re.compile(r"```json (client|server)\n(.*?)\n```", re.DOTALL)
ANYTHING = "…"


def agrees(found: Any, wanted: Any) -> bool:
    """Equal, where `…` stands for any text."""
    if wanted == ANYTHING:
        return isinstance(found, str) and bool(found)
    if isinstance(wanted, dict):
        return (
            isinstance(found, dict)
            and found.keys() == wanted.keys()
            and all(agrees(found[k], wanted[k]) for k in wanted)
        )
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(agrees, found, wanted))
    return type(found) is type(wanted) and found == wanted


async def test_every_exchange_goes_as_the_document_says(program: Program) -> None:
    message = ""
    exchanges = EXCHANGE.findall(DOCUMENT)
    assert len(exchanges) == DOCUMENT.count("```http") >= 12
    for request, status, wanted in exchanges:
        line, _, rest = request.replace("{message}", message).partition("\n")
        method, path = line.split(" ")
        options: dict[str, Any] = {}
        if rest.startswith("{"):
            options["json"] = json.loads(rest)
        elif rest:
            header, _, body = rest.partition("\n\n")
            name, _, value = header.partition(": ")
            options |= {"data": body.encode(), "headers": {name: value}}
        answered, found = await program.ask(method, path, **options)
        assert answered == int(status), line
        assert agrees(found, json.loads(wanted)) if wanted.strip() else not found, (line, found)
        if isinstance(found, dict) and found.get("type") == "message":
            message = found["message"]["id"]


@pytest.mark.parametrize(("side", "text"), FRAME.findall(DOCUMENT))
def test_every_frame_of_the_document_is_a_frame_of_the_program(side: str, text: str) -> None:
    frame = (INCOMING if side == "client" else OUTGOING).validate_json(text)
    assert json.loads(frame.model_dump_json()) == json.loads(text)


def test_the_document_shows_every_kind_of_frame() -> None:
    shown = {json.loads(text)["type"] for _, text in FRAME.findall(DOCUMENT)}
    assert shown == {"hello", "typing", "welcome", "message", "delivery", "removed", "channel", "status"}
