"""Support channels: when the bot speaks there, when it is silent, and what is left to a person."""
