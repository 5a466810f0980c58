"""Attachments are read within limits, whatever they claim to be and however fetching fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.errors import AttachmentTooLarge, DocumentWorkerDied, PlaceGone, PlatformUnavailable
from bot.languages.phrases import Phrases
from bot.read import Reader
from bot.settings import Settings
from bot.talk.document import Document, ImageDocument, PageRange, Reading, TextDocument
from bot.talk.message import Attachment, Quote, QuoteKind
from bot.talk.prompt import Engine
from tests.fakes import FakeClock, FakeEngine, FakePlatform, said
from tests.rig import FakeDocuments, rig
from tests.stores import open_store

MEBIBYTE = 1024 * 1024


def file(name: str, source: str = "", *, size: int = 5) -> Attachment:
    return Attachment(id=name, name=name, media_type="text/plain", size=size, source=source or name)


class Counting(FakePlatform):
    """Counts what is fetched, and fails in the middle of a file when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched = 0
        self.closed = 0
        self.fails: Exception | None = None

    async def fetch(self, attachment: Attachment) -> AsyncGenerator[bytes]:
        try:
            async for block in super().fetch(attachment):
                self.fetched += len(block)
                yield block
                if self.fails is not None:
                    raise self.fails
        finally:
            self.closed += 1


class Dying(FakeDocuments):
    async def read(self, name: str, media_type: str, data: bytes, *, pages: PageRange | None = None) -> Document:
        if data.startswith(b"BOMB"):
            raise DocumentWorkerDied("killed")
        if data.startswith(b"HUGE"):
            raise AttachmentTooLarge("too many pixels", limit="50 megapixels")
        if data.startswith(b"DEFECT"):
            raise RuntimeError("a defect with secret words")
        return await super().read(name, media_type, data, pages=pages)


async def reading(folder: Path, platform: FakePlatform, *files: Attachment, vision: bool = True) -> Reading:
    clock = FakeClock()
    async with open_store(Settings().database, folder, clock=clock) as store:
        reader = Reader(store, {platform.name: platform}, Dying(), attachments=5, mebibytes=1, phrases=Phrases())
        return await reader.read(said("look", attachments=files), vision=vision)


async def test_files_come_in_the_order_of_the_message_and_what_cannot_be_read_is_told_in_its_own_words(
    tmp_path: Path,
) -> None:
    platform = Counting()
    platform.files = {"a": b"first", "b": b"BOMB", "c": b"HUGE", "d": b"DEFECT", "e": b"last"}
    read = await reading(tmp_path, platform, *map(file, "abcde"))
    assert [each.text for each in read.documents if isinstance(each, TextDocument)] == ["first", "last"]
    assert read.problems == (
        "I could not open b. Is it complete, and what its name says?",
        "c is too large for me (limit: 50 megapixels).",
        "I could not open d. Is it complete, and what its name says?",
    )


@pytest.mark.parametrize(
    "error", [PlatformUnavailable("away"), PlaceGone("gone"), OSError("reset"), RuntimeError("secret words")]
)
async def test_a_file_that_breaks_off_is_named_and_the_rest_is_read(tmp_path: Path, error: Exception) -> None:
    platform = Counting()
    platform.files = {"a": b"first", "b": b"second"}
    platform.fails = error
    read = await reading(tmp_path, platform, file("a"), file("b"), file("gone"))
    assert read.documents == ()
    assert [problem.split(".")[0] for problem in read.problems] == [
        "I could not open a",
        "I could not open b",
        "I could not open gone",
    ]
    assert platform.closed == 3


async def test_a_file_that_says_it_is_too_large_is_not_fetched_at_all(tmp_path: Path) -> None:
    platform = Counting()
    platform.files = {"film": b"tiny"}
    read = await reading(tmp_path, platform, file("film", size=MEBIBYTE + 1))
    assert read.problems == ("film is too large for me (limit: 1 MiB).",)
    assert platform.fetched == 0


@pytest.mark.parametrize("claimed", [0, -5, 1])
async def test_a_file_that_lies_about_its_size_is_left_at_the_limit_and_its_stream_closed(
    tmp_path: Path, claimed: int
) -> None:
    platform = Counting()
    platform.files = {"film": b"x" * (5 * MEBIBYTE)}
    read = await reading(tmp_path, platform, file("film", size=claimed))
    assert read.problems == ("film is too large for me (limit: 1 MiB).",)
    assert platform.fetched <= MEBIBYTE + 65536
    assert platform.closed == 1


async def test_a_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    platform = Counting()
    platform.files = {"notes": b"x" * MEBIBYTE}
    read = await reading(tmp_path, platform, file("notes", size=MEBIBYTE))
    assert len(read.documents) == 1


async def test_more_files_than_the_limit_are_left_out_with_one_sentence(tmp_path: Path) -> None:
    platform = Counting()
    platform.files = {"a": b"text"}
    read = await reading(tmp_path, platform, *(file(f"{number}", "a") for number in range(50)))
    assert len(read.documents) == 5
    assert len(read.problems) == 1


async def test_a_model_that_cannot_see_gets_the_texts_and_its_asker_one_sentence(tmp_path: Path) -> None:
    platform = Counting()
    platform.files = {"cat": b"IMAGE cat", "dog": b"IMAGE dog", "notes": b"milk"}
    read = await reading(tmp_path, platform, file("cat"), file("dog"), file("notes"), vision=False)
    assert [each.name for each in read.documents] == ["notes"]
    assert read.problems == ("My model cannot see pictures; I answered without them.",)


async def test_pictures_are_stored_before_the_model_is_asked(tmp_path: Path) -> None:
    platform = Counting()
    platform.files = {"cat": b"IMAGE cat"}
    read = await reading(tmp_path, platform, file("cat"))
    (document,) = read.documents
    assert isinstance(document, ImageDocument)
    async with open_store(Settings().database, tmp_path, clock=FakeClock()) as store:
        assert await store.images([document.image.digest]) == {document.image.digest: b"IMAGE cat"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[click](http://x)*_`~|<@1>#\\.txt", "clickhttp://x1.txt"),
        ("a\nb\x1b[31m\u202etxt.exe", "ab31mtxt.exe"),
        ("x" * 500, "x" * 59 + "…"),
        ("{name}.png", "{name}.png"),
    ],
)
async def test_a_files_name_is_harmless_in_a_sentence_of_ours(tmp_path: Path, name: str, shown: str) -> None:
    read = await reading(tmp_path, Counting(), file(name, "gone"))
    assert read.problems == (f"I could not open {shown}. Is it complete, and what its name says?",)


async def test_the_files_of_what_is_quoted_come_after_the_messages_own(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"a": b"first", "b": b"second"}
    async with rig(tmp_path, platform=platform) as house:
        quote = Quote(kind=QuoteKind.FORWARDED, author="Ben", text="see", attachments=(file("b"),))
        await house.says(said("look", attachments=(file("a"),), quotes=(quote,)))
        await house.idle()
        assert house.asked().index("first") < house.asked().index("second")


async def test_a_blind_model_answers_and_the_lead_says_that_it_cannot_see(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"cat": b"IMAGE cat"}
    blind = FakeEngine(("I see nothing.",), engine=Engine(name="fake", model="fake", window=32768))
    async with rig(tmp_path, engine=blind, platform=platform) as house:
        await house.says(said("look", attachments=(file("cat"),)))
        shown = await house.platform.final("I see nothing.")
        assert shown.lead == "My model cannot see pictures; I answered without them."
        assert blind.prompts[0].pieces[-1].images == ()
        assert "cannot see pictures" in house.asked()
