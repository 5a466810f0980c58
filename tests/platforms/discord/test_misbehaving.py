"""Discord fails in all the ways it has: what people see is the answer, once, or as much of it as could be shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import PlaceGone, PlatformUnavailable
from bot.talk.delivery import Action, DeliveryState, Shown
from tests.discord_server import Permission
from tests.platforms.discord.bench import NOTHING, bench, delivery
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.dock import Dock, Process, dock, first_of
from tests.platforms.discord.test_deliveries import POST, place

POSTS, PATCHES = "POST /channels/*/messages", "PATCH /channels/*/messages/*"
PARAGRAPH = "The sea is wide and deep and salt. " * 50
ANSWER = PARAGRAPH * 2 + "It is blue."
VIEWS = ("The sea", "The sea is")


@pytest.mark.parametrize("after_commit", [False, True])
@pytest.mark.parametrize("status", [502, 503, 429, None])
async def test_whatever_happens_to_a_request_the_answer_stands_there_once(
    community: Community, tmp_path: Path, status: int | None, after_commit: bool
) -> None:
    async with dock(community, tmp_path) as here, here.process() as process:
        for pattern in (POSTS, PATCHES):
            community.server.fail_next(pattern, status=status, after_commit=after_commit)
        await here.answers(process, VIEWS, ANSWER)
        await here.all_shown()
        stands_once(here, ANSWER)


@pytest.mark.parametrize("pattern", [POSTS, PATCHES])
async def test_an_answer_of_discord_that_never_comes_is_given_up_and_asked_for_again(
    community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setattr("bot.platforms.discord.sending.SEND_SECONDS", 0.5)
    async with dock(community, tmp_path) as here, here.process() as process:
        community.server.hold_next(pattern, after_commit=True)
        await here.answers(process, VIEWS, ANSWER)
        await here.all_shown()
        stands_once(here, ANSWER)


def stands_once(here: Dock, text: str) -> None:
    assert " ".join(here.texts).split() == text.split()
    assert not any(each.buttons for each in here.channel.bot_messages)


async def test_a_long_wait_that_discord_asks_for_is_kept(community: Community, tmp_path: Path) -> None:
    async with dock(community, tmp_path) as here, here.process() as process:
        limited = {"message": "slow down", "retry_after": 600.0, "global": False}
        community.server.fail_next(POSTS, status=429, body=limited)
        await here.answers(process, (), ANSWER)
        await here.all_shown()
        stands_once(here, ANSWER)
        assert 600.0 in here.clock.slept


async def test_shut_out_by_discords_gatekeeper_nothing_more_is_asked_for_as_long_as_it_says(
    community: Community,
) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        server.fail_next(POSTS, status=429, via=False, retry_after=120)
        before = len(server.requests)
        for _ in range(3):
            with pytest.raises(PlatformUnavailable) as caught:
                await b.platform.deliver(delivery(place(channel), "hello"), NOTHING)
            assert caught.value.retry_after is not None
            assert 100 < caught.value.retry_after <= 121
        assert len(server.requests) == before + 1


async def test_an_old_message_that_was_edited_too_often_is_edited_later(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        shown = await b.platform.deliver(delivery(place(channel), "old", final=False), NOTHING)
        too_many = {"message": "too many edits", "code": 30046, "retry_after": 0.01, "global": False}
        server.fail_next(PATCHES, status=429, body=too_many, times=5)
        with pytest.raises(PlatformUnavailable, match="30046"):
            await b.platform.deliver(delivery(place(channel), "new"), shown)
        await b.platform.deliver(delivery(place(channel), "new"), shown)
        assert [each.content for each in channel.bot_messages] == ["new"]


async def in_mid_answer(here: Dock, process: Process, what: str) -> DeliveryState:
    """Something happens while the answer grows; how its delivery ends."""
    gate = here.hold(1, after_commit=True, what=PATCHES)
    telling = process.does(here.answers(process, (VIEWS[0], PARAGRAPH + "Yes."), ANSWER))
    await first_of(telling, gate.until_reached())
    match what:
        case "channel":
            here.channel.delete()
        case "sight":
            here.channel.overwrite(here.community.guild.everyone, deny=Permission.VIEW_CHANNEL)
        case "writing":
            here.channel.overwrite(here.community.guild.everyone, deny=Permission.SEND_MESSAGES)
        case _:
            await here.community.server.delete(here.channel.bot_messages[0])
    gate.release()
    await telling
    await here.all_shown()
    (counted,) = (labels for name, labels in process.counters.counts if name == "deliveries_total")
    return DeliveryState(dict(counted)["outcome"])


async def test_a_channel_that_is_deleted_in_mid_answer_ends_it_once(community: Community, tmp_path: Path) -> None:
    async with dock(community, tmp_path) as here, here.process() as process:
        assert await in_mid_answer(here, process, "channel") is DeliveryState.FAILED
        asked = len(community.server.requests)
        async with here.process():
            await here.all_shown()
        written = [
            each for each in community.server.requests[asked:] if "/messages" in each.path and each.method != "GET"
        ]
        assert written == []


@pytest.mark.parametrize("what", ["sight", "writing"])
async def test_a_right_that_is_lost_in_mid_answer_is_told_to_the_operator_and_leaves_no_stop_button(
    community: Community, tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    async with dock(community, tmp_path) as here, here.process() as process:
        assert await in_mid_answer(here, process, what) is DeliveryState.BARRED
        (line,) = (each.getMessage() for each in caplog.records if "has no place" in each.getMessage())
        assert "View Channel and Send Messages" in line
        assert f"discord:{here.channel.id}" in line
        if what == "writing":
            assert [each.buttons for each in here.channel.bot_messages] == [[]]


async def test_an_answer_that_somebody_deletes_while_it_grows_is_not_sent_again_not_even_after_a_restart(
    community: Community, tmp_path: Path
) -> None:
    async with dock(community, tmp_path) as here, here.process() as process:
        assert await in_mid_answer(here, process, "message") is DeliveryState.SENT
        assert here.texts == []
    channel = community.channel = community.guild.add_text_channel("another")
    async with dock(community, tmp_path / "2") as here:
        async with here.process() as first:
            gate = here.hold(1, after_commit=False, what=PATCHES)  # what was sent before is written down by then
            opened = first.does(here.answers(first, (PARAGRAPH + "Yes.", "never shown"), ANSWER))
            await gate.until_reached()
            (answer,) = channel.bot_messages
            await first.crash()
            assert opened.cancelled()
        await community.server.delete(answer)
        # What the gateway tells of it.
        await here.store.delete_messages(here.asked.place, [str(answer.id)])
        async with here.process() as second:
            asked = len(community.server.requests)
            await here.answers(second, (), ANSWER)
            await here.all_shown()
        assert here.texts == []
        writing = [each for each in community.server.requests[asked:] if each.method in ("POST", "PATCH")]
        assert not [each for each in writing if "/messages" in each.path]


async def test_in_a_thread_that_was_archived_the_answer_is_finished_and_in_a_locked_one_it_ends(
    community: Community,
) -> None:
    server = community.server
    async with bench(server) as b:
        for locked in (False, True):
            thread = community.channel.add_thread(f"a thread {locked}", community.ada)
            stop = (Action(id="stop:1", label="Stop"),)
            view = replace(delivery(place(thread), "Let me", final=False, actions=stop), id=f"{locked}")
            shown = await b.platform.deliver(view, NOTHING)
            server.world.archive(thread, archived=True, locked=locked)
            final = replace(view, text=ANSWER, final=True, actions=())
            if locked:
                with pytest.raises(PlaceGone):
                    await b.platform.deliver(final, shown)
            else:
                await b.platform.deliver(final, shown)
                assert " ".join(each.content for each in thread.bot_messages).split() == ANSWER.split()


async def test_one_of_several_messages_that_somebody_deleted_stays_away_and_the_others_go_on(
    community: Community,
) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        shown = NOTHING
        for words in (1000, 2000):
            shown = await b.platform.deliver(delivery(place(channel), "word " * words, final=False), shown)
        first, second, *_ = channel.bot_messages
        await server.delete(first)
        shown = await b.platform.deliver(delivery(place(channel), "other " * 1000), shown)
        assert [each.gone for each in shown.messages] == [True, False, False, False]
        assert second.content.startswith("other")
        assert len(channel.bot_messages) == 3


async def test_a_shorter_answer_in_the_same_messages_blanks_what_it_has_not_got_to_and_takes_nothing_away(
    community: Community,
) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        shown = await b.platform.deliver(delivery(place(channel), ANSWER), NOTHING)
        ids = [each.id for each in shown.messages]
        for text, seen in (("Well", ["Well", "-# …"]), (ANSWER + " Anew.", None)):
            shown = await b.platform.deliver(delivery(place(channel), text, final=False), shown)
            assert [each.id for each in shown.messages] == ids
            assert seen in (None, [each.content for each in channel.bot_messages])
        assert not server.requested("DELETE /channels/{channel_id}/messages/{message_id}")


async def test_a_part_that_was_taken_away_and_is_wanted_anew_is_a_new_message(community: Community) -> None:
    """Discord would return the one that is gone for its nonce."""
    channel = community.channel
    async with bench(community.server) as b:
        shown: Shown = NOTHING
        for text in (ANSWER, "short", ANSWER, "short", ANSWER):
            shown = await b.platform.deliver(delivery(place(channel), text), shown)
        assert " ".join(each.content for each in channel.bot_messages).split() == ANSWER.split()
        assert [str(each.id) for each in channel.bot_messages] == [each.id for each in shown.messages]


async def test_rows_whose_channel_is_gone_end_at_start_and_do_not_hold_up_the_others(
    community: Community, tmp_path: Path
) -> None:
    gone = community.guild.add_text_channel("gone")
    gone.delete()
    async with dock(community, tmp_path) as here:
        for number in range(5):
            lost = replace(delivery(place(gone), "lost"), id=f"lost-{number}")
            kept = replace(delivery(place(community.channel), f"kept {number}"), id=f"kept-{number}")
            for each in (lost, kept):
                await here.store.save_delivery(each, DeliveryState.READY, at=here.clock.now())
        async with here.process() as process:
            await here.all_shown()
            assert process.counters.get("deliveries_total", outcome="failed") == 5
            assert sorted(here.texts) == [f"kept {number}" for number in range(5)]
            requests = [each for each in community.server.requested(POST) if str(gone.id) in each.path]
            assert len(requests) <= 5
