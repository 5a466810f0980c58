"""The bot's own sentences, through gettext; which language people write in, and in which they are answered."""
