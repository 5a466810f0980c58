"""The page as a platform: starting, ending, being looked at by the doctor."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from pydantic import SecretStr

from bot.errors import OperatorError, PortInUse
from bot.languages.phrases import Phrases
from bot.languages.sentences import SENTENCES
from bot.platforms.local.pages import load_files, words
from bot.ports import Examined, Platform
from bot.settings import Page
from bot.talk.finding import Level
from tests.platforms.local.conftest import Program
from tests.platforms.local.doubles import build, serving


@pytest.fixture
def taken_port() -> Iterator[socket.socket]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        yield taken


def test_the_page_is_a_platform_that_can_be_examined() -> None:
    page = build().platform
    as_platform: Platform = page
    as_examined: Examined = page
    assert as_platform.name == "local"
    assert as_examined is page


async def test_a_port_in_use_is_named_with_its_setting(taken_port: socket.socket) -> None:
    port = taken_port.getsockname()[1]
    house = build(Page(port=port))
    with pytest.raises(PortInUse) as error:
        await house.platform.run(house.verbs.hear)
    assert str(port) in str(error.value)
    assert "PAGE_PORT" in str(error.value)
    assert not house.platform.started.is_set()


async def test_an_address_of_another_machine_is_named_with_its_setting() -> None:
    house = build(Page(host="203.0.113.7", port=0, password=SecretStr("tramontane")))
    with pytest.raises(OperatorError, match="PAGE_HOST"):
        await house.platform.run(house.verbs.hear)


async def test_a_free_port_is_taken_and_told() -> None:
    async with serving(build()) as house, aiohttp.ClientSession() as session, session.get(house.url) as answer:
        assert house.url.startswith("http://127.0.0.1:")
        assert not house.url.endswith(":0")
        assert "<title>Calanque</title>" in await answer.text()


async def test_ipv6_loopback_is_served_and_written_in_brackets() -> None:
    house = build(Page(host="::1", port=0))
    async with serving(house), aiohttp.ClientSession() as session:
        assert house.url.startswith("http://[::1]:")
        assert (await Program(house, session).ask("GET", "/api/page"))[0] == 200


async def test_there_is_always_a_general_channel() -> None:
    house = build()
    async with serving(house):
        assert "general" in house.store.kept_places


async def test_the_page_can_be_served_again_after_it_ended() -> None:
    house = build()
    for _ in range(2):
        async with serving(house), aiohttp.ClientSession() as session:
            assert (await Program(house, session).ask("GET", "/api/words"))[0] == 200


async def test_cancelling_ends_an_upload_that_never_ends() -> None:
    async with aiohttp.ClientSession() as session:
        async with serving(build()) as house:
            began = asyncio.Event()

            async def trickle() -> AsyncIterator[bytes]:
                yield b"x"
                began.set()
                await asyncio.Event().wait()

            headers = {"Origin": house.url}
            sending = asyncio.create_task(session.post(house.url + "/api/uploads", data=trickle(), headers=headers))
            await began.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    assert house.store.uploads == {}


async def test_the_doctor_finds_the_port_free_or_taken(taken_port: socket.socket) -> None:
    port = taken_port.getsockname()[1]
    [found] = await build(Page(port=port)).platform.examine()
    assert (found.level, found.topic) == (Level.WARNING, "page")
    assert "PAGE_PORT" in found.mend
    [found] = await build().platform.examine()
    assert (found.level, found.mend) == (Level.OK, "")


def test_every_word_that_the_page_uses_has_a_sentence() -> None:
    known = words(Phrases(), attachments=3)
    used: set[str] = set()
    for name, (body, _) in load_files().items():
        text = body.decode()
        used |= set(re.findall(r'data-(?:word|label|hint)="([a-z0-9-]+)"', text))
        used |= set(re.findall(r'\bsay\("([a-z0-9-]+)"', text)) if name.endswith(".js") else set()
    assert len(used) > 40
    assert used <= set(known)


def test_what_the_browser_fills_in_stays_open() -> None:
    assert words(Phrases(), attachments=3)["hint-channel"] == SENTENCES["page-hint-channel"].text
    assert "{bot}" in words(Phrases(), attachments=3)["hint-channel"]


def test_the_files_of_the_page_reach_for_nothing_outside() -> None:
    for name, (body, _) in load_files().items():
        text = body.decode().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, name
        assert "https://" not in text, name
        assert "eval(" not in text, name
        assert " style=" not in text, name
        assert "<script>" not in text, name
