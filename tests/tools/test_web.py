"""The web as the model calls it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.agent.toolbox import Toolbox
from bot.ports.services import Services
from bot.ports.tool import CallContext, Effect
from bot.ports.web import WebHit, WebPage
from bot.talk.found import Source
from bot.talk.turn import Call
from tests.agent.tooling import OpenGate
from tests.tools.asking import context
from tools import TOOLS
from tools.web_read import web_read
from tools.web_search import web_search


class Library:
    """A web of one page."""

    async def read(self, url: str) -> WebPage:
        return WebPage(url=f"{url}/", title="Boats", text="They float.", cut=True)

    async def search(self, words: str, *, limit: int, language: str = "") -> tuple[WebHit, ...]:
        if words == "nothing":
            return ()
        return (WebHit(url="https://a.example/", title=f"{words} {limit} {language}", excerpt="About boats"),)


def asking() -> CallContext:
    return replace(context(), services=Services(web=Library(), web_search=Library()))


async def test_a_page_is_given_with_where_it_was_found_and_that_it_was_cut() -> None:
    found = await web_read(asking(), "https://a.example")
    assert found.text.startswith("Boats\nhttps://a.example/\n\nThey float.\n[the page is longer")
    assert found.sources == (Source(title="Boats", url="https://a.example/"),)


async def test_a_search_gives_titles_addresses_and_excerpts() -> None:
    found = await web_search(asking(), "boats", "de")
    assert found.text == "1. boats 6 de\nhttps://a.example/\nAbout boats"
    assert found.sources == (Source(title="boats 6 de", url="https://a.example/"),)
    assert "Nothing" in (await web_search(asking(), "nothing")).text


def test_both_leave_the_house_and_bring_words_of_others() -> None:
    assert {web_read.effect, web_search.effect} == {Effect.LEAVES}
    assert web_read.outside
    assert web_search.outside


@pytest.mark.parametrize(("has", "names"), [((), []), (("web",), ["web_read"]), (("web_search",), ["web_search"])])
def test_they_are_offered_only_where_the_house_has_them(has: tuple[str, ...], names: list[str]) -> None:
    toolbox = Toolbox(TOOLS, seconds=5, chars=3000, calls=4, has=has)
    assert [spec.name for spec in toolbox.specs if spec.name.startswith("web_")] == names


@pytest.mark.parametrize("arguments", ['{"url": ""}', '{"url": 7}', '{"words": "x", "language": "<script>"}', "{}"])
async def test_arguments_that_do_not_fit_never_reach_the_web(arguments: str) -> None:
    name = "web_search" if "words" in arguments else "web_read"
    toolbox = Toolbox(TOOLS, seconds=5, chars=3000, calls=4, has=("web", "web_search"), gate=OpenGate())
    (ran,) = await toolbox.run([Call(id="1", name=name, arguments=arguments)], asking())
    assert ran.failed
