"""The judge of digests, and a small run of its benchmark."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.digest import digest
from benchmarks.digesting import judge
from benchmarks.digesting.engine import Planted
from benchmarks.digesting.logs import Good, read
from benchmarks.replay.logs import SAMPLE
from bot.digest.reading import source
from bot.talk.digest import Point, Section
from tests.digest.talks import RELEASE

LOG = {each.id: each for each in RELEASE}
SHIP = Good(section="decided", text="ana ships 2.4 on Friday.", sources=("m1",), also=frozenset({"m4"}))


def point(text: str, *numbers: int) -> Point:
    return Point(section=Section.DECIDED, text=text, sources=tuple(source(RELEASE[n - 1]) for n in numbers))


def test_a_link_is_valid_where_its_message_is_or_somebody_posted_it() -> None:
    shown = (
        "[↗](<https://discord.com/channels/1/2/3>) see <https://example.org/changes>, not https://example.org/other "
        "nor https://discord.com/channels/1/9/3"
    )
    log = LOG | {"3": replace(RELEASE[0], id="3", place=replace(RELEASE[0].place, id="2"))}
    found = judge.links(shown, log)
    assert (found.valid, found.invalid) == (2, 2)


def test_a_good_point_is_kept_with_right_sources_alone() -> None:
    assert judge.kept([SHIP], [point("ana ships “2.4” on Friday", 1, 4)]) == 1
    assert judge.kept([SHIP], [point("ana ships 2.4 on Friday", 1, 6)]) == 0
    assert judge.kept([SHIP], [point("something else", 1)]) == 0


def test_a_wrong_pointer_is_let_through_where_no_right_source_is_beside_it() -> None:
    planted = [Planted(good=SHIP, wrong=frozenset({"m6"}))]
    assert judge.let_through(planted, [point("ana: ana ships 2.4 on Friday", 6)]) == 1
    assert judge.let_through(planted, [point("ana ships 2.4 on Friday", 1, 6)]) == 0


def test_a_number_a_link_and_a_quotation_that_no_source_has_are_inventions() -> None:
    invented = [
        point("ana ships 2.5", 1),
        point("see https://example.com/changes", 1),
        point("ana: “Shall we ship version 2.4 on Monday”", 1),
    ]
    true = [point("ana ships 2.4, see https://example.org/changes", 1), point("“Shall we ship … on Friday”", 1)]
    assert judge.inventions([*invented, *true], LOG) == 3


async def test_a_small_log_is_judged(tmp_path: Path) -> None:
    lines = (SAMPLE / "ubuntu-2010-04-12.train-c.txt").read_text(encoding="utf-8").splitlines()
    (tmp_path / "small.txt").write_text("\n".join(lines[:150]), encoding="utf-8")
    assert len(read(tmp_path)[0].good) > 5
    found = {each.key: each for each in (await digest(tmp_path, tmp_path, planted=5)).figures}
    assert found["planted"].value >= 5
    assert not any(figure.missed for figure in found.values())
