"""What a scripted tiny model says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """After the text `after` the model says `says`. Control tokens are written out in both: `[/INST]`, `</s>` …"""

    after: str
    says: str


CLOCK_ROUND = (
    Script(after="[/INST]", says='[TOOL_CALLS][{"name":"clock","arguments":{}}]</s>'),
    Script(after="[/TOOL_RESULTS]", says="It is noon in Marseille.</s>"),
)
"""A whole tool round: any question makes it call `clock`, any result makes it say that it is noon."""
