"""What the documents promise exists: files, settings, commands, and the tool that one of them shows."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.agent.toolbox import Toolbox
from bot.ports.tool import CallContext, Tool
from bot.settings import Settings
from bot.settings.variables import sections
from bot.talk.message import Conversation, Person, Place
from bot.talk.turn import Call
from tools import TOOLS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = {variable.name for section in sections(Settings) for variable in section.variables}
PREFIXES = "|".join(section.prefix for section in sections(Settings))


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_named)
def test_links_inside_the_project_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(<?(?!https?://|#)([^)#\s>]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_named)
def test_settings_that_are_named_exist(document: Path) -> None:
    named = re.findall(rf"(?<![\w])(?:{PREFIXES})_[A-Z_]+", document.read_text(encoding="utf-8"))
    assert [name for name in named if name not in NAMES and name.removesuffix("_FILE") not in NAMES] == []


def test_commands_that_the_readme_names_exist(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"(?:`|bin/)calanque ([a-z]+)", text))
    assert commands == {"run", "doctor", "pull", "migrate", "mcp", "trace"}
    for command in commands:
        with pytest.raises(SystemExit):
            main([command, "--help"])
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert targets >= {"run", "test"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


async def test_the_tool_in_the_walkthrough_works_as_it_stands() -> None:
    text = (ROOT / "docs" / "adding-a-tool.md").read_text(encoding="utf-8")
    source = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert source is not None
    room: dict[str, object] = {"__name__": "tools.letters"}
    exec(compile(source[1], "letters.py", "exec"), room)
    (shown,) = [each for each in room.values() if isinstance(each, Tool)]
    toolbox = Toolbox((*TOOLS, shown), seconds=5, chars=1000, calls=4)
    assert "letters" in {spec.name for spec in toolbox.specs}
    context = CallContext(
        asker=Person(platform="local", id="1", name="Ada"),
        conversation=Conversation(place=Place(platform="local", id="1")),
        now=datetime(2026, 11, 23, tzinfo=UTC),
        timezone="UTC",
    )
    good = Call(id="1", name="letters", arguments='{"word": "Strawberry", "letter": "r"}')
    bad = Call(id="2", name="letters", arguments='{"word": "Strawberry", "letter": "rr"}')
    none = Call(id="3", name="letters", arguments='{"word": " "}')
    counted, refused, wordless = await toolbox.run([good, bad, none], context)
    assert counted.content == "'r' stands in 'Strawberry' 3 times, at 3, 8, 9; it has 10 characters"
    assert refused.failed
    assert "letter: " in refused.content
    assert wordless.content == "Error: give a word that has letters"
