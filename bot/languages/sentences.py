"""Every sentence the bot itself says, in English. The key is gettext's context, the English text its msgid.

A `many` form makes a plural chosen by the value `count`, or the one that `by` names. Texts are Markdown; `{names}` are
filled by `str.format`.
"""

from __future__ import annotations

from bot.languages.catch_up_sentences import CATCHING_UP
from bot.languages.choice_sentences import CHOICES
from bot.languages.digest_plan_sentences import DIGEST_PLANS
from bot.languages.digest_sentences import DIGESTS
from bot.languages.forum_sentences import FORUMS
from bot.languages.hand_over_sentences import HAND_OVER
from bot.languages.knowledge_sentences import KNOWLEDGE
from bot.languages.language_sentences import LANGUAGES
from bot.languages.mirror_sentences import MIRRORS
from bot.languages.oversight_sentences import OVERSIGHT
from bot.languages.page_sentences import PAGE
from bot.languages.sentence import Sentence
from bot.languages.support_sentences import SUPPORT
from bot.languages.tool_sentences import TOOLS

__all__ = ["SENTENCES", "Sentence"]

_ALL = (
    # Discord
    Sentence("thinking", "Thinking …"),
    # errors that a person is told (keys of bot/errors.py)
    Sentence("error-unexpected", "Something went wrong on my side. It is noted; please try again."),
    Sentence("error-operator", "I am not set up correctly. My operator finds the reason with `calanque doctor`."),
    Sentence(
        "error-database",
        "I cannot write things down at the moment, so I had better not answer. Please try again later.",
    ),
    Sentence("answer-later", "I cannot write things down at the moment. I will answer this as soon as I can."),
    Sentence(
        "asked-while-away",
        "I was away when you asked this; ask me again if it still matters.",
        "I was away and missed {count} questions here; ask me again if they still matter.",
    ),
    Sentence("message-too-large", "That is more than I can read at once. Please send a shorter part."),
    Sentence(
        "too-many-attachments",
        "I can read {limit} attachment per message; the others I left out.",
        "I can read {limit} attachments per message; the others I left out.",
        by="limit",
    ),
    Sentence("attachment-too-large", "{name} is too large for me (limit: {limit})."),
    Sentence("attachment-unreadable", "I could not open {name}. Is it complete, and what its name says?"),
    Sentence("queue-full", "Too many people are waiting for me. Please ask again in a few minutes."),
    Sentence("not-allowed", "Only people who may manage this channel can do that."),
    Sentence("model-confused", "I could not find words for that. Please ask in another way."),
    Sentence("translation-failed", "I could not translate that well enough to show it. Please try a shorter part."),
    Sentence("too-many-steps", "I did not get to the end of that within my limits. Please ask for a smaller part."),
    Sentence(
        "engine-away",
        "My AI engine does not answer. My operator has been told; please try again later.",
    ),
    Sentence(
        "engine-gone",
        "My AI engine did not come back within {minutes} minute, so I could not answer this. I am sorry; please ask "
        "again later.",
        "My AI engine did not come back within {minutes} minutes, so I could not answer this. I am sorry; please ask "
        "again later.",
        by="minutes",
    ),
    Sentence("engine-stalled", "My AI engine stopped responding in the middle of the answer. Please ask again."),
    Sentence("engine-broke", "My AI engine failed in the middle of the answer. Please ask again."),
    Sentence("model-missing", "My AI model is not installed. My operator can fetch it with `calanque pull`."),
    Sentence(
        "context-overflow",
        "This conversation grew larger than my memory and I will not answer from half of it. Please ask again.",
    ),
    # around an answer
    Sentence("stop", "Stop"),
    Sentence("line-place", "number {place} in line"),
    Sentence("line-reading", "reading {thousands}k tokens"),
    Sentence("line-seconds", "about {seconds} s"),
    Sentence("line-minutes", "about {minutes} min"),
    Sentence("line-engine-slow", "waiting for my AI engine"),
    Sentence("line-engine-away", "my AI engine does not answer; I go on when it is back"),
    Sentence(
        "line-model-missing", "my AI model is not installed; I go on when my operator has fetched it (`calanque pull`)"
    ),
    Sentence(
        "demo-lead",
        "demo model: it knows little and is often wrong",
    ),
    Sentence("demo-note", "For the real model install Ollama and run: calanque pull"),
    Sentence("reply-cut", "*(I stopped at my length limit. Say “go on” for more.)*"),
    Sentence("stopped", "*(stopped)*"),
    Sentence("interrupted", "*(I am being restarted and will go on in a moment.)*"),
    Sentence(
        "too-many-attempts",
        "I tried several times and something broke each time. I am sorry; please ask in another way.",
    ),
    Sentence("not-yours-to-stop", "Only the person who asked, or a moderator, can stop this."),
    Sentence("answer-again", "Answer again"),
    Sentence("not-yours-to-ask", "Only the person who asked, or a moderator, can have this answered again."),
    Sentence("question-gone", "That question is gone."),
    Sentence("nothing-to-stop", "That answer is finished already."),
    Sentence("no-vision", "My model cannot see pictures; I answered without them."),
    # what is kept
    Sentence(
        "announcement",
        "I am now keeping a transcript of this channel, so that I can follow what is said, for {days} day. It"
        " stays on the computer I run on. `/privacy` tells more; `/opt-out` leaves your messages out.",
        "I am now keeping a transcript of this channel, so that I can follow what is said, for {days} days. "
        "It stays on the computer I run on. `/privacy` tells more; `/opt-out` leaves your messages out.",
        by="days",
    ),
    Sentence(
        "announcement-direct",
        "I keep what we say here for {days} day, so that I can follow. It stays on the computer I run on. "
        "`/privacy` tells more; `/forget-me` deletes it.",
        "I keep what we say here for {days} days, so that I can follow. It stays on the computer I run on. "
        "`/privacy` tells more; `/forget-me` deletes it.",
        by="days",
    ),
    Sentence(
        "privacy-kept",
        "Here I keep messages for {days} day, on the computer I run on. Nothing is sent elsewhere.",
        "Here I keep messages for {days} days, on the computer I run on. Nothing is sent elsewhere.",
        by="days",
    ),
    Sentence(
        "privacy-not-yet",
        "Here I keep nothing until somebody first talks to me; from then on, messages for {days} day.",
        "Here I keep nothing until somebody first talks to me; from then on, messages for {days} days.",
        by="days",
    ),
    Sentence("privacy-never", "Here I keep nothing: each question is answered by itself and then erased."),
    Sentence("privacy-out", "You have opted out: your messages are left out everywhere."),
    Sentence("privacy-in", "`/opt-out` leaves your messages out; `/forget-me` deletes what I have of you."),
    Sentence(
        "opted-out", "Done. From now on your messages are left out. What I had before is deleted by `/forget-me`."
    ),
    Sentence("opted-in", "Done. Your messages are part of the transcript again, where one is kept."),
    Sentence("forget-confirm", "This deletes everything I have kept of you, in every channel, for good. Are you sure?"),
    Sentence("forget-yes", "Delete everything of mine"),
    Sentence(
        "forget-channel-confirm",
        "This deletes everything I have kept of this channel, of everybody, for good. Are you sure?",
    ),
    Sentence("forget-channel-yes", "Delete everything of this channel"),
    Sentence(
        "forget-channel-elsewhere",
        "I deleted nothing: this button belongs to another channel. Use `/forget-channel` there and press it there.",
    ),
    Sentence("forgotten", "Deleted: {messages} messages, {turns} answers and {images} pictures."),
    Sentence(
        "keep-always",
        "From now on I keep a transcript of this channel for {days} day.",
        "From now on I keep a transcript of this channel for {days} days.",
        by="days",
    ),
    Sentence(
        "keep-mentioned",
        "I keep a transcript of this channel from when somebody first talks to me, for {days} day.",
        "I keep a transcript of this channel from when somebody first talks to me, for {days} days.",
        by="days",
    ),
    Sentence("keep-never", "I keep nothing of this channel any more; what I had of it is deleted."),
    Sentence("keep-bad-when", "Say when: mentioned, always or never."),
    Sentence("keep-bad-days", "Days must be a whole number from 1 to {most}."),
    Sentence(
        "overhears-on",
        "When somebody asks me something here, I also read what was said to others and I have not read yet, "
        "at most {tokens} token of it.",
        "When somebody asks me something here, I also read what was said to others and I have not read yet, "
        "at most {tokens} tokens of it.",
        by="tokens",
    ),
    Sentence(
        "overhears-since",
        "When somebody asks me something here, I also read what was said to others since the last question, "
        "at most {tokens} token of it.",
        "When somebody asks me something here, I also read what was said to others since the last question, "
        "at most {tokens} tokens of it.",
        by="tokens",
    ),
    Sentence("overhears-off", "Here I read only what is said to me."),
    Sentence("overhear-bad-when", "Say when: on, since or off."),
    Sentence("overhear-bad-tokens", "Tokens must be a whole number from 1 to {most}."),
    Sentence(
        "help",
        "I am {name}, a private AI member of this community, running on its own computer. Mention me, reply to me or "
        "write to me directly; add pictures, text files or PDFs. I can be wrong: check what matters.\n"
        "`/catch-up` · `/reminders` · `/language` · `/timezone` · `/privacy` · `/opt-out` · `/forget-me`\n"
        "For moderators: `/digest-create` · `/support` · `/mirror-link` · `/knowledge-list` · `/keep` · `/overhear` · "
        "`/forget-channel`",
    ),
    Sentence("command-help", "What I am and how to talk to me"),
    Sentence("command-privacy", "What I keep here, and how to change it"),
    Sentence("command-opt-out", "Leave your messages out of what I keep"),
    Sentence("command-opt-in", "Let your messages be part of what I keep"),
    Sentence("command-forget-me", "Delete everything that I have kept of you"),
    Sentence("command-forget-channel", "Delete everything that I have kept of this channel"),
    Sentence("command-keep", "Decide what I keep of this channel"),
    Sentence("command-overhear", "Decide what I read of messages that are not for me"),
    Sentence("argument-overheard", "on: all I have not read yet; since: what was said since the last question; or off"),
    Sentence("argument-tokens", "At most so many tokens of it at a time"),
    Sentence("argument-when", "mentioned: from the first question on; always; or never"),
    Sentence("argument-days", "For how many days"),
    *CATCHING_UP,
    *CHOICES,
    *DIGESTS,
    *LANGUAGES,
    *HAND_OVER,
    *FORUMS,
    *MIRRORS,
    *OVERSIGHT,
    *PAGE,
    *DIGEST_PLANS,
    *KNOWLEDGE,
    *SUPPORT,
    *TOOLS,
)

SENTENCES: dict[str, Sentence] = {sentence.key: sentence for sentence in _ALL}
