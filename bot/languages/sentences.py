"""Every sentence the bot itself says, in English. The key is gettext's context, the English text its msgid.

A `many` form makes a plural chosen by the value `count`. Texts are Markdown; `{names}` are filled by `str.format`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    key: str
    text: str
    many: str | None = None


_ALL = (
    # errors that a person is told (keys of bot/errors.py)
    Sentence("error-unexpected", "Something went wrong on my side. It is noted; please try again."),
    Sentence("error-operator", "I am not set up right. Whoever runs me finds the reason with `calanque doctor`."),
    Sentence(
        "error-database",
        "I cannot write things down at the moment, so I had better not answer. Please try again later.",
    ),
    Sentence("message-too-large", "That is more than I can read at once. Please send a shorter part."),
    Sentence("too-many-attachments", "I can read {limit} attachments per message; the others I left out."),
    Sentence("attachment-too-large", "{name} is too large for me (limit: {limit})."),
    Sentence("attachment-unreadable", "I could not open {name}. Is it complete, and what its name says?"),
    Sentence("queue-full", "Too many people are waiting for me. Please ask again in a few minutes."),
    Sentence("not-allowed", "Only people who may manage this channel can do that."),
    Sentence("model-confused", "I could not find words for that. Please ask in another way."),
    Sentence("too-many-steps", "I did not get to the end of that within my limits. Please ask for a smaller part."),
    Sentence(
        "engine-away",
        "The engine that thinks for me does not answer. Whoever runs me has been told; please try again later.",
    ),
    Sentence("engine-stalled", "The engine that thinks for me has stopped in mid-thought. Please ask again."),
    Sentence("engine-broke", "The engine that thinks for me failed in mid-answer. Please ask again."),
    Sentence("model-missing", "My model is not installed. Whoever runs me can fetch it with `calanque pull`."),
    Sentence(
        "context-overflow",
        "This conversation grew larger than my memory and I will not answer from half of it. Please ask again.",
    ),
)

SENTENCES: dict[str, Sentence] = {sentence.key: sentence for sentence in _ALL}
