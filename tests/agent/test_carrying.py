"""Whatever a tool does, its call ends in time and with a result, and the program goes on."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from collections.abc import Callable

import pytest

from bot.agent import carrying
from bot.agent.toolbox import Toolbox
from bot.ports.tool import AnyTool, CallContext, Effect, tool
from bot.talk.message import Conversation
from bot.talk.turn import Call, Result
from tests.agent.tooling import OpenGate
from tests.fakes import ANA, GENERAL, START

CONTEXT = CallContext(asker=ANA, conversation=Conversation(place=GENERAL), now=START, timezone="UTC")


class Stubborn:
    """A tool that hangs and does not care that it is cancelled, until it is let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.begun = asyncio.Semaphore(0)
        self.ended = asyncio.Semaphore(0)

        @tool(Effect.READS, seconds=0.01)
        async def stubborn(_context: CallContext) -> str:
            """Hangs."""
            self.begun.release()
            while not self.let_go.is_set():
                try:
                    await self.let_go.wait()
                except CancelledError:
                    continue
            self.ended.release()
            return "at last"

        self.tool = stubborn


def box(*tools: AnyTool, seconds: float = 5) -> Toolbox:
    return Toolbox(tools, seconds=seconds, chars=1000, calls=8, gate=OpenGate())


async def call(toolbox: Toolbox, *names: str) -> tuple[Result, ...]:
    return await toolbox.run([Call(id=str(at), name=name, arguments="{}") for at, name in enumerate(names)], CONTEXT)


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "GRACE_SECONDS", 0.01)


@pytest.mark.usefixtures("short_grace")
async def test_a_tool_that_ignores_its_cancellation_is_left_alone_and_after_twice_called_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hanging = Stubborn()
    toolbox = box(hanging.tool)
    for _ in range(2):
        (left,) = await call(toolbox, "stubborn")
        assert left.content == "Error: stubborn took longer than 0.01 seconds"
    assert caplog.text.count("left alone") == 2
    (refused,) = await call(toolbox, "stubborn")
    assert "hangs and cannot be used at the moment" in refused.content
    hanging.let_go.set()
    for _ in range(2):
        await hanging.ended.acquire()
    await asyncio.sleep(0)  # for the tasks to end, too
    (again,) = await call(toolbox, "stubborn")
    assert again.content == "at last"


@pytest.mark.usefixtures("short_grace")
async def test_a_turn_that_is_stopped_does_not_wait_for_a_tool_that_ignores_it() -> None:
    hanging = Stubborn()
    turn = asyncio.create_task(call(box(hanging.tool), "stubborn"))
    await hanging.begun.acquire()
    turn.cancel()
    with pytest.raises(CancelledError):
        await turn
    hanging.let_go.set()


@pytest.mark.parametrize(
    "error",
    [
        SystemExit(1),
        KeyboardInterrupt(),
        GeneratorExit(),
        CancelledError(),
        BaseExceptionGroup("all of it", [SystemExit(1), ValueError("a secret")]),
        type("Strange", (BaseException,), {})("a secret"),
        RecursionError("a secret"),
        MemoryError(),
        StopAsyncIteration(),
        TimeoutError(),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a fault"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_a_tool_raises_is_a_result_and_its_words_are_not_logged(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    @tool(Effect.READS)
    async def broken(_context: CallContext) -> str:
        """Breaks."""
        await asyncio.sleep(0)
        raise error

    (only,) = await call(box(broken), "broken")
    assert only.failed
    assert only.content.startswith("Error: ")
    assert "a secret" not in only.content + caplog.text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lambda: None, "Error: odd failed: its result is no text (NoneType)"),
        (lambda: b"bytes", "Error: odd failed: its result is no text (bytes)"),
        (lambda: 42, "Error: odd failed: its result is no text (int)"),
        (lambda: "", "(odd gave an empty result)"),
        (lambda: " \n\t", "(odd gave an empty result)"),
        (lambda: "\x00\x01\x02PNG\x1a" * 20, "Error: odd failed: its result is no text (binary data)"),
        (lambda: "\ud800" * 9, "Error: odd failed: its result is no text (binary data)"),
        (lambda: "a bell\x07 and half a pair\udc00 in a long line\r\nof text", "a bell\ufffd and half a pair\ufffd in"),
        (lambda: "x" * 50_000_000, "x" * 1000 + "\n[cut: 49999000 more characters]"),
    ],
)  # fmt: skip
async def test_whatever_a_tool_returns_the_model_gets_text_of_bounded_length(
    given: Callable[[], object], told: str
) -> None:
    @tool(Effect.READS)
    async def odd(_context: CallContext) -> str:
        """Returns something."""
        return given()  # pyright: ignore[reportReturnType] # what is wrong with it

    (only,) = await call(box(odd), "odd")
    assert only.content.startswith(told)
    assert only.failed == told.startswith("Error")
    only.content.encode()


