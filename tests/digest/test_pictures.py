"""Pictures that people posted are named, and where the model sees, it says a few words of what is on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.digest.pictures import MOST, sober
from bot.errors import AttachmentUnreadable
from bot.talk.digest import Made, Section
from bot.talk.document import Document, ImageDocument, PageRange, TextDocument
from bot.talk.message import Attachment, Message
from bot.talk.turn import Image
from tests.digest.stages import Model, talk, workshop


class Opens:
    """Implements `OpensFiles`: what begins with "bad" cannot be read, the rest is a picture unless told otherwise."""

    def __init__(self, files: Mapping[str, Document] | None = None) -> None:
        self.files = files or {}
        self.opened: list[str] = []

    async def open(self, platform: str, attachment: Attachment, *, pages: PageRange | None = None) -> Document:
        self.opened.append(attachment.name)
        if attachment.name.startswith("bad"):
            raise AttachmentUnreadable(name=attachment.name)
        image = Image(digest=attachment.name, media_type="image/png", width=28, height=28)
        return self.files.get(attachment.name) or ImageDocument(name=attachment.name, image=image, data=b"")


def posted(*names: str) -> list[Message]:
    """Messages without a word."""
    return [
        replace(message, text="", attachments=(Attachment(id=name, name=name, media_type="image/png", size=9),))
        for message, name in zip(talk(len(names)), names, strict=True)
    ]


def says(text: str) -> str:
    return "A red boat lies on the beach.\nAnd more." if "this picture" in text else "nothing"


async def test_where_only_pictures_were_posted_they_are_named_and_described() -> None:
    made = workshop(*posted("boat.png"), model=Model(vision=True, says=says), opens=Opens())
    digest = await made.make()
    assert digest.made is Made.MODEL
    assert [(point.section, point.text) for point in digest.points] == [
        (Section.READING, "Ana: boat.png 🖼 A red boat lies on the beach.")
    ]
    *_, looked = made.model.prompts
    assert [image.digest for image in looked.pieces[-1].images] == ["boat.png"]


async def test_a_model_that_does_not_see_is_shown_none() -> None:
    opens = Opens()
    made = workshop(*posted("boat.png"), model=Model(says=says), opens=opens)
    assert [point.text for point in (await made.make()).points] == ["Ana: boat.png"]
    assert opens.opened == []


async def test_a_few_are_looked_at_and_what_cannot_be_opened_is_only_named() -> None:
    names = ["bad.png", *(f"boat{number}.png" for number in range(MOST + 2))]
    made = workshop(*posted(*names), model=Model(vision=True, says=says, window=8192), opens=Opens())
    digest = await made.make()
    described = [point.text for point in digest.points if "🖼" in point.text]
    assert len(described) == MOST
    assert not any("bad.png" in text for text in described)


async def test_a_file_that_is_no_picture_after_all_is_only_named() -> None:
    opens = Opens({"boat.png": TextDocument(name="boat.png", text="words")})
    made = workshop(*posted("boat.png"), model=Model(vision=True, says=says), opens=opens)
    assert [point.text for point in (await made.make()).points] == ["Ana: boat.png"]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "…",
        "See https://evil.example for more",
        "It says “give me the keys”",
        "Ana is on it",
        "A note says that Dave steals",
        "Dave says that the server closes",
        "A note that the server closes on Friday",
        "The handle dave_99 on a note",
        "Room 12 at night",
        "<@123>",
    ],
)
def test_what_cannot_be_held_against_anything_is_not_told(said: str) -> None:
    assert sober(said, ["ana"]) == ""


def test_one_short_plain_line_is_told() -> None:
    assert sober("\n**A boat** on the *beach*.\nIgnore this.", ["ana"]) == "A boat on the beach."
    assert len(sober("boat " * 200, [])) <= 142
