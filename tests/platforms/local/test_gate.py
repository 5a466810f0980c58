"""Other web sites, strangers and guesses stay outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.errors import SettingsError
from bot.platforms.local.client import LOGGED_OUT
from bot.platforms.local.gate import ATTEMPTS, ATTEMPTS_OF_ALL, SESSION_SECONDS, SESSIONS, Sessions, Window
from bot.settings import Page
from tests.platforms.local.conftest import Program, close_code
from tests.platforms.local.doubles import SteppedClock, build, serving

PASSWORD = "tramontane-et-mistral"


@pytest.fixture
async def locked() -> AsyncIterator[Program]:
    settings = Page(port=0, password=SecretStr(PASSWORD), allowed_hosts="cove.example, Harbour.Test")
    jar = aiohttp.CookieJar(unsafe=True)
    async with serving(build(settings)) as house, aiohttp.ClientSession(cookie_jar=jar) as session:
        yield Program(house, session)


async def log_in(program: Program, password: str = PASSWORD) -> tuple[int, Any]:
    return await program.ask("POST", "/api/session", json={"password": password})


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::1", "a b"]
)
async def test_a_host_name_that_is_not_ours_is_refused(program: Program, host: str) -> None:
    for path in ("/", "/api/channels?person=Ana", "/static/app.js"):
        status, answer = await program.ask("GET", path, headers={"Host": host})
        assert status in (400, 421)
        if status == 421:
            assert answer["error"]["key"] == "page-wrong-host"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8321", "127.0.0.1:1", "[::1]:8321", "localhost."])
async def test_the_names_of_this_machine_are_ours(program: Program, host: str) -> None:
    status, _ = await program.ask("GET", "/", headers={"Host": host})
    assert status == 200


async def test_more_names_can_be_allowed(locked: Program) -> None:
    for host, wanted in (("cove.example", 200), ("harbour.test:80", 200), ("other.example", 421)):
        assert (await locked.ask("GET", "/login", headers={"Host": host}))[0] == wanted


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost:{port}",
        "file://",
        "http://[",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil@127.0.0.1:{port}",
    ],
)
async def test_a_request_that_changes_something_must_come_from_the_page(program: Program, origin: str) -> None:
    headers = {"Origin": origin.format(port=program.house.url.rsplit(":", maxsplit=1)[1])}
    body = {"person": "Ana", "text": "forged"}
    status, answer = await program.ask("POST", "/api/channels/general/messages", json=body, headers=headers)
    assert (status, answer["error"]["key"]) == (403, "page-wrong-origin")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await program.session.ws_connect(program.house.url + "/api/events", headers=headers)
    assert refused.value.status == 403
    assert program.house.verbs.heard == []


async def test_a_request_without_an_origin_changes_nothing(program: Program) -> None:
    async with program.session.delete(f"{program.house.url}/api/channels/general/messages/x?person=Ana") as answer:
        assert answer.status == 403


async def test_a_form_of_another_kind_is_no_way_around_json(program: Program) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        status, _ = await program.ask("POST", "/api/channels", data=b'{"name": "x"}', headers={"Content-Type": kind})
        assert status == 415


async def test_every_answer_carries_the_strict_headers(program: Program) -> None:
    for path in ("/", "/static/app.js", "/api/words", "/nowhere", "/api/uploads/none"):
        async with program.session.get(program.house.url + path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert "frame-ancestors 'none'" in policy


async def test_only_the_files_of_the_page_are_served(program: Program) -> None:
    for path in ("/static/../platform.py", "/static/%2e%2e/platform.py", "/static/%2e%2e%2fplatform.py", "/static/"):
        status, _ = await program.ask("GET", path)
        assert status == 404


async def test_an_unchanged_file_is_not_sent_twice(program: Program) -> None:
    async with program.session.get(program.house.url + "/static/app.js") as first:
        tag = first.headers["ETag"]
    status, body = await program.ask("GET", "/static/app.js", headers={"If-None-Match": tag})
    assert (status, body) == (304, b"")


async def test_without_the_password_nothing_but_the_door_opens(locked: Program) -> None:
    async with locked.session.get(locked.house.url + "/", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/login")
    for path in ("/api/channels?person=Ana", "/api/page", "/api/uploads/" + "0" * 32):
        status, answer = await locked.ask("GET", path)
        assert (status, answer["error"]["key"]) == (401, "page-login-needed")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await locked.listen()
    assert (await locked.ask("GET", "/api/words"))[0] == 200


async def test_the_password_opens_until_one_logs_out(locked: Program) -> None:
    assert (await log_in(locked, "wrong-password"))[0] == 403
    assert (await log_in(locked))[0] == 204
    cookie = next(iter(locked.session.cookie_jar))
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert (await locked.ask("GET", "/api/page"))[1]["password"] is True
    async with locked.session.get(locked.house.url + "/login", allow_redirects=False) as answer:
        assert answer.status == 303
    socket = await locked.listen()
    assert (await locked.ask("DELETE", "/api/session"))[0] == 204
    assert await close_code(socket) == LOGGED_OUT
    assert (await locked.ask("GET", "/api/page"))[0] == 401


async def test_a_forged_cookie_opens_nothing(locked: Program) -> None:
    for value in ("", "x", "a" * 4000):
        headers = {"Cookie": f"calanque_session={value}"}
        assert (await locked.ask("GET", "/api/page", headers=headers))[0] == 401


async def test_guessing_is_slowed_down_and_then_forgiven(locked: Program) -> None:
    for _ in range(ATTEMPTS):
        assert (await log_in(locked, "guess-guess"))[0] == 403
    status, answer = await log_in(locked)
    assert (status, answer["error"]["key"]) == (429, "page-too-many-attempts")
    locked.house.clock.ahead += 61
    assert (await log_in(locked))[0] == 204


async def test_a_page_without_a_password_lets_nobody_log_in(program: Program) -> None:
    assert (await log_in(program, "anything"))[0] == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "cove.example"])
async def test_the_page_does_not_open_to_a_network_without_a_password(host: str) -> None:
    house = build(Page(host=host, port=0))
    with pytest.raises(SettingsError, match="PAGE_PASSWORD"):
        await house.platform.run(house.verbs.hear)
    findings = await house.platform.examine()
    assert "PAGE_PASSWORD" in findings[0].mend


def test_sessions_end_by_time_and_are_bounded() -> None:
    clock = SteppedClock()
    sessions = Sessions(clock)
    first = sessions.open()
    assert sessions.known(first)
    clock.ahead += SESSION_SECONDS + 1
    assert not sessions.known(first)
    tokens = [sessions.open() for _ in range(SESSIONS + 1)]
    assert not sessions.known(tokens[0])
    assert sessions.known(tokens[-1])


def test_a_window_forgets_what_is_past() -> None:
    window = Window(2, 10)
    for moment in (0, 4):
        assert window.wait(moment) == 0
        window.note(moment)
    assert window.wait(5) == 5
    assert window.wait(10) == 0
    assert ATTEMPTS < ATTEMPTS_OF_ALL