async def test_a_tool_has_its_own_time_limit_and_never_more_than_all_have() -> None:
    @tool(Effect.READS, seconds=0.01)
    async def short(_context: CallContext) -> str:
        """Hangs."""
        await asyncio.Event().wait()
        return ""

    @tool(Effect.READS, seconds=1000)
    async def patient(_context: CallContext) -> str:
        """Hangs."""
        await asyncio.Event().wait()
        return ""

    (first,) = await call(box(short), "short")
    assert "longer than 0.01 seconds" in first.content
    (second,) = await call(box(patient, seconds=0.02), "patient")
    assert "longer than 0.02 seconds" in second.content


@pytest.mark.parametrize("effect", [Effect.WRITES, Effect.LEAVES])
async def test_a_call_with_an_effect_that_ran_out_of_time_is_not_to_be_tried_again(effect: Effect) -> None:
    @tool(effect, seconds=0.01)
    async def send(_context: CallContext) -> str:
        """Send something."""
        await asyncio.Event().wait()
        return ""

    (only,) = await call(box(send), "send")
    assert "may have been done all the same" in only.content


async def test_the_same_call_of_a_tool_that_writes_is_carried_out_once_in_a_turn() -> None:
    made: list[str] = []

    @tool(Effect.WRITES)
    async def remind(_context: CallContext, what: str) -> str:
        """Set a reminder."""
        made.append(what)
        return "done"

    toolbox = box(remind)
    calls = [Call(id=str(at), name="remind", arguments=f'{{"what": "{what}"}}') for at, what in enumerate("aab")]
    results = await toolbox.run(calls, CONTEXT)
    assert [result.failed for result in results] == [False, True, False]
    (later,) = await toolbox.run(calls[:1], CONTEXT, earlier=[calls])
    assert later.failed
    assert made == ["a", "b"]


async def test_a_tool_that_may_not_run_beside_others_runs_alone_and_in_the_order_of_the_calls() -> None:
    running: list[str] = []
    seen: list[str] = []

    async def work(name: str) -> str:
        running.append(name)
        for _ in range(5):
            await asyncio.sleep(0)
            seen.append("+".join(sorted(running)))
        running.remove(name)
        return name

    @tool(Effect.READS, beside=True)
    async def look(_context: CallContext) -> str:
        """Look."""
        return await work("look")

    @tool(Effect.READS, beside=True)
    async def read(_context: CallContext) -> str:
        """Read."""
        return await work("read")

    @tool(Effect.WRITES)
    async def write(_context: CallContext) -> str:
        """Write."""
        return await work("write")

    results = await call(box(look, read, write), "look", "read", "write", "look", "unknown", "read")
    assert [result.name for result in results] == ["look", "read", "write", "look", "unknown", "read"]
    order = list(dict.fromkeys(seen[:9])), list(dict.fromkeys(seen[15:]))
    assert "look+read" in order[0]
    assert seen.count("write") == 5
    assert not any("write" in each and each != "write" for each in seen)
    assert "look+read" in order[1]


async def test_a_call_that_was_one_too_many_in_its_step_may_be_made_in_the_next() -> None:
    made: list[str] = []

    @tool(Effect.WRITES)
    async def remind(_context: CallContext, what: str) -> str:
        """Set a reminder."""
        made.append(what)
        return "done"

    toolbox = Toolbox((remind,), seconds=5, chars=1000, calls=1, gate=OpenGate())
    calls = [Call(id=what, name="remind", arguments=f'{{"what": "{what}"}}') for what in "ab"]
    _, refused = await toolbox.run(calls, CONTEXT)
    assert "at most 1 calls" in refused.content
    (again,) = await toolbox.run(calls[1:], CONTEXT, earlier=[calls])
    assert not again.failed
    assert made == ["a", "b"]
