"""What is said where a person is called: to whoever asked, to staff, and between the two."""

from __future__ import annotations

from bot.languages.sentence import Sentence

HAND_OVER = (
    Sentence("doing-needs-human", "calls a person …"),
    # to whoever asked
    Sentence("case-unfound", "I found nothing about this in what I was given, so I do not want to guess."),
    Sentence("case-told", "I have told the team that this needs a person. I cannot say when somebody comes."),
    Sentence("case-needed", "This needs a person of the team. I could not tell them elsewhere, so please wait here."),
    Sentence("case-thanked", "Glad to be of use. Ask me again whenever there is something."),
    Sentence("case-done", "That solved it"),
    Sentence("case-solved", "This is marked as solved. I say no more here unless I am asked to."),
    # the note to staff
    Sentence("case-note", "**{name} needs a person**"),
    Sentence("case-note-plain", "**Somebody needs a person**"),
    Sentence("case-where", "Question: {link}"),
    Sentence("case-language", "Language: {language}"),
    Sentence("case-reason", "Why: {reason}"),
    Sentence("case-reason-model", "Why (the model's words): {reason}"),
    Sentence("case-unfound-note", "Why: nothing that was found in the knowledge answers it."),
    Sentence("case-summary", "In short (by the model, unchecked by people): {summary}"),
    Sentence("case-words", "In the asker's own words: {words}"),
    Sentence("case-tried", "I have answered there {count} time; last:", "I have answered there {count} times; last:"),
    Sentence("case-untried", "I have answered nothing there yet."),
    Sentence("case-more", "Asked again, a person is needed still: {link}"),
    Sentence("case-open", "Nobody has taken this up yet."),
    Sentence("case-is-seen", "Seen by {name}."),
    Sentence("case-is-claimed", "Claimed by {name}."),
    Sentence("case-is-solved", "Solved by {name}."),
    Sentence(
        "case-reply",
        "Reply to this message, with the mention of me left on, to answer in the asker's language.",
    ),
    Sentence("case-see", "Seen"),
    Sentence("case-claim", "Claim"),
    Sentence("case-solve", "Solved"),
    Sentence(
        "case-again", "Nobody has claimed this for {count} minute:", "Nobody has claimed this for {count} minutes:"
    ),
    # presses
    Sentence("case-not-yours", "Only staff of this support channel, or moderators, can do that."),
    Sentence("case-not-asker", "Only whoever asked, staff or moderators can do that."),
    Sentence("case-gone", "That is not known any more."),
    Sentence("case-changed", "Somebody was faster; the note shows how it stands now."),
    Sentence("case-over", "That is solved already."),
    # what staff write
    Sentence("relay-same", "{name} answers"),
    Sentence("relay-translated", "{name} answers, translated by the model"),
    Sentence("relay-untranslated", "{name} answers; it could not be translated"),
    Sentence("relay-original", "Show the original"),
    Sentence("relay-gone", "The original is not kept any more."),
    Sentence(
        "relay-unread",
        "I cannot pass this on: I see no words in it. Please reply once more, with words, and with the mention of me "
        "left on.",
    ),
    Sentence("relay-nowhere", "I could not pass this on: the place of the question is gone, or I may not write there."),
)
