"""The HTTP of an OpenAI-compatible server."""

from __future__ import annotations

from bot.inference.engine_http import EngineHttp
from bot.inference.openai_wire import complaint
from bot.settings import EngineSettings


def server_of(settings: EngineSettings) -> EngineHttp:
    """Its stream may open with an event without a token, so the second line may take as long as the first."""
    return EngineHttp(
        settings,
        name="the server",
        complaint=lambda status, said: complaint(status, said, settings),
        slow_lines=2,
    )
