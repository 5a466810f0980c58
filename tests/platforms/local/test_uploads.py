"""Files come in under a cap and go out without doing harm."""

from __future__ import annotations

import io
from contextlib import aclosing
from typing import Any

import aiohttp
import pytest

from bot.errors import AttachmentUnreadable
from bot.platforms.local.uploads import UPLOADS, file_name, picture_type
from bot.settings import Limits
from bot.talk.event import Said
from bot.talk.message import Attachment
from tests.platforms.local.conftest import Program
from tests.platforms.local.doubles import build, serving

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 200


async def given(program: Program, url: str) -> tuple[int, bytes, Any]:
    async with program.session.get(program.house.url + url) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_a_picture_is_kept_and_shown_again(program: Program) -> None:
    status, upload = await program.upload("cove.png", PNG)
    assert status == 201
    assert (upload["name"], upload["media_type"], upload["size"]) == ("cove.png", "image/png", len(PNG))
    _, data, headers = await given(program, upload["url"])
    assert data == PNG
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "media_type", "data"),
    [
        ("page.png", "image/png", b"<html><script>alert(1)</script>"),
        ("page.html", "text/html", b"<html>"),
        ("drawing.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("x.js", "text/javascript", b"alert(1)"),
    ],
)
async def test_what_is_no_picture_is_only_ever_saved(program: Program, name: str, media_type: str, data: bytes) -> None:
    _, upload = await program.upload(name, data, media_type)
    _, _, headers = await given(program, upload["url"])
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_a_form_with_a_file_is_taken_too(program: Program) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", PNG, filename="shots/näme.png", content_type="image/png")
    status, upload = await program.ask("POST", "/api/uploads", data=form)
    assert (status, upload["name"]) == (201, "näme.png")


async def test_a_form_without_a_file_is_refused(program: Program) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("other", "text", content_type="text/plain")
    status, _ = await program.ask("POST", "/api/uploads", data=form)
    assert status == 422
    headers = {"Content-Type": "multipart/form-data"}
    assert (await program.ask("POST", "/api/uploads", data=b"x", headers=headers))[0] == 422


async def test_a_file_over_the_limit_is_refused_while_it_arrives() -> None:
    async def endless() -> Any:
        for _ in range(64):
            yield b"\0" * 65536

    async with serving(build(limits=Limits(attachment_mib=1))) as house, aiohttp.ClientSession() as session:
        program = Program(house, session)
        for data in (io.BytesIO(b"\0" * (1024 * 1024 + 1)), endless()):
            status, answer = await program.upload("big.bin", data)
            assert (status, answer["error"]["key"]) == (413, "attachment-too-large")
            assert "big.bin" in answer["error"]["message"]
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(b"\0" * (1024 * 1024 + 1)), filename="big.bin")
        assert (await program.ask("POST", "/api/uploads", data=form))[0] == 413
        assert (await program.upload("fits.bin", io.BytesIO(b"\0" * (1024 * 1024))))[0] == 201
        assert len(house.store.uploads) == 1


async def test_an_empty_file_is_refused(program: Program) -> None:
    status, answer = await program.upload("nothing.txt", b"")
    assert (status, answer["error"]["key"]) == (422, "page-empty-file")


async def test_a_message_carries_its_files_and_the_house_can_fetch_them(program: Program) -> None:
    _, upload = await program.upload("cove.png", PNG)
    status, sent = await program.say("", attachments=[upload["id"]])
    assert status == 201
    assert sent["message"]["attachments"] == [upload]
    event = program.house.verbs.heard[-1]
    assert isinstance(event, Said)
    async with aclosing(program.house.platform.fetch(event.message.attachments[0])) as blocks:
        assert b"".join([block async for block in blocks]) == PNG


async def test_fetching_a_file_that_is_gone_says_so(program: Program) -> None:
    gone = Attachment(id="x", name="cove.png", media_type="image/png", size=3, source="0" * 32)
    with pytest.raises(AttachmentUnreadable) as error:
        await anext(program.house.platform.fetch(gone))
    assert error.value.values == {"name": "cove.png"}


async def test_a_message_cannot_carry_files_that_are_not_there(program: Program) -> None:
    for ident in ("0" * 32, "../../secret", "x"):
        status, answer = await program.say("look", attachments=[ident])
        assert (status, answer["error"]["key"]) == (422, "page-upload-gone")


async def test_fifty_files_in_one_message_are_refused_with_the_limit(program: Program) -> None:
    ids = [(await program.upload(f"{number}.png", PNG))[1]["id"] for number in range(11)]
    status, answer = await program.say("all", attachments=ids)
    assert (status, answer["error"]["key"]) == (422, "page-too-many-attachments")
    assert "10" in answer["error"]["message"]
    assert (await program.say("fewer", attachments=ids[:10]))[0] == 201


async def test_uploads_in_a_row_are_bounded(program: Program) -> None:
    for _ in range(UPLOADS):
        await program.upload("dot", b".")
    status, answer = await program.upload("dot", b".")
    assert (status, answer["error"]["key"]) == (429, "page-too-many-uploads")
    program.house.clock.ahead += 601
    assert (await program.upload("dot", b"."))[0] == 201


async def test_many_bytes_at_once_have_to_wait_even_in_few_files(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.platforms.local.uploads.BYTES", 2000)
    for _ in range(2):
        assert (await program.upload("dots", b"." * 1000))[0] == 201
    status, answer = await program.upload("dot", b".")
    assert (status, answer["error"]["key"]) == (429, "page-too-many-uploads")
    program.house.clock.ahead += 601
    assert (await program.upload("dot", b"."))[0] == 201


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\\b\\c.txt", "c.txt"),
        ("", "file"),
        ("\u202egnp.exe", "gnp.exe"),
        ("two\nlines.txt", "two lines.txt"),
        ("x" * 300 + ".png", "x" * 116 + ".png"),
    ],
)
def test_a_file_name_is_one_visible_line(given_name: str, kept: str) -> None:
    assert file_name(given_name) == kept


def test_pictures_are_told_by_their_first_bytes() -> None:
    assert picture_type(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"
    assert picture_type(b"RIFF\0\0\0\0WAVEfmt ") is None
    assert picture_type(b"GIF89a...") == "image/gif"
    assert picture_type(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert picture_type(b"") is None
