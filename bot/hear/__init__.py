"""Every event comes in here."""

from bot.hear.hearing import RETENTION_TICK, Hearing

__all__ = ["RETENTION_TICK", "Hearing"]
