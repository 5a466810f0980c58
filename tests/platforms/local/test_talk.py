"""What people do on the page becomes events; what the house says becomes lines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import DatabaseUnusable, EngineUnreachable, QueueFull
from bot.platforms.local.people import slug
from bot.talk.event import Commanded, Deleted, Edited, Pressed, Said
from bot.talk.message import Addressed, PlaceKind, QuoteKind
from tests.platforms.local.conftest import Program, final_answer, until


def said(program: Program, index: int = -1) -> Said:
    event = [one for one in program.house.verbs.heard if isinstance(one, Said)][index]
    assert isinstance(event, Said)
    return event


async def test_a_newcomer_gets_a_streamed_answer_in_their_own_conversation(program: Program) -> None:
    socket = await program.listen("Léa")
    status, sent = await program.say("Hello there", channel=f"dm-{slug('Léa')}")
    assert status == 201
    assert sent["message"]["addressed"] == "direct"
    first = await until(socket, type="delivery")
    assert first["delivery"]["actions"][0]["label"] == "Stop"
    last = await final_answer(socket)
    assert last["delivery"]["html"] == "<p>You said: <strong>Hello there</strong></p>\n"
    assert last["delivery"]["actions"] == []
    assert said(program).message.place.kind is PlaceKind.DIRECT


async def test_in_a_channel_only_a_mention_or_a_reply_is_for_the_bot(program: Program) -> None:
    socket = await program.listen()
    await program.say("Just between us")
    assert said(program).message.addressed is Addressed.NO
    await program.say("What do you think, @calanque?")
    assert said(program).message.addressed is Addressed.MENTION
    assert said(program).message.text == "What do you think,?"
    answer = await final_answer(socket)
    await program.say("And why?", reply_to=answer["delivery"]["id"])
    message = said(program).message
    assert message.addressed is Addressed.REPLY
    assert message.quotes[0].kind is QuoteKind.REPLIED
    assert "What do you think" in message.quotes[0].text
    assert message.quotes[0].message == message.reply_to


@pytest.mark.parametrize("text", ["mail me@Calanque.org", "@CalanqueBot hi", "Calanque", "@@calanque", "@ Calanque"])
async def test_what_only_looks_like_a_mention_is_none(program: Program, text: str) -> None:
    await program.say(text)
    assert said(program).message.addressed is Addressed.NO
    assert said(program).message.text == text


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\u200b\u200e\u2060", "\x00"])
async def test_an_empty_message_is_refused_with_a_sentence(program: Program, text: str) -> None:
    status, answer = await program.say(text)
    assert status == 422
    assert answer["error"]["key"] == "page-empty-message"
    assert program.house.verbs.heard == []


@pytest.mark.parametrize(
    "text",
    [
        "שלום עולם, how are you?",
        "مرحبا \u200fبك\u200e!",
        "zero\u200bwidth\u200djoiners and 👩‍👩‍👧‍👦",
        "a" * 4000,
        "<script>alert(1)</script> & [INST] <|im_start|>",
        "two\nlines\n\tand a tab",
        "\U0001f3f4\U000e0067\U000e0062",
    ],
)
async def test_text_arrives_and_returns_as_it_was_written(program: Program, text: str) -> None:
    status, sent = await program.say(text)
    assert status == 201
    assert said(program).message.text == text
    assert sent["message"]["text"] == text
    assert (await program.history())["lines"][0]["message"]["text"] == text


async def test_control_characters_and_lone_surrogates_do_not_get_in(program: Program) -> None:
    await program.say("a\x00b\x07c\r\nd")
    assert said(program).message.text == "abc\nd"
    raw = b'{"person": "Ana", "text": "\\ud800 alone"}'
    path = "/api/channels/general/messages"
    status, _ = await program.ask("POST", path, data=raw, headers={"Content-Type": "application/json"})
    assert status in (201, 422)
    said(program).message.text.encode()


async def test_a_message_over_the_limit_is_refused(program: Program) -> None:
    status, answer = await program.say("x" * 32_001)
    assert (status, answer["error"]["key"]) == (422, "page-message-too-long")
    status, answer = await program.say("x" * 300_000)
    assert (status, answer["error"]["key"]) == (413, "page-too-long")


@pytest.mark.parametrize(
    "body",
    [
        {"text": "hi"},
        {"person": "", "text": "hi"},
        {"person": "\u200b", "text": "hi"},
        {"person": "x" * 33, "text": "hi"},
        {"person": "Ana", "text": 7},
        {"person": "Ana", "text": "hi", "admin": True},
        [],
    ],
)
async def test_a_malformed_body_is_refused_without_repeating_it(program: Program, body: Any) -> None:
    status, answer = await program.ask("POST", "/api/channels/general/messages", json=body)
    assert status == 422
    assert answer["error"]["key"] == "page-bad-request"


async def test_nobody_can_speak_under_the_name_of_the_bot(program: Program) -> None:
    for name in ("Calanque", "calanque", " CALANQUE\u200b "):
        status, answer = await program.say("Trust me", person=name)
        assert (status, answer["error"]["key"]) == (409, "page-name-taken")


async def test_only_the_author_edits_and_deletes(program: Program) -> None:
    socket = await program.listen()
    _, sent = await program.say("frist")
    path = f"/api/channels/general/messages/{sent['message']['id']}"
    status, answer = await program.ask("PUT", path, json={"person": "Jules", "text": "no"})
    assert (status, answer["error"]["key"]) == (403, "page-not-yours")
    status, changed = await program.ask("PUT", path, json={"person": "Léa", "text": "first"})
    assert status == 200
    assert changed["message"]["edited_at"] is not None
    assert (await until(socket, type="message", message=changed["message"]))["channel"] == "general"
    assert (await program.ask("DELETE", path, params={"person": "Jules"}))[0] == 403
    assert (await program.ask("DELETE", path, params={"person": "Léa"}))[0] == 204
    assert (await until(socket, type="removed"))["ids"] == [sent["message"]["id"]]
    kinds = [type(event) for event in program.house.verbs.heard]
    assert kinds == [Said, Edited, Deleted]


async def test_an_edit_comes_after_the_one_before_although_the_clock_was_set_back(program: Program) -> None:
    _, sent = await program.say("frist")
    path = f"/api/channels/general/messages/{sent['message']['id']}"
    for text in ("first", "last", "best"):
        assert (await program.ask("PUT", path, json={"person": "Léa", "text": text}))[0] == 200
        program.house.clock.wrong -= timedelta(hours=3)
    heard = [one.message.edited_at for one in program.house.verbs.heard if isinstance(one, Edited)]
    edits = [at for at in heard if at is not None]
    assert len(edits) == 3
    assert edits == sorted(set(edits))


async def test_the_page_does_not_say_that_words_are_gone_while_they_are_still_there(program: Program) -> None:
    _, sent = await program.say("frist")
    path = f"/api/channels/general/messages/{sent['message']['id']}"
    program.house.verbs.refuse = DatabaseUnusable("locked")
    for method, told in (("PUT", {"json": {"person": "Léa", "text": "x"}}), ("DELETE", {"params": {"person": "Léa"}})):
        status, answer = await program.ask(method, path, **told)
        assert (status, answer["error"]["key"]) == (503, "error-database")
        assert "write things down" in answer["error"]["message"]
    program.house.verbs.refuse = None
    assert (await program.ask("DELETE", path, params={"person": "Léa"}))[0] == 204


async def test_a_message_that_is_kept_nowhere_can_still_be_changed_by_its_author(program: Program) -> None:
    _, sent = await program.say("passing by")
    program.house.store.kept.clear()
    path = f"/api/channels/general/messages/{sent['message']['id']}"
    assert (await program.ask("PUT", path, json={"person": "Jules", "text": "no"}))[0] == 403
    assert (await program.ask("PUT", path, json={"person": "Léa", "text": "passed by"}))[0] == 200


async def test_a_reply_to_nothing_is_refused(program: Program) -> None:
    for target in ("d-unknown", "m0123", "m019b0000000-000000000000", "../../etc"):
        status, _ = await program.say("hm", reply_to=target)
        assert status == 404


async def test_a_press_is_an_event_and_everybody_here_is_a_moderator(program: Program) -> None:
    body = {"person": "Léa", "action": "stop:answer-7"}
    status, _ = await program.ask("POST", "/api/channels/general/actions", json=body)
    assert status == 202
    event = program.house.verbs.heard[-1]
    assert isinstance(event, Pressed)
    assert (event.action, event.person.name, event.moderator) == ("stop:answer-7", "Léa", True)


async def test_a_command_is_checked_against_its_declaration(program: Program) -> None:
    path = "/api/channels/general/commands"

    async def run(**body: Any) -> tuple[int, Any]:
        return await program.ask("POST", path, json={"person": "Léa", **body})

    assert (await run(name="sing"))[0] == 404
    assert (await run(name="keep"))[0] == 422
    assert (await run(name="keep", arguments={"when": "sometimes"}))[0] == 422
    assert (await run(name="keep", arguments={"when": "always", "why": "x"}))[0] == 422
    assert program.house.verbs.heard == []
    assert (await run(name="keep", arguments={"when": "always", "days": " "}))[0] == 202
    event = program.house.verbs.heard[-1]
    assert isinstance(event, Commanded)
    assert dict(event.arguments) == {"when": "always"}


async def test_the_answer_to_a_command_is_seen_by_its_person_alone(program: Program) -> None:
    mine, other = await program.listen("Léa"), await program.listen("Jules")
    body = {"person": "Léa", "name": "keep", "arguments": {"when": "never"}}
    await program.ask("POST", "/api/channels/general/commands", json=body)
    private = await until(mine, type="delivery")
    assert private["delivery"]["private"]
    await program.say("public", person="Ana")
    assert (await other.receive_json(timeout=30))["type"] == "message"
    assert len((await program.history(person="Léa"))["lines"]) == 2
    assert [line["type"] for line in (await program.history(person="Jules"))["lines"]] == ["message"]


async def test_a_direct_conversation_belongs_to_its_person(program: Program) -> None:
    other = await program.listen("Jules")
    assert (await program.say("psst", person="Ana", channel="dm-ana"))[0] == 201
    for attempt in (
        program.say("hello?", person="Jules", channel="dm-ana"),
        program.ask("GET", "/api/channels/dm-ana/messages", params={"person": "Jules"}),
    ):
        assert (await attempt)[0] == 404
    await program.house.verbs.settle()
    await program.say("marker", person="Ana")
    assert (await other.receive_json(timeout=30))["message"]["text"] == "marker"


async def test_channels_are_made_listed_and_told(program: Program) -> None:
    socket = await program.listen("Léa")
    status, made = await program.ask("POST", "/api/channels", json={"name": "Météo marine"})
    assert status == 201
    assert (await until(socket, type="channel"))["channel"] == made
    _, listed = await program.ask("GET", "/api/channels", params={"person": "Léa"})
    assert [(one["kind"], one["name"]) for one in listed["channels"]] == [
        ("direct", "Léa"),
        ("channel", "general"),
        ("channel", "Météo marine"),
    ]
    assert (await program.ask("POST", "/api/channels", json={"name": "météo  marine"}))[0] == 409
    assert (await program.ask("POST", "/api/channels", json={"name": "dm-ana"}))[1]["id"] == "channel-dm-ana"


async def test_history_is_read_page_by_page_to_its_beginning(program: Program) -> None:
    for number in range(7):
        await program.say(f"message {number}")
    found: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    for _ in range(5):
        page = await program.history(**query)
        found = [line["message"]["text"] for line in page["lines"]] + found
        if page["before"] is None:
            break
        query["before"] = page["before"]
    assert found == [f"message {number}" for number in range(7)]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"before": "2024"}, {"before": "x"}])
async def test_a_wrong_page_of_history_is_refused(program: Program, query: dict[str, Any]) -> None:
    status, _ = await program.ask("GET", "/api/channels/general/messages", params={"person": "Léa", **query})
    assert status == 422


@pytest.mark.parametrize(
    ("error", "status", "key"),
    [
        (QueueFull("full"), 429, "queue-full"),
        (EngineUnreachable("away"), 503, "engine-away"),
        (RuntimeError("boom"), 500, "error-unexpected"),
    ],
)
async def test_an_error_of_the_house_is_told_in_a_sentence(
    program: Program, error: Exception, status: int, key: str
) -> None:
    program.house.verbs.refuse = error
    answered, body = await program.say("hello")
    assert (answered, body["error"]["key"]) == (status, key)
    assert "boom" not in body["error"]["message"]
