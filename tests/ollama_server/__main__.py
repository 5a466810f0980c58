"""Runs the double as a process. Prints its address as one line when it is ready; ends on SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from tests.ollama_server import DEFAULT_ANSWER, OllamaServer, load


async def _serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = OllamaServer(
        model=options.model,
        window=options.window,
        answer=options.answer,
        slots=options.slots,
        api_key=options.api_key,
        port=options.port,
        token_seconds=options.token_seconds,
    )
    async with server:
        if options.script:
            server.script(*load(options.script))
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.ollama_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--model", default="mistral-small3.1")
    parser.add_argument("--window", type=int, default=32_768, help="of /v1; /api takes num_ctx")
    parser.add_argument("--slots", type=int, default=1)
    parser.add_argument("--api-key", default="")
    parser.add_argument("--answer", default=DEFAULT_ANSWER, help="what it says when the script has ended")
    parser.add_argument("--script", type=Path, help="JSON file of steps")
    parser.add_argument("--token-seconds", type=float, default=0.0, help="pace")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
