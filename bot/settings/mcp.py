"""Tool servers of others: what `MCP_FILE` says, with the values of variables filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError, model_validator

from bot.errors import SettingsError
from bot.settings.group import Group

LARGEST = 256 * 1024  # bytes of the file
MOST_SERVERS = 32
ANYWHERE = "*"
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT", "TEMP")
"""What a server's process is told of the environment; all else in it is ours."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SENSITIVE = re.compile(r"key|token|secret|passw|auth|cred|cookie", re.IGNORECASE)

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,24}$")]
"""Of a server. Without an underscore: that stands between it and the name of a tool."""
ToolName = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Guild = Annotated[str, StringConstraints(pattern=r"^(\*|\d{1,20})$")]


class ToolServer(BaseModel):
    """One server. `command`: it is run and spoken to through its pipes; `url`: it is spoken to over HTTP.

    `guilds`: where it may be used on Discord; `local`: whether on the local page. `tools`: the only ones that may be
    used; None: all that are approved. `effects`: what a tool does, by its name. `seconds`: of one call, at most.
    `secrets`: values that must be seen nowhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    type: Literal["stdio", "http", "streamable-http", "streamableHttp"] | None = None
    disabled: bool = False
    command: str = ""
    args: tuple[str, ...] = Field(default=(), max_length=64, repr=False)
    env: Mapping[str, str] = Field(default_factory=dict[str, str], max_length=64, repr=False)
    cwd: Path | None = None
    url: str = Field(default="", repr=False)
    headers: Mapping[str, str] = Field(default_factory=dict[str, str], max_length=32, repr=False)
    guilds: tuple[Guild, ...] = Field(default=(), max_length=1000)
    local: bool = False
    tools: tuple[ToolName, ...] | None = Field(default=None, max_length=256)
    effects: Mapping[ToolName, Literal["reads", "writes", "leaves"]] = Field(
        default_factory=dict[str, Literal["reads", "writes", "leaves"]], max_length=256
    )
    seconds: float | None = Field(default=None, gt=0, le=300)
    name: str = ""
    secrets: tuple[SecretStr, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _one_guild_or_all(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("guilds"), str):
            return {**given, "guilds": (given["guilds"],)}
        return given

    @model_validator(mode="after")
    def _one_way_to_reach_it(self) -> ToolServer:
        if bool(self.command) == bool(self.url):
            raise ValueError('needs either "command" (a program to run) or "url" (where it listens)')
        if self.url and not self.url.startswith(("http://", "https://")):
            raise ValueError('"url" must start with http:// or https://')
        if self.type is not None and (self.type == "stdio") == bool(self.url):
            raise ValueError(f'"type" is {self.type}, which does not go with {"url" if self.url else "command"}')
        return self

    def allows(self, *, platform: str, guild: str | None) -> bool:
        """Whether it may be used there. A private conversation on Discord belongs to no guild: only "*" holds it."""
        if platform == "local":
            return self.local
        return ANYWHERE in self.guilds or (guild is not None and guild in self.guilds)


class Mcp(Group):
    """Tool servers of others (MCP). docs/mcp.md says how to allow them, and what they can do."""

    file: Path | None = Field(
        default=None, description='A JSON file that names them: {"mcpServers": {…}}. Unset: there are none.'
    )
    start_seconds: float = Field(
        default=20, gt=0, le=300, description="Seconds for a server to start, and to say which tools it has."
    )
    result_kib: int = Field(
        default=1024,
        ge=16,
        le=16384,
        description="Largest message of a server, in KiB. Larger ones end its connection.",
    )
    servers: tuple[ToolServer, ...] = Field(default=(), exclude=True)


Lookup = Callable[[str], str | None]
"""The value of a variable, None where it is not set."""


def read_servers(path: Path, variable: Lookup) -> tuple[ToolServer, ...]:
    """The servers that the file names, without disabled ones. Raises SettingsError with one line for each mistake."""
    found = _read(path)
    inherited = {name: value for name in INHERITED if (value := variable(name)) is not None}
    servers: list[ToolServer] = []
    wrong: list[str] = []
    for name, given in found.items():
        where = f"{path}: mcpServers.{name}"
        if not re.fullmatch(r"[A-Za-z0-9-]{1,24}", name):
            wrong.append(f"{where}: a server's name is up to 24 letters, digits and hyphens")
            continue
        try:
            servers.append(_server(name, given, variable, inherited))
        except ValidationError as error:
            wrong += [f"{where}{_path(each['loc'])}: {_reason(each)}" for each in error.errors(include_url=False)]
        except SettingsError as error:
            wrong.append(f"{where}{error}")
    if wrong:
        raise SettingsError("\n".join(wrong))
    return tuple(server for server in servers if not server.disabled)


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise SettingsError(f"MCP_FILE: {path} cannot be read: {error.strerror or type(error).__name__}") from None
    if len(data) > LARGEST:
        raise SettingsError(f"MCP_FILE: {path} is larger than {LARGEST // 1024} KiB")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingsError(f"MCP_FILE: {path} is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise SettingsError(f"MCP_FILE: {path}, line {error.lineno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise SettingsError(f"MCP_FILE: {path} is not JSON that can be read") from None
    servers = found.get("mcpServers") if isinstance(found, dict) else None
    if not isinstance(servers, dict):
        raise SettingsError(f'MCP_FILE: {path} must be an object with "mcpServers": {{"name": {{…}}}}')
    if len(servers) > MOST_SERVERS:
        raise SettingsError(f"MCP_FILE: {path} names more than {MOST_SERVERS} servers")
    return servers


def _server(name: str, given: object, variable: Lookup, inherited: Mapping[str, str]) -> ToolServer:
    """Raises ValidationError, or SettingsError whose message begins with the path below the server."""
    if not isinstance(given, dict):
        raise SettingsError(': must be an object, such as {"command": "…", "args": []}')
    for ours in ("name", "secrets"):
        if ours in given:
            raise SettingsError(f".{ours}: there is no such key")
    secrets: set[str] = set()
    filled = {
        key: _filled(value, variable, secrets, f".{key}")
        if key in {"args", "env", "headers", "url", "command"}
        else value
        for key, value in given.items()
    }
    server = ToolServer.model_validate({**filled, "name": name})
    for key, value in (*server.env.items(), *server.headers.items()):
        if _SENSITIVE.search(key):
            secrets.add(value)
    return server.model_copy(
        update={
            "env": {**inherited, **server.env},
            "secrets": tuple(SecretStr(secret) for secret in sorted(secrets) if secret),
        }
    )


def _filled(value: object, variable: Lookup, secrets: set[str], where: str) -> object:
    """The value with each `${NAME}` in it replaced; what is filled in is a secret."""
    if isinstance(value, dict):
        return {key: _filled(each, variable, secrets, f"{where}.{key}") for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, variable, secrets, f"{where}[{at}]") for at, each in enumerate(value)]
    if not isinstance(value, str):
        return value

    def found(match: re.Match[str]) -> str:
        text = variable(match[1])
        if text is None:
            raise SettingsError(f"{where}: the variable {match[1]} is not set; set it, or {match[1]}_FILE, or in .env")
        secrets.add(text)
        return text

    return _VARIABLE.sub(found, value)


def _path(steps: tuple[int | str, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _reason(detail: Any) -> str:
    if detail["type"] == "extra_forbidden":
        return f"there is no such key; there are {', '.join(sorted(KEYS))}"
    return str(detail.get("ctx", {}).get("error", detail["msg"])) if detail["type"] == "value_error" else detail["msg"]


KEYS = frozenset(ToolServer.model_fields) - {"name", "secrets"}
