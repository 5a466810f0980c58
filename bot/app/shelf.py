"""The community's own files, pages and words, and files that were posted, made ready for tools.

What reads the community's own is imported where there is any: most programs do without, and start sooner.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.app.shelving import has_knowledge, new_embeds
from bot.lanes.engines import Engines
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Documents, Examined, OnCommand, Store
from bot.ports.embedding import Embeds
from bot.ports.glossary import Glossary
from bot.ports.knowledge import Pins
from bot.ports.rights import Rights, link_of
from bot.ports.seen import OpensFiles
from bot.ports.web import Web
from bot.services.seen import AskedSeen, Files
from bot.settings import Limits, Settings
from bot.talk.message import Conversation, Message, Person
from bot.talk.reach import NOWHERE
from bot.talk.support import SupportChannel

if TYPE_CHECKING:
    from bot.knowledge.embedding import Embedding
    from bot.knowledge.keeping import Keeping
    from bot.knowledge.staff import Staff
    from bot.knowledge.there import There
    from bot.services.glossary import FileGlossary
    from bot.services.knowledge import AskedKnowledge, Library

PLATFORM = "discord"
"""Whose guilds and channels the names of folders mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """`keeping` and `embedding` are to be run by whoever built it; they, `library` and `there` are None
    without knowledge.
    `files`: None where nothing that was posted can be opened. `staff`: None where people add nothing."""

    files: Files | None = None
    keeping: Keeping | None = None
    library: Library | None = None
    embedding: Embedding | None = None
    there: There | None = None
    staff: Staff | None = None
    glossary: Glossary | None = None

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        return {} if self.staff is None else self.staff.commands

    def offers(self, conversation: Conversation) -> bool:
        """Whether there is any knowledge to search there."""
        return self.there is not None and self.there.offered(conversation)

    async def finds(self, rights: Mapping[str, Rights], channel: SupportChannel, person: Person) -> bool | None:
        """Whether there is anything to answer from in the channel, as far as the person may know; None while it is
        being read. Raises DatabaseUnusable."""
        if self.library is None:
            return False
        from bot.services.knowledge import readable  # noqa: PLC0415 - see the module's docstring

        place, known = channel.place, rights.get(channel.place.platform)
        reach = NOWHERE if known is None else await known.reach(person, Conversation(place=place))
        if await readable(self.library.store, reach, place, labels=channel.knowledge):
            return True
        return None if self.keeping is not None and self.keeping.reading else False

    async def minute(self) -> None:
        """Every minute, and once before anything is heard. Raises DatabaseUnusable."""
        if self.there is not None:
            await self.there.refresh()

    def knowledge(
        self, rights: Mapping[str, Rights], message: Message, *, labels: Collection[str]
    ) -> AskedKnowledge | None:
        if self.library is None:
            return None
        from bot.services.knowledge import AskedKnowledge  # noqa: PLC0415 - see the module's docstring

        return AskedKnowledge(self.library, rights.get(message.place.platform), message, labels=labels)

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
    phrases: Phrases,
    rights: Mapping[str, Rights],
    pins: Mapping[str, Pins],
    embeds: Embeds | None = None,
) -> Shelf:
    """`documents` opens the community's own files, with `knowledge_limits`; `opens` what people posted; `pages` reads
    those that are listed; `embeds` says what texts mean."""

    def vision(platform: str) -> bool:
        engine = engines.serving(platform)
        return engine is not None and engine.vision

    own = settings.knowledge
    keeping = library = embedding = staff = there = None
    if documents is not None and has_knowledge(settings):
        from bot.knowledge.added import Made  # noqa: PLC0415 - see the module's docstring
        from bot.knowledge.embedding import Embedding  # noqa: PLC0415 - likewise
        from bot.knowledge.keeping import Keeping  # noqa: PLC0415 - likewise
        from bot.knowledge.sources import Sources  # noqa: PLC0415 - likewise
        from bot.knowledge.staff import Staff  # noqa: PLC0415 - likewise
        from bot.knowledge.there import There  # noqa: PLC0415 - likewise
        from bot.languages.written import language_of, languages_of  # noqa: PLC0415 - likewise
        from bot.services.knowledge import Library  # noqa: PLC0415 - likewise

        there = There(store)
        made = Made(
            store, pins=pins, link=partial(link_of, rights), language=language_of, clock=clock, counters=counters
        )
        keeping = Keeping(
            store,
            documents,
            pages,
            settings=own,
            sources=Sources(own, platform=PLATFORM),
            clock=clock,
            counters=counters,
            language=language_of,
            made=made if own.by_staff else None,
            there=there,
        )
        library = Library(
            store=store,
            unchanged=keeping.unchanged,
            counters=counters,
            clock=clock,
            embeds=embeds,
            languages=languages_of,
            fresh=timedelta(hours=2 * own.fetch_hours),
        )
        if embeds is not None:
            embedding = Embedding(store, embeds, clock=clock, counters=counters)
        if own.by_staff:
            staff = Staff(store, rights=rights, look=keeping.look_soon, phrases=phrases, clock=clock)
    return Shelf(
        files=None if opens is None else Files(store=store, opens=opens, vision=vision),
        keeping=keeping,
        library=library,
        embedding=embedding,
        there=there,
        staff=staff,
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


def looks(settings: Settings, clock: Clock) -> Mapping[str, Examined]:
    """What the doctor looks at."""
    found: dict[str, Examined] = {}
    if settings.knowledge.dir is not None or settings.knowledge.pages is not None:
        from bot.knowledge.exam import KnowledgeExam  # noqa: PLC0415 - likewise
        from bot.knowledge.sources import Sources  # noqa: PLC0415 - likewise

        found["knowledge"] = KnowledgeExam(
            sources=Sources(settings.knowledge, platform=PLATFORM),
            clock=clock,
            embeds=lambda: new_embeds(settings, clock=clock),
        )
    if settings.glossary.file is not None:
        found["glossary"] = _glossary(settings.glossary.file)
    return found


def _glossary(file: Path) -> FileGlossary:
    from bot.services.glossary import FileGlossary  # noqa: PLC0415 - likewise

    return FileGlossary(file)
