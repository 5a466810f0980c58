"""The community's own documents are found by their words, by those alone who may read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import pytest

from bot.storage.knowledge import FEW
from bot.storage.store import SqlStore
from bot.talk.knowledge import EVERYONE, Chunk, Known, Match, Readers
from bot.talk.message import Place
from tests.fakes import START
from tests.storage.homes import Home

GUILD = Readers(guild="discord:5")
CHANNEL = Readers(guild="discord:5", room="discord:7")
OTHER = Readers(guild="discord:6")
ROOM = Place(platform="discord", id="7", guild="5")


def document(key: str, *, readers: Readers = EVERYONE, digest: str = "1", title: str = "") -> Known:
    return Known(key=key, name=key, title=title, readers=readers, digest=digest, read_at=START, stamp="s", url="")


async def keep(store: SqlStore, key: str, *texts: str, readers: Readers = EVERYONE, title: str = "") -> Known:
    made = document(key, readers=readers, title=title)
    await store.save_known(made, [Chunk(text=text, where=f"part {at}") for at, text in enumerate(texts, 1)])
    return made


async def find(
    store: SqlStore, words: str, *, rooms: Collection[str] = (), guilds: Collection[str] = (), limit: int = 10
) -> list[tuple[str, str]]:
    found = await matches(store, words, rooms=rooms, guilds=guilds, limit=limit)
    return [(match.document.key, match.chunk.text) for match in found]


async def matches(
    store: SqlStore,
    words: str,
    *,
    rooms: Collection[str] = (),
    guilds: Collection[str] = (),
    labels: Collection[str] = (),
    limit: int = 10,
) -> Sequence[Match]:
    shelves = await store.known_shelves(rooms=frozenset(rooms), guilds=frozenset(guilds), labels=labels)
    return await store.known_passages(await store.rank_by_words(words, shelves, limit=limit), shelves)


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
    (match,) = await matches(store, "reef", rooms={"discord:7"})
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


async def test_a_few_documents_are_found_among_many_that_may_not_be_read(store: SqlStore) -> None:
    for number in range(3 * FEW):
        await keep(store, f"{number}.md", "the anchor anchor holds", readers=OTHER)
    await keep(store, "mine.md", "a sail pulls", "an anchor rusts", readers=GUILD)
    await keep(store, "all.md", "the anchor holds", "nothing")
    found = await find(store, "anchor rusts", guilds={"discord:5"})
    assert found == [("mine.md", "an anchor rusts"), ("all.md", "the anchor holds")]


async def test_it_is_known_of_which_guilds_there_is_anything_to_be_found(store: SqlStore) -> None:
    assert await store.known_guilds() == frozenset()
    await keep(store, "a.md", "anchors", readers=CHANNEL)
    await keep(store, "empty.md", readers=OTHER)
    assert await store.known_guilds() == {"discord:5"}
    await keep(store, "b.md", "anchors")
    assert await store.known_guilds() == {None, "discord:5"}


async def test_what_has_no_words_cannot_be_searched_for(store: SqlStore) -> None:
    for words in ("", "  ", "?!", "🐚"):
        with pytest.raises(ValueError, match="word"):
            await find(store, words)


async def test_hostile_words_are_words(store: SqlStore) -> None:
    await keep(store, "a.md", "anchors")
    for words in ("' OR 1=1 --", '"anchors" NEAR/2', "anchors*", "NOT anchors", "%x", "a\x00b", "\ud800x", "x" * 500):
        await find(store, words)
    assert await find(store, '"anchors" AND (') == [("a.md", "anchors")]
