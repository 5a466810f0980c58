"""The worker may die, hang, run out of memory or be cancelled; the program goes on and leaves no process behind."""

from __future__ import annotations

import asyncio
import resource
import signal
import sys

import psutil
import pytest
from PIL import Image

from bot.documents.bounds import MIB
from bot.documents.reader import IDLE_SECONDS, MAX_WAITING, START_SECONDS, DocumentReader
from bot.errors import AttachmentTooLarge, DocumentWorkerDied
from bot.settings import Limits
from bot.talk.document import ImageDocument
from tests.documents.conftest import HELLO, HandClock, hello, until, workers
from tests.documents.samples import png_claiming, saved


async def stopped(reader: DocumentReader) -> psutil.Process:
    """The reader's worker, warm, but hanging: it is asked and never answers."""
    assert await hello(reader) == HELLO
    (worker,) = workers()
    worker.send_signal(signal.SIGSTOP)
    await until(lambda: worker.status() == psutil.STATUS_STOPPED)
    return worker


async def test_the_worker_starts_at_the_first_read_and_is_kept(reader: DocumentReader) -> None:
    assert not workers()
    assert await hello(reader) == HELLO
    first = workers()
    assert await hello(reader) == HELLO
    assert len(first) == 1
    assert workers() == first


async def test_reads_at_the_same_time_share_the_one_worker(reader: DocumentReader) -> None:
    assert await asyncio.gather(*(hello(reader) for _ in range(MAX_WAITING))) == [HELLO] * MAX_WAITING
    assert len(workers()) == 1


async def test_too_many_waiting_reads_are_refused_at_once(reader: DocumentReader) -> None:
    results = await asyncio.gather(*(hello(reader) for _ in range(MAX_WAITING + 1)), return_exceptions=True)
    assert results[:-1] == [HELLO] * MAX_WAITING
    assert isinstance(results[-1], DocumentWorkerDied)


async def test_a_worker_killed_in_mid_read_fails_that_read_and_not_the_next(
    reader: DocumentReader, clock: HandClock
) -> None:
    worker = await stopped(reader)
    reading = asyncio.create_task(hello(reader))
    await until(lambda: clock.waits_for(30))
    worker.kill()
    with pytest.raises(DocumentWorkerDied) as caught:
        await reading
    assert caught.value.values == {"name": "`a.txt`"}
    assert await hello(reader) == HELLO
    assert worker not in workers()


async def test_a_worker_killed_while_a_large_file_is_sent_fails_that_read_and_not_the_next(
    reader: DocumentReader, clock: HandClock
) -> None:
    worker = await stopped(reader)
    reading = asyncio.create_task(reader.read("b.txt", "", b"x" * 20 * MIB))
    await until(lambda: clock.waits_for(30))
    worker.kill()
    with pytest.raises(DocumentWorkerDied):
        await reading
    assert await hello(reader) == HELLO


async def test_a_worker_killed_between_reads_is_not_noticed(reader: DocumentReader) -> None:
    assert await hello(reader) == HELLO
    (worker,) = workers()
    worker.kill()
    await until(lambda: not psutil.pid_exists(worker.pid))
    assert await hello(reader) == HELLO


async def test_a_read_over_the_time_limit_is_ended_with_its_worker(reader: DocumentReader, clock: HandClock) -> None:
    worker = await stopped(reader)
    reading = asyncio.create_task(hello(reader))
    await until(lambda: clock.waits_for(30))
    clock.move(29.9)
    await asyncio.sleep(0)
    assert not reading.done()
    clock.move(0.1)
    with pytest.raises(DocumentWorkerDied, match="30 s") as caught:
        await reading
    assert caught.value.values == {"name": "`a.txt`"}
    assert not psutil.pid_exists(worker.pid)
    assert await hello(reader) == HELLO


async def test_a_cancelled_read_leaves_no_process_and_the_next_one_works(
    reader: DocumentReader, clock: HandClock
) -> None:
    worker = await stopped(reader)
    reading = asyncio.create_task(hello(reader))
    await until(lambda: clock.waits_for(30))
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not workers()
    assert not psutil.pid_exists(worker.pid)
    assert await hello(reader) == HELLO


async def test_a_read_cancelled_while_the_worker_starts_leaves_no_process(
    reader: DocumentReader, clock: HandClock
) -> None:
    reading = asyncio.create_task(hello(reader))
    await until(lambda: clock.waits_for(START_SECONDS))
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not workers()
    assert await hello(reader) == HELLO


