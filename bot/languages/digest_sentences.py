"""What is said of digests."""

from __future__ import annotations

from bot.languages.sentence import Sentence

DIGESTS = (
    Sentence("digest-decided", "Decided"),
    Sentence("digest-open", "Open questions"),
    Sentence("digest-todo", "To do"),
    Sentence("digest-reading", "Worth reading"),
    Sentence("digest-messages", "one message", "{count} messages"),
    Sentence("digest-people", "one person", "{count} people"),
    Sentence("digest-covers", "From {since} to {until}."),
    Sentence("digest-counts", "{messages} by {people}."),
    Sentence(
        "digest-made-model",
        "Summed up by a model; every point leads to what was said. In quotation marks stands what people wrote, "
        "the rest is in other words.",
    ),
    Sentence("digest-made-extracts", "Made without a model: what people wrote, cut out. Every point leads to it."),
    Sentence("digest-no-points", "Nothing was decided, asked, promised or linked that stands out."),
    Sentence("digest-silence", "Nothing was said from {since} to {until}."),
    Sentence("digest-in", "in {place}"),
)
