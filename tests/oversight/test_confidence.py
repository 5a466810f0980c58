"""How sure one can be of an answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.oversight.confidence import FEW_SOURCES, flags
from bot.talk.oversight import Flag, Signals


@given(st.integers(FEW_SOURCES, 50), st.integers(1, 50), st.booleans())
def test_an_answer_that_cites_one_of_enough_sources_is_trusted(sources: int, cited: int, grounded: bool) -> None:
    assert flags(Signals(sources=sources, cited=cited), grounded=grounded) == frozenset()


@given(st.integers(0, 50))
def test_an_answer_that_must_rest_on_knowledge_and_cites_none_is_not_trusted(sources: int) -> None:
    assert Flag.UNCITED in flags(Signals(sources=sources), grounded=True)


def test_elsewhere_only_what_was_looked_up_in_vain_speaks_against_an_answer() -> None:
    assert flags(Signals(), grounded=False) == frozenset()
    assert flags(Signals(sources=1), grounded=False) == {Flag.UNCITED}
    assert flags(Signals(sources=1, cited=1), grounded=False) == frozenset()


def test_one_source_is_few_where_answers_must_rest_on_them() -> None:
    assert flags(Signals(sources=1, cited=1), grounded=True) == {Flag.FEW}
