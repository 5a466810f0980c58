"""The community's own knowledge: its files and pages, and how it writes its words in other languages."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from bot.settings.group import Group


class KnowledgeSettings(Group):
    """Files and pages of the community that answers may cite (docs/knowledge.md)."""

    dir: Path | None = Field(
        default=None,
        description="Folder of Markdown, text, HTML, CSV and PDF files. Where one lies says who may read it.",
    )
    pages: Path | None = Field(
        default=None, description="A text file that lists addresses of pages, one a line, which are fetched again."
    )
    by_staff: bool = Field(
        default=True,
        description="Moderators add pages, pinned messages and solved threads (/knowledge-page …), and staff answers.",
    )
    check_minutes: float = Field(default=5, ge=0.1, le=1440, description="Minutes between two looks at the files.")
    fetch_hours: float = Field(default=24, ge=1, le=8760, description="Hours after which a page is fetched again.")
    files: int = Field(default=2000, ge=1, le=50_000, description="Files, and pages, that are read, at most.")
    file_mib: int = Field(default=50, ge=1, le=500, description="Largest file, in MiB.")
    file_pages: int = Field(default=2000, ge=1, le=5000, description="Pages of a PDF that are read.")
    file_chars: int = Field(
        default=2_000_000, ge=1000, le=2_000_000, description="Characters of one file that are read."
    )


class GlossarySettings(Group):
    """How the community writes its own words in each language (docs/knowledge.md)."""

    file: Path | None = Field(
        default=None,
        description="CSV: the first row names languages (en, de, pt-BR …) and perhaps keep; a term a row below.",
    )
