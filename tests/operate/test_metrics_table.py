"""What is counted is declared, what is declared is counted, and the page about it is in step."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from bot.operate import metrics_doc
from bot.operate.metrics import DROPPED
from bot.operate.metrics_table import METRICS, PREFIX, SECTIONS, Kind

ROOT = Path(__file__).resolve().parents[2]

ELSEWHERE = {DROPPED}
"""Counted inside the counters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One place in the source where something is counted; `labels` None: not written out there."""

    where: str
    verb: str
    name: str | None
    labels: tuple[str, ...] | None


def _counts(text: str, where: str) -> Iterator[Count]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Attribute(value=receiver, attr="add" | "observe" as verb), args=[first, *_]) if (
                ast.unparse(receiver).endswith("counters")
            ):
                name = first.value if isinstance(first, ast.Constant) else None
                labels = [each.arg for each in node.keywords]
                written = tuple(each for each in labels if each is not None)
                yield Count(
                    where=f"{where}:{node.lineno}",
                    verb=verb,
                    name=name if isinstance(name, str) else None,
                    labels=written if len(written) == len(labels) else None,
                )
            case _:
                pass


@cache
def _in_the_source() -> list[Count]:
    files = sorted(path for folder in ("bot", "tools") for path in (ROOT / folder).rglob("*.py"))
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in files}
    return [each for where, text in texts.items() if "counters." in text for each in _counts(text, where)]


def _wrong(count: Count) -> str:
    """What is wrong with how something is counted; empty where nothing is."""
    if count.name is None or count.labels is None:
        return f"{count.where}: the name and the labels have to be written out where it is counted"
    metric = METRICS.get(count.name)
    if metric is None:
        return f"{count.where}: {count.name} is not declared in bot/operate/metrics_table.py"
    if metric.kind is not (Kind.COUNTER if count.verb == "add" else Kind.HISTOGRAM):
        return f"{count.where}: {count.name} is a {metric.kind}"
    if set(count.labels) != set(metric.labels):
        return f"{count.where}: {count.name} has the labels {metric.labels}, not {count.labels}"
    return ""


def test_whatever_is_counted_is_declared_with_its_labels() -> None:
    found = _in_the_source()
    assert len(found) > 30
    assert [wrong for each in found if (wrong := _wrong(each))] == []


def test_whatever_is_declared_is_counted() -> None:
    counted = {each.name for each in _in_the_source()} | ELSEWHERE
    declared = {
        name
        for name, metric in METRICS.items()
        if metric.kind is not Kind.GAUGE and not name.startswith("process_")  # the client library's own
    }
    assert declared - counted == set()


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('self._counters.add("never_heard_of_total")', "is not declared"),
        ('counters.add("events_total", sort="said")', "has the labels"),
        ('counters.add("events_total")', "has the labels"),
        ("counters.add(name)", "written out"),
        ('counters.add("events_total", **labels)', "written out"),
        ('counters.add("answer_seconds", 3)', "is a histogram"),
        ('counters.observe("events_total", 3)', "is a counter"),
        ('counters.add("events_total", 2, kind="said")', ""),
        ('counters.observe("answer_seconds", 3)', ""),
    ],
)
def test_the_rule_bites(line: str, complaint: str) -> None:
    (count,) = _counts(line, "bot/x.py")
    assert complaint in _wrong(count)
    assert bool(_wrong(count)) == bool(complaint)


def test_names_say_what_they_are_and_every_one_is_explained() -> None:
    assert sum(map(len, SECTIONS.values())) == len(METRICS)
    for metric in METRICS.values():
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER), metric.name
        assert metric.means.endswith(".")
        assert list(metric.bounds) == sorted(set(metric.bounds))
        assert bool(metric.bounds) == (metric.kind is Kind.HISTOGRAM)


def test_a_stale_page_is_named_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    assert metrics_doc.main(["--check"], root=tmp_path) == 1
    assert "docs/metrics.md is not in step" in capsys.readouterr().err
    assert metrics_doc.main([], root=tmp_path) == 0
    assert metrics_doc.main(["--check"], root=tmp_path) == 0
    written = (tmp_path / "docs" / "metrics.md").read_text()
    rows = [line.split("`")[1] for line in written.splitlines() if line.startswith(f"| `{PREFIX}")]
    assert [name.removeprefix(PREFIX) for name in rows] == list(METRICS)
