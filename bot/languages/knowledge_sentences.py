"""What is said of the knowledge that moderators and staff add."""

from __future__ import annotations

from bot.languages.sentence import Sentence

KNOWLEDGE = (
    Sentence("command-knowledge-list", "List what was added to the knowledge"),
    Sentence("command-knowledge-page", "Have answers use a page on the web, which is read again from time to time"),
    Sentence("command-knowledge-pins", "Have answers use the pinned messages of this channel, or no longer"),
    Sentence("command-knowledge-thread", "Have answers use this solved thread"),
    Sentence("command-knowledge-remove", "Remove something that was added to the knowledge"),
    Sentence("argument-knowledge-url", "The address of the page"),
    Sentence("argument-knowledge-readers", "Whose answers may use it: those of this channel, or of the whole server"),
    Sentence("argument-knowledge-pins", "on or off"),
    Sentence("argument-knowledge-number", "The number that /knowledge-list shows"),
    Sentence("knowledge-none", "Nothing was added to the knowledge yet."),
    Sentence(
        "knowledge-listed", "One thing was added to the knowledge:", "{count} things were added to the knowledge:"
    ),
    Sentence("knowledge-page", "a page"),
    Sentence("knowledge-pins", "pinned messages"),
    Sentence("knowledge-thread", "a solved thread"),
    Sentence("knowledge-answer", "an answer of staff"),
    Sentence("knowledge-unread", "I could not read it so far."),
    Sentence("knowledge-added", "This was added to the knowledge under the number {number}."),
    Sentence("knowledge-removed", "Number {number} was removed from the knowledge."),
    Sentence("knowledge-bad-number", "There is no such number; `/knowledge-list` shows all."),
    Sentence("knowledge-bad-address", "That is no address of a page. It begins with https:// and names a host."),
    Sentence(
        "knowledge-full",
        "The knowledge can hold {limit} entry at most. Remove one first.",
        "The knowledge can hold {limit} entries at most. Remove one first.",
        by="limit",
    ),
    Sentence("knowledge-known", "That was added to the knowledge already, under the number {number}."),
    Sentence("knowledge-no-pins", "The pinned messages of this channel were not in the knowledge."),
    Sentence("knowledge-not-here", "That can only be done in a channel of a server."),
    Sentence("knowledge-no-thread", "Use this in the thread that was solved."),
    Sentence("knowledge-nothing-kept", "Nothing is kept of what was said here, so nothing of it can be found."),
)
