"""What the model may read beyond the house. Nothing, unless the operator says so."""

from __future__ import annotations

from pydantic import Field

from bot.settings.group import Group
from bot.settings.kinds import Url


class Web(Group):
    """The web: reading pages and searching. Off unless set; docs/web.md says what is let through."""

    read: bool = Field(default=False, description="Let the model read pages of the web that people ask it about.")
    searxng_url: Url | None = Field(
        default=None, description="Address of a SearXNG that the model may search with, e.g. http://localhost:8080."
    )
    safe_search: int = Field(default=1, ge=0, le=2, description="SearXNG's safe search: 0 off, 1 moderate, 2 strict.")
    allow_hosts: str = Field(
        default="",
        description="Local hosts that pages may be read from, exact names or addresses, with or without a port, "
        "separated by commas: wiki.lan,10.0.0.5:8080. Everybody who may use the tool can read them.",
    )
    ports: str = Field(default="", description="Ports that may be read beside 80 and 443, separated by commas.")
    seconds: float = Field(default=6, gt=0, le=30, description="Seconds to fetch one page, redirects included.")
    mib: int = Field(default=4, ge=1, le=64, description="Largest page that is read, in MiB; of more the beginning.")
    redirects: int = Field(default=5, ge=0, le=20, description="Redirects that are followed for one page, at most.")
    at_once: int = Field(default=4, ge=1, le=64, description="Pages that are fetched at the same time, at most.")
    pause_seconds: float = Field(default=0.5, ge=0, le=60, description="Seconds between two requests to one host.")
