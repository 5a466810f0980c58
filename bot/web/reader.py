"""The process that makes one page readable: its address and type in a line of JSON, then the page, come in; JSON goes
out. It loads next to nothing, so that it has begun at once."""

from __future__ import annotations

import json
import sys

from bot.web.charset import decoded
from bot.web.readable import readable

CPU_SECONDS = 3
MEMORY = 512 * 2**20


def main() -> None:
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    asked = json.loads(sys.stdin.buffer.readline())
    source = decoded(sys.stdin.buffer.read(), asked["media"])
    found = readable(source, url=asked["url"], most=asked["most"])
    sys.stdout.buffer.write(json.dumps({"title": found.title, "text": found.text}).encode())


if __name__ == "__main__":
    main()
