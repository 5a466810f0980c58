"""Keeps the index as the files and pages are: looks at them at start and every few minutes, one after another."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from pathlib import PurePosixPath

from bot.errors import AttachmentUnreadable, BackendError, BadCall, DatabaseUnusable, UserError
from bot.knowledge import chunks, folder
from bot.knowledge.added import Made
from bot.knowledge.folder import File, Problem
from bot.knowledge.pages import Listed
from bot.knowledge.sources import Sources
from bot.knowledge.spared import Spared
from bot.knowledge.there import There
from bot.ports import Clock, Counters, Documents
from bot.ports.knowledge import KnowledgeStore
from bot.ports.web import Web
from bot.settings import KnowledgeSettings
from bot.talk.added import ADDED, Added, AddedKind
from bot.talk.document import TextDocument
from bot.talk.knowledge import Chunk, Known

log = logging.getLogger(__name__)

MOST_TITLE = 200
"""Characters of a page's title."""

AT_ONCE = 20
"""Pages fetched in one round; the next ones come with the next."""

MOST_TOLD = 50
"""Problems that are logged at one look."""

SOON_SECONDS = 1.0
"""Between two looks, also where a search noticed a change."""

RULES = b"2"
"""Of reading and cutting into passages: with other ones every document is read anew."""

_MARKUP = frozenset({".md", ".markdown", ".mdown", ".htm", ".html", ".xhtml"})
_TABLES = frozenset({".csv", ".tsv"})


