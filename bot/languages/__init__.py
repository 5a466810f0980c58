"""The bot's own sentences, through gettext, and (later) identification of people's languages."""
