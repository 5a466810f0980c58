"""The only way out."""

from bot.deliver.outbox import Deliver

__all__ = ["Deliver"]
