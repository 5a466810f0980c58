"""What was looked up last is kept until something else is asked for."""

from __future__ import annotations

from bot.storage.latest import Latest


def test_the_same_is_looked_up_once_and_something_else_anew() -> None:
    asked: list[str] = []

    def look_up(what: str) -> str:
        asked.append(what)
        return what.upper()

    latest = Latest[str]()
    assert [latest.of(what, lambda what=what: look_up(what)) for what in ("a", "a", "b", "a")] == ["A", "A", "B", "A"]
    assert asked == ["a", "b", "a"]
