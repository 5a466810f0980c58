"""What a template does to a conversation with tools is found out by trying it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from bot.inference.template_lint import Flaw, flaws
from tests.ollama_server import wire
from tests.ollama_server.templates import LIBRARY, Chat, collate, render
from tests.ollama_server.wire import Json

Message = Mapping[str, object]


class Template:
    """Renders as Ollama does, with one thing wrong."""

    def __init__(self, template: str, wrong: str = "") -> None:
        self.template = template
        self.wrong = wrong

    async def __call__(self, messages: Sequence[Message], tools: Sequence[object]) -> str | None:
        if self.wrong == "mute":
            return None
        chat = Chat(
            messages=collate([wire.message(message) for message in messages]),
            tools=tuple(cast("Sequence[Json]", tools)),
        )
        text = render(self.template, chat)
        match self.wrong:
            case "clock":
                return f"[SYSTEM_PROMPT]Turn {len(messages)}[/SYSTEM_PROMPT]{text}"
            case "comma":
                return text.replace("}, {", "}{")
            case "prose":
                return text.replace("I look.[TOOL_CALLS]", "I look.</s>").replace("47110815", "", text.count("I look."))
            case "once":
                return text.replace("harbour-gauge", "", len(messages) - 2)
            case _:
                return text


async def test_the_librarys_template_has_all_flaws_and_a_mended_one_none() -> None:
    assert await flaws(Template(LIBRARY), arguments_as_text=False) == tuple(Flaw)
    assert await flaws(Template("mended"), arguments_as_text=False) == ()


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ("clock", (Flaw.MOVES,)),
        ("comma", (Flaw.BREAKS,)),
        ("prose", (Flaw.DROPS,)),
        ("once", (Flaw.FORGETS, Flaw.MOVES)),
    ],
)
async def test_each_flaw_is_found_by_itself(wrong: str, found: tuple[Flaw, ...]) -> None:
    assert await flaws(Template("mended", wrong), arguments_as_text=False) == found


async def test_an_engine_that_does_not_render_for_others_is_not_judged() -> None:
    assert await flaws(Template(LIBRARY, "mute"), arguments_as_text=False) is None
