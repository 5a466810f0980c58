"""Documents are found by what they mean, are kept to collections, and go with what they were made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.ports.embedding import Embedded
from bot.storage.store import SqlStore
from bot.talk.added import AddedKind, Adding, SaidIn
from bot.talk.knowledge import Chunk, Readers
from bot.talk.policy import Consent
from bot.talk.turn import Whose
from bot.talk.vectors import Vector, quantized
from tests.contracts.test_store_knowledge import CHANNEL, GUILD, ROOM, document, keep, matches
from tests.fakes import START
from tests.storage.homes import Home

ANA = "discord:ana"


async def meaning(
    store: SqlStore, vector: Vector, *, rooms: Collection[str] = (), labels: Collection[str] = (), limit: int = 10
) -> list[tuple[str, str]]:
    shelves = await store.known_shelves(rooms=frozenset(rooms), guilds=(), labels=labels)
    held = await store.held_vectors("e5", shelves)
    found = await store.known_passages(await store.rank_by_meaning(vector, "e5", held, limit=limit), shelves)
    return [(match.document.key, match.chunk.text) for match in found]


async def embed(store: SqlStore, vectors: Mapping[str, Vector], *, limit: int = 2) -> None:
    """All passages, each by the vector that its text has."""
    while due := await store.due_vectors("e5", limit=limit):
        texts = (text.splitlines()[-1] for text in due.texts)
        assert await store.save_vectors(due, "e5", [vectors[text] for text in texts])


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

    async def keys(*of: str) -> set[str]:
        return {match.document.key for match in await matches(store, "anchors", labels=of)}

    assert await keys() == {"a", "b", "c"}
    assert await keys("guides", "other") == {"a"}
    shelves = {shelf.language: shelf for shelf in await store.known_shelves(rooms=(), guilds=())}
    assert set(shelves) == {"de", "en", ""}
    ranked = await store.rank_by_words("anchors", [shelves["en"], shelves[""]], limit=9)
    assert {each.document.key for each in await store.known_passages(ranked, list(shelves.values()))} == {"b", "c"}


async def test_a_document_made_of_messages_goes_with_any_of_them(home: Home) -> None:
    said = [
        SaidIn(platform="discord", message=str(at), author=f"discord:{who}", place="discord:7")
        for at, who in ((1, "ana"), (2, "ben"))
    ]

    async def made(store: SqlStore) -> bool:
        return await store.save_known(document("@added thread 1"), [Chunk(text="anchors")], said)

    async with home.open() as store:
        await store.save_place(ROOM)
        await store.add_source(Adding(kind=AddedKind.THREAD, at=START, guild="discord:5", place=ROOM.key))
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
        assert not await made(store)
    assert await home.rows("knowledge_said") == 0


async def test_what_is_pinned_of_somebody_who_is_forgotten_is_not_read_again(store: SqlStore) -> None:
    pins = await store.add_source(Adding(kind=AddedKind.PINS, at=START, guild="discord:5", place=ROOM.key))

    async def made(message: str, author: str) -> bool:
        said = SaidIn(platform="discord", message=message, author=author, place=ROOM.key)
        return await store.save_known(document(f"{pins.key} {message}"), [Chunk(text="anchors")], [said])

    for message, author in (("1", ANA), ("2", ANA), ("3", "discord:ben")):
        assert await made(message, author)
    await store.forget(ANA)
    (left,) = await store.added()
    assert left.taken_back == {"1", "2"}
    assert not await made("1", ANA)
    assert await made("3", "discord:ben")


async def test_what_people_added_is_told_and_goes_with_its_documents(store: SqlStore) -> None:
    page = Adding(
        kind=AddedKind.PAGE, at=START, guild="discord:5", readers=GUILD, url="https://a.example/", by="discord:ana"
    )
    one = await store.add_source(page)
    two = await store.add_source(replace(page, kind=AddedKind.ANSWER, title="q", text="a"))
    assert await store.added() == (one, two)
    await store.save_known(document(f"{one.key}"), [Chunk(text="anchors")])
    assert await store.drop_source(one.number)
    assert not await store.drop_source(one.number)
    assert await store.known() == {}
    assert not await store.save_known(document(one.key), [Chunk(text="anchors")])
    assert await store.known() == {}
    await store.forget(ANA)
    (left,) = await store.added()
    assert left.source.by == ""
    await store.forget_guild("discord", "5")
    assert await store.added() == ()


async def test_what_was_made_of_a_channel_goes_with_it_also_where_nothing_was_said_there(store: SqlStore) -> None:
    pins = await store.add_source(Adding(kind=AddedKind.PINS, at=START, guild="discord:5", place=ROOM.key))
    await store.save_feedback(ROOM, wanted=True)
    await store.save_known(document(f"{pins.key} 1"), [Chunk(text="anchors")])
    await store.forget_place(ROOM)
    assert await store.added() == ()
    assert await store.known() == {}
    assert await store.feedback(ROOM) is None


async def test_the_communitys_own_words_outlast_that_a_channels_talk_is_forgotten(store: SqlStore) -> None:
    readers = Readers(guild="discord:5", room=ROOM.key)
    answer = Adding(kind=AddedKind.ANSWER, at=START, guild="discord:5", readers=readers, title="q", text="a")
    left = await store.add_source(answer)
    await store.add_source(replace(answer, kind=AddedKind.THREAD, place=ROOM.key))
    await store.forget_place(ROOM, rules=True)
    assert await store.added() == (left,)
    await store.forget_place(ROOM)
    assert await store.added() == ()


async def test_whose_words_a_passage_is_made_of_is_found_with_it(store: SqlStore) -> None:
    said = [SaidIn(platform="discord", message=each, author=ANA, place=ROOM.key) for each in ("1", "2")]
    await store.save_place(ROOM)
    await store.add_source(Adding(kind=AddedKind.THREAD, at=START, guild="discord:5", place=ROOM.key))
    await store.save_known(document("@added thread 1"), [Chunk(text="anchors")], said)
    await store.save_known(document("a.md"), [Chunk(text="anchors")])
    of = {match.document.key: match.of for match in await matches(store, "anchors")}
    assert of == {"@added thread 1": (Whose(message="1", author=ANA), Whose(message="2", author=ANA)), "a.md": ()}


async def test_a_search_that_is_repeated_sees_what_came_and_went_and_what_was_embedded_meanwhile(
    store: SqlStore,
) -> None:
    async def both() -> tuple[list[str], list[str]]:
        words = {match.document.key for match in await matches(store, "cold morning sunrise")}
        return sorted(words), sorted({key for key, _ in await meaning(store, EAST)})

    await keep(store, "a", "sunrise")
    await keep(store, "b", "cold")
    assert await both() == (["a", "b"], [])
    await embed(store, DIRECTIONS)
    assert await both() == (["a", "b"], ["a", "b"])
    await keep(store, "c", "morning")
    assert await both() == (["a", "b", "c"], ["a", "b"])
    await embed(store, DIRECTIONS)
    assert await both() == (["a", "b", "c"], ["a", "b", "c"])
    await store.drop_known(["c"])
    assert await both() == (["a", "b"], ["a", "b"])
    await keep(store, "a", "morning", readers=CHANNEL)
    assert await both() == (["b"], ["b"])
