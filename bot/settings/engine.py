"""The settings of the engine."""

from __future__ import annotations

from pydantic import Field, SecretStr, model_validator

from bot.settings.group import Group
from bot.settings.kinds import Duration, EngineKind, KvType, ToolsPosition, Url


class EngineSettings(Group):
    """The engine that runs the model."""

    kind: EngineKind = Field(
        default=EngineKind.AUTO,
        description="ollama, openai (any OpenAI-compatible server), embedded (a small demo model, local page only); "
        "auto: ollama, and embedded on the local page while no Ollama answers.",
    )
    url: Url = Field(
        default="http://127.0.0.1:11434", description="Address of Ollama or of the OpenAI-compatible server."
    )
    api_key: SecretStr | None = Field(
        default=None, description="Key for an OpenAI-compatible server that asks for one."
    )
    model: str = Field(default="mistral-small3.1", min_length=1, description="Model name as the engine knows it.")
    window: int = Field(
        default=32768, ge=2048, le=1_048_576, description="Context window to load, in tokens (see the card table)."
    )
    reply_tokens: int = Field(
        default=2048, ge=64, le=32768, description="Longest reply, in tokens; kept free in the window."
    )
    temperature: float = Field(default=0.15, ge=0, le=2, description="Mistral recommends 0.15.")
    keep_alive: Duration = Field(
        default="30m", description="How long Ollama keeps the model loaded after a request; -1: for ever."
    )
    slots: int = Field(
        default=1, ge=1, le=64, description="Requests at a time; equal to OLLAMA_NUM_PARALLEL of the daemon."
    )
    kv_type: KvType = Field(
        default=KvType.AUTO,
        description="OLLAMA_KV_CACHE_TYPE of the daemon, or --cache-type-k of llama-server; auto: told from how large "
        "Ollama has loaded the model, f16 for others.",
    )
    host_cache_mib: int = Field(
        default=8192,
        ge=0,
        le=4_194_304,
        description="LLAMA_ARG_CACHE_RAM of the daemon, or --cache-ram of llama-server; 8192 is their default.",
    )
    connect_seconds: float = Field(default=5, gt=0, le=60, description="Longest wait for a connection to the engine.")
    first_token_seconds: float = Field(
        default=600, gt=0, le=3600, description="Longest wait for the first token (reading a long prompt)."
    )
    stall_seconds: float = Field(default=60, gt=0, le=600, description="Longest silence between two tokens.")
    tools_position: ToolsPosition = Field(
        default=ToolsPosition.FIRST,
        description="first: after the system prompt (cache-friendly). last: before the last question.",
    )

    @model_validator(mode="after")
    def _a_question_fits(self) -> EngineSettings:
        if self.reply_tokens > self.window // 2:
            raise ValueError(
                f"ENGINE_REPLY_TOKENS ({self.reply_tokens}) must be at most half of ENGINE_WINDOW ({self.window})"
            )
        return self
