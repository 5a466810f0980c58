"""The one task that owns a server: starts it, lists its tools, carries calls to it, and starts it again when it dies.

What the SDK opens belongs to the task that opened it, so everything is entered, used and left here; calls come through
a queue, and whoever made one waits for a future.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup
from mcp_types import CallToolResult

from bot.errors import BackendError, BadCall, leaves
from bot.mcp.connection import Connection, Listed, Opening, connected
from bot.ports import Counters
from bot.settings import ToolServer

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds before it is started again; each is twice the one before
STABLE_SECONDS = 60.0  # so long it has to be there until the pauses are short again
LOOK_SECONDS = 300.0  # between two listings that nobody asked for; of one over HTTP they show whether it is there
LOOK_PAUSE = 2.0  # between two listings that the server asked for
FRESH_SECONDS = 10.0  # before a call its tools are listed anew where that is longer ago
MOST_AT_ONCE = 4  # calls that a server has at the same time
MOST_WAITING = 16  # calls that wait for one of these to end

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """`still`: raises BadCall where the tool is not to be called any more."""

    tool: str
    arguments: Mapping[str, object]
    still: Callable[[], None]
    given: asyncio.Future[CallToolResult] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def fail(self, error: Exception) -> None:
        if not self.given.done():
            self.given.set_exception(error)


class Owner:
    """`listed` is told what the server lists, whenever it was asked. `why`: it is not there; "" while it is."""

    def __init__(
        self,
        server: ToolServer,
        opening: Opening,
        *,
        listed: Callable[[Listed], Awaitable[None]],
        counters: Counters,
    ) -> None:
        self._server = server
        self._opening = opening
        self._clock = opening.clock
        self._listed = listed
        self._counters = counters
        self._requests: asyncio.Queue[_Request] = asyncio.Queue(MOST_WAITING)
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._listing = asyncio.Lock()
        self._look = asyncio.Event()
        self._listed_at = 0.0
        self.why = "it is starting"

    @property
    def name(self) -> str:
        return self._server.name

    async def call(
        self, tool: str, arguments: Mapping[str, object], *, still: Callable[[], None] = lambda: None
    ) -> CallToolResult:
        """Raises BadCall with what is wrong, for the model. Whoever stops waiting ends the call."""
        if self.why:
            raise BadCall(f"the tool server {self.name} is not there at the moment; answer without it")
        request = _Request(tool=tool, arguments=arguments, still=still)
        try:
            self._requests.put_nowait(request)
        except asyncio.QueueFull:
            raise BadCall(f"the tool server {self.name} has too much to do; answer without it") from None
        try:
            return await request.given
        except BackendError:
            raise BadCall(
                f"the tool server {self.name} ended before it gave a result; what was asked for may have been done all "
                "the same"
            ) from None

    async def run(self) -> None:
        """Until it is cancelled. Whatever a server does ends neither this nor anything else."""
        pause = FIRST_PAUSE
        while True:
            begun = self._clock.monotonic()
            try:
                await self._serve()
                why = "it ended"
            except BackendError as error:
                why = str(error)
            except Exception as error:  # the SDK's own, in groups, with words of the server in them
                why = why_of(error)
            finally:
                self.why = self.why or "it ended"
                self._give_up()
            self.why = why
            if self._clock.monotonic() - begun >= STABLE_SECONDS:
                pause = FIRST_PAUSE
            self._counters.add("mcp_restarts_total", server=self.name)
            log.warning("the tool server %s is not there (%s); it is tried again in %g s", self.name, why, pause)
            await self._clock.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _serve(self) -> None:
        """Until it is gone, or does not answer any more. Raises BackendError, and what the SDK raises, in groups."""
        async with connected(self._server, self._opening, self._look.set) as connection:
            self._look.clear()
            await self._list(connection)
            self.why = ""
            log.info("the tool server %s is there", self.name)
            async with anyio.create_task_group() as group:
                group.start_soon(connection.changes, self._look.set)
                group.start_soon(self._keep_listing, connection)
                group.start_soon(self._look_now_and_then)
                group.start_soon(self._take_calls, connection, group)
                await connection.gone.wait()
                group.cancel_scope.cancel()

    async def _keep_listing(self, connection: Connection) -> None:
        while True:
            await self._look.wait()
            self._look.clear()
            await self._list(connection)
            await self._clock.sleep(LOOK_PAUSE)

    async def _look_now_and_then(self) -> None:
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            self._look.set()

    async def _list(self, connection: Connection, *, older: float = 0.0) -> None:
        """Where the last listing is so many seconds ago. Raises BackendError."""
        async with self._listing:
            if older and self._clock.monotonic() - self._listed_at < older:
                return
            try:
                async with asyncio.timeout(self._opening.seconds):
                    listed = await connection.listed()
            except TimeoutError:
                raise BackendError(f"it did not say within {self._opening.seconds:g} s which tools it has") from None
            self._listed_at = self._clock.monotonic()
            await self._listed(listed)

    async def _take_calls(self, connection: Connection, group: TaskGroup) -> None:
        while True:
            await self._places.acquire()
            try:
                request = await self._requests.get()
            except BaseException:
                self._places.release()
                raise
            group.start_soon(self._carry, connection, request)

    async def _carry(self, connection: Connection, request: _Request) -> None:
        try:
            with anyio.CancelScope() as scope:
                request.given.add_done_callback(lambda given: scope.cancel() if given.cancelled() else None)
                if not request.given.done():
                    await self._call(connection, request)
        finally:
            self._places.release()
            request.fail(BackendError("it ended"))

    async def _call(self, connection: Connection, request: _Request) -> None:
        try:
            await self._list(connection, older=FRESH_SECONDS)
            request.still()
            result = await connection.call(request.tool, request.arguments)
            if not request.given.done():
                request.given.set_result(result)
        except BadCall as error:
            request.fail(error)
        except BackendError as error:
            request.fail(error)
            self._look.set()  # is it still there?

    def _give_up(self) -> None:
        while not self._requests.empty():
            self._requests.get_nowait().fail(BackendError("it ended"))


def why_of(error: BaseException) -> str:
    """In our own words, or by its kind."""
    single = list(leaves(error))
    own = next((str(leaf) for leaf in single if isinstance(leaf, BackendError)), "")
    return own or ", ".join(sorted({type(leaf).__name__ for leaf in single}))
