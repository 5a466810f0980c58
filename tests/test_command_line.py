"""The command line: what it is told, what it tells, and its exit codes."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

import bot
from bot.__main__ import main
from bot.errors import DatabaseTooNew, EngineUnreachable, PlatformUnavailable, PortInUse
from bot.settings import Settings, Switch
from bot.talk.finding import Finding, Level
from bot.talk.prompt import PullProgress
from tests.logs import logging_as_it_was

TOKEN = "a-token-nobody-may-see"
FINE = Finding(level=Level.OK, topic="model", found="mistral-small3.1")
BROKEN = Finding(level=Level.PROBLEM, topic="engine", found="nothing answers", mend="Start Ollama.")


class FakeApp(ModuleType):
    """Does what `bot.app` does from the door's point of view, and fails as told."""

    def __init__(self) -> None:
        super().__init__("bot.app")
        self.error: BaseException | None = None
        self.findings: tuple[Finding, ...] = (FINE,)
        self.ran_with: Settings | None = None
        self.pulled = ""

    async def run(self, settings: Settings) -> None:
        self.ran_with = settings
        self._fail()

    async def examine(self, settings: Settings) -> Sequence[Finding]:
        self._fail()
        return self.findings

    async def pull(self, settings: Settings, model: str) -> AsyncGenerator[PullProgress]:
        self.pulled = model
        yield PullProgress(status="pulling manifest")
        self._fail()
        yield PullProgress(status="success")

    async def migrate(self, settings: Settings) -> str:
        self._fail()
        return "The database is up to date."

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeApp]:
    """A fake app in an empty folder without any variable of ours; the process is as it was afterwards."""
    fake = FakeApp()
    monkeypatch.setitem(sys.modules, "bot.app", fake)
    monkeypatch.setattr(bot, "app", fake, raising=False)
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("DISCORD_", "PAGE_", "ENGINE_", "LOG_", "DATA_", "DATABASE_")):
            monkeypatch.delenv(name)
    with logging_as_it_was():
        yield fake
    gc.enable()  # `run` has it off until all is loaded


@pytest.mark.parametrize("command", [[], ["run"], ["doctor"], ["pull"], ["migrate"]])
def test_help_is_there_for_every_command(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main([*command, "--help"])
    assert leaving.value.code == 0
    assert capsys.readouterr().out.startswith(" ".join(["usage: calanque", *command]))


def test_the_installed_program_shows_its_version_without_loading_the_heavy_parts() -> None:
    code = (
        "import sys; sys.argv = ['calanque', '--version']; from bot.__main__ import main\n"
        "try:\n    main()\n"
        "finally:\n    heavy = {'pydantic', 'discord', 'sqlalchemy', 'aiohttp'} & set(sys.modules)\n"
        "    assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("calanque 0.")


def test_without_a_command_help_comes_and_the_code_of_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 64
    assert "doctor" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["dance"], ["run", "--fast"], ["run", "--json"]])
def test_wrong_usage_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 64
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PortInUse("port 8321 is taken"), 78),
        (DatabaseTooNew("the database is newer than this program"), 78),
        (EngineUnreachable("nothing answers at 127.0.0.1:11434"), 69),
        (ExceptionGroup("both", [PlatformUnavailable("later"), PortInUse("port 8321 is taken")]), 78),
        (KeyboardInterrupt(), 130),
    ],
)
def test_an_error_is_an_exit_code_and_one_plain_line(
    error: BaseException, code: int, app: FakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    app.error = error
    assert main(["run"]) == code
    told = capsys.readouterr().err.splitlines()
    if isinstance(error, KeyboardInterrupt):
        assert told == []
    else:
        leaf = error.exceptions[-1] if isinstance(error, ExceptionGroup) else error
        assert told == [f"calanque: {leaf}"]


def test_a_defect_tells_its_kind_and_place_but_not_its_words(app: FakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    app.error = ValueError("a private word")
    assert main(["migrate"]) == 70
    told = capsys.readouterr().err
    assert told.startswith("calanque: a defect (ValueError at test_command_line.py:")
    assert "private" not in told


def test_the_traceback_comes_at_debug_without_secrets(
    app: FakeApp, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    app.error = RuntimeError(f"refused {TOKEN}")
    assert main(["run"]) == 70
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert TOKEN not in told


def test_an_error_for_a_program_is_json_too(app: FakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    app.error = EngineUnreachable("nothing answers at 127.0.0.1:11434")
    assert main(["migrate", "--json"]) == 69
    assert json.loads(capsys.readouterr().out) == {
        "error": {"kind": "EngineUnreachable", "message": "nothing answers at 127.0.0.1:11434"}
    }


def test_wrong_settings_stop_every_command_but_the_doctor(
    app: FakeApp, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_WINDOW", "12")
    for command in ("run", "pull", "migrate"):
        assert main([command]) == 78
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("calanque: ENGINE_WINDOW is '12'")
    assert main(["doctor", "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["topic"] == "settings"
    assert finding["found"].startswith("ENGINE_WINDOW is '12'")
    assert app.ran_with is None


def test_the_doctor_exits_by_what_it_found(app: FakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "mistral-small3.1" in capsys.readouterr().out
    app.findings = (FINE, BROKEN)
    assert main(["doctor"]) == 1
    assert "Start Ollama." in capsys.readouterr().out
    assert main(["doctor", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_pull_fetches_the_set_model_or_the_one_it_is_told(app: FakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pull", "--json"]) == 0
    assert app.pulled == Settings().engine.model
    assert [json.loads(line)["status"] for line in capsys.readouterr().out.splitlines()] == [
        "pulling manifest",
        "success",
    ]
    assert main(["pull", "hf.co/some/model"]) == 0
    assert app.pulled == "hf.co/some/model"


def test_migrate_says_what_it_did(app: FakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "The database is up to date.\n"
    assert main(["migrate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"result": "The database is up to date."}


@pytest.mark.parametrize(
    ("flags", "page", "has_token"),
    [
        ([], Switch.AUTO, True),
        (["--page"], Switch.ON, True),
        (["--no-page"], Switch.OFF, True),
        (["--discord"], Switch.AUTO, True),
        (["--no-discord"], Switch.AUTO, False),
    ],
)
def test_run_bends_the_settings_by_its_flags(
    flags: list[str], page: Switch, has_token: bool, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    assert main(["run", *flags]) == 0
    assert app.ran_with is not None
    assert app.ran_with.page.enabled is page
    assert (app.ran_with.discord.token is not None) is has_token


@pytest.mark.parametrize("flags", [["--discord"], ["--no-page"]])
def test_run_refuses_flags_that_leave_nothing_to_run(
    flags: list[str], app: FakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *flags]) == 78
    assert "DISCORD_TOKEN" in capsys.readouterr().err
    assert app.ran_with is None
