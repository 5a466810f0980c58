"""What is said of tools: what they are doing, what they ask for, what they found."""

from __future__ import annotations

from bot.languages.sentence import Sentence

TOOLS = (
    # what people read while a tool works; filled with its arguments, each cut short
    Sentence("doing-tool", "uses {tool} …"),
    Sentence("doing-knowledge", "looks for “{words}” in the community's documents …"),
    Sentence("doing-look-again", "looks at an earlier file again …"),
    Sentence("doing-translate", "looks words up for {to} …"),
    Sentence("doing-foreign", "asks {server}: {tool} …"),
)
