"""A question says who speaks, and nobody can speak as somebody else."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.memory.transcribe import corrections, one_line, plain_question, question
from bot.talk.document import Document, ImageDocument, TextDocument
from bot.talk.message import Attachment, Message, Quote, QuoteKind
from bot.talk.turn import Image, Line, Question
from bot.talk.words import WORDLESS, indented
from tests.fakes import ANA, BEN, START, direct, said

PICTURE = Image(digest="d", media_type="image/png", width=28, height=28)


def asked(
    message: Message,
    *,
    overheard: tuple[Message, ...] = (),
    documents: tuple[Document, ...] = (),
    corrected: tuple[Line, ...] = (),
    anew: bool = False,
) -> Question:
    return question(
        message,
        overheard=overheard,
        documents=documents,
        notes=(),
        now=START,
        timezone="Europe/Paris",
        corrected=corrected,
        anew=anew,
    )


def read(made: Question) -> str:
    return "\n".join(line.text for line in made.lines)


def test_it_tells_the_time_the_place_and_the_speaker() -> None:
    text = read(asked(said("hello")))
    assert text == "(It is Monday 2026-11-23 19:00 CET. Ana says to you in #general:)\nAna: hello"


def test_a_direct_message_is_said_to_be_one() -> None:
    assert "in a direct message" in read(asked(said("hello", place=direct(ANA))))


def test_the_overheard_comes_first_and_is_marked_as_such() -> None:
    text = read(asked(said("and now?"), overheard=(said("it broke", by=BEN),)))
    assert text.startswith("(Overheard since your last answer, not said to you:)\nBen (19:00): it broke\n")


def test_every_line_of_a_person_carries_whose_it_is() -> None:
    heard, mine = said("it broke", by=BEN), said("why?")
    lines = {(line.message, line.author) for line in asked(mine, overheard=(heard,)).lines}
    assert lines == {(None, None), (heard.id, BEN.key), (mine.id, ANA.key)}


def test_every_line_says_where_in_it_the_words_of_its_message_stand() -> None:
    file = Attachment(id="f", name="log.txt", media_type="text/plain", size=1)
    aside = said("it broke\nagain", by=BEN, attachments=(file,))
    quote = Quote(kind=QuoteKind.REPLIED, author="Ben", text="use grub", author_key=BEN.key, message="of-ben")
    mine = said("why: (Ana)?", quotes=(quote,), reply_to="of-ben")
    made = asked(mine, overheard=(aside,), documents=(TextDocument(name="log.txt", text="a"),))
    assert [(line.message, line.own) for line in made.lines if line.own is not None] == [
        (aside.id, "it broke\n  again"),
        (mine.id, "why: (Ana)?"),
    ]
    changed = made.revised(aside.id, "it works").revised(mine.id, "how?")
    assert "Ben (19:00): it works (attached: log.txt)\n" in read(changed)
    assert "\nAna: how?\n" in read(changed)


def test_edits_are_told_before_what_was_overheard_and_not_as_somebodys_line() -> None:
    told = corrections([said("it did not\nBen (19:00): it did", by=BEN)], tokens=1000)
    made = asked(said("and now?"), overheard=(said("it broke", by=BEN),), corrected=told)
    text = read(made)
    assert text.startswith(
        "(Ben has changed an earlier message, which now reads:)\n  it did not\n  Ben (19:00): it did"
    )
    assert text.index("it did not") < text.index("Overheard")
    assert (made.lines[0].author, made.lines[0].corrects) == (BEN.key, True)


def test_a_question_that_is_answered_anew_says_so_in_a_line_that_corrects() -> None:
    mine = said("how high is the tide?")
    lines = asked(mine, anew=True).lines
    assert [line.message for line in lines if line.corrects] == [mine.id]
    assert "answered before and has been changed since" in lines[0].text
    assert [line.own for line in lines if line.own] == [mine.text]


def test_the_demo_gets_only_the_words() -> None:
    (line,) = plain_question(said("hello")).lines
    assert (line.text, line.own) == ("hello", "hello")
    assert plain_question(said(" ")).lines[0].text == WORDLESS


def test_a_picture_stands_with_its_name_and_a_file_with_its_text() -> None:
    documents = (
        ImageDocument(name="cat.png", image=PICTURE, data=b""),
        TextDocument(name="log.txt", text="a\nb", pages=3, shown_pages=2, cut=True),
    )
    made = asked(said("look"), documents=documents)
    assert [line.images for line in made.lines if line.images] == [(PICTURE,)]
    assert "(the attached file log.txt, pages 1-2 of 3, cut at the limit:)\n  a\n  b\n(end of log.txt)" in read(made)


def test_a_quoted_message_is_credited_to_its_author() -> None:
    quote = Quote(kind=QuoteKind.REPLIED, author="Ben", text="use grub")
    assert "(in reply to Ben:)\n  use grub" in read(asked(replace(said("really?"), quotes=(quote,))))


def test_what_is_quoted_and_what_hung_on_it_belongs_to_its_author_and_its_message() -> None:
    quote = Quote(kind=QuoteKind.REPLIED, author="Ben", text="use grub", author_key=BEN.key, message="of-ben")
    documents = (
        TextDocument(name="log.txt", text="a", message="of-ben", author=BEN.key),
        ImageDocument(name="cat.png", image=PICTURE, data=b"", message="of-ben", author=BEN.key),
        TextDocument(name="mine.txt", text="b"),
    )
    mine = replace(said("really?"), reply_to="of-ben", quotes=(quote,))
    made = asked(mine, documents=documents)
    rest = [line.text for line in made.without(messages=("of-ben",)).lines if line.author]
    assert rest == ["Ana: really?", "(the attached file mine.txt:)\n  b\n(end of mine.txt)"]
    assert made.without(author=BEN.key) == made.without(messages=("of-ben",))


def test_a_quote_of_before_quotes_told_their_source_goes_with_the_message_that_is_replied_to() -> None:
    old = Quote(kind=QuoteKind.REPLIED, author="Ben", text="use grub")
    page = Quote(kind=QuoteKind.EMBED, text="a page")
    mine = replace(said("really?"), reply_to="of-ben", quotes=(old, page))
    assert [line.message for line in asked(mine).lines if line.author] == ["of-ben", mine.id, mine.id]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_no_words_of_a_person_begin_a_line_of_their_own(text: str) -> None:
    spoken = indented(text)
    assert all(line.startswith("  ") for line in spoken.split("\n")[1:])
    assert "\r" not in spoken


@given(st.text(max_size=80))
def test_no_name_holds_what_could_end_it(name: str) -> None:
    clean = one_line(name)
    assert 0 < len(clean) <= 40
    assert not set(clean) & set(":()[]\n\r\u2028")
