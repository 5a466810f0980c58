"""What is beside a question reaches the model, or its asker hears why not."""

from __future__ import annotations

from pathlib import Path

from bot.talk.event import Deleted
from bot.talk.message import Attachment, Quote, QuoteKind
from tests.fakes import BEN, FakePlatform, said
from tests.rig import rig

NOTES = Attachment(id="1", name="notes.txt", media_type="text/plain", size=5, source="notes")
CAT = Attachment(id="2", name="cat.png", media_type="image/png", size=5, source="cat")
BROKEN = Attachment(id="3", name="bro*ken*.png", media_type="image/png", size=5, source="broken")


async def test_a_picture_and_a_file_reach_the_model_and_a_broken_one_is_named_to_the_asker(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"notes": b"buy milk", "cat": b"IMAGE cat", "broken": b"BAD"}
    async with rig(tmp_path, ("A cat.",), platform=platform) as house:
        await house.says(said("look", attachments=(NOTES, CAT, BROKEN)))
        shown = await house.platform.final("A cat.")
        assert "I could not open broken.png" in shown.lead
        asked = house.engine.prompts[0].pieces[-1]
        assert "buy milk" in asked.text
        assert [image.digest for image in asked.images] == ["digest-IMAGE cat"]
        assert await house.store.images(["digest-IMAGE cat"]) == {"digest-IMAGE cat": b"IMAGE cat"}


async def test_the_picture_of_a_message_that_is_replied_to_is_seen(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"cat": b"IMAGE cat"}
    async with rig(tmp_path, ("A cat.",), platform=platform) as house:
        quote = Quote(kind=QuoteKind.REPLIED, author="Ben", text="look at this", attachments=(CAT,))
        await house.says(said("what is it?", quotes=(quote,), reply_to="m0"))
        await house.platform.final("A cat.")
        assert len(house.engine.prompts[0].pieces[-1].images) == 1


async def test_the_picture_and_the_file_of_a_quoted_message_go_when_it_is_deleted_or_its_author_forgotten(
    tmp_path: Path,
) -> None:
    platform = FakePlatform()
    platform.files = {"notes": b"buy periwinkles", "cat": b"IMAGE cat"}
    async with rig(tmp_path, platform=platform) as house:
        for number, forget in enumerate((False, True)):
            theirs = said("look", by=BEN, message_id=f"of-ben-{number}", attachments=(CAT, NOTES))
            quote = Quote(
                kind=QuoteKind.REPLIED,
                author=BEN.name,
                text=theirs.text,
                attachments=theirs.attachments,
                author_key=BEN.key,
                message=theirs.id,
            )
            await house.says(said("what is it?", quotes=(quote,), reply_to=theirs.id))
            await house.idle()
            assert await house.store.images(["digest-IMAGE cat"])
            if forget:
                await house.store.forget(BEN.key)
            else:
                await house.hearing.hear(Deleted(place=theirs.place, message_ids=(theirs.id,)))
            assert await house.store.images(["digest-IMAGE cat"]) == {}
            await house.says(said("and now?"))
            await house.idle()
            assert "periwinkles" not in house.asked()
            assert house.asked().count("what is it?") == number + 1


async def test_of_too_many_or_too_large_attachments_the_asker_hears_and_the_rest_is_read(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"notes": b"buy milk"}
    huge = Attachment(id="9", name="film.bin", media_type="x/y", size=200 * 1024 * 1024, source="film")
    async with rig(tmp_path, ("Milk.",), platform=platform) as house:
        await house.says(said("read", attachments=(huge, NOTES, *(NOTES for _ in range(48)))))
        shown = await house.platform.final("Milk.")
        assert "I can read 3 attachments per message" in shown.lead
        assert "film.bin is too large for me (limit: 1 MiB)" in shown.lead
        assert house.asked().count("buy milk") == 2


async def test_an_attachment_that_lies_about_its_size_is_not_read_to_its_end(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"notes": b"x" * (3 * 1024 * 1024)}
    async with rig(tmp_path, ("No.",), platform=platform) as house:
        await house.says(said("read", attachments=(NOTES,)))
        assert "notes.txt is too large" in (await house.platform.final("No.")).lead
