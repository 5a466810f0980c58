"""Pages are made readable in a process of their own, which is ended when it takes too long: whoever wrote the page may
have built it for that."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import bot
from bot.web.readable import Readable

SECONDS = 3.5
"""Longest wait for the process; of the processor's time it gets less."""

ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")  # what an interpreter may need to start; never a secret
ROOT = Path(bot.__file__).resolve().parent.parent


class Unreadable(Exception):
    """The process did not end in time, or died."""


async def readable_apart(data: bytes, *, media: str = "", url: str, most: int, seconds: float = SECONDS) -> Readable:
    """As `readable`, of a body as it came with its Content-Type. Raises Unreadable."""
    asked = json.dumps({"media": media, "url": url, "most": most}).encode() + b"\n" + data
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-B",
        "-m",
        "bot.web.reader",
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=ROOT,
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | {"PYTHONUTF8": "1"},
    )
    try:
        async with asyncio.timeout(seconds):
            answer, _ = await process.communicate(asked)
        if process.returncode != 0:
            raise Unreadable
        return Readable(**json.loads(answer))
    except (TimeoutError, ConnectionError, ValueError) as error:
        raise Unreadable from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
