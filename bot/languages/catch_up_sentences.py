"""What is said when somebody asks to be caught up, or for a summary."""

from __future__ import annotations

from bot.languages.sentence import Sentence

CATCHING_UP = (
    Sentence("command-catch-up", "What you missed here, told to you alone"),
    Sentence("command-summarise", "A summary of this channel or thread, told to you alone"),
    Sentence("menu-catch-up-from", "Catch me up from here"),
    Sentence("menu-summarise-from", "Summarise from here"),
    Sentence("argument-since", "From when on: yesterday, monday, 3 days ago, 2026-11-28 18:00"),
    Sentence("argument-until", "Until when, written in the same way; a day is part of it"),
    Sentence("argument-length", "How much of it"),
    Sentence("argument-focus", "What matters to you, in your own words"),
    Sentence("doing-catch-up", "looks through what was said …"),
    Sentence("catch-up-reads", "Reading what was said … {read} of {of} messages"),
    Sentence("catch-up-begins", "Reading what was said …"),
    Sentence("catch-up-waits", "Waiting for my AI engine … {read} of {of} messages read"),
    Sentence("catch-up-heading", "## What you missed in {place}"),
    Sentence("summarise-heading", "## What was said in {place}"),
    Sentence("catch-up-elsewhere", "It is long, so I have sent it to you as a direct message."),
    Sentence("catch-up-ready-alone", "I could not send it to you as a direct message. Press to read it here, alone."),
    Sentence(
        "catch-up-ready",
        "{name}, what you asked me for is ready. I could not send it to you as a direct message; press to read it, "
        "alone.",
    ),
    Sentence("catch-up-show", "Show it to me"),
    Sentence("catch-up-not-yours", "That is for whoever asked for it alone."),
    Sentence("catch-up-over", "That is over. Ask me again, and I look once more."),
    Sentence("catch-up-not-here", "Ask me that in a channel or thread: it is about what was said there."),
    Sentence(
        "catch-up-unreadable",
        "I could not find out just now that you can read what was said there, so I tell nothing. If you can, please "
        "ask again in a moment.",
    ),
    Sentence(
        "catch-up-not-kept",
        "I keep no transcript here, so I do not know what was said. Moderators can change that with `/keep`.",
    ),
    Sentence("catch-up-under-way", "I am still at what you asked me for before. It comes soon; then ask me again."),
    Sentence(
        "catch-up-bad-time",
        "I cannot read that time. Write it like 2026-11-28, 2026-11-28 18:00, yesterday, last week, monday or "
        "3 days ago.",
    ),
    Sentence("catch-up-not-past", "That time is still to come; say one that is past."),
    Sentence("catch-up-no-period", "That begins after it ends; say `since` an earlier time than `until`."),
    Sentence("catch-up-bad-length", "Say length: short, normal or long."),
    Sentence(
        "catch-up-long-focus",
        "Say what matters to you in {limit} character at most.",
        "Say what matters to you in {limit} characters at most.",
        by="limit",
    ),
    Sentence(
        "catch-up-message-gone",
        "I have nothing of that message: it is gone, I kept no transcript then, or its author wants to be left out.",
    ),
    Sentence("catch-up-failed", "I tried several times to look through what was said, and could not. I am sorry."),
)
