"""What the operator has laid down: the folder and the list of pages, as they are at this moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.knowledge.folder import Problem, Scan, scan, stamp_of
from bot.knowledge.pages import MOST_BYTES, PAGE, Listed, parse
from bot.settings import KnowledgeSettings
from bot.talk.added import ADDED
from bot.talk.knowledge import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the list of pages says. `whole`: it could be read at all."""

    pages: tuple[Listed, ...] = ()
    problems: tuple[Problem, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """All that there is."""

    folder: Scan
    listing: Listing

    @property
    def keys(self) -> frozenset[str]:
        return frozenset([*(file.key for file in self.folder.files), *(page.key for page in self.listing.pages)])

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (*self.folder.problems, *self.listing.problems)

    def lacks(self, key: str) -> bool:
        """Whether this has gone. What is away as a whole may be back soon, and would have to be read anew; what people
        added lies elsewhere."""
        if key.startswith(ADDED):
            return False
        whole = self.listing.whole if key.startswith(PAGE) else self.folder.whole
        return whole and key not in self.keys


class Sources:
    """Everything here waits for the disk: not for the event loop. `platform`: whose guilds and channels are meant."""

    def __init__(self, settings: KnowledgeSettings, *, platform: str) -> None:
        self._settings = settings
        self._platform = platform

    def laid(self) -> Laid:
        root, most, size = self._settings.dir, self._settings.files, self._settings.file_mib * 2**20
        found = (
            Scan()
            if root is None
            else scan(root, platform=self._platform, most=most, most_bytes=size, skip=self._settings.pages)
        )
        return Laid(folder=found, listing=self.listing())

    def listing(self) -> Listing:
        path = self._settings.pages
        if path is None:
            return Listing()
        why = f"it is larger than {MOST_BYTES} bytes"
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            text = data.decode("utf-8") if len(data) <= MOST_BYTES else None
        except (OSError, UnicodeDecodeError) as error:
            text, why = None, f"it cannot be read ({type(error).__name__})"
        if text is None:
            return Listing(problems=(Problem(at=path.name, found=why),), whole=False)
        pages, problems = parse(text, platform=self._platform, most=self._settings.files)
        named = (Problem(at=f"{path.name}, {each.at}", found=each.found) for each in problems)
        return Listing(pages=pages, problems=tuple(named))

    def unchanged(self, documents: Collection[Known]) -> frozenset[str]:
        """Keys of those that still are as the index has them; what people added is, until it is dropped."""
        listed: frozenset[str] | None = None
        found: set[str] = set()
        for document in documents:
            if document.key.startswith(ADDED):
                still = True
            elif document.key.startswith(PAGE):
                if listed is None:
                    listed = frozenset(page.key for page in self.listing().pages)
                still = document.key in listed
            else:
                root = self._settings.dir
                still = root is not None and stamp_of(root / document.key) == document.stamp
            if still:
                found.add(document.key)
        return frozenset(found)
