"""The rule about long files bites, and its exceptions cannot outlive their reasons."""

from __future__ import annotations

from tests.house import EXCEPTIONS, LONGEST, ROOT, complaints, measure


def test_a_long_file_is_named() -> None:
    assert complaints({"bot/a.py": LONGEST, "bot/b.py": LONGEST + 1}, {}) == [
        f"bot/b.py has {LONGEST + 1} lines, more than {LONGEST}: split it by meaning"
    ]


def test_an_exception_has_its_own_limit_and_a_reason_and_ends_when_it_is_not_needed() -> None:
    exceptions = {"bot/a.py": (400, "one table"), "bot/b.py": (400, ""), "bot/c.py": (400, "gone")}
    lengths = {"bot/a.py": 401, "bot/b.py": 350, "bot/c.py": 10}
    told = complaints(lengths, exceptions)
    assert [line.split()[0] for line in told] == ["bot/a.py", "bot/b.py", "bot/c.py"]


def test_the_files_that_are_measured_are_ours() -> None:
    lengths = measure(ROOT)
    assert lengths["tests/house.py"] > 30
    assert not any(".venv" in path for path in lengths)
    assert set(EXCEPTIONS) <= set(lengths)
