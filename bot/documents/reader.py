"""Opens attachments for the program: the only part of this room that others use."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Self, TypeVar

from bot.documents.bounds import MIB, Bounds
from bot.documents.frames import OUT_OF_MEMORY, BadFrame, Header, asking, from_frame
from bot.documents.names import plain_name, shown_name
from bot.documents.process import WorkerGone, WorkerProcess
from bot.errors import AttachmentTooLarge, AttachmentUnreadable, DocumentWorkerDied
from bot.ports import Clock
from bot.settings import Limits
from bot.talk.document import Document, PageRange

IDLE_SECONDS = 60.0  # an idle worker is ended after this; it holds some 40 MiB
START_SECONDS = 30.0  # for a new worker to be ready, on a busy machine
MAX_WAITING = 64  # attachments that wait for the worker; more are refused at once
MAX_TYPE_CHARS = 200

T = TypeVar("T")


class DocumentReader:
    """The port `Documents`: one worker process, started at the first read, replaced when it dies, ended when idle.

    An async context manager; or call `aclose`. Reads are taken one at a time, in order. A cancelled read, like one that
    takes longer than the settings allow, ends the worker that was busy with it. Nothing is tried twice.
    """

    def __init__(self, limits: Limits, *, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._bounds = Bounds(
            megapixels=limits.image_megapixels,
            pages=limits.document_pages,
            characters=limits.document_chars,
            seconds=limits.document_seconds,
            memory_bytes=limits.document_mib * MIB,
            attachment_bytes=limits.attachment_mib * MIB,
        )
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._closed = False
        self._worker: WorkerProcess | None = None
        self._idling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the worker. A read that is under way fails with DocumentWorkerDied, and so does any later one."""
        self._closed = True
        await self._stop_idling()
        await self._end_worker()

    async def read(self, name: str, media_type: str, data: bytes, *, pages: PageRange | None = None) -> Document:
        """The text or the picture in a file, under its tidied name; of a PDF these `pages` only, where given.

        Values of the errors are safe to show in Markdown. AttachmentTooLarge: over `attachment_mib` or
        `image_megapixels`. AttachmentUnreadable: empty, broken, protected, mislabelled or of an unknown kind.
        DocumentWorkerDied: it took too long or too much memory, broke the worker, or too many reads are waiting.
        A PDF without text, as a scanner makes it, is a TextDocument whose text is empty.
        """
        shown = shown_name(name)
        if len(data) > self._bounds.attachment_bytes:
            limit = f"{self._limits.attachment_mib} MiB"
            raise AttachmentTooLarge(f"{len(data)} bytes", name=shown, limit=limit)
        if not data:
            raise AttachmentUnreadable("it is empty", name=shown)
        if self._waiting >= MAX_WAITING:
            raise DocumentWorkerDied(f"{MAX_WAITING} attachments wait to be opened already", name=shown)
        self._waiting += 1
        try:
            async with self._turn:
                await self._stop_idling()
                asked = asking(plain_name(name), media_type[:MAX_TYPE_CHARS], pages)
                return await self._opened(asked, data, shown)
        finally:
            self._waiting -= 1

    async def _opened(self, header: Header, data: bytes, shown: str) -> Document:
        answered = False
        try:
            worker = await self._ready_worker()
            answer, body = await self._within(self._bounds.seconds, worker.ask(header, data))
            answered = answer != OUT_OF_MEMORY
            if not answered:
                raise WorkerGone(f"opening it takes more than {self._limits.document_mib} MiB of memory")
            return from_frame(answer, body, name=str(header["name"]), shown_name=shown)
        except TimeoutError:
            raise DocumentWorkerDied(f"opening it takes more than {self._bounds.seconds:g} s", name=shown) from None
        except (WorkerGone, BadFrame, OSError) as error:
            answered = False
            raise DocumentWorkerDied(str(error), name=shown) from error
        finally:
            if answered and not self._closed:
                self._idling = asyncio.create_task(self._end_when_idle())
            else:
                await self._end_worker()

    async def _ready_worker(self) -> WorkerProcess:
        if self._worker is not None and not self._worker.alive:
            await self._end_worker()
        if self._closed:
            raise WorkerGone("no attachments are opened any more: the program is ending")
        if self._worker is None:
            self._worker = await WorkerProcess.start(self._bounds)
            if self._closed:
                raise WorkerGone("the program is ending")
            try:
                await self._within(START_SECONDS, self._worker.ready())
            except (TimeoutError, WorkerGone) as error:
                how = "run `python -c 'import bot.documents.worker'` to see why"
                raise WorkerGone(f"the process that opens attachments does not start; {how}") from error
        return self._worker

    async def _within(self, seconds: float, work: Coroutine[object, object, T]) -> T:
        """What `work` returns. Raises TimeoutError, with `work` cancelled, when it takes longer by our clock."""
        task, timer = asyncio.ensure_future(work), asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise TimeoutError
            return task.result()
        finally:
            task.cancel()
            timer.cancel()
            await asyncio.gather(task, timer, return_exceptions=True)

    async def _end_worker(self) -> None:
        worker = self._worker
        if worker is not None:
            await worker.end()
            if self._worker is worker:
                self._worker = None

    async def _end_when_idle(self) -> None:
        await self._clock.sleep(IDLE_SECONDS)
        async with self._turn:
            await self._end_worker()

    async def _stop_idling(self) -> None:
        task, self._idling = self._idling, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
