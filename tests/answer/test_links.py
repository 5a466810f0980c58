"""Whatever a model writes, people can only click what somebody else has named."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.answer.links import defang
from bot.answer.named import Named
from bot.answer.saying import Saying
from bot.platforms.discord.split import split
from bot.talk.redaction import Redaction
from tests.answer.link_readers import on_discord, on_the_page
from tests.thorough import some

NAMED = ("https://good.example/a?x=1&y=2", "https://wiki.example/b_(c)", "https://discord.com/channels/1/2/3")
ALLOWED = frozenset(NAMED)

PIECES = (
    *NAMED,
    "https://evil.example/x",
    "https://good.example@evil.example/",
    "HTTP://evil.example",
    "https://evil.example\\@good.example/",
    "https://évil.example/ü",
    "https://evil.example/`x",
    "https://evil.example/?u=https://good.example/a?x=1&y=2",
    "https:\\//evil.example",
    "https&colon;//evil.example",
    "ht&#116;ps://evil.example",
    "mailto:evil@evil.example",
    "steam://run/1",
    "discord.gg/evil",
    "data:text/html,x",
    "evil@evil.example",
    *(
        "[",
        "]",
        "](",
        "][",
        "]:",
        "(",
        ")",
        "<",
        ">",
        "`",
        "``",
        "```",
        "~~~",
        "\n",
        "\n\n",
        "> ",
        "# ",
        "| ",
        "||",
        "- ",
    ),
    *("*", "**", "_", "__", "~~", "\\", "!", '"', "'", " ", "    ", "&lt;", "&amp;", "good", "x", ".", ",", "。"),
    *("\u202e", "\u200b", "\ufeff", "-# ", "1. ", "---", "|-|-|", ":"),
    "[words](https://good.example/a?x=1&y=2)",
    "[words](https://evil.example/x)",
    "\n```\n",
    "\n```py\n",
    "`code`",
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def shown(text: str) -> str:
    return defang(text, ALLOWED.__contains__)


def strange(text: str) -> set[str]:
    """Where a click may lead that nobody has named."""
    found = on_the_page(text)
    for chunk in split(text):
        found |= on_discord(chunk.text)
    return found - ALLOWED


@given(TEXTS)
@settings(max_examples=400, deadline=None)
@example("> `\n```\n`` https://evil.example/x ``")
@example("| a ` b | https://evil.example/x ` |\n|-|-|")
@example("*a ` b* https://evil.example/x `")
@example("||a ` b|| https://evil.example/x `")
@example("~~~\n```\n~~~\nhttps://evil.example/x\n```")
@example("[a ` b](https://evil.example/x) `")
@example("*a\n```\nb* https://evil.example/x\n```")
@example("<[https://evil.example/x>")
@example("https://evil.example/x\n```\n](https://wiki.example/b_(c)")
@example("https://evil.example/`x```https://evil.example/`x\n```\n[words](https://evil.example/x)")
@example("see [a] this\n`](https://evil.example/x)`")
@example("see [a] this\n```\n[x] y](https://evil.example/x)\n```")
@example("see [a] this\n```\nx](https://evil.example/x)z](https://evil.example/x)")
@example("\\`https://evil.example/x`")
@example("<https://good.example/a?x=1&y=2https://good.example/a?x=1&y=2> ")
def test_nothing_that_nobody_named_can_be_clicked(text: str) -> None:
    assert strange(shown(text)) == set()


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_a_growing_text_is_at_no_moment_more_than_that(text: str) -> None:
    saying = Saying(Redaction(), Named(" ".join(NAMED), outside=lambda _: True))
    for end in range(1, len(text) + 1, 3):
        assert strange(saying.grown(text[:end])) == set()
    assert saying.whole(text, ended=True) == Saying(Redaction(), Named(" ".join(NAMED), outside=lambda _: True)).whole(
        text, ended=True
    )


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("see https://evil.example/x?y=1.", "see hxxps://evil[.]example/x?y=1."),
        ("<https://evil.example/x>", "hxxps://evil[.]example/x"),
        ("[ok](https://evil.example/x)", "[ok] (hxxps://evil[.]example/x)"),
        ("https://good.example@evil.example/", "hxxps://evil[.]example/"),
        ("https://xn--80ak6aa92e.example", "hxxps://xn--80ak6aa92e[.]example"),
        ("https://аррӏе.example", "hxxps://xn--80ak6aa92e[.]example"),
        ("https://evil。example/", "hxxps://evil[.]example/"),
        ("join discord.gg/abc", "join discord[.]gg/abc"),
        ("<mailto:a@b.example>", "< mailto:a@b.example>"),
        ("[1]: https://evil.example", "[1] : hxxps://evil[.]example"),
    ],
)
def test_of_an_address_that_nobody_named_the_host_is_seen(written: str, seen: str) -> None:
    assert shown(written) == seen


@pytest.mark.parametrize(
    ("written", "leads"),
    [
        ("see https://good.example/a?x=1&y=2.", NAMED[0]),
        ("(https://wiki.example/b_(c))", NAMED[1]),
        ("**https://wiki.example/b_(c)**", NAMED[1]),
        ("[the page](https://wiki.example/b_(c))", NAMED[1]),
        ('[the page](https://good.example/a?x=1&y=2 "a title")', NAMED[0]),
        ("见https://discord.com/channels/1/2/3。", NAMED[2]),
    ],
)
def test_what_somebody_named_leads_there_for_both_readers(written: str, leads: str) -> None:
    text = shown(written)
    assert on_discord(text) == {leads}
    assert on_the_page(text) == {leads}


def test_words_that_pretend_to_be_another_address_are_no_link() -> None:
    text = shown("[https://bank.example](https://wiki.example/b_(c))")
    assert text == "hxxps://bank[.]example <https://wiki.example/b_(c)>"


@pytest.mark.parametrize("code", ["```\ncurl https://evil.example\n```", "Run `curl https://evil.example` now."])
def test_code_stays_as_it_is(code: str) -> None:
    assert shown(code) == code


@given(st.text(alphabet="abc xyz,.!?äß日本\n", max_size=200))
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert shown(text) == text


def test_a_token_of_a_long_answer_costs_little() -> None:
    line = "Some *words* of an answer, with `code`, [brackets] and https://evil.example/page in it. "
    for text in (line * 90, (line + "\n") * 90):
        saying = Saying(Redaction(["hunter2hunter2", "another-secret"]), Named("", outside=lambda _: True))
        begun = time.process_time()
        tokens = range(40, 8000, 40)
        for end in tokens:
            saying.grown(text[:end])
        each = (time.process_time() - begun) / len(tokens)
        assert each < 0.01  # seconds; a bound for a busy machine, the benchmark has the figure


@pytest.mark.parametrize("gap", ["\n", "\n\n> ", " \n*"])
def test_a_secret_that_is_spelled_over_several_lines_is_never_shown(gap: str) -> None:
    text = f"It is\nhun{gap}ter2{gap}hunter2 and\nmore."
    saying = Saying(Redaction(["hunter2hunter2"]), Named("", outside=lambda _: True))
    for end in range(len(text)):
        assert "hun" not in saying.grown(text[:end])
    assert saying.whole(text, ended=True) == "It is\n[secret] and\nmore."


WORDS = ("http://é", "[a.b/](http://x)", "http://", "<http://a", "[")


@pytest.mark.parametrize("word", some(WORDS, ("http://", "[")))
def test_a_line_without_spaces_costs_little_however_long_it_grows(word: str) -> None:
    text = (word * 8000)[:8000]
    saying = Saying(Redaction(["hunter2hunter2", "another-secret"]), Named("", outside=lambda _: True))
    begun = time.process_time()
    for end in range(4, 8000, 4):
        saying.grown(text[:end])
    assert time.process_time() - begun < 10  # seconds; looked at again for each token it is up to 130


def test_words_without_spaces_are_shown_while_they_grow() -> None:
    text = "日本語の文章には空白がありません。" * 200
    saying = Saying(Redaction(), Named("", outside=lambda _: True))
    lengths = [len(saying.grown(text[:end])) for end in range(2, len(text), 2)]
    assert lengths == sorted(lengths)
    assert all(shown > 0.85 * said for shown, said in zip(lengths, range(2, len(text), 2), strict=True))
    assert saying.whole(text, ended=True) == text
