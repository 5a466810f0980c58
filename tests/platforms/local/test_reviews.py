"""The review list of the page: for whoever oversees it, over the API as the document says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from bot.talk.event import Pressed
from bot.talk.oversight import Flag, ReviewState
from tests.fakes import START
from tests.oversight.staff import Overseeing, against, reviewed
from tests.platforms.local.conftest import Program
from tests.platforms.local.doubles import build, serving


@pytest.fixture
def staff() -> Overseeing:
    found = [
        reviewed("t1", "where is the door?", answer="Left.\n\n-# [1] Doors", votes=against("there\nis none")),
        reviewed("t2", "and the window?", at=START + timedelta(seconds=1), flags=frozenset({Flag.UNCITED})),
    ]
    return Overseeing({one.turn: one for one in found}, outsiders=frozenset({"Out"}), silent=frozenset({"Shy"}))


@pytest.fixture
async def desk(staff: Overseeing) -> AsyncIterator[Program]:
    async with serving(build(oversees=staff)) as house, aiohttp.ClientSession() as session:
        yield Program(house, session)


async def test_reviews_are_listed_and_paged(desk: Program) -> None:
    status, page = await desk.ask("GET", "/api/page")
    assert (status, page["reviews"]) == (200, True)
    status, first = await desk.ask("GET", "/api/reviews?person=Ana&limit=1")
    assert status == 200
    assert [each["question"] for each in first["reviews"]] == ["and the window?"]
    assert first["reviews"][0]["notes"] == ["Low confidence: it cites no source."]
    status, rest = await desk.ask("GET", f"/api/reviews?person=Ana&limit=1&after={first['after']}")
    (one,) = rest["reviews"]
    assert rest["after"] is None
    assert (one["up"], one["down"], one["asker"], one["reasons"]) == (1, 1, "down", ["there\nis none"])
    assert "<p>Left.</p>" in one["html"]
    assert "small" in one["html"]
    _, low = await desk.ask("GET", "/api/reviews?person=Ana&which=low")
    assert [each["turn"] for each in low["reviews"]] == ["t2"]


async def test_a_decision_is_carried_out(desk: Program, staff: Overseeing) -> None:
    status, _ = await desk.ask("PUT", "/api/reviews/t2", json={"person": "Ana", "state": "dismissed"})
    assert (status, staff.reviews["t2"].state) == (204, ReviewState.DISMISSED)
    body = {"person": "Ana", "question": " Where? ", "answer": "Right.", "post": True}
    status, _ = await desk.ask("POST", "/api/reviews/t1/correction", json=body)
    assert status == 204
    assert staff.corrected == [("Ana", "t1", "Where?", "Right.", True)]
    status, found = await desk.ask("GET", "/api/figures?person=Ana&weeks=2")
    assert (status, found["total"]["answered"], found["languages"][0]["language"]) == (200, 3, "ja")


async def test_who_oversees_nothing_is_told_that_there_is_nothing(desk: Program, staff: Overseeing) -> None:
    _, found = await desk.ask("GET", "/api/reviews?person=Out")
    assert found["reviews"] == []
    status, known = await desk.ask("PUT", "/api/reviews/t2", json={"person": "Out", "state": "done"})
    assert status == 404
    assert (404, known) == await desk.ask("PUT", "/api/reviews/t9", json={"person": "Ana", "state": "done"})
    body = {"person": "Shy", "question": "q", "answer": "a"}
    status, found = await desk.ask("POST", "/api/reviews/t1/correction", json=body)
    assert (status, found["error"]["key"]) == (409, "right-silent")
    assert staff.corrected == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/reviews?person=Ana&which=best",
        "/api/reviews?person=Ana&state=lost",
        "/api/reviews?person=Ana&limit=51",
        "/api/reviews?person=Ana&limit=many",
        "/api/reviews?person=Ana&after=now",
        "/api/reviews",
        "/api/figures?person=Ana&weeks=0",
        "/api/figures?person=Ana&weeks=99",
        "/api/figures?person=Ana&weeks=²",
    ],
)
async def test_a_wrong_question_is_refused(desk: Program, path: str) -> None:
    status, _ = await desk.ask("GET", path)
    assert status == 422


async def test_a_correction_without_words_is_refused(desk: Program) -> None:
    body = {"person": "Ana", "question": " ", "answer": "a"}
    assert (await desk.ask("POST", "/api/reviews/t1/correction", json=body))[0] == 422
    assert (await desk.ask("POST", "/api/reviews/t1/correction", json={**body, "question": "x" * 4001}))[0] == 422


async def test_what_was_filled_in_goes_with_the_press(desk: Program) -> None:
    body = {"person": "Ana", "action": "why:t1", "filled": {"reason": "no"}}
    assert (await desk.ask("POST", "/api/channels/general/actions", json=body))[0] == 202
    (event,) = [each for each in desk.house.verbs.heard if isinstance(each, Pressed)]
    assert (event.action, event.filled) == ("why:t1", {"reason": "no"})
