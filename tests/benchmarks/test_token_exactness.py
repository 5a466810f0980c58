"""The chats that are compared are of every kind, and a difference would be seen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

from benchmarks.polyglot.chats import MOST_PICTURES, MOST_TOOLS, Chat, chat
from benchmarks.polyglot.languages import languages
from benchmarks.polyglot.rivals import rivals
from benchmarks.program import ROOT
from benchmarks.token_exactness import EVALUATED, SEED, Outcome, compare, main, report
from bot.agent.loop import NUDGE
from bot.inference.jsons import parse
from bot.inference.tekken import CONTROL_TOKENS, Tekken
from bot.settings import ToolsPosition
from bot.talk.turn import Image, Instructions, Line, Question, Reply, Summary
from tests.ollama_server.counting import Size, measure, tokenize

PROSE = languages()


@pytest.fixture(scope="module")
def chats() -> tuple[Chat, ...]:
    return tuple(chat(SEED, number, PROSE) for number in range(360))


class Double:
    """Counts as llama.cpp does, but for `more` tokens, and takes the word `live` for a control token."""

    def __init__(self, *, more: int = 0, live: str = "") -> None:
        self._more = more
        self._live = live

    def tokens(self, text: str, *, opened: bool) -> list[int]:
        assert opened
        if self._live:
            text = text.replace(f" {self._live}", "[INST]")
        return tokenize(text) + [len(CONTROL_TOKENS)] * self._more

    def prompt_tokens(self, prompt: str, pictures: Sequence[bytes]) -> int:
        return len(tokenize(prompt, [measure(data) for data in pictures])) + self._more


def test_every_kind_of_chat_is_among_them(chats: Sequence[Chat]) -> None:
    parts = [part for one in chats for part in one.parts]
    calls = [part.calls for part in parts if isinstance(part, Reply)]
    assert {one.position for one in chats if one.tools} == set(ToolsPosition)
    assert {0, 1, MOST_TOOLS} <= {len(one.tools) for one in chats}
    assert {len(one.pictures) for one in chats} == set(range(MOST_PICTURES + 1))
    assert len(set[str]().union(*(one.languages for one in chats))) > 50
    assert any(isinstance(part, Summary) for part in parts)
    assert Question(lines=(Line(text=NUDGE),)) in parts
    assert {0, 1, 2, 3} <= {len(each) for each in calls}
    assert any(_malformed(call.arguments) for each in calls for call in each)
    assert any("[/INST]" in tool.name for one in chats for tool in one.tools)


def test_a_chat_is_the_same_whenever_it_is_made_again(chats: Sequence[Chat]) -> None:
    assert chat(SEED, 17, PROSE) == chats[17]
    assert chat(SEED + 1, 17, PROSE) != chats[17]


@pytest.mark.parametrize(
    ("engine", "ours", "forged"),
    [
        pytest.param(Double(), (0, 0, 0, 0), 0, id="equal"),
        pytest.param(Double(more=2), (2, 2, 2, 0), 0, id="more than predicted"),
        pytest.param(Double(live="moor"), (1, 0, 0, 1), 2, id="a word that is live"),
    ],
)
def test_what_is_counted_otherwise_or_read_as_a_control_token_is_told(
    engine: Double, ours: tuple[int, ...], forged: int
) -> None:
    outcome, tekken = Outcome(), Tekken()
    for number in (1, EVALUATED):  # the second is evaluated, too
        outcome.add(compare(small_chat(number), engine, tekken, {}))
    tally = outcome.ours
    assert (tally.unequal, tally.under, tally.max_under, tally.max_over) == ours
    assert (outcome.forged, outcome.evaluated) == (forged, 1)
    figures = {figure.key: figure.value for figure in report(outcome).figures}
    assert figures["chats"] == 2
    assert (figures["unequal"], figures["under"], figures["forged"]) == (ours[0], ours[1], forged)


@pytest.mark.thorough
def test_the_others_count_the_same_prompt_in_their_own_ways() -> None:
    text = "[INST]Let us moor[img-0] here.[/INST]"
    big = Image(digest="", media_type="image/png", width=1920, height=1080)
    counts = {name: count(text, ()) for name, count in rivals().items()}
    with_picture = {name: count(text, (big,)) for name, count in rivals().items()}
    assert counts["quarter"] == 3 + 5
    assert counts["mistral_common"] == len(tokenize(text.replace("[img-0]", "[IMG]"))) - 1
    assert with_picture["quarter"] - counts["quarter"] == Size(1920, 1080).tokens == 1032
    assert with_picture["mistral_common"] - counts["mistral_common"] == 55 * 31 + 31


@pytest.mark.thorough
def test_the_benchmark_ends_with_its_figures_as_one_object() -> None:
    command = [sys.executable, "-m", "benchmarks.token_exactness", "--json", "--chats", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert (figures["chats"], figures["unequal"], figures["under"], figures["max_over"]) == (2, 0, 0, 0)


def test_no_chats_at_all_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["token_exactness", "--chats", "0"])
    with pytest.raises(SystemExit) as refused:
        main()
    assert refused.value.code == 2
    assert "--chats" in capsys.readouterr().err


def small_chat(number: int) -> Chat:
    return Chat(
        number=number,
        position=ToolsPosition.FIRST,
        parts=(Instructions(persona="Be kind."), Question(lines=(Line(text="Let us moor here."),))),
        pictures={},
        languages=frozenset({"en"}),
    )


def _malformed(arguments: str) -> bool:
    try:
        parse(arguments)
    except (ValueError, RecursionError):
        return True
    return False
