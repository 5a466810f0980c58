"""What is said of the languages that people choose."""

from __future__ import annotations

from bot.languages.sentence import Sentence

LANGUAGES = (
    Sentence("command-language", "Choose in which language I speak, or see which it is"),
    Sentence(
        "argument-language",
        "A code or an English name, like de, ja or Brazilian Portuguese; default takes the choice back",
    ),
    Sentence("argument-language-for", "For you alone, for this channel, or for the whole server"),
    Sentence("language-for-person", "With you I speak {language}."),
    Sentence("language-for-place", "In this channel I speak {language}."),
    Sentence("language-for-guild", "On this server I speak {language}."),
    Sentence("language-none", "No language is chosen. I answer in the language that you write in."),
    Sentence("language-taken-back", "That choice is taken back."),
    Sentence(
        "language-unknown",
        "I do not know that language. Give a tag or an English name, like de, ja or Brazilian Portuguese.",
    ),
    Sentence("language-bad-for", "Choose one of these: me, channel, server."),
)
