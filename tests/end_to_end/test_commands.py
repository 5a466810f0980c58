"""`calanque doctor`, `pull` and `migrate` as processes: what is found, what to do about it, and the exit codes."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import pytest

from bot import app
from bot.errors import EngineUnreachable
from bot.operate import doctor
from bot.storage.address import FILE_NAME
from bot.talk.finding import Finding, Level
from tests.discord_server import ApplicationFlag
from tests.end_to_end.databases import locked, read_only
from tests.end_to_end.harness import MODEL, NOBODY_THERE, Town, settings_for, town
from tests.end_to_end.processes import finished, on_discord
from tests.ollama_server import Model
from tests.stores import with_tables

Findings = Mapping[str, Mapping[str, str]]
QUIET = {"LOG_LEVEL": "INFO"}


@pytest.fixture
async def place() -> AsyncGenerator[Town]:
    async with town() as made:
        yield made


async def examined(place: Town, folder: Path, **more: str) -> tuple[int, Findings]:
    """Exit code and findings by topic."""
    code, program = await finished(place, folder, "doctor", "--json", **more)
    told = json.loads(program.output)
    assert told["ok"] is (code == 0)
    assert not program.errors
    for finding in told["findings"]:
        assert bool(finding["mend"]) is (finding["level"] != "ok"), finding
    return code, {finding["topic"]: finding for finding in told["findings"]}


async def looked_at(place: Town, folder: Path, **changes: Mapping[str, object]) -> Mapping[str, Finding]:
    """Findings by topic, of a doctor that needs no process of its own."""
    found = await app.examine(settings_for(place, folder, data={"dir": folder / "data"}, **changes))
    return {finding.topic: finding for finding in found}


async def test_the_doctor_finds_everything_in_order(place: Town, tmp_path: Path) -> None:
    code, found = await examined(place, tmp_path)
    assert code == 0
    assert {"python", "token", "intents", "database", "engine", "model", "window", "vision", "tools", "disk"} <= {
        *found
    }
    assert {finding["level"] for finding in found.values()} == {"ok"}
    assert not (tmp_path / "data").exists()


async def test_the_doctor_says_what_to_do_about_every_gap(tmp_path: Path) -> None:
    async with town(flags=ApplicationFlag(0)) as place:
        code, found = await examined(place, tmp_path, ENGINE_URL=NOBODY_THERE)
        assert (code, found["intents"]["level"], found["engine"]["level"]) == (1, "problem", "problem")
        assert "DISCORD_MESSAGE_CONTENT=false" in found["intents"]["mend"]
        assert "ollama serve" in found["engine"]["mend"]

        place.ollama.remove(MODEL)
        seen = await looked_at(place, tmp_path, discord={"token": "MTIz.Zm9v.wrong"})
        assert (seen["token"].level, seen["model"].level) == (Level.PROBLEM, Level.PROBLEM)
        assert "Reset Token" in seen["token"].mend
        assert "calanque pull" in seen["model"].mend

        place.ollama.add(Model(name=MODEL, capabilities=("completion", "tools"), on_gpu=0.5))
        seen = await looked_at(place, tmp_path, discord={"token": None})
        warned = {topic for topic, finding in seen.items() if finding.level is Level.WARNING}
        assert (doctor.healthy([*seen.values()]), warned) == (True, {"token", "vision", "residence"})
        assert "Set DISCORD_TOKEN" in seen["token"].mend


async def test_at_start_the_log_says_what_can_be_done_better_and_the_engine_is_asked_for_no_token(
    place: Town, tmp_path: Path
) -> None:
    place.ollama.add(Model(name=MODEL, capabilities=("completion", "tools")))
    async with on_discord(place, tmp_path, ENGINE_TEMPERATURE="0.9") as program:
        vision, temperature = await program.said("vision: "), await program.said("temperature: ")
    assert "does not read pictures (set ENGINE_MODEL=mistral-small3.1" in vision
    assert "set ENGINE_TEMPERATURE=0.15" in temperature
    assert not place.ollama.generations


async def test_a_locked_database_is_told_by_the_doctor(place: Town, tmp_path: Path) -> None:
    with_tables(tmp_path / "data")
    with locked(tmp_path / "data"):
        found = await looked_at(place, tmp_path)
    assert "is locked by another program" in found["database"].found
    assert found["database"].level is Level.PROBLEM


async def test_a_database_that_may_only_be_read_is_told_by_the_doctor_and_refused_by_run(
    place: Town, tmp_path: Path
) -> None:
    with_tables(tmp_path / "data")
    with read_only(tmp_path / "data"):
        found = await looked_at(place, tmp_path)
        assert ("is read-only" in found["database"].found, found["database"].level) == (True, Level.PROBLEM)
        code, program = await finished(place, tmp_path, "run", **QUIET)
    assert code == 78
    assert "is read-only. Give the user who runs this program the right to write" in program.errors[-1]


async def test_wrong_settings_are_one_line_each(place: Town, tmp_path: Path) -> None:
    wrong = {"PAGE_PORT": "99999", "ENGINE_KIND": "telepathy"}
    code, program = await finished(place, tmp_path, "run", **wrong)
    assert code == 78
    assert len(program.errors) == 2
    assert any("PAGE_PORT is '99999' (in the environment)" in line for line in program.errors)
    assert any("ollama, openai" in line for line in program.errors)
    code, program = await finished(place, tmp_path, "doctor", "--json", **wrong)
    assert (code, len(json.loads(program.output)["findings"])) == (1, 2)


async def test_pull_shows_how_far_it_is_and_the_model_is_there_afterwards(place: Town, tmp_path: Path) -> None:
    place.ollama.remove(MODEL)
    code, program = await finished(place, tmp_path, "pull", **QUIET)
    assert code == 0
    assert "pulling manifest" in program.output
    assert "50%" in program.output
    assert "success" in program.output
    code, program = await finished(place, tmp_path, "pull", "other:latest", "--json", **QUIET)
    steps = [json.loads(line) for line in program.output.splitlines()]
    assert (code, steps[-1]["status"]) == (0, "success")
    assert any(step.get("completed") for step in steps)
    assert {"mistral-small3.1:latest", "other:latest"} == {*place.ollama.engine.models}


async def test_pull_that_fails_says_why_in_one_line(place: Town, tmp_path: Path) -> None:
    place.ollama.fail_pulls("pull model manifest: file does not exist")
    code, program = await finished(place, tmp_path, "pull", "nonsense", **QUIET)
    assert code in (69, 78)
    assert len(program.errors) == 1
    assert program.errors[0].startswith("calanque: ")
    away = settings_for(place, tmp_path, engine={"url": NOBODY_THERE})
    with pytest.raises(EngineUnreachable, match=r"is it running\?"):
        await anext(app.pull(away, MODEL))
    assert EngineUnreachable.exit_code == 69


async def test_migrate_makes_the_database_and_then_finds_it_up_to_date(place: Town, tmp_path: Path) -> None:
    code, program = await finished(place, tmp_path, "migrate", **QUIET)
    assert (code, "went from nothing to revision" in program.output) == (0, True)
    assert (tmp_path / "data" / FILE_NAME).exists()
    code, program = await finished(place, tmp_path, "migrate", "--json", **QUIET)
    assert (code, "is up to date" in json.loads(program.output)["result"]) == (0, True)


async def test_a_database_server_that_does_not_answer_is_named_without_its_password(
    place: Town, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://calanque:hunter22@127.0.0.1:{taken.getsockname()[1]}/calanque"
        code, program = await finished(place, tmp_path, "run", DATABASE_URL=url, **QUIET)
    assert code == 78
    assert "cannot be reached" in program.errors[-1]
    assert "hunter22" not in "\n".join(program.errors)
