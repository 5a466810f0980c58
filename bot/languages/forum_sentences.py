"""What is said of forums."""

from __future__ import annotations

from bot.languages.sentence import Sentence

FORUMS = (
    Sentence(
        "forum-lacks-tag",
        "Posts in {place} need a tag, and there is none that I may use. Let me manage threads there, or add a tag that "
        "everyone may use.",
    ),
)
