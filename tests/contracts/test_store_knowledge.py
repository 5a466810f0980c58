"""The community's own documents are found by their words, by those alone who may read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports.embedding import Embedded
from bot.storage.store import SqlStore
from bot.talk.added import AddedKind, Adding, SaidIn
from bot.talk.knowledge import EVERYONE, Chunk, Known, Readers
from bot.talk.message import Place
from bot.talk.policy import Consent
from bot.talk.vectors import Vector, quantized
from tests.fakes import START
from tests.storage.homes import Home

ANA = "discord:ana"
GUILD = Readers(guild="discord:5")
CHANNEL = Readers(guild="discord:5", room="discord:7")
OTHER = Readers(guild="discord:6")
ROOM = Place(platform="discord", id="7", guild="5")


def document(key: str, *, readers: Readers = EVERYONE, digest: str = "1", title: str = "") -> Known:
    return Known(key=key, name=key, title=title, readers=readers, digest=digest, read_at=START, stamp="s", url="")


async def meaning(
    store: SqlStore, vector: Vector, *, rooms: Collection[str] = (), labels: Collection[str] = (), limit: int = 10
) -> list[tuple[str, str]]:
    found = await store.find_near(vector, "e5", rooms=frozenset(rooms), guilds=(), labels=labels, limit=limit)
    return [(match.document.key, match.chunk.text) for match in found]


async def embed(store: SqlStore, vectors: Mapping[str, Vector], *, limit: int = 2) -> None:
    """All passages, each by the vector that its text has."""
    while due := await store.due_vectors("e5", limit=limit):
        texts = (text.splitlines()[-1] for text in due.texts)
        assert await store.save_vectors(due, "e5", [vectors[text] for text in texts])


async def keep(store: SqlStore, key: str, *texts: str, readers: Readers = EVERYONE, title: str = "") -> Known:
    made = document(key, readers=readers, title=title)
    await store.save_known(made, [Chunk(text=text, where=f"part {at}") for at, text in enumerate(texts, 1)])
    return made


async def find(
    store: SqlStore, words: str, *, rooms: Collection[str] = (), guilds: Collection[str] = (), limit: int = 10
) -> list[tuple[str, str]]:
    found = await store.find_known(words, rooms=frozenset(rooms), guilds=frozenset(guilds), limit=limit)
    return [(match.document.key, match.chunk.text) for match in found]


async def test_a_document_comes_back_whole_with_its_passages(store: SqlStore) -> None:
    made = Known(
        key="guides/a.md",
        name="a.md",
        title="Boats “Ŝip” 船",
        readers=CHANNEL,
        digest="d",
        read_at=START,
        url="https://wiki.example/a",
        stamp="1:2",
    )
    chunk = Chunk(text="How to reef\x00 a sail", where="Sails › Reefing")
    await store.save_known(made, [chunk])
    await store.save_place(ROOM)
    assert await store.known() == {"guides/a.md": made}
    (match,) = await store.find_known("reef", rooms={"discord:7"}, guilds=(), limit=5)
    assert match.document == made
    assert match.chunk == Chunk(text="How to reef\ufffd a sail", where="Sails › Reefing")


async def test_saving_again_replaces_the_passages_and_dropping_removes_them(home: Home) -> None:
    async with home.open() as store:
        await keep(store, "a.md", "anchors hold", "sails pull")
        await keep(store, "a.md", "rudders steer")
        assert await find(store, "anchors sails rudder") == [("a.md", "rudders steer")]
        await store.drop_known(["a.md", "never.md"])
        assert await find(store, "rudders") == []
        assert await store.known() == {}
    assert await home.rows("knowledge_chunks") == await home.rows("knowledge_terms") == 0


async def test_touching_changes_only_when_it_was_read(store: SqlStore) -> None:
    made = await keep(store, "a.md", "anchors hold")
    await store.touch_known("a.md", stamp="new", read_at=START + timedelta(hours=1))
    known = (await store.known())["a.md"]
    assert (known.stamp, known.read_at, known.digest) == ("new", START + timedelta(hours=1), made.digest)
    assert await find(store, "anchors")


WORDS: Mapping[str, tuple[str, str]] = {
    "case": ("Reset your PASSWORD here", "password"),
    "accents": ("Le café est fermé", "cafe ferme"),
    "accents asked": ("the cafe is closed", "café"),
    "plural": ("All passwords expire", "password"),
    "width": ("ＡＢＣ guide", "abc"),
    "Japanese": ("水曜日の東京タワーで会いましょう", "東京"),
    "one character": ("水曜日の東京タワー", "水"),
    "Chinese": ("请先重启服务器，然后再试一次", "服务器"),
    "Thai": ("วิธีเปลี่ยนรหัสผ่านของคุณ", "รหัสผ่าน"),
    "Korean with a particle": ("서버를 다시 시작하세요", "서버"),
    "Hindi": ("पासवर्ड बदलने का तरीका", "पासवर्ड"),
    "Arabic": ("كيفية تغيير كلمة المرور", "المرور"),
    "Russian": ("Как сменить ПАРОЛЬ", "пароль"),
    "code": ("Set KNOWLEDGE_DIR=/srv/docs in .env", "knowledge dir"),
}


@pytest.mark.parametrize(("text", "asked"), WORDS.values(), ids=WORDS.keys())
async def test_words_are_found_in_every_script_however_they_are_typed(store: SqlStore, text: str, asked: str) -> None:
    await keep(store, "a.md", text)
    await keep(store, "b.md", "nothing of the kind")
    assert await find(store, asked) == [("a.md", text)]


async def test_the_passage_with_the_rarer_words_comes_first(store: SqlStore) -> None:
    for number in range(20):
        await keep(store, f"{number}.md", f"the server is well and the server is number {number}")
    await keep(store, "b.md", "the mooring is paid in spring")
    await keep(store, "a.md", "the server and the mooring")
    found = await find(store, "the mooring of the server", limit=3)
    assert [key for key, _ in found[:2]] == ["a.md", "b.md"]


async def test_a_heading_is_found_though_its_words_stand_in_no_passage(store: SqlStore) -> None:
    await store.save_known(document("a.md", title="Harbour rules"), [Chunk(text="No wake.", where="Speed limits")])
    await keep(store, "b.md", "we wrote of speed once")
    assert (await find(store, "harbour speed"))[0] == ("a.md", "No wake.")


async def test_nobody_finds_what_they_may_not_read(store: SqlStore) -> None:
    await store.save_place(ROOM)
    for key, readers in (("all", EVERYONE), ("guild", GUILD), ("channel", CHANNEL), ("other", OTHER)):
        await keep(store, key, "anchors", readers=readers)

    async def keys(*, rooms: Collection[str] = (), guilds: Collection[str] = ()) -> set[str]:
        return {key for key, _ in await find(store, "anchors", rooms=rooms, guilds=guilds)}

    assert await keys() == {"all"}
    assert await keys(guilds={"discord:5"}) == {"all", "guild"}
    assert await keys(rooms={"discord:7"}) == {"all", "guild", "channel"}
    assert await keys(rooms={"discord:8"}) == {"all"}
    assert await keys(rooms={"discord:6"}, guilds={"discord:6"}) == {"all", "other"}
    assert await keys(rooms={"local:7"}) == {"all"}


async def test_a_channel_that_lies_in_the_folder_of_another_guild_is_nobodys(store: SqlStore) -> None:
    await store.save_place(ROOM)
    await keep(store, "wrong", "anchors", readers=Readers(guild="discord:6", room="discord:7"))
    assert await find(store, "anchors", rooms={"discord:7"}, guilds={"discord:5"}) == []


async def test_no_rank_depends_on_what_may_not_be_read(store: SqlStore) -> None:
    await keep(store, "a", "anchors and sails")
    await keep(store, "b", "anchors and anchors and rudders")
    await keep(store, "c", "sails and rudders and rudders")
    words = "anchors rudders sails"
    before = await find(store, words)
    for number in range(30):
        await keep(store, f"x{number}", "rudders " * 9 + "sails " * number, readers=OTHER)
    assert await find(store, words) == before


async def test_what_has_no_words_cannot_be_searched_for(store: SqlStore) -> None:
    for words in ("", "  ", "?!", "🐚"):
        with pytest.raises(ValueError, match="word"):
            await find(store, words)


async def test_hostile_words_are_words(store: SqlStore) -> None:
    await keep(store, "a.md", "anchors")
    for words in ("' OR 1=1 --", '"anchors" NEAR/2', "anchors*", "NOT anchors", "%x", "a\x00b", "\ud800x", "x" * 500):
        await find(store, words)
    assert await find(store, '"anchors" AND (') == [("a.md", "anchors")]


EAST, NORTH, BETWEEN = quantized([1.0, 0.0]), quantized([0.0, 1.0]), quantized([1.0, 0.9])
DIRECTIONS = {"sunrise": EAST, "cold": NORTH, "morning": BETWEEN}


async def test_passages_are_found_by_what_they_mean_the_most_like_first(store: SqlStore) -> None:
    await keep(store, "a.md", "cold", "morning", "sunrise")
    await embed(store, DIRECTIONS)
    assert [text for _, text in await meaning(store, EAST)] == ["sunrise", "morning", "cold"]
    assert await meaning(store, NORTH, limit=1) == [("a.md", "cold")]
    assert await store.embedded("e5") == Embedded(done=3, passages=3)


async def test_vectors_of_what_may_not_be_read_are_never_compared(store: SqlStore) -> None:
    await store.save_place(ROOM)
    await keep(store, "all", "cold")
    await keep(store, "channel", "sunrise", readers=CHANNEL)
    await embed(store, DIRECTIONS)
    assert await meaning(store, EAST) == [("all", "cold")]
    assert await meaning(store, EAST, rooms={"discord:7"}) == [("channel", "sunrise"), ("all", "cold")]


async def test_vectors_go_with_their_document_and_are_made_again_when_it_changes(home: Home) -> None:
    async with home.open() as store:
        await keep(store, "a.md", "sunrise")
        await embed(store, DIRECTIONS)
        assert await meaning(store, EAST) == [("a.md", "sunrise")]
        await keep(store, "a.md", "cold")
        assert await meaning(store, EAST) == []
        await embed(store, DIRECTIONS)
        assert await meaning(store, EAST) == [("a.md", "cold")]
        await store.drop_known(["a.md"])
    assert await home.rows("knowledge_vectors") == 0


async def test_what_was_embedded_goes_on_where_it_was_and_another_embedder_begins_anew(store: SqlStore) -> None:
    await keep(store, "a.md", "sunrise", "cold", "morning")
    first = await store.due_vectors("e5", limit=2)
    assert first is not None
    assert await store.save_vectors(first, "e5", [EAST, NORTH])
    assert not await store.save_vectors(first, "e5", [EAST, NORTH])
    rest = await store.due_vectors("e5", limit=2)
    assert rest is not None
    assert (rest.first, len(rest.texts)) == (2, 1)
    other = await store.due_vectors("other", limit=2)
    assert other is not None
    assert other.first == 0
    assert await store.save_vectors(other, "other", [NORTH, NORTH])
    assert await meaning(store, EAST) == []


async def test_vectors_of_a_document_that_has_gone_are_not_kept(store: SqlStore) -> None:
    await keep(store, "a.md", "sunrise")
    due = await store.due_vectors("e5", limit=2)
    assert due is not None
    await store.drop_known(["a.md"])
    assert not await store.save_vectors(due, "e5", [EAST])


async def test_a_cache_that_is_too_small_changes_nothing_of_what_is_found(store: SqlStore) -> None:
    store.hold_vectors(8)
    for number in range(5):
        await keep(store, f"{number}.md", "sunrise", "cold")
    await embed(store, DIRECTIONS)
    for _ in range(2):
        assert [text for _, text in await meaning(store, EAST, limit=5)] == ["sunrise"] * 5


async def test_a_search_is_kept_to_collections_and_languages(store: SqlStore) -> None:
    for key, labels, language in (("a", {"boats", "guides"}, "de"), ("b", {"rules"}, "en"), ("c", set[str](), "")):
        made = replace(document(key), labels=frozenset(labels), language=language)
        await store.save_known(made, [Chunk(text="anchors")])
        assert (await store.known())[key] == made

    async def keys(**kept: Collection[str]) -> set[str]:
        found = await store.find_known("anchors", rooms=(), guilds=(), limit=9, **kept)
        return {match.document.key for match in found}

    assert await keys() == {"a", "b", "c"}
    assert await keys(labels={"guides", "other"}) == {"a"}
    assert await keys(languages={"en"}) == {"b", "c"}
    assert await keys(languages=()) == {"c"}


async def test_a_document_made_of_messages_goes_with_any_of_them(home: Home) -> None:
    said = [
        SaidIn(platform="discord", message=str(at), author=f"discord:{who}", place="discord:7")
        for at, who in ((1, "ana"), (2, "ben"))
    ]

    async def made(store: SqlStore) -> bool:
        await store.save_place(ROOM)
        return await store.save_known(document("@added thread 1"), [Chunk(text="anchors")], said)

    async with home.open() as store:
        assert await made(store)
        await store.delete_messages(ROOM, ["2"])
        assert await store.known() == {}
        assert await made(store)
        await store.forget(ANA)
        assert await store.known() == {}
        assert await made(store)
        await store.save_consent("discord:ben", Consent(opted_out=True))
        assert await store.known() == {}
        assert not await made(store)
        await store.save_consent("discord:ben", Consent(opted_out=False))
        assert await made(store)
        await store.forget_place(ROOM)
        assert await store.known() == {}
    assert await home.rows("knowledge_said") == 0


async def test_what_people_added_is_told_and_goes_with_its_documents(store: SqlStore) -> None:
    page = Adding(
        kind=AddedKind.PAGE, at=START, guild="discord:5", readers=GUILD, url="https://a.example/", by="discord:ana"
    )
    one = await store.add_source(page)
    two = await store.add_source(replace(page, kind=AddedKind.ANSWER, title="q", text="a"))
    assert await store.sources() == (one, two)
    await store.save_known(document(f"{one.key}"), [Chunk(text="anchors")])
    assert await store.drop_source(one.number)
    assert not await store.drop_source(one.number)
    assert await store.known() == {}
    await store.forget(ANA)
    (left,) = await store.sources()
    assert left.source.by == ""
    await store.forget_guild("discord", "5")
    assert await store.sources() == ()
