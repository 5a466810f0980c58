"""Planned things: carried out when they are due, each planned moment once, whatever crashes meanwhile."""

from bot.plans.plans import Plans
from bot.plans.retention import RETENTION, Retention, retention_plan

__all__ = ["RETENTION", "Plans", "Retention", "retention_plan"]
