"""`MCP_FILE`: what people know from elsewhere works, secrets come from variables, mistakes are told with their path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, load
from bot.settings.secret_values import secret_values

SECRET = "hunter2hunter2"


def read(folder: Path, servers: Any, env_file: str = "", **env: str) -> Settings:
    file, written = folder / "mcp.json", folder / ".env"
    file.write_text(servers if isinstance(servers, str) else json.dumps({"mcpServers": servers}))
    written.write_text(env_file)
    return load(env={"MCP_FILE": str(file), **env}, env_file=written)


def test_without_a_file_there_are_no_servers() -> None:
    assert load(env={}, env_file=Path("/nonexistent/.env")).mcp.servers == ()


def test_servers_of_both_kinds_are_read_and_disabled_ones_left_out(tmp_path: Path) -> None:
    given = {
        "files": {"type": "stdio", "command": "npx", "args": ["-y", "server"], "guilds": "*"},
        "web": {"type": "http", "url": "https://tools.example/mcp", "guilds": ["42"], "tools": ["look"]},
        "old": {"command": "x", "disabled": True},
    }
    files, web = read(tmp_path, given).mcp.servers
    assert (files.command, files.args, files.guilds) == ("npx", ("-y", "server"), ("*",))
    assert (web.url, web.guilds, web.tools) == ("https://tools.example/mcp", ("42",), ("look",))


def test_secrets_come_from_variables_and_are_seen_nowhere(tmp_path: Path) -> None:
    given = {
        "web": {"url": "https://tools.example/${WHERE}", "headers": {"Authorization": "Bearer ${HARBOUR_KEY}"}},
        "files": {"command": "x", "args": ["--key=${FROM_FILE}"], "env": {"API_TOKEN": "written-down"}},
    }
    (tmp_path / "key").write_text("from-a-file\n")
    settings = read(
        tmp_path, given, env_file=f"HARBOUR_KEY={SECRET}\n", WHERE="here", FROM_FILE_FILE=str(tmp_path / "key")
    )
    web, files = settings.mcp.servers
    assert web.headers["Authorization"] == f"Bearer {SECRET}"
    assert files.args == ("--key=from-a-file",)
    assert {SECRET, "from-a-file", "written-down"} <= secret_values(settings)
    assert not any(secret in repr(settings) for secret in (SECRET, "from-a-file", "written-down"))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("{", "line 1: not JSON"),
        ("[]", '"mcpServers"'),
        ({"a b": {"command": "x"}}, "mcpServers.a b: a server's name"),
        ({"a": 3}, "mcpServers.a: must be an object"),
        ({"a": {}}, 'mcpServers.a: needs either "command"'),
        ({"a": {"command": "x", "url": "http://x"}}, "needs either"),
        ({"a": {"url": "ftp://x"}}, '"url" must start with'),
        ({"a": {"command": "x", "type": "http"}}, "does not go with command"),
        ({"a": {"command": "x", "argz": []}}, "mcpServers.a.argz: there is no such key; there are args"),
        ({"a": {"command": "x", "args": [1]}}, "mcpServers.a.args[0]"),
        ({"a": {"command": "x", "effects": {"t": "flies"}}}, "mcpServers.a.effects.t"),
        ({"a": {"command": "x", "env": {"K": "${NOT_THERE}"}}}, "mcpServers.a.env.K: the variable NOT_THERE"),
        ({"a": {"command": "x", "secrets": []}}, "mcpServers.a.secrets: there is no such key"),
    ],
)
def test_what_is_wrong_is_told_with_its_path(tmp_path: Path, given: Any, told: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read(tmp_path, given)
    assert told in str(refusal.value)
    assert str(tmp_path / "mcp.json") in str(refusal.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(env={"MCP_FILE": str(tmp_path / "none.json")}, env_file=tmp_path / ".env")
