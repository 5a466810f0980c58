"""A slice of the benchmark: no claim is seen where knowledge is asked for, and the judge sees them where it is not."""

from __future__ import annotations

from pathlib import Path

from benchmarks.grounding import CLAIMS, judged, two_passages, unanswerable


async def test_a_confident_model_gets_nothing_posted_that_rests_on_nothing(tmp_path: Path) -> None:
    asked = unanswerable(len(CLAIMS) + 2)
    verdict = await judged(asked, two_passages, tmp_path / "grounded")
    assert (verdict.answered, verdict.called, verdict.sentences) == (0, len(asked), len(asked))


async def test_the_judge_sees_what_is_posted(tmp_path: Path) -> None:
    verdict = await judged(unanswerable(4), two_passages, tmp_path / "loose", grounded=False)
    assert verdict.answered == 4
