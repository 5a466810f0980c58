"""Pages, documents and searches as the model gets them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadCall, SettingsError
from bot.ports import Documents
from bot.settings import Settings, Web
from bot.talk.finding import Level
from bot.web.address import Named
from bot.web.fetching import Broken
from bot.web.pages import Pages
from bot.web.searxng import SearxNG, hits
from tests.fakes import FakeCounters
from tests.rig import FakeDocuments
from tests.web.hosts import HERE, Names, Serve, host, paths, response, says, web

URL = "http://example.org/page"


async def page(answer: bytes, *, documents: Documents | None = None, chars: int = 5000, url: str = URL) -> object:
    async with host(says(answer)) as there, web({(HERE, 80): there.port}) as here:
        return await Pages(here.fetcher, documents=documents, chars=chars, counters=FakeCounters()).read(url)


async def test_a_page_is_its_title_its_text_and_where_it_was_found() -> None:
    answers = {
        "/page": response("", status="301 Moved Permanently", Location="/new"),
        "/new": response("<title>Boats</title><p>They float. <a href='/more'>More</a>"),
    }
    async with host(paths(answers)) as there, web({(HERE, 80): there.port}) as here:
        found = await Pages(here.fetcher, documents=None, chars=5000, counters=FakeCounters()).read(URL)
    assert (found.url, found.title, found.cut) == ("http://example.org/new", "Boats", False)
    assert found.text == "They float. More (http://example.org/more)"


async def test_plain_texts_and_json_stay_as_they_are_up_to_the_limit() -> None:
    found = await page(response('{"a": [1, 2]}', media="application/json"))
    assert getattr(found, "text", "") == '{"a": [1, 2]}'
    found = await page(response("word " * 100, media="text/plain"), chars=20)
    assert (getattr(found, "text", ""), getattr(found, "cut", False)) == ("word " * 4, True)


async def test_a_pdf_goes_to_whoever_opens_documents() -> None:
    answer = response("its words", media="application/pdf")
    found = await page(answer, documents=FakeDocuments())
    assert getattr(found, "text", "") == "its words"
    for body, documents in (("its words", None), ("BAD", FakeDocuments()), ("IMAGE", FakeDocuments())):
        with pytest.raises(BadCall, match="PDF"):
            await page(response(body, media="application/pdf"), documents=documents)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "file:///etc/passwd", "http://localhost/", "nonsense"])
async def test_what_may_not_be_read_is_a_reason_for_the_model(url: str) -> None:
    with pytest.raises(BadCall, match="is not read"):
        await page(response("secret"), url=url)


async def test_a_picture_is_refused_with_its_type() -> None:
    with pytest.raises(BadCall, match="image/png"):
        await page(response(b"\x89PNG", media="image/png"))


FOUND = {
    "results": [
        {"url": "https://a.example/x", "title": " A  page ", "content": "About\nboats", "engine": "x"},
        {"url": "https://a.example/x", "title": "the same"},
        {"url": "javascript:alert(1)", "title": "no"},
        {"url": 7, "title": "no"},
        "no",
        {"url": "https://b.example/", "title": None, "content": ["no"]},
    ]
}


def test_results_are_bounded_and_each_address_stands_once() -> None:
    found = hits(json.dumps(FOUND).encode())
    assert [(hit.url, hit.title, hit.excerpt) for hit in found] == [
        ("https://a.example/x", "A page", "About boats"),
        ("https://b.example/", "https://b.example/", ""),
    ]
    many = {"results": [{"url": f"https://a.example/{each}", "title": "t" * 999} for each in range(99)]}
    assert len(hits(json.dumps(many).encode())) == 20


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["results", "url", "title", "content"]), inner),
)


@given(JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=50))
def test_any_answer_is_results_or_told_as_none(answer: bytes) -> None:
    with suppress(Broken):
        assert len(hits(answer)) <= 20


def test_an_answer_nested_without_end_is_told_as_none() -> None:
    with pytest.raises(Broken):
        hits(b"[" * 1_000_000)


async def search(serve: Serve, **settings: object) -> tuple[object, Mapping[str, str]]:
    names, named = Names({"search.lan": ("192.168.1.9",)}), (Named(host="search.lan", port=8080),)
    async with host(serve) as there, web({("192.168.1.9", 8080): there.port}, resolver=names, named=named) as here:
        searx = SearxNG(here.fetcher, url="http://search.lan:8080/", counters=FakeCounters())
        if settings.pop("examine", False):
            return await searx.examine(), {}
        found = await searx.search("two words", limit=1, language="de")
        return found, {"target": there.seen[0].target}


async def test_a_search_asks_the_operators_searxng_alone() -> None:
    found, asked = await search(says(response(json.dumps(FOUND), media="application/json")))
    assert isinstance(found, tuple)
    assert len(found) == 1
    assert asked["target"] == "/search?q=two+words&format=json&safesearch=1&language=de"


async def test_a_searxng_that_may_not_answer_in_json_is_found_by_the_doctor_with_what_to_do() -> None:
    forbidden = response("Forbidden", status="403 Forbidden")
    with pytest.raises(BadCall, match="does not work"):
        await search(says(forbidden))
    for answer, level, mend in (
        (forbidden, Level.PROBLEM, "json"),
        (response("<html>", media="text/html"), Level.PROBLEM, "WEB_SEARXNG_URL"),
        (response('{"results": []}', media="application/json"), Level.WARNING, "engines"),
        (response(json.dumps(FOUND), media="application/json"), Level.OK, ""),
    ):
        findings, _ = await search(says(answer), examine=True)
        assert isinstance(findings, tuple)
        assert (findings[0].level, mend in findings[0].mend) == (level, True)


async def test_very_long_searches_are_refused() -> None:
    async with web({}) as here:
        searx = SearxNG(here.fetcher, url="http://search.lan:8080", counters=FakeCounters())
        with pytest.raises(BadCall, match="fewer words"):
            await searx.search("🚤" * 200, limit=5)


async def test_a_house_has_what_its_operator_asked_for_and_nothing_else() -> None:
    from bot.app.parts import Shared  # noqa: PLC0415
    from bot.app.web import opened_web  # noqa: PLC0415
    from bot.languages.phrases import Phrases  # noqa: PLC0415

    shared = Shared(settings=Settings(), phrases=Phrases())
    async with opened_web(Web(), documents=None, shared=shared) as outside:
        assert (outside.pages, outside.search) == (None, None)
    asked = Web(read=True, searxng_url="http://127.0.0.1:9", allow_hosts="wiki.lan", ports="8080")
    async with opened_web(asked, documents=None, shared=shared) as outside:
        assert outside.pages is not None
        assert outside.search is not None
        with pytest.raises(BadCall, match="is not read"):  # search's host is not for reading
            await outside.pages.read("http://127.0.0.1:9/")
        (finding,) = await outside.search.examine()
        assert finding.level is Level.PROBLEM
    for wrong in (
        Web(allow_hosts="10.0.0.0/8"),
        Web(ports="http"),
        Web(ports="70000"),
        Web(searxng_url="http://user:secret@search.lan"),
        Web(searxng_url="http://search.lan/?q="),
    ):
        with pytest.raises(SettingsError, match="WEB_"):
            async with opened_web(wrong, documents=None, shared=shared):
                pass
