"""The only reader of the environment. `.env.example` and `docs/settings.md` are generated from these classes.

A variable is GROUP_NAME (`DISCORD_TOKEN` is `discord.token`). Any of them can be read from a file instead, for
secrets that an orchestrator mounts: `DISCORD_TOKEN_FILE=/run/secrets/token`. `variables.py` knows the mechanics;
constructing `Settings(...)` directly reads nothing but its arguments.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.settings.digests import Digests
from bot.settings.embedding import Embedding, EmbeddingKind
from bot.settings.engine import EngineSettings
from bot.settings.group import Group
from bot.settings.health import Health, Supervisor, supervisor
from bot.settings.kinds import (
    Ambient,
    DatabaseUrl,
    EngineKind,
    KvType,
    Language,
    LogFormat,
    LogLevel,
    Streaming,
    Switch,
    ToolsPosition,
    Url,
    WebsocketUrl,
    Zone,
    lower,
    upper,
)
from bot.settings.knowledge import GlossarySettings, KnowledgeSettings
from bot.settings.mcp import Mcp, ToolServer, read_servers
from bot.settings.mirrors import MirrorSettings
from bot.settings.reminders import Reminders
from bot.settings.tools import Tools
from bot.settings.variables import lookup, read
from bot.settings.web import Web

__all__ = [
    "Agent",
    "Ambient",
    "Community",
    "Data",
    "Database",
    "Digests",
    "Discord",
    "Embedding",
    "EmbeddingKind",
    "EngineKind",
    "EngineSettings",
    "GlossarySettings",
    "Group",
    "Health",
    "KnowledgeSettings",
    "KvType",
    "Limits",
    "LogFormat",
    "LogLevel",
    "LogSettings",
    "Mcp",
    "Memory",
    "MirrorSettings",
    "Page",
    "Reminders",
    "Settings",
    "Streaming",
    "Supervisor",
    "Switch",
    "ToolServer",
    "Tools",
    "ToolsPosition",
    "Web",
    "load",
    "supervisor",
]


class Discord(Group):
    """Discord. With a token the bot runs there; without one only the local page runs."""

    token: SecretStr | None = Field(default=None, description="The bot's token from the Discord developer portal.")
    message_content: bool = Field(
        default=True,
        description="Ask for the Message Content intent. Off: the bot sees only mentions, replies to it and DMs.",
    )
    streaming: Streaming = Field(
        default=Streaming.LIVE,
        description="live: the answer grows while it is written. final-only: one message at the end.",
    )
    shards: int | None = Field(
        default=None, ge=1, le=1024, description="Number of shards; unset: Discord's recommendation."
    )
    api_url: Url | None = Field(
        default=None, description="Another address of Discord's API, for a proxy or a test server."
    )
    gateway_url: WebsocketUrl | None = Field(
        default=None, description="Another address of Discord's gateway (wss://…), likewise."
    )


class Page(Group):
    """The local chat page."""

    enabled: Switch = Field(
        default=Switch.AUTO, description="auto: only without a Discord token. on: beside Discord, too."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on. Anything but loopback needs a password.")
    port: int = Field(default=8321, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    password: SecretStr | None = Field(default=None, min_length=8, description="Asked for before the page opens.")
    allowed_hosts: str = Field(
        default="", description="More host names the page may be called by, separated by commas."
    )


class Database(Group):
    """Where everything is kept."""

    url: DatabaseUrl = Field(
        default=SecretStr(""),
        description="postgresql://user:password@host/name for PostgreSQL; empty: SQLite in DATA_DIR.",
    )
    backups: int = Field(default=3, ge=0, le=100, description="SQLite copies kept from before migrations.")


class Data(Group):
    """Files on disk."""

    dir: Path = Field(default=Path("data"), description="Folder of the database, its backups and the model cache.")


class Memory(Group):
    """What the model sees of a channel."""

    rewarm_seconds: float = Field(
        default=29,
        gt=0,
        le=600,
        description="What is left after old turns are cut: as much as the engine reads in so many seconds, within a "
        "tenth and four tenths of the window.",
    )
    summary_tokens: int = Field(default=600, ge=50, le=8192, description="Longest summary of what was cut, in tokens.")
    ambient: Ambient = Field(
        default=Ambient.ON,
        description="What a question takes up of messages that were not for the bot. on: all that no question has "
        "taken up yet; since: only what was said since the last question; off: nothing. /overhear decides by channel.",
    )
    overheard_messages: int = Field(
        default=200, ge=0, le=500, description="Messages not for the bot added to a turn, at most."
    )
    overheard_tokens: int = Field(default=4096, ge=0, le=65536, description="Tokens these may take, at most.")
    retention_days: int = Field(default=90, ge=1, le=3650, description="Days after which what was kept is deleted.")


class Agent(Group):
    """Limits of one turn."""

    max_steps: int = Field(default=8, ge=1, le=50, description="Model calls in one turn, at most.")
    max_seconds: float = Field(default=900, gt=0, le=7200, description="Seconds for one turn, at most.")
    tool_seconds: float = Field(default=20, gt=0, le=300, description="Seconds for one tool call, at most.")
    tool_chars: int = Field(default=16000, ge=500, le=200_000, description="Characters of one tool result, at most.")
    calls_per_step: int = Field(default=8, ge=1, le=32, description="Tool calls in one step, at most.")
    same_calls: int = Field(
        default=3, ge=1, le=50, description="Calls of one tool with the same arguments in one turn, at most."
    )
    max_tokens: int = Field(
        default=32768,
        ge=512,
        le=1_048_576,
        description="Tokens of replies and tool results in one turn; at three quarters the model is told to answer.",
    )


class Limits(Group):
    """Limits of what people send."""

    attachments: int = Field(default=10, ge=0, le=50, description="Attachments read per message.")
    attachment_mib: int = Field(default=25, ge=1, le=500, description="Largest attachment, in MiB.")
    image_megapixels: int = Field(
        default=50, ge=1, le=500, description="Largest picture, in megapixels, before scaling."
    )
    document_pages: int = Field(default=100, ge=1, le=5000, description="Pages of a PDF that are read.")
    document_chars: int = Field(
        default=60_000, ge=1000, le=2_000_000, description="Characters of a file that are read."
    )
    document_seconds: float = Field(default=30, gt=0, le=600, description="Seconds to open one attachment.")
    document_mib: int = Field(
        default=1024, ge=256, le=16384, description="Memory of the process that opens attachments, in MiB."
    )
    queue: int = Field(default=50, ge=1, le=10_000, description="People waiting for the engine, at most.")
    queue_per_person: int = Field(default=3, ge=1, le=100, description="Questions of one person waiting, at most.")
    queue_per_channel: int = Field(
        default=25, ge=1, le=10_000, description="Questions of one channel waiting, at most."
    )
    wait_seconds: float = Field(
        default=900, gt=0, le=7200, description="Longest wait in line; it stands still while the engine is away."
    )
    engine_away_minutes: float = Field(
        default=15,
        gt=0,
        le=1440,
        description="Minutes that one question waits for an engine that is away, in all, before it gets an apology.",
    )
    warm_wait_seconds: float = Field(
        default=30,
        ge=0,
        le=3600,
        description="Seconds somebody is held up, at most, so that channels the engine still remembers go first.",
    )
    answer_after_minutes: int = Field(
        default=30, ge=1, le=10_080, description="Questions older than this are not answered after a restart."
    )
    shutdown_seconds: float = Field(
        default=10, ge=0, le=300, description="Time for running answers to finish at shutdown."
    )


class Community(Group):
    """Who the bot is among."""

    bot_name: str = Field(default="Calanque", min_length=1, max_length=32, description="What the bot calls itself.")
    language: Language = Field(default="en", description="Language of the bot's own sentences, e.g. en or pt-BR.")
    timezone: Zone = Field(default="UTC", description="The community's time zone, e.g. Europe/Paris.")
    persona_file: Path | None = Field(default=None, description="A text file that replaces the built-in persona.")


class LogSettings(Group):
    """Logging. Message texts and secrets are never logged."""

    level: Annotated[LogLevel, BeforeValidator(upper)] = Field(
        default=LogLevel.INFO,
        description="How much is logged; with DEBUG a command that fails also shows its traceback.",
    )
    format: Annotated[LogFormat, BeforeValidator(lower)] = Field(
        default=LogFormat.TEXT, description="text, or json for log collectors."
    )


class Settings(BaseSettings):
    """All settings, grouped; the group's name is the prefix of its variables."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    discord: Discord = Field(default_factory=Discord)
    page: Page = Field(default_factory=Page)
    engine: EngineSettings = Field(default_factory=EngineSettings)
    database: Database = Field(default_factory=Database)
    data: Data = Field(default_factory=Data)
    memory: Memory = Field(default_factory=Memory)
    agent: Agent = Field(default_factory=Agent)
    limits: Limits = Field(default_factory=Limits)
    community: Community = Field(default_factory=Community)
    log: LogSettings = Field(default_factory=LogSettings)
    health: Health = Field(default_factory=Health)
    tools: Tools = Field(default_factory=Tools)
    reminders: Reminders = Field(default_factory=Reminders)
    digests: Digests = Field(default_factory=Digests)
    knowledge: KnowledgeSettings = Field(default_factory=KnowledgeSettings)
    embedding: Embedding = Field(default_factory=Embedding)
    glossary: GlossarySettings = Field(default_factory=GlossarySettings)
    web: Web = Field(default_factory=Web)
    mcp: Mcp = Field(default_factory=Mcp)
    mirrors: MirrorSettings = Field(default_factory=MirrorSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments only: what the environment says comes through `load`, which knows whom to blame for it."""
        return (init_settings,)


def load(env: Mapping[str, str] = os.environ, env_file: Path = Path(".env")) -> Settings:
    """The settings from the environment and, below it, from `env_file`; SettingsError says what is wrong and where."""
    settings = read(Settings, env=env, env_file=env_file)
    if settings.mcp.file is None:
        return settings
    servers = read_servers(settings.mcp.file, lookup(env, env_file))
    return settings.model_copy(update={"mcp": settings.mcp.model_copy(update={"servers": servers})})