async def test_a_read_cancelled_while_it_waits_does_not_disturb_the_one_before(
    reader: DocumentReader, clock: HandClock
) -> None:
    worker = await stopped(reader)
    first = asyncio.create_task(hello(reader))
    await until(lambda: clock.waits_for(30))
    second = asyncio.create_task(hello(reader))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    worker.send_signal(signal.SIGCONT)
    assert await first == HELLO
    assert workers() == [worker]


async def test_a_picture_over_the_memory_limit_fails_alone(clock: HandClock) -> None:
    async with DocumentReader(Limits(document_mib=256, image_megapixels=500), clock=clock) as reader:
        assert await hello(reader) == HELLO
        with pytest.raises(DocumentWorkerDied, match="memory") as caught:
            await reader.read("huge.png", "image/png", png_claiming(10_000, 10_000, rows=10_000))
        assert caught.value.values == {"name": "`huge.png`"}
        assert await hello(reader) == HELLO
    assert not workers()


async def test_the_largest_allowed_picture_fits_the_default_memory_limit(reader: DocumentReader) -> None:
    data = saved(Image.new("RGBA", (7071, 7071), (0, 0, 0, 0)), "PNG", compress_level=1)
    assert isinstance(await reader.read("map.png", "", data), ImageDocument)


async def test_an_attachment_over_the_size_limit_never_reaches_a_worker(reader: DocumentReader) -> None:
    with pytest.raises(AttachmentTooLarge) as caught:
        await reader.read("film_of_*us*.mkv", "video/x-matroska", bytes(25 * MIB + 1))
    assert caught.value.values == {"name": "`film_of_*us*.mkv`", "limit": "25 MiB"}
    assert not workers()


async def test_an_idle_worker_is_ended_and_a_busy_one_is_not(reader: DocumentReader, clock: HandClock) -> None:
    assert await hello(reader) == HELLO
    (worker,) = workers()
    await until(lambda: clock.waits_for(IDLE_SECONDS))
    clock.move(IDLE_SECONDS - 1)
    assert await hello(reader) == HELLO
    await until(lambda: clock.waits_for(IDLE_SECONDS))
    clock.move(2)
    assert await hello(reader) == HELLO
    assert workers() == [worker]
    await until(lambda: clock.waits_for(IDLE_SECONDS))
    clock.move(IDLE_SECONDS)
    await until(lambda: not workers())
    assert await hello(reader) == HELLO


async def test_closing_ends_a_hanging_read_and_refuses_later_ones(clock: HandClock) -> None:
    reader = DocumentReader(Limits(), clock=clock)
    await stopped(reader)
    reading = asyncio.create_task(hello(reader))
    await until(lambda: clock.waits_for(30))
    await reader.aclose()
    with pytest.raises(DocumentWorkerDied):
        await reading
    with pytest.raises(DocumentWorkerDied):
        await hello(reader)
    assert not workers()
    await reader.aclose()


async def test_a_worker_that_cannot_start_is_an_error_that_says_how_to_find_out(
    reader: DocumentReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(DocumentWorkerDied, match=r"bot\.documents\.worker"):
        await hello(reader)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(DocumentWorkerDied):
        await hello(reader)
    monkeypatch.undo()
    assert await hello(reader) == HELLO


async def test_the_worker_sees_no_secret_of_the_program(
    reader: DocumentReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a-secret")
    await hello(reader)
    (worker,) = workers()
    assert set(worker.environ()) <= {"PATH", "LD_LIBRARY_PATH", "PYTHONUTF8", "LC_CTYPE"}
    assert "a-secret" not in " ".join(worker.cmdline())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the limits of another process")
async def test_the_worker_is_confined(reader: DocumentReader) -> None:
    await hello(reader)
    (worker,) = workers()
    assert worker.rlimit(resource.RLIMIT_AS) == (1024 * MIB, 1024 * MIB)
    assert worker.rlimit(resource.RLIMIT_FSIZE) == (0, 0)
    assert worker.rlimit(resource.RLIMIT_CORE) == (0, 0)
    assert worker.rlimit(resource.RLIMIT_NOFILE)[0] == 32
    assert 30 < worker.rlimit(resource.RLIMIT_CPU)[0] < 60
    assert worker.num_fds() == 5  # three empty standard ones and two pipes
    assert not worker.net_connections()
