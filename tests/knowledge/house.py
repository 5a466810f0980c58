"""A folder and a list of pages, and what keeps the index of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

from bot.errors import BadCall, DocumentWorkerDied
from bot.knowledge.added import Made
from bot.knowledge.keeping import Keeping
from bot.knowledge.sources import Sources
from bot.ports import Documents
from bot.ports.knowledge import Pins
from bot.ports.web import WebPage
from bot.services.knowledge import AskedKnowledge, Library
from bot.settings import KnowledgeSettings
from bot.storage.store import SqlStore
from bot.talk.document import Document, PageRange
from bot.talk.message import Person, Place
from tests.fakes import FakeClock, FakeCounters, said
from tests.rig import FakeDocuments
from tests.rights import FakeRights

PUBLIC = Place(platform="discord", id="7", guild="5", name="public")
TEAM = Place(platform="discord", id="8", guild="5", name="team")
ABROAD = Place(platform="discord", id="9", guild="6", name="abroad")
ASKER = Person(platform="discord", id="ana", name="Ana")


Meanwhile = Callable[[], Awaitable[None]]


class FakeWeb:
    """Pages by address; one that is not there, or is an error, cannot be read. `meanwhile` happens before one has
    come."""

    def __init__(self) -> None:
        self.pages: dict[str, WebPage | BadCall] = {}
        self.asked: list[str] = []
        self.meanwhile: Meanwhile | None = None

    async def read(self, url: str) -> WebPage:
        self.asked.append(url)
        if self.meanwhile is not None:
            await self.meanwhile()
        found = self.pages.get(url, BadCall("there is no such page"))
        if isinstance(found, BadCall):
            raise found
        return found


class CountingDocuments(FakeDocuments):
    def __init__(self) -> None:
        self.opened: list[str] = []
        self.dies = False

    async def read(self, name: str, media_type: str, data: bytes, *, pages: PageRange | None = None) -> Document:
        self.opened.append(name)
        if self.dies:
            raise DocumentWorkerDied("killed")
        return await super().read(name, media_type, data, pages=pages)


class House:
    """A folder, a list of pages, and what keeps the index of them."""

    def __init__(self, root: Path, store: SqlStore, documents: Documents, clock: FakeClock) -> None:
        self.root = root / "docs"
        self.root.mkdir()
        self.list = root / "pages.txt"
        self.list.write_text("")
        self.web = FakeWeb()
        self.clock = clock
        self.store = store
        self.counters = FakeCounters()
        self.pins: dict[str, Pins] = {}
        settings = KnowledgeSettings(dir=self.root, pages=self.list, file_mib=1)
        self.keeping = Keeping(
            store,
            documents,
            self.web,
            settings=settings,
            sources=Sources(settings, platform="discord"),
            clock=clock,
            counters=self.counters,
            language=lambda text: "de" if text.startswith("Der ") else "en",
            made=Made(
                store,
                pins=self.pins,
                link=lambda place, message: f"https://chat.example/{place.id}/{message}",
                language=lambda _: "en",
                clock=clock,
                counters=self.counters,
            ),
        )
        self.rights = FakeRights(
            readers={
                PUBLIC.key: {"discord:ana", "discord:ben"},
                TEAM.key: {"discord:ana"},
                ABROAD.key: {"discord:ana"},
            }
        )

    def lays(self, path: str, content: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    async def finds(self, words: str, *, place: Place = PUBLIC, labels: Collection[str] = ()) -> list[str]:
        library = Library(store=self.store, unchanged=self.keeping.unchanged, counters=self.counters, clock=self.clock)
        await self.store.save_place(place)
        asking = said("?", by=ASKER, place=place)
        found = await AskedKnowledge(library, self.rights, asking, labels=labels).search(words, limit=5)
        return [passage.source.title for passage in found.passages]
