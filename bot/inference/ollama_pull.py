"""Fetching a model, through Ollama's own client: nothing here is hot, and the client knows the daemon's progress lines.

Inference does not go through it: it cannot say `truncate: false` (see engine_http).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import httpx
import ollama

from bot.errors import EngineBroke, EngineRefused, EngineStalled, EngineUnreachable
from bot.settings import EngineSettings
from bot.talk.prompt import PullProgress

STALL_SECONDS = 120.0
"""Longest silence of a download; Ollama itself tries a broken one again meanwhile."""

SAID_CHARS = 200


async def pull(settings: EngineSettings, model: str) -> AsyncGenerator[PullProgress]:
    """Fetch a model into Ollama. Ends when it is there. Raises EngineUnreachable, EngineRefused, EngineBroke."""
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    client = ollama.AsyncClient(
        host=settings.url,
        timeout=httpx.Timeout(STALL_SECONDS, connect=settings.connect_seconds),
        headers={"Authorization": f"Bearer {key}"} if key else {},
        trust_env=False,
    )
    layers: dict[str, tuple[int, int]] = {}
    try:
        lines = cast("AsyncGenerator[ollama.ProgressResponse]", await client.pull(model, stream=True))
        # Leaving the loop early does not close the client's stream.
        async with aclosing(lines):
            async for line in lines:
                if line.digest and line.total:
                    layers[line.digest] = (line.completed or 0, line.total)
                completed = sum(done for done, _ in layers.values())
                total = sum(whole for _, whole in layers.values())
                yield PullProgress(status=line.status or "", completed=completed, total=total)
                if line.status == "success":
                    return
    except ollama.ResponseError as error:
        raise EngineRefused(f"Ollama could not fetch {model}: {error.error[:SAID_CHARS]}") from error
    except (httpx.ConnectError, httpx.ConnectTimeout, ConnectionError) as error:
        raise EngineUnreachable(f"Ollama does not answer at {settings.url}; is it running?") from error
    except httpx.TimeoutException as error:
        raise EngineStalled(
            f"Ollama sent nothing for {STALL_SECONDS:g} s; try again, it goes on where it was"
        ) from error
    except (httpx.HTTPError, ValueError) as error:
        raise EngineBroke(f"the connection to Ollama broke ({type(error).__name__}); try again") from error
    raise EngineBroke(f"Ollama stopped fetching {model} before the end; try again, it goes on where it was")
