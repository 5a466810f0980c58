"""The names of the values that can be chosen for arguments of commands: `choice-` and the value."""

from __future__ import annotations

from bot.languages.sentence import Sentence

CHOICES = tuple(
    Sentence(f"choice-{value}", value)
    for value in (
        # when a transcript is kept, what is read besides
        "mentioned",
        "always",
        "never",
        "on",
        "since",
        "off",
        # for what a rule about a tool holds, and which
        "here",
        "server",
        "yes",
        "no",
        "default",
        # of digests
        "short",
        "normal",
        "long",
        "skip",
        "say",
        # for whom a language is chosen; what is answered in a support channel
        "me",
        "channel",
        "thread",
        "questions",
        # of reviews: which (of low confidence, voted down, handed over), and how they stand
        "all",
        "low",
        "down",
        "handed",
        "open",
        "done",
        "dismissed",
    )
)
