"""What is said of support channels: how they are set up, and why the bot falls silent."""

from __future__ import annotations

from bot.languages.sentence import Sentence

SUPPORT = (
    Sentence("command-support", "Set up a channel or forum where I answer questions; you see it before it is saved"),
    Sentence("command-support-show", "Show how a support channel is set up, and what it lacks"),
    Sentence("command-support-off", "End the support in a channel"),
    Sentence("argument-support-channel", "The channel or forum; without it, where you are"),
    Sentence("argument-support-staff", "The roles of those who help, as mentions or names, or none"),
    Sentence("argument-support-notes", "Where staff are told of what is left to them, or none"),
    Sentence("argument-support-languages", "Codes of the languages spoken there, the main one first, e.g. en, de, ja"),
    Sentence("argument-support-knowledge", "Collections of the knowledge that I search, or none for all of it"),
    Sentence("argument-support-tone", "How I shall sound, in a few words, or none"),
    Sentence("argument-support-when", "Answer what is asked there, or only when mentioned"),
    Sentence("argument-support-answers", "Answer in the channel, or open a thread for each question"),
    Sentence("argument-support-grounded", "Answer only from the knowledge, and call a person where it says nothing"),
    Sentence("argument-support-solved-tags", "Tags of the forum that say that it is solved, with commas, or none"),
    Sentence("argument-support-person-tags", "Tags of the forum that say that a person is needed, or none"),
    Sentence("argument-support-staff-language", "The code of the language in which staff are told"),
    Sentence("argument-support-limits", "Answers in one thread, and to one person in a day, e.g. 20, 40"),
    Sentence("argument-support-escalate", "Minutes until staff are told again of what nobody has claimed"),
    Sentence("support-heading", "**Support in {place}**"),
    Sentence(
        "support-when-forum",
        "I answer the first message of each new post, then only its author and whoever mentions me.",
    ),
    Sentence(
        "support-when-channel",
        "I answer what is asked in the channel and in new threads of it, then only who asked and whoever mentions me.",
    ),
    Sentence(
        "support-when-threads",
        "I open a thread for each question in the channel and answer there, then only who asked and whoever mentions "
        "me.",
    ),
    Sentence("support-when-mentioned", "I answer only when I am mentioned."),
    Sentence(
        "support-when-mentioned-threads",
        "I answer only when I am mentioned. In the channel I open a thread for it and answer there.",
    ),
    Sentence(
        "support-grounded",
        "My answers must rest on the knowledge that everyone there may read. Where it says nothing, I call a person.",
    ),
    Sentence("support-ungrounded", "I may also answer from what the model knows by itself, which can be wrong."),
    Sentence("support-languages", "Languages: {languages}. Where I cannot tell which is spoken, I use the first."),
    Sentence("support-knowledge", "Knowledge: {knowledge}"),
    Sentence("support-tone", "Tone: {tone}"),
    Sentence(
        "support-staff", "Staff are {roles} and whoever manages the channel. When one of them answers, I am silent."
    ),
    Sentence("support-staff-none", "Staff are those who manage the channel. When one of them answers, I am silent."),
    Sentence(
        "support-notes",
        "Staff are told in {place} of what is left to them (language: {language}), and again after a minute if nobody "
        "has claimed it.",
        "Staff are told in {place} of what is left to them (language: {language}), and again after {count} minutes if "
        "nobody has claimed it.",
    ),
    Sentence("support-notes-none", "Of what is left to staff, only the thread itself says so."),
    Sentence("support-tags", "I am silent in posts with these tags: {tags}."),
    Sentence("support-limits", "Answers at most: {thread} in one thread, {person} to one person in a day."),
    Sentence("support-reads-knowledge", "I am still reading the knowledge. Until I have, I call a person each time."),
    Sentence("support-lacks-knowledge", "I find no knowledge for this yet, so I would call a person each time."),
    Sentence("support-lacks-writing", "I may not read and write in {place}."),
    Sentence("support-lacks-thread-writing", "I may not write in threads of {place}."),
    Sentence("support-lacks-threads", "I may not open public threads in {place}, so I answer in the channel itself."),
    Sentence(
        "support-lacks-content",
        "I am not told what people write (the Message Content intent is off), so I can only answer when I am "
        "mentioned, and do not see it when staff answer.",
    ),
    Sentence("support-lacks-role", "A role of the staff is gone."),
    Sentence("support-lacks-tag", "A tag of the forum is gone."),
    Sentence("support-lacks-notes", "The channel where staff are told is gone."),
    Sentence(
        "support-lacks-reach", "Who reads {notes} may not be able to read {place}, so I cannot tell staff there of it."
    ),
    Sentence("support-lacks-secrecy", "People who are not staff may be able to read {place}."),
    Sentence("support-preview", "Nothing is changed yet. Shall I save this?"),
    Sentence("support-save", "Save"),
    Sentence("support-cancel", "Cancel"),
    Sentence("support-saved", "It is saved and counts from now on."),
    Sentence("support-cancelled", "Nothing was changed."),
    Sentence("support-preview-gone", "This can no longer be saved. Please use `/support` again."),
    Sentence(
        "support-changed-meanwhile",
        "Somebody else has changed this set-up meanwhile, so I did not save yours. Please use `/support` again.",
    ),
    Sentence("support-none", "There is no support set up here."),
    Sentence("support-ended", "The support here has ended. I answer again only when I am mentioned."),
    Sentence("support-nowhere", "Support cannot be set up here."),
    Sentence("support-not-direct", "Name a channel: direct messages have no support."),
    Sentence("support-no-place", "I know no channel or forum called {name} that you can read."),
    Sentence("support-notes-forum", "Staff cannot be told in a forum. Please name a channel."),
    Sentence("support-which-place", "Several channels are called {name}. Use a mention or an id."),
    Sentence("support-bad-knowledge", "Please name {most} collections at most, with commas between them."),
    Sentence(
        "support-long-tone",
        "Please describe the tone in {most} character at most.",
        "Please describe the tone in {most} characters at most.",
        by="most",
    ),
    Sentence("support-bad-limits", "Name two numbers from 1 to {most}, e.g. 20, 40."),
    Sentence("support-bad-minutes", "Name a number of minutes from 1 to {most}."),
    Sentence("support-no-roles", "There are no roles here. Those who manage the channel are staff."),
    Sentence("support-no-role", "I know no single role called {name}. Use a mention."),
    Sentence("support-bad-roles", "Name one to {most} roles."),
    Sentence("support-no-tags", "This channel has no tags."),
    Sentence("support-no-tag", "I know no tag called {name} there."),
    Sentence("support-bad-languages", "Name one to {most} languages by their codes, e.g. en, de or pt-BR."),
    Sentence("support-bad-when", "That is none of the choices."),
    Sentence("support-call", "Ask the bot again"),
    Sentence("support-called", "I answer here again."),
    Sentence("support-call-gone", "There is no question here that I could come back to."),
    Sentence("support-call-not-yours", "Only who asked, and staff, can call me back here."),
    Sentence("support-call-limit", "I have answered here as often as I may. Staff can have me go on."),
    Sentence("support-silent-staff", "A person is helping here now, so I am silent. Mention me if you want me back."),
    Sentence("support-silent-solved", "This is marked as solved, so I am silent. Mention me if you want me back."),
    Sentence(
        "support-silent-person",
        "This is marked as waiting for a person, so I am silent. Mention me if you want me back.",
    ),
    Sentence("support-limit", "I have answered here as often as I may, so this is left to a person now."),
)
