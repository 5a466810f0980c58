"""What is said of channels side by side, and of translations for one person."""

from __future__ import annotations

from bot.languages.sentence import Sentence

MIRRORS = (
    Sentence("command-mirror-link", "Carry over what is said in some channels to each other, in their languages"),
    Sentence("command-mirror-show", "Show which channels this one is linked with"),
    Sentence("command-mirror-unlink", "End the link of this channel"),
    Sentence("argument-mirror-channels", "The channels, e.g. #help-en, #help-ja"),
    Sentence("argument-mirror-languages", "Their languages, in the same order, e.g. en, ja"),
    Sentence("menu-translate", "Translate for me"),
    # linking
    Sentence("mirror-channels-number", "Name from {fewest} to {most} channels."),
    Sentence("mirror-languages-number", "Give one language for each channel, in the same order, for example: en, ja"),
    Sentence("mirror-no-language", "I do not know the language {name}. Write it like en, ja or pt-BR."),
    Sentence("mirror-no-place", "I find no channel {name} here that you can read and manage."),
    Sentence("mirror-linked-already", "{place} is linked already. End that link first."),
    Sentence("mirror-forums-apart", "Forums can be linked with forums only."),
    Sentence("mirror-barred", "I cannot write in {place}."),
    Sentence("mirror-cannot-tell", "I cannot find out at the moment who can read these channels. Please try again."),
    Sentence(
        "mirror-too-many",
        "There is {most} link already, and there can be no more.",
        "There are {most} links already, and there can be no more.",
        by="most",
    ),
    Sentence(
        "mirror-preview",
        "What people say in each of these channels will stand in the others, too, in their language, with the name of "
        "whoever said it:",
    ),
    Sentence("mirror-preview-side", "{place} ({language})"),
    Sentence("mirror-preview-same", "Whoever can read one of them can read the others anyway."),
    Sentence(
        "mirror-preview-wider",
        "**Note who will read more than now:** all who can read {target} will read what is said in {source}, also "
        "those of them who cannot read {source}.",
    ),
    Sentence("mirror-preview-changed", "Who can read these channels has changed since. Please look at this once more."),
    Sentence("mirror-confirm", "Link them"),
    Sentence("mirror-linked", "Done. The channels are linked, and people there have been told."),
    Sentence("mirror-proposal-gone", "This is too old. Please use the command again."),
    Sentence("mirror-none", "This channel is not linked with others."),
    Sentence("mirror-shown", "This channel ({language}) is linked with: {places}"),
    Sentence("mirror-shown-alone", "This channel ({language}) is linked with others that you cannot read."),
    Sentence(
        "mirror-shown-threads",
        "I may not manage threads in {places}: new titles, tags, closing and locking may not arrive there.",
    ),
    Sentence("mirror-unlinked", "Done. The link has ended, and people have been told."),
    # in the channels
    Sentence(
        "mirror-begun",
        "From now on, what people say here stands in {places}, too, in translation, and the other way round. "
        "`/opt-out` leaves your messages out.",
    ),
    Sentence("mirror-ended-by", "{name} has ended the link of this channel with others. Nothing is carried over now."),
    Sentence(
        "mirror-ended-readers",
        "Who can read this channel or those linked with it has changed. So that nobody reads what they should not, I "
        "have ended the link; moderators can link the channels again.",
    ),
    Sentence("mirror-ended-gone", "The channels that this one was linked with are gone. Nothing is carried over now."),
    Sentence(
        "mirror-ended-barred",
        "I cannot write in one of the linked channels any more, so I have ended the link. Moderators can link the "
        "channels again.",
    ),
    Sentence(
        "mirror-crowded",
        "More is being said in the linked channels than I can carry over. Some messages are missing here; look for "
        "them in {places}.",
    ),
    Sentence("mirror-translated", "translated from: {language}"),
    Sentence("mirror-untranslated", "not translated"),
    Sentence("mirror-original", "original"),
    # for one person
    Sentence("translate-gone", "I cannot see the words of that message."),
    Sentence("translate-busy", "Too many people are waiting for a translation. Please try again in a minute."),
    Sentence("translate-same", "That message is in your language already. `/language` changes which one that is."),
)
