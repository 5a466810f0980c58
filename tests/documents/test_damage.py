"""Whatever goes into the worker or comes out of it may be damaged or made up; nothing of it is believed."""

from __future__ import annotations

import io
import random
import subprocess
import sys

import pytest
from PIL import Image

from bot.documents.bounds import MIB, Bounds
from bot.documents.frames import BadFrame, from_frame, header_of, lengths
from bot.documents.reader import DocumentReader
from bot.errors import AttachmentTooLarge, AttachmentUnreadable, DocumentWorkerDied
from bot.talk.document import ImageDocument
from tests.documents.conftest import HELLO, hello
from tests.documents.samples import corners, pdf, photo, saved

BOUNDS = Bounds(megapixels=1, pages=1, characters=1000, seconds=1, memory_bytes=512 * MIB, attachment_bytes=MIB)


@pytest.mark.parametrize("rubbish", [b"", b"\0\0", b"\xff" * 100, b"\0\0\0\2\0\0\0\0[]", b"\0\0\0\1\0\0\0\0{"])
def test_a_worker_ends_when_its_input_ends_or_makes_no_sense(rubbish: bytes) -> None:
    command = [sys.executable, "-m", "bot.documents.worker", BOUNDS.to_json()]
    done = subprocess.run(command, input=rubbish, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stdout.endswith(b'{"kind": "ready"}')
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("header", "data"),
    [
        ({}, b""),
        ({"kind": "text"}, b"x"),
        ({"kind": "text", "pages": 1, "shown_pages": 1, "cut": False}, b"\xff"),
        ({"kind": "text", "pages": "1", "shown_pages": 1, "cut": False}, b"x"),
        ({"kind": "image", "media_type": "text/html", "width": 28, "height": 28, "digest": "d"}, b"x"),
        ({"kind": "image", "media_type": "image/png", "width": 28, "height": 10**6, "digest": "d"}, b"x"),
        ({"kind": "image", "media_type": "image/png", "width": 28, "height": 28, "digest": "d"}, b""),
        ({"kind": "image", "media_type": "image/png", "width": 28, "height": 28, "digest": "not its digest"}, b"x"),
        ({"kind": "too-large", "why": "x"}, b""),
    ],
)
def test_an_answer_that_breaks_the_rules_is_not_believed(header: dict[str, object], data: bytes) -> None:
    with pytest.raises(BadFrame):
        from_frame(header, data, name="a", shown_name="`a`")


@pytest.mark.parametrize("packed", [b"", b"[]", b"nonsense", b"\xff", b"[" * 60_000])
def test_a_header_that_is_no_object_is_refused(packed: bytes) -> None:
    with pytest.raises(BadFrame):
        header_of(packed)


def test_a_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    assert lengths(b"\0\0\0\1\0\0\0\2", most=2) == (1, 2)
    for packed in (b"\0\0\0\1\0\0\0\3", b"\xff\xff\xff\xff\0\0\0\0"):
        with pytest.raises(BadFrame):
            lengths(packed, most=2)


async def test_three_hundred_damaged_files_through_one_worker_each_give_a_document_or_a_known_error(
    reader: DocumentReader,
) -> None:
    image = corners(60, 40)
    files = [
        saved(image, "PNG"),
        saved(photo(30, 30), "PNG"),
        saved(image.convert("P"), "PNG", transparency=0),
        saved(image, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"),
        saved(image, "GIF", save_all=True, append_images=[image.rotate(90)]),
        saved(image, "WEBP"),
        saved(image, "WEBP", lossless=True),
        saved(image, "BMP"),
        pdf(["Hello", "", "world"]),
        "Grüße <b>und</b> &amp; mehr".encode(),
    ]
    chance = random.Random(20261123)
    outcomes: dict[str, int] = {}
    for turn in range(300):
        data = bytearray(files[turn % len(files)])
        for _ in range(chance.choice((1, 2, 8, 40))):
            place = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[place] = chance.randrange(256)
                case 1:
                    data[place : place + 4] = chance.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"))
                case 2:
                    del data[place : place + chance.randrange(1, 20)]
                case _:
                    data[place:place] = chance.randbytes(chance.randrange(1, 20))
            if not data:
                break
        try:
            outcome: object = await reader.read(chance.choice(("a.html", "b", "c.txt")), "", bytes(data))
        except (AttachmentTooLarge, AttachmentUnreadable, DocumentWorkerDied) as error:
            outcome = error
        if isinstance(outcome, ImageDocument):
            shown = Image.open(io.BytesIO(outcome.data))
            assert shown.size == (outcome.image.width, outcome.image.height)
        outcomes[type(outcome).__name__] = outcomes.get(type(outcome).__name__, 0) + 1
    assert outcomes["ImageDocument"] > 20
    assert outcomes["TextDocument"] > 20
    assert outcomes["AttachmentUnreadable"] > 20
    assert await hello(reader) == HELLO
