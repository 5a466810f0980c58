"""Open windows are told what happens, in time and never at the cost of the others."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress
from dataclasses import replace

import aiohttp
import pytest

from bot.platforms.local import client as client_module
from bot.platforms.local import events as events_module
from bot.platforms.local.client import GOING_AWAY, HELLO_EXPECTED, PENDING, TOO_SLOW, Client, Frame
from bot.platforms.local.hub import Hub
from bot.platforms.local.people import person_named
from bot.platforms.local.wire import PersonWire, Removed
from bot.settings import Page
from bot.talk.delivery import Action, Delivery, Shown
from bot.talk.event import Typing
from bot.talk.message import Conversation, Place
from tests.platforms.local.conftest import Program, close_code, final_answer, until
from tests.platforms.local.doubles import SteppedClock, WallClock, build, serving

GENERAL = Conversation(place=Place(platform="local", id="general"))


def delivery(text: str, *, final: bool = False, only: str | None = None, ident: str = "one") -> Delivery:
    return Delivery(id=ident, conversation=replace(GENERAL, only=only), text=text, final=final)


async def test_the_same_delivery_is_told_once(program: Program) -> None:
    platform = program.house.platform
    socket = await program.listen()
    shown = await platform.deliver(delivery("Hello"), Shown())
    assert (await until(socket, type="delivery"))["delivery"]["text"] == "Hello"
    assert [one.id for one in shown.messages] == ["d-one"]
    assert await platform.deliver(delivery("Hello"), shown) == shown
    changed = await platform.deliver(delivery("Hello", final=True), shown)
    assert changed != shown
    event = await until(socket, type="delivery")
    assert event["delivery"]["final"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"text": "x"},
        {"lead": "demo"},
        {"final": True},
        {"reply_to": "m1"},
        {"actions": (Action(id="a", label="Stop"),)},
    ],
)
async def test_every_visible_change_is_told(program: Program, change: dict[str, object]) -> None:
    shown = await program.house.platform.deliver(delivery("Hello"), Shown())
    socket = await program.listen()
    await until(socket, type="delivery")
    again = await program.house.platform.deliver(replace(delivery("Hello"), **change), shown)
    assert again != shown
    await until(socket, type="delivery")


async def test_a_delivery_that_became_empty_is_taken_away(program: Program) -> None:
    socket = await program.listen()
    shown = await program.house.platform.deliver(delivery("Hello"), Shown())
    assert await program.house.platform.deliver(delivery("", final=True), shown) == Shown()
    assert (await until(socket, type="removed"))["ids"] == ["d-one"]


async def test_a_long_private_answer_is_one_line_with_its_blocks_whole_and_its_buttons(program: Program) -> None:
    mine = await program.listen()
    text = "Argument 1 of 1:\n```\n" + "one line of it\n" * 600 + "```"
    whole = replace(
        delivery(text, final=True, only=person_named("Léa").key), actions=(Action(id="a:1", label="Allow"),)
    )
    await program.house.platform.deliver(whole, Shown())
    shown = (await until(mine, type="delivery"))["delivery"]
    assert shown["html"].count("one line of it") == 600
    assert shown["html"].count("<pre") == 1
    assert [each["id"] for each in shown["actions"]] == ["a:1"]


async def test_a_private_delivery_reaches_its_person_only(program: Program) -> None:
    mine, other = await program.listen("Léa"), await program.listen("Jules")
    await program.house.platform.deliver(delivery("psst", only=person_named("Léa").key, ident="private"), Shown())
    await program.house.platform.deliver(delivery("hear ye", ident="public"), Shown())
    assert (await until(mine, type="delivery"))["delivery"]["private"] is True
    assert (await other.receive_json(timeout=30))["delivery"]["text"] == "hear ye"
    late = await program.listen("Jules")
    assert (await late.receive_json(timeout=30))["delivery"]["text"] == "hear ye"


async def test_who_comes_late_sees_the_answer_that_is_growing(program: Program) -> None:
    await program.house.platform.deliver(delivery("so far"), Shown())
    late = await program.listen()
    assert (await until(late, type="delivery"))["delivery"]["text"] == "so far"


async def test_history_shows_a_growing_answer_as_it_is_now(program: Program) -> None:
    row = delivery("", ident="grows")
    program.house.store.keep_delivery(row, at=program.house.clock.now())
    await program.house.platform.deliver(replace(row, text="grown *since*"), Shown())
    line = (await program.history())["lines"][0]["delivery"]
    assert (line["text"], line["final"]) == ("grown *since*", False)


async def test_a_window_may_listen_to_one_channel_only(program: Program) -> None:
    socket = await program.listen(path="/api/events?channel=general")
    await program.say("not here", person="Léa", channel="dm-ana")
    await program.house.platform.deliver(replace(delivery("elsewhere"), conversation=_place("other")), Shown())
    await program.say("here")
    assert (await socket.receive_json(timeout=30))["message"]["text"] == "here"


def _place(name: str) -> Conversation:
    return Conversation(place=Place(platform="local", id=name))


async def test_typing_is_told_to_the_others(program: Program) -> None:
    mine, other = await program.listen("Léa"), await program.listen("Jules")
    await mine.send_json({"type": "typing", "channel": "general"})
    assert (await until(other, type="typing"))["person"]["name"] == "Léa"
    (typed,) = [each for each in program.house.verbs.heard if isinstance(each, Typing)]
    assert typed.place.id == "general"
    assert typed.person.startswith("local:lea")
    await program.house.platform.typing(GENERAL.place)
    assert (await mine.receive_json(timeout=30))["person"] == {"id": "calanque", "name": "Calanque", "bot": True}


@pytest.mark.parametrize(
    "first",
    ["", "hello", "[]", '{"type": "typing", "channel": "general"}', '{"type": "hello", "person": "Calanque"}', "{" * 9],
)
async def test_a_window_that_does_not_say_who_looks_is_closed(program: Program, first: str) -> None:
    url = program.house.url
    socket = await program.session.ws_connect(url + "/api/events", headers={"Origin": url})
    await socket.send_str(first)
    assert await close_code(socket) == HELLO_EXPECTED


async def test_the_status_of_the_engine_is_told_when_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.local.platform.STATUS_SECONDS", 0.01)
    status: dict[str, object] = {"engine": "ollama", "ready": False}
    async with serving(build(status=lambda: status)) as house, aiohttp.ClientSession() as session:
        program = Program(house, session)
        assert (await program.ask("GET", "/api/page"))[1]["status"]["ready"] is False
        socket = await program.listen()
        status["ready"] = True
        assert (await until(socket, type="status"))["status"] == {"engine": "ollama", "ready": True}


async def test_at_the_end_every_window_is_told_that_the_program_leaves() -> None:
    async with aiohttp.ClientSession() as session:
        async with serving(build()) as house:
            socket = await Program(house, session).listen()
        assert await close_code(socket) == GOING_AWAY
        assert not house.platform.started.is_set()


async def test_after_a_restart_a_window_comes_back_to_what_was_said() -> None:
    async with aiohttp.ClientSession() as session:
        async with serving(build()) as before:
            program = Program(before, session)
            socket = await program.listen()
            await program.say("hello", channel="dm-ana", person="Ana")
            await before.verbs.settle()
            port = int(before.url.rsplit(":", maxsplit=1)[1])
            await socket.close()
        async with serving(build(Page(port=port), store=before.store)) as after:
            program = Program(after, session)
            lines = (await program.history(person="Ana", channel="dm-ana"))["lines"]
            assert [line["type"] for line in lines] == ["message", "delivery"]
            assert lines[1]["delivery"]["final"] is True
            assert (await program.listen()).closed is False


async def test_a_window_that_takes_nothing_is_let_go_and_the_others_are_served(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "SEND_SECONDS", 0.2)
    monkeypatch.setattr(events_module, "CLOSE_SECONDS", 0.2)
    parted = asyncio.Event()

    part = Hub.part

    def part_and_tell(hub: Hub, client: Client) -> None:
        part(hub, client)
        parted.set()

    monkeypatch.setattr(Hub, "part", part_and_tell)
    host, port = program.house.url.removeprefix("http://").split(":")
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=narrow, limit=1024)
    writer.write(
        f"GET /api/events HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {program.house.url}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    hello = json.dumps({"type": "hello", "person": "Slow"}).encode()
    writer.write(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
    quick = await program.listen("Quick")
    block = "x" * 50_000
    for number in range(150):
        await program.house.platform.deliver(delivery(block, final=True, ident=str(number)), Shown())
        await until(quick, type="delivery")
    await asyncio.wait_for(parted.wait(), 30)
    async with asyncio.timeout(30):
        while not reader.at_eof():
            try:
                await reader.read(1_000_000)
            except ConnectionError:
                break
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    await program.house.platform.deliver(delivery("still here", ident="last"), Shown())
    assert (await until(quick, type="delivery"))["delivery"]["text"] == "still here"


def frame(word: str) -> Frame:
    return Frame(lambda: Removed(channel="general", ids=(word,)))


async def test_a_window_far_behind_is_closed_with_a_code_that_says_why() -> None:
    behind = Client(person=person_named("Slow"), channel=None, session="", clock=WallClock())
    for number in range(PENDING + 1):
        behind.tell(number, frame(str(number)))
    assert await behind.left() == TOO_SLOW


async def test_news_of_the_same_thing_replaces_what_was_not_sent_yet() -> None:
    sent: list[str] = []
    window = Client(person=person_named("Ana"), channel=None, session="", clock=SteppedClock())
    done = asyncio.Event()

    async def send(text: str) -> None:
        sent.extend(json.loads(text)["ids"])
        if sent[-1] == "end":
            done.set()

    for number in range(1000):
        window.tell("answer", frame(str(number)))
    window.tell("other", frame("end"))
    pumping = asyncio.create_task(window.pump(send))
    await asyncio.wait_for(done.wait(), 30)
    pumping.cancel()
    assert sent == ["999", "end"]


async def test_a_frame_is_made_once_for_all_windows() -> None:
    made: list[int] = []

    def make() -> PersonWire:
        made.append(1)
        return PersonWire(id="ana", name="Ana")

    one = Frame(make)
    texts = await asyncio.gather(*(one.text() for _ in range(5)))
    assert len(made) == 1
    assert len(set(texts)) == 1


async def test_a_long_answer_streams_to_its_end(program: Program) -> None:
    socket = await program.listen("Ana")
    await program.say("word " * 3000, person="Ana", channel="dm-ana")
    answer = await final_answer(socket)
    assert answer["delivery"]["text"].count("word") == 3000
