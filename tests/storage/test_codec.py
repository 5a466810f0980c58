"""Values survive the way into a row and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from bot.storage import codec, delivery_codec
from bot.storage.columns import Moment, encodable, storable
from bot.talk.delivery import Action, Shown, ShownMessage
from bot.talk.message import Attachment, Message, Person, Quote, QuoteKind
from bot.talk.turn import (
    Call,
    Image,
    Instructions,
    Line,
    Part,
    Piece,
    Question,
    Reply,
    Result,
    Results,
    ToolSpec,
    Whose,
)
from tests.fakes import GENERAL

_text = st.text(st.characters(codec=None), max_size=20)
_key = st.none() | st.text(min_size=1, max_size=5)
_images = st.lists(
    st.builds(
        Image, digest=st.text(max_size=5), media_type=_text, width=st.integers(0, 9999), height=st.integers(0, 99)
    ),
    max_size=3,
).map(tuple)


@st.composite
def _holding(draw: st.DrawFn) -> Line:
    before, own, after = (encodable(draw(_text)) for _ in range(3))
    words = draw(st.none() | st.just((len(before), len(before) + len(own))))
    return Line(
        text=before + own + after,
        images=draw(_images),
        message=draw(_key),
        author=draw(_key),
        words=words,
        corrects=draw(st.booleans()),
        found=draw(st.booleans()),
    )


_lines = st.lists(_holding(), max_size=3).map(tuple)
_calls = st.lists(st.builds(Call, id=_text, name=_text, arguments=_text), max_size=3).map(tuple)
_whose = st.lists(st.builds(Whose, message=_key, author=_key), max_size=3).map(tuple)
_results = st.lists(
    st.builds(Result, call_id=_text, name=_text, content=_text, failed=st.booleans(), of=_whose), max_size=3
).map(tuple)
_tools = st.lists(
    st.builds(
        ToolSpec, name=_text, description=_text, parameters=st.dictionaries(_text, st.integers() | _text, max_size=2)
    ),
    max_size=2,
).map(tuple)
_parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Question, lines=_lines),
    st.builds(Reply, text=_text, calls=_calls),
    st.builds(Results, results=_results),
    st.builds(Instructions, persona=_text, tools=_tools),
)
_files = st.lists(
    st.builds(Attachment, id=_text, name=_text, media_type=_text, size=st.integers(0, 2**40), source=_text),
    max_size=2,
).map(tuple)
_quotes = st.lists(
    st.builds(
        Quote,
        kind=st.sampled_from(QuoteKind),
        author=_text,
        text=_text,
        attachments=_files,
        author_key=_key,
        message=_key,
    ),
    max_size=2,
).map(tuple)
_moments = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))


@given(_parts)
def test_a_part_survives(part: Part) -> None:
    assert codec.load_part(codec.dump_part(part)) == part


@given(before=_text, own=_text, after=_text)
def test_the_words_of_a_line_are_found_again_after_what_no_database_can_hold(before: str, own: str, after: str) -> None:
    words = (len(before), len(before) + len(own))
    question = Question(lines=(Line(text=before + own + after, message="1", words=words),))
    back = codec.load_part(storable(codec.dump_part(question)))
    assert isinstance(back, Question)
    assert back.lines[0].own == encodable(own)


@given(st.builds(Piece, text=_text, tokens=st.integers(0, 2**30), template=_text, images=_images))
def test_a_head_survives(piece: Piece) -> None:
    assert codec.load_piece(codec.dump_piece(piece)) == piece
    assert codec.load_images(codec.dump_images(piece.images)) == piece.images


@given(
    st.builds(
        Message,
        id=_text,
        place=st.just(GENERAL),
        author=st.builds(Person, platform=st.just("local"), id=_text, name=_text, bot=st.booleans(), locale=_key),
        text=_text,
        sent_at=_moments,
        reply_to=_key,
        attachments=_files,
        quotes=_quotes,
        edited_at=st.none() | _moments,
    )
)
def test_a_message_survives(message: Message) -> None:
    assert (
        codec.load_message(
            codec.dump_body(message),
            message_id=message.id,
            place=message.place,
            addressed=message.addressed.value,
            reply_to=message.reply_to,
            sent_at=message.sent_at,
            edited_at=message.edited_at,
        )
        == message
    )


def test_buttons_and_what_is_shown_survive() -> None:
    buttons = (Action(id="a", label="b", danger=True),)
    shown = Shown(messages=(ShownMessage(id="1", digest="2"),))
    assert delivery_codec.load_actions(delivery_codec.dump_actions(buttons)) == buttons
    assert delivery_codec.load_shown(delivery_codec.dump_shown(shown)) == shown
    assert delivery_codec.load_actions(delivery_codec.dump_actions(())) == ()
    assert delivery_codec.load_shown(delivery_codec.dump_shown(Shown())) == Shown()


@given(_text)
def test_stored_text_can_be_encoded_has_no_nul_and_is_otherwise_the_same(text: str) -> None:
    stored = storable(text)
    assert "\0" not in stored
    stored.encode()
    assert storable(stored) == stored
    if "\0" not in text and not any(0xD800 <= ord(sign) < 0xE000 for sign in text):
        assert stored == text


@given(_moments, st.integers(-14, 14))
def test_moments_are_exact_in_every_zone(moment: datetime, hours: int) -> None:
    column, dialect = Moment(), sqlite.dialect()
    there = moment.astimezone(timezone(timedelta(hours=hours)))
    back = column.process_result_value(column.process_bind_param(there, dialect), dialect)
    assert back == moment
    assert back is not None
    assert back.tzinfo is UTC
