"""How sure one can be of an answer, by what code sees of it: never by what the model says of itself. Pure."""

from __future__ import annotations

from bot.talk.oversight import Flag, Signals

FEW_SOURCES = 2
"""Where answers must rest on knowledge, fewer sources than this are few."""


def flags(signals: Signals, *, grounded: bool) -> frozenset[Flag]:
    """`grounded`: answers there must rest on knowledge. Elsewhere one may be right without any source, but what was
    looked up and is not cited speaks against it everywhere."""
    if signals.handed:  # what stands there says nothing that could be doubted
        return frozenset({Flag.HANDED_OVER})
    found: set[Flag] = {Flag.REMADE} if signals.remade else set()
    if not signals.cited and (grounded or signals.sources):
        found.add(Flag.UNCITED)
    if grounded and signals.sources < FEW_SOURCES:
        found.add(Flag.FEW)
    return frozenset(found)
