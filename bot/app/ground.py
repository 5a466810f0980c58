"""What the house stands on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from bot.agent.toolbox import Toolbox
from bot.answer.materials import ReadsAttachments
from bot.app.handing import Calling
from bot.app.overseeing import Siblings
from bot.lanes.engines import Engines
from bot.languages.model import Identifies
from bot.languages.phrases import Phrases
from bot.languages.speaking import Speaking
from bot.ports import Clock, Counters, Documents, Platform, Store
from bot.ports.embedding import Embeds
from bot.ports.gate import Gate
from bot.ports.knowledge import Pins
from bot.ports.rights import Rights
from bot.ports.seen import OpensFiles
from bot.ports.servers import NoServers, ToolServers
from bot.ports.shapes import Shapes
from bot.ports.threads import Threads
from bot.ports.translation import Tongues, Translates
from bot.ports.web import Web, WebSearch
from bot.settings import Settings
from bot.support.channels import Channels
from bot.talk.redaction import Redaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the house stands on.

    `toolbox` is made with the gate that decides on calls, the names of the services that there are, and what takes
    secrets out. `pace`: seconds between two edits of a growing answer, by platform. `holder`: what this process is
    called where several share the store. `rights`: who may read what, by platform; `present`: whether a platform can
    be asked now. `pins`: who can say what is pinned, by platform. `embeds`: says what texts mean. `documents` opens
    the community's own files, `opens` what people posted earlier, `pages` the pages that the operator lists; `web` and
    `web_search` are the model's: None where the operator wants none. `servers`: the tool servers of others.
    `identifies`: tells languages; None: the model sees for itself in which to answer. `calls`: None for the house's own
    way to call a person. `translates`, `tongues`, `channels` (of support) and `decides` (on languages): None for the
    house's own. `oversight`: what it works with.
    """

    store: Store
    platforms: Mapping[str, Platform]
    engines: Engines
    reader: ReadsAttachments
    toolbox: Callable[[Gate, Collection[str], Redaction], Toolbox]
    persona: str
    settings: Settings
    phrases: Phrases
    clock: Clock
    counters: Counters
    pace: Mapping[str, float]
    holder: str = "all"
    rights: Mapping[str, Rights] = field(default_factory=dict[str, Rights])
    present: Callable[[str], bool] = lambda _: True
    documents: Documents | None = None
    opens: OpensFiles | None = None
    pages: Web | None = None
    web: Web | None = None
    web_search: WebSearch | None = None
    servers: ToolServers = field(default_factory=NoServers)
    identifies: Identifies | None = None
    calls: Calling | None = None
    translates: Translates | None = None
    tongues: Tongues | None = None
    channels: Channels | None = None
    decides: Speaking | None = None
    oversight: Siblings = field(default_factory=Siblings)
    threads: Mapping[str, Threads] = field(default_factory=dict[str, Threads])
    shapes: Mapping[str, Shapes] = field(default_factory=dict[str, Shapes])
    pins: Mapping[str, Pins] = field(default_factory=dict[str, Pins])
    embeds: Embeds | None = None
