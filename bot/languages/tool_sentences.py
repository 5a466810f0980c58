"""What is said of tools: what they are doing, what they ask for, what they found."""

from __future__ import annotations

from bot.languages.sentence import Sentence

TOOLS = (
    # what people read while a tool works; filled with its arguments, each cut short
    Sentence("doing-tool", "uses {tool} …"),
    Sentence("doing-foreign", "asks {server}: {tool} …"),
    Sentence("doing-web-search", "looks for “{words}” on the web …"),
    Sentence("doing-web-read", "reads {url} …"),
)