class Keeping:
    """`documents` opens files with the bounds of the settings; without `web` no page is fetched. `language`: that of a
    text, "" where it is not clear; not for the event loop. `made`: None where people add nothing."""

    def __init__(
        self,
        store: KnowledgeStore,
        documents: Documents,
        web: Web | None,
        *,
        settings: KnowledgeSettings,
        sources: Sources,
        clock: Clock,
        counters: Counters,
        language: Callable[[str], str] = lambda _: "",
        made: Made | None = None,
        there: There | None = None,
    ) -> None:
        self._store = store
        self._documents = documents
        self._web = web
        self._settings = settings
        self._sources = sources
        self._clock = clock
        self._counters = counters
        self._language = language
        self._made = made
        self._there = there
        self._spared = Spared(clock)
        self._changed = asyncio.Event()
        self._told: frozenset[Problem] = frozenset()
        self._reading = True

    @property
    def reading(self) -> bool:
        """Whether something may be there that is not in the index yet: before and during a look."""
        return self._reading

    async def run(self) -> None:
        """Until cancelled. What fails is logged, and tried again."""
        while True:
            self._changed.clear()
            try:
                await self.look()
            except DatabaseUnusable as error:
                log.warning("the community's knowledge could not be looked at: %s", error)
            except Exception:
                log.exception("the community's knowledge could not be looked at")
            await self._clock.sleep(SOON_SECONDS)
            await self._rest()

    async def look(self) -> tuple[Problem, ...]:
        """Bring the index up to date; what is wrong with the files and the list, each logged when it is new."""
        self._reading = True
        try:
            return await self._look()
        finally:
            self._reading = False

    async def _look(self) -> tuple[Problem, ...]:
        known = await self._store.known()
        laid = await asyncio.to_thread(self._sources.laid)
        added = () if self._made is None else await self._store.added()
        gone = [key for key in known if laid.lacks(key) or _taken_back(key, added)]
        if gone:
            await self._store.drop_known(gone)
            self._counters.add("knowledge_documents_total", len(gone), outcome="gone")
        problems = list(laid.problems)
        for file in laid.folder.files:
            problems += await self._keep(file, known.get(file.key))
        pages = [
            Listed(url=each.source.url, readers=each.source.readers, added=each.key)
            for each in added
            if each.source.kind is AddedKind.PAGE
        ]
        if self._made is not None:
            problems += await self._made.look(added, known)
        problems += await self._fetch([*laid.listing.pages, *pages], known)  # last: these may take long
        if self._there is not None:
            await self._there.refresh()
        self._tell(problems)
        return tuple(problems)

    def look_soon(self) -> None:
        """Something was added, or taken back."""
        self._changed.set()

    async def unchanged(self, documents: Collection[Known]) -> frozenset[str]:
        """Keys of those that still are as the index has them, now; a change of others is seen to soon."""
        found = await asyncio.to_thread(self._sources.unchanged, tuple(documents))
        if len(found) < len({document.key for document in documents}):
            self._changed.set()
        return found

    async def _keep(self, file: File, known: Known | None) -> list[Problem]:
        if known is not None and known.stamp == file.stamp:
            return []
        if problem := self._spared.problem(file.key, file.stamp):
            return [problem]
        try:
            problems = await self._read(file, known)
        except UserError as error:
            # What was known of it is no longer what it says.
            await self._store.drop_known([file.key])
            self._counters.add("knowledge_documents_total", outcome="unreadable")
            problem = Problem(at=file.key, found=str(error))
            self._spared.until_it_changes(file.key, problem, file.stamp)
            return [problem]
        except (OSError, ValueError, BackendError) as error:
            self._counters.add("knowledge_documents_total", outcome="failed")
            problem = Problem(at=file.key, found=f"it cannot be read ({getattr(error, 'strerror', None) or error})")
            self._spared.for_a_while(file.key, problem, file.stamp)
            return [problem]
        self._spared.forget(file.key)
        return problems

    async def _read(self, file: File, known: Known | None) -> list[Problem]:
        """Raises UserError for what is wrong with the file; OSError, ValueError or BackendError for now."""
        data, stamp = await asyncio.to_thread(folder.read, file.path, most_bytes=self._settings.file_mib * 2**20)
        digest = await asyncio.to_thread(_digest, data)
        if known is not None and known.digest == digest:
            await self._store.touch_known(file.key, stamp=stamp, read_at=self._clock.now())
            return []
        name = PurePosixPath(file.key).name
        opened = await self._documents.read(name, "", data)
        if not isinstance(opened, TextDocument):
            raise AttachmentUnreadable("it is a picture, and only words are found")
        if not opened.text.strip():
            raise AttachmentUnreadable("there are no words in it (a scan, perhaps)")
        title, parts = await asyncio.to_thread(_cut, opened.text, name)
        document = Known(
            key=file.key,
            name=name,
            title=title,
            readers=file.readers,
            digest=digest,
            read_at=self._clock.now(),
            stamp=stamp,
            language=await asyncio.to_thread(self._language, opened.text),
            labels=file.labels,
        )
        await self._save(document, parts)
        return [Problem(at=file.key, found="it is too long: only its beginning is read")] if opened.cut else []

    async def _fetch(self, pages: Collection[Listed], known: Mapping[str, Known]) -> list[Problem]:
        problems: list[Problem] = []
        due = self._clock.now() - timedelta(hours=self._settings.fetch_hours)
        if self._web is None:
            why = Problem(at="the list of pages", found="this program fetches no pages as it is set up")
            return [why] if pages else []
        fetched = 0
        for page in pages:
            before = known.get(page.key)
            if before is not None and before.read_at > due:
                continue
            if problem := self._spared.problem(page.key):
                problems.append(problem)
            elif fetched < AT_ONCE:
                fetched += 1
                problems += await self._fetch_one(self._web, page, before)
        if fetched == AT_ONCE:
            self._changed.set()
        return problems

    async def _fetch_one(self, web: Web, page: Listed, before: Known | None) -> list[Problem]:
        try:
            found = await web.read(page.url)
            text = found.text[: self._settings.file_chars]
            if not text.strip():
                raise BadCall("there are no words in it")
            if found.broken and before is not None:
                raise BadCall("it broke off")
        except (BadCall, BackendError) as error:
            self._counters.add("knowledge_documents_total", outcome="failed")
            problem = Problem(at=page.url, found=f"it cannot be read: {error}")
            self._spared.for_a_while(page.key, problem)
            if before is not None:
                await self._store.fail_known(page.key, since=self._clock.now())
            return [problem]
        self._spared.forget(page.key)
        now, why = self._clock.now(), "it broke off" if found.broken else "it is too long"
        cut = [Problem(at=page.url, found=f"{why}: only its beginning is read")] if found.cut else []
        digest = await asyncio.to_thread(_digest, f"{found.title}\n{text}".encode(errors="replace"))
        if before is not None and before.digest == digest:
            await self._store.touch_known(page.key, stamp="", read_at=now)
            return cut
        title = " ".join(found.title.split())[:MOST_TITLE] or page.url
        parts = await asyncio.to_thread(chunks.of_markup, text)
        document = Known(
            key=page.key,
            name=title,
            title=title,
            readers=page.readers,
            digest=digest,
            read_at=now,
            url=page.url,
            language=await asyncio.to_thread(self._language, text),
            labels=page.labels,
        )
        await self._save(document, parts)
        return cut

    async def _save(self, document: Known, parts: tuple[Chunk, ...]) -> None:
        if await self._store.save_known(document, parts):
            self._counters.add("knowledge_documents_total", outcome="read")

    def _tell(self, problems: list[Problem]) -> None:
        new = [problem for problem in dict.fromkeys(problems) if problem not in self._told]
        for problem in new[:MOST_TOLD]:
            log.warning("knowledge: %s: %s", problem.at, problem.found)
        if len(new) > MOST_TOLD:
            log.warning("knowledge: and %d more such problems", len(new) - MOST_TOLD)
        self._told = frozenset(problems)

    async def _rest(self) -> None:
        """Until it is time to look again, or something was seen to have changed."""
        timer = asyncio.ensure_future(self._clock.sleep(self._settings.check_minutes * 60 - SOON_SECONDS))
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait({timer, changed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            changed.cancel()
            await asyncio.gather(timer, changed, return_exceptions=True)


def _taken_back(key: str, added: Collection[Added]) -> bool:
    """Whether it was made of something that is not there any more."""
    if not key.startswith(ADDED):
        return False
    return not any(key == each.key or key.startswith(f"{each.key} ") for each in added)


def _cut(text: str, name: str) -> tuple[str, tuple[Chunk, ...]]:
    """Its title, and its passages by the structure that files of this name have."""
    path = PurePosixPath(name.casefold())
    spoken = " ".join(PurePosixPath(name).stem.replace("_", " ").replace("-", " ").split()) or name
    if path.suffix in _MARKUP:
        return chunks.title_of(text) or spoken, chunks.of_markup(text)
    if path.suffix in _TABLES:
        return spoken, chunks.of_table(text)
    if path.suffix == ".pdf":
        return spoken, chunks.of_pages(text)
    return spoken, chunks.of_text(text)


def _digest(data: bytes) -> str:
    return hashlib.sha256(RULES + data).hexdigest()
