"""What a test may have otherwise in the house."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict, TypeVar

from bot.agent.toolbox import Toolbox
from bot.app.handing import Calling
from bot.app.overseeing import Siblings
from bot.lanes.lanes import Bounds
from bot.languages.model import Identifies
from bot.languages.phrases import Phrases
from bot.ports.rights import Rights
from bot.ports.servers import ToolServers
from bot.ports.shapes import Shapes
from bot.ports.threads import Threads
from bot.ports.tool import AnyTool, ForeignTool
from bot.ports.translation import Tongues, Translates
from bot.ports.web import Web, WebSearch
from tests.fakes import FakeEngine

T = TypeVar("T")
Around = Callable[[T], T]


class Outfit(TypedDict, total=False):
    """What differs from the usual. `around` may wrap what the verbs see of store, platform and engine; `tending`: idle
    work is done, too."""

    demo: FakeEngine | None
    tools: Sequence[AnyTool]
    toolbox: Toolbox | None
    persona: str
    bounds: Bounds
    around: Around[object]
    tending: bool
    rights: Rights | None
    foreign: Callable[[], Sequence[ForeignTool]]
    servers: ToolServers | None
    web: Web | None
    pages: Web | None
    present: Callable[[str], bool]
    threads: Mapping[str, Threads]
    shapes: Mapping[str, Shapes]
    web_search: WebSearch | None
    identifies: Identifies | None
    calls: Calling | None
    translates: Translates | None
    tongues: Tongues | None
    oversight: Siblings
    phrases: Phrases
