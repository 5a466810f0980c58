"""What is said of reminders, time zones and polls."""

from __future__ import annotations

from bot.languages.sentence import Sentence

REMINDERS = (
    Sentence("doing-remind", "sets a reminder …"),
    Sentence("doing-reminders", "looks at your reminders …"),
    Sentence("doing-cancel-reminder", "cancels a reminder …"),
    Sentence("doing-poll", "posts a poll …"),
    Sentence("reminder-due", "You wanted to be reminded, for {when} ({zone}):"),
    Sentence("reminder-late", "late: I was away at that time"),
    Sentence("reminder-unreadable", "A reminder was due, but I could not show it where you had asked for it."),
    Sentence("remind-again", "Remind me again in 10 min"),
    Sentence("remind-stop", "Stop"),
    Sentence("reminder-again", "I will remind you again at {when}."),
    Sentence("reminder-again-over", "You have been reminded of that again already."),
    Sentence("reminder-gone", "That reminder is over; I do not have its words any more."),
    Sentence("reminder-full", "There are too many reminders already; /reminders lists them."),
    Sentence("reminder-stopped", "It will not come again."),
    Sentence("not-yours-to-remind", "Only the person who set this reminder, or a moderator, can do that."),
    Sentence("repeats-daily", "every day"),
    Sentence("repeats-weekdays", "on weekdays"),
    Sentence("repeats-days", "every {days}"),
    Sentence("repeats-monthly", "every month on day {day} (or its last)"),
    Sentence("repeats-hours", "every hour", "every {count} hours"),
    Sentence("repeats-every", "every day", "every {count} days"),
    Sentence("weekday-0", "Monday"),
    Sentence("weekday-1", "Tuesday"),
    Sentence("weekday-2", "Wednesday"),
    Sentence("weekday-3", "Thursday"),
    Sentence("weekday-4", "Friday"),
    Sentence("weekday-5", "Saturday"),
    Sentence("weekday-6", "Sunday"),
    Sentence("reminders-none", "You have no reminders."),
    Sentence("reminders-listed", "Your reminder:", "Your {count} reminders:"),
    Sentence("reminder-bad-number", "You have no reminder of that number; /reminders lists them."),
    Sentence("reminder-cancelled", "Reminder {number} is cancelled."),
    Sentence("timezone-own", "Your time zone is {zone}, where it is {now}."),
    Sentence(
        "timezone-community", "You have chosen no time zone, so this community's counts: {zone}, where it is {now}."
    ),
    Sentence("timezone-unknown", "I do not know that time zone; a large city or a name like Europe/Paris will do."),
    Sentence("command-reminders", "List your reminders"),
    Sentence("command-reminder-cancel", "Cancel one of your reminders"),
    Sentence("command-timezone", "Choose the time zone of your reminders, or see which it is"),
    Sentence("argument-reminder", "The number that /reminders shows"),
    Sentence("argument-zone", "A city or a name like Europe/Paris; default is the time zone of the community"),
    Sentence(
        "poll-answer-one", "Answer with one number, within an hour.", "Answer with one number, within {count} hours."
    ),
    Sentence(
        "poll-answer-several",
        "Answer with the numbers that you choose, within an hour.",
        "Answer with the numbers that you choose, within {count} hours.",
    ),
)
