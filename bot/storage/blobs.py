"""Bytes: the pictures of prompts, and files that a platform stores with us."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, select

from bot.ports import Clock
from bot.ports.seen import PostedFile
from bot.storage import files
from bot.storage.batches import batches
from bot.storage.connection import Connections
from bot.storage.places import insert
from bot.storage.tables import images, piece_images, uploads
from bot.talk.record import Upload
from bot.talk.turn import Image

GRACE = timedelta(days=1)
"""How long bytes that nothing refers to may wait for the turn or message that will."""

_UNLINKED = ~exists().where(piece_images.c.digest == images.c.digest)


class Blobs:
    """The store's verbs about bytes."""

    _db: Connections
    _clock: Clock

    async def save_image(self, image: Image, data: bytes) -> None:
        now = self._clock.now()
        await self._db.write(lambda c: save_image(c, image, data, now=now), alone=True)  # megabytes, perhaps

    async def images(self, digests: Collection[str]) -> Mapping[str, bytes]:
        return await self._db.read(lambda c: load_images(c, digests))

    async def save_upload(self, upload: Upload, *, at: datetime) -> None:
        await self._db.write(lambda c: save_upload(c, upload, at=at), alone=True)

    async def upload(self, upload_id: str) -> Upload | None:
        return await self._db.read(lambda c: load_upload(c, upload_id))

    async def posted_files(
        self, rooms: Collection[str], *, name: str = "", message: str = "", asking: str = "", limit: int
    ) -> tuple[PostedFile, ...]:
        return await self._db.read(
            lambda c: files.posted_files(c, rooms, name=name, message=message, asking=asking, limit=limit)
        )


def save_image(connection: Connection, image: Image, data: bytes, *, now: datetime) -> None:
    new = insert(connection, images).values(
        digest=image.digest,
        media_type=image.media_type,
        width=image.width,
        height=image.height,
        saved_at=now,
        data=data,
    )
    connection.execute(new.on_conflict_do_update(index_elements=["digest"], set_={"saved_at": new.excluded.saved_at}))


def load_images(connection: Connection, digests: Collection[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for batch in batches(digests):
        rows = connection.execute(select(images.c.digest, images.c.data).where(images.c.digest.in_(batch)))
        found.update((digest, data) for digest, data in rows)
    return found


def known_images(connection: Connection, digests: Collection[str]) -> set[str]:
    """Those of which there are bytes."""
    known: set[str] = set()
    for batch in batches(digests):
        known.update(connection.execute(select(images.c.digest).where(images.c.digest.in_(batch))).scalars())
    return known


def save_upload(connection: Connection, upload: Upload, *, at: datetime) -> None:
    """An id that is taken keeps its file."""
    connection.execute(
        insert(connection, uploads)
        .values(id=upload.id, name=upload.name, media_type=upload.media_type, saved_at=at, data=upload.data)
        .on_conflict_do_nothing(index_elements=["id"])
    )


def load_upload(connection: Connection, upload_id: str) -> Upload | None:
    row = connection.execute(
        select(uploads.c.id, uploads.c.name, uploads.c.media_type, uploads.c.data).where(uploads.c.id == upload_id)
    ).first()
    return None if row is None else Upload(id=row.id, name=row.name, media_type=row.media_type, data=row.data)


def drop_unlinked(connection: Connection, digests: Collection[str]) -> int:
    """Of these pictures, those that no piece shows any more; how many went."""
    gone = 0
    for batch in batches(digests):
        gone += connection.execute(delete(images).where(images.c.digest.in_(batch), _UNLINKED)).rowcount
    return gone


def drop_stale(connection: Connection, *, now: datetime) -> int:
    """Pictures and files that nothing has come to refer to; how many pictures went."""
    connection.execute(delete(uploads).where(uploads.c.message.is_(None), uploads.c.saved_at < now - GRACE))
    return connection.execute(delete(images).where(images.c.saved_at < now - GRACE, _UNLINKED)).rowcount
