"""Every event comes in here."""

from bot.hear.hearing import Hearing

__all__ = ["Hearing"]
