"""The process that opens what strangers sent: `python -m bot.documents.worker BOUNDS`.

It reads requests from standard input and answers on standard output, one at a time, until its input ends. It holds no
secret, no open file but its two pipes, and can write no file; a crash, a hang or a flood of memory ends here.
"""

from __future__ import annotations

import contextlib
import gc
import math
import os
import signal
import sys
from typing import BinaryIO

from bot.documents.bounds import Bounds
from bot.documents.frames import (
    LENGTHS,
    OUT_OF_MEMORY,
    READY,
    BadFrame,
    Header,
    Outcome,
    header_of,
    lengths,
    opening,
    pages_asked,
    to_frame,
)
from bot.documents.opening import open_attachment
from bot.errors import AttachmentTooLarge, AttachmentUnreadable

OPEN_FILES = 32  # libraries are loaded late, a few files at a time
NICENESS = 5  # a big picture must not delay the program's own loop


def main() -> None:
    bounds = Bounds.from_json(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which ends this process in its turn
    _confine(bounds)
    requests, answers = _pipes()
    with contextlib.suppress(BrokenPipeError):
        _send(answers, READY)
        while (request := _receive(requests, bounds)) is not None:
            try:
                outcome = _outcome(*request, bounds)
                answer = to_frame(outcome)
            except MemoryError:
                _send(answers, OUT_OF_MEMORY)
                return
            _send(answers, *answer)
            del request, outcome, answer
            gc.collect()  # decoders leave cycles that hold whole pictures


def _outcome(header: Header, data: bytes, bounds: Bounds) -> Outcome:
    _allow_seconds(bounds.seconds)
    try:
        return open_attachment(str(header["name"]), str(header["media_type"]), data, bounds, pages_asked(header))
    except (AttachmentTooLarge, AttachmentUnreadable) as error:
        return error
    except MemoryError:
        raise
    except Exception as error:  # whatever a decoder throws at hostile bytes means the same
        return AttachmentUnreadable(f"{type(error).__name__} while opening it")


def _confine(bounds: Bounds) -> None:
    """As far as the system can; where it cannot (Windows), the time limit and the process boundary remain."""
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    os.nice(NICENESS)
    wanted = {
        resource.RLIMIT_AS: bounds.memory_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    for limit, most in wanted.items():
        _, hard = resource.getrlimit(limit)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses RLIMIT_AS
            resource.setrlimit(limit, (value, value))


def _allow_seconds(seconds: float) -> None:
    """Let the kernel end this process when it computes for longer than this from now, even if the program is gone."""
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or soft <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Our own ends; the standard ones become empty, so that nothing a library prints can pass for an answer."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    return requests, answers


def _receive(requests: BinaryIO, bounds: Bounds) -> tuple[Header, bytes] | None:
    packed = requests.read(LENGTHS.size)
    if len(packed) < LENGTHS.size:
        return None
    header_length, size = lengths(packed, most=bounds.attachment_bytes)
    header, data = requests.read(header_length), requests.read(size)
    if len(header) < header_length or len(data) < size:
        return None
    return header_of(header), data


def _send(answers: BinaryIO, header: Header, data: bytes = b"") -> None:
    answers.write(opening(header, len(data)))
    answers.write(data)
    answers.flush()


if __name__ == "__main__":
    with contextlib.suppress(BadFrame):
        main()
