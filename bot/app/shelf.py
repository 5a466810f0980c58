"""The community's own files, pages and words, and files that were posted, made ready for tools.

What reads the community's own is imported where there is any: most programs do without, and start sooner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.lanes.engines import Engines
from bot.ports import Clock, Counters, Documents, Examined, Store
from bot.ports.glossary import Glossary
from bot.ports.rights import Rights
from bot.ports.seen import OpensFiles
from bot.ports.web import Web
from bot.services.seen import AskedSeen, Files
from bot.settings import Limits, Settings
from bot.talk.message import Message

if TYPE_CHECKING:
    from bot.knowledge.keeping import Keeping
    from bot.services.glossary import FileGlossary
    from bot.services.knowledge import AskedKnowledge, Library

PLATFORM = "discord"
"""Whose guilds and channels the names of folders mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """`keeping` is to be run by whoever built it; it, and `library`, are None without files and pages. `files`: None
    where nothing that was posted can be opened."""

    files: Files | None = None
    keeping: Keeping | None = None
    library: Library | None = None
    glossary: Glossary | None = None

    def knowledge(self, rights: Mapping[str, Rights], message: Message) -> AskedKnowledge | None:
        if self.library is None:
            return None
        from bot.services.knowledge import AskedKnowledge  # noqa: PLC0415 - see the module's docstring

        return AskedKnowledge(self.library, rights.get(message.place.platform), message)

    def seen(self, rights: Mapping[str, Rights], message: Message) -> AskedSeen | None:
        if self.files is None:
            return None
        return AskedSeen(self.files, rights.get(message.place.platform), message)


def new_shelf(
    settings: Settings,
    *,
    store: Store,
    engines: Engines,
    opens: OpensFiles | None,
    documents: Documents | None,
    pages: Web | None,
    clock: Clock,
    counters: Counters,
) -> Shelf:
    """`documents` opens the community's own files, with `knowledge_limits`; `opens` what people posted; `pages` reads
    those that the operator lists."""

    def vision(platform: str) -> bool:
        engine = engines.serving(platform)
        return engine is not None and engine.vision

    own = settings.knowledge
    keeping = library = None
    if documents is not None and (own.dir is not None or own.pages is not None):
        from bot.knowledge.keeping import Keeping  # noqa: PLC0415 - likewise
        from bot.knowledge.sources import Sources  # noqa: PLC0415 - likewise
        from bot.services.knowledge import Library  # noqa: PLC0415 - likewise

        sources = Sources(own, platform=PLATFORM)
        keeping = Keeping(store, documents, pages, settings=own, sources=sources, clock=clock, counters=counters)
        library = Library(store=store, unchanged=keeping.unchanged, counters=counters)
    return Shelf(
        files=None if opens is None else Files(store=store, opens=opens, vision=vision),
        keeping=keeping,
        library=library,
        glossary=None if settings.glossary.file is None else _glossary(settings.glossary.file),
    )


def knowledge_limits(settings: Settings) -> Limits:
    """The community's own files may be longer than what people post."""
    own = settings.knowledge
    longer = {
        "attachment_mib": own.file_mib,
        "document_pages": own.file_pages,
        "document_chars": own.file_chars,
    }
    return settings.limits.model_copy(update=longer)


def looks(settings: Settings) -> Mapping[str, Examined]:
    """What the doctor looks at."""
    found: dict[str, Examined] = {}
    if settings.knowledge.dir is not None or settings.knowledge.pages is not None:
        from bot.knowledge.exam import KnowledgeExam  # noqa: PLC0415 - likewise
        from bot.knowledge.sources import Sources  # noqa: PLC0415 - likewise

        found["knowledge"] = KnowledgeExam(sources=Sources(settings.knowledge, platform=PLATFORM))
    if settings.glossary.file is not None:
        found["glossary"] = _glossary(settings.glossary.file)
    return found


def _glossary(file: Path) -> FileGlossary:
    from bot.services.glossary import FileGlossary  # noqa: PLC0415 - likewise

    return FileGlossary(file)
