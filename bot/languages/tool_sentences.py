"""What is said of tools: what they are doing, what they ask for, what they found."""

from __future__ import annotations

from bot.languages.reminder_sentences import REMINDERS
from bot.languages.sentence import Sentence

TOOLS = (
    # what people read while a tool works; filled with its arguments, each cut short
    Sentence("doing-tool", "uses {tool} …"),
    Sentence("doing-calculator", "works out {expression} …"),
    Sentence("doing-clock", "looks at the clock …"),
    Sentence("doing-roll", "rolls {dice} …"),
    Sentence("doing-choose", "draws from {options} …"),
    Sentence("doing-search-history", "searches what was said: {words} …"),
    Sentence("doing-knowledge", "looks for “{words}” in the community's documents …"),
    Sentence("doing-look-again", "looks at an earlier file again …"),
    Sentence("doing-translate", "looks words up for {to} …"),
    Sentence("doing-foreign", "asks {server}: {tool} …"),
    # calls that somebody has to allow
    Sentence(
        "approval-asked",
        "**May I do this for {name}?**",
        "**May I do these {count} things for {name}?**",
    ),
    Sentence("approval-tool", "call **{tool}** with:"),
    Sentence("approval-foreign", "call **{tool}** of the server **{server}**, which is sent:"),
    Sentence("approval-nothing", "(nothing)"),
    Sentence("approval-cut", "… (and {count} character more)", "… (and {count} characters more)"),
    Sentence("approval-until", "Whoever asked, or a moderator, can allow or refuse it until {time}."),
    Sentence("approval-allow", "Allow"),
    Sentence("approval-refuse", "Refuse"),
    Sentence("approval-not-yours", "Only the person who asked, or a moderator, can decide on this."),
    Sentence("approval-gone", "That question is gone; nothing is done."),
    Sentence("approval-waiting", "This still waits for somebody to decide."),
    Sentence("approval-allowed", "This was allowed already; it is done once."),
    Sentence("approval-refused", "This is refused; nothing is done."),
    Sentence("approval-expired", "The time to decide on this is over; nothing is done. Ask me again if it matters."),
    Sentence("approval-void", "This can no longer be allowed; nothing is done. Ask me again if it matters."),
    Sentence("approval-changed", "What would be called has changed since, so nothing is done. Please ask me again."),
    Sentence("approval-ruled-out", "The rules here do not allow this any more; nothing is done."),
    Sentence("approval-no-right", "Whoever asked cannot read this place any more; nothing is done."),
    # a private answer
    Sentence("answer-privately", "Answer me privately"),
    Sentence("privately-not-yours", "Only the person who asked can be answered privately."),
    Sentence("privately-answered", "I have answered you privately already."),
    # commands about tools
    Sentence("command-tools", "Which tools I may use here, and why"),
    Sentence("command-tools-offer", "Decide whether I may use a tool here, or on the whole server"),
    Sentence("command-tools-role", "Decide whether people of a role may have me use a tool"),
    Sentence("argument-tool", "the tool's name, as /tools shows it"),
    Sentence("argument-where", "only here, or on the whole server"),
    Sentence("argument-on", "yes, no, or what is usual"),
    Sentence("argument-role", "the role"),
    Sentence("argument-allowed", "yes, no, or what is usual"),
    Sentence("tools-none", "I have no tools."),
    Sentence("tools-default", "offered, as is usual"),
    Sentence("tools-off", "not offered: whoever runs me has switched it off"),
    Sentence("tools-on-here", "offered, as was decided here"),
    Sentence("tools-not-here", "not offered, as was decided here"),
    Sentence("tools-on-channel", "offered, as was decided for the channel"),
    Sentence("tools-not-channel", "not offered, as was decided for the channel"),
    Sentence("tools-on-server", "offered, as was decided for the server"),
    Sentence("tools-not-server", "not offered, as was decided for the server"),
    Sentence("tools-role-yes", "for <@&{role}>"),
    Sentence("tools-role-no", "not for <@&{role}>"),
    Sentence("tools-unknown", "There is no tool {tool}. The tools are: {tools}"),
    Sentence("tools-bad-choice", "Please say yes, no or default."),
    Sentence("tools-bad-where", "Please say here or server."),
    Sentence("tools-bad-role", "Please name the role by its id."),
    Sentence("tools-no-server", "There is no server here, and there are no roles."),
    Sentence("tools-too-many", "There are too many rules already; take some back with default."),
    *REMINDERS,
)
