"""What people write on Discord arrives as they see it, with the reason why it is for us."""

from __future__ import annotations

from typing import Any

import pytest

from bot.platforms.discord.watermark import FIRST_MARGIN
from bot.talk.event import Deleted, Edited, Left, Said
from bot.talk.message import Addressed, Place, PlaceKind, QuoteKind
from tests.discord_server import Message as ServerMessage
from tests.discord_server import Upload, payloads
from tests.platforms.discord.bench import Facts, bench
from tests.platforms.discord.conftest import Community


async def test_a_mention_is_for_us_and_is_taken_out_of_the_text(community: Community) -> None:
    async with bench(community.server) as b:
        sent = await community.server.say(community.channel, community.ada, "<@BOT> what is a calanque?")
        message = await b.ears.said("what is a calanque?")
        assert message.addressed is Addressed.MENTION
        assert message.id == str(sent.id)
        assert message.author.name == "Ada"
        assert not message.author.bot
        assert message.place.name == "quay"
        assert message.place.kind is PlaceKind.CHANNEL
        assert message.place.guild == str(community.guild.id)
        assert message.sent_at.utcoffset() is not None


async def test_a_mention_of_the_role_discord_made_for_us_is_for_us(community: Community) -> None:
    async with bench(community.server) as b:
        await community.server.say(
            community.channel, community.guild.owner, f"{community.guild.bot_role.mention} are you there?"
        )
        assert (await b.ears.said("are you there?")).addressed is Addressed.MENTION


async def test_talk_among_people_is_not_for_us_but_is_heard_with_names_in_it(community: Community) -> None:
    async with bench(community.server) as b:
        text = f"{community.grace.mention} look at {community.channel.mention} <:wave:123456789012345678> <t:0:R>"
        await community.server.say(community.channel, community.ada, text)
        message = await b.ears.said("@Grace look at #quay :wave: 1970-01-01 00:00 UTC")
        assert message.addressed is Addressed.NO


async def test_everyone_is_not_a_mention_of_us(community: Community) -> None:
    async with bench(community.server) as b:
        await community.server.say(community.channel, community.guild.owner, "@everyone dinner!")
        assert (await b.ears.said("@everyone dinner!")).addressed is Addressed.NO


async def test_a_reply_to_us_is_for_us_even_without_a_ping_and_carries_what_it_answers(community: Community) -> None:
    server, channel = community.server, community.channel
    ours = await server.say(channel, server.bot, "A cove.")
    async with bench(server) as b:
        await server.say(channel, community.ada, "and where?", reply_to=ours, ping=False)
        message = await b.ears.said("and where?")
        assert message.addressed is Addressed.REPLY
        assert message.reply_to == str(ours.id)
        assert [(quote.kind, quote.author, quote.text) for quote in message.quotes] == [
            (QuoteKind.REPLIED, "Calanque", "A cove.")
        ]


async def test_a_reply_to_somebody_else_with_a_mention_carries_their_words_and_pictures(community: Community) -> None:
    server, channel = community.server, community.channel
    theirs = await server.say(
        channel, community.grace, "look", attachments=[Upload(filename="sea.png", data=b"x", content_type="image/png")]
    )
    async with bench(server) as b:
        await server.say(channel, community.ada, "<@BOT> what is it?", reply_to=theirs)
        message = await b.ears.said("what is it?")
        assert message.addressed is Addressed.MENTION
        (quote,) = message.quotes
        assert (quote.author, quote.text) == ("Grace", "look")
        assert (quote.author_key, quote.message) == (f"discord:{community.grace.id}", str(theirs.id))
        (attachment,) = quote.attachments
        assert attachment.source == f"{channel.id}/{theirs.id}/{attachment.id}"


async def test_a_message_that_was_replied_to_is_fetched_where_discord_did_not_send_it_along(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, channel = community.server, community.channel
    theirs = await server.say(channel, community.grace, "the tide turns at noon")
    whole = payloads.message

    def without_reference(message: ServerMessage, **options: Any) -> dict[str, Any]:
        payload = whole(message, **options)
        payload.pop("referenced_message", None)
        return payload

    async with bench(server) as b:
        monkeypatch.setattr(payloads, "message", without_reference)
        await server.say(channel, community.ada, "<@BOT> is that so?", reply_to=theirs)
        message = await b.ears.said("is that so?")
        assert [quote.text for quote in message.quotes] == ["the tide turns at noon"]
        server.fail_next("GET /channels/*/messages/*", status=503)
        await server.say(channel, community.ada, "<@BOT> really?", reply_to=theirs)
        message = await b.ears.said("really?")
        assert message.quotes == ()
        assert message.reply_to == str(theirs.id)


async def test_direct_messages_are_for_us(community: Community) -> None:
    async with bench(community.server) as b:
        await community.server.say(community.server.dm(community.ada), community.ada, "psst")
        message = await b.ears.said("psst")
        assert message.addressed is Addressed.DIRECT
        assert message.place.kind is PlaceKind.DIRECT
        assert message.place.guild is None
        assert message.place.name == "Ada"


async def test_a_follow_up_in_a_thread_of_ours_is_for_us_and_elsewhere_it_is_not(community: Community) -> None:
    server = community.server
    ours = community.channel.add_thread("questions", server.bot)
    theirs = community.channel.add_thread("gossip", community.grace)
    async with bench(server) as b:
        await server.say(ours, community.ada, "one more thing")
        await server.say(theirs, community.ada, "have you heard")
        message = await b.ears.said("one more thing")
        assert message.addressed is Addressed.FOLLOW_UP
        assert message.place.kind is PlaceKind.THREAD
        assert message.place.parent == str(community.channel.id)
        assert (await b.ears.said("have you heard")).addressed is Addressed.NO


async def test_other_bots_are_heard_but_never_addressed_and_we_do_not_hear_ourselves(community: Community) -> None:
    server, channel = community.server, community.channel
    robot = server.add_user("Feed", bot=True)
    community.guild.add_member(robot)
    async with bench(server) as b:
        await server.say(channel, server.bot, "my own words")
        await server.say(channel, robot, "<@BOT> beep", embeds=[{"title": "News", "description": "of the day"}])
        message = await b.ears.said("beep")
        assert message.author.bot
        assert message.addressed is Addressed.NO
        assert [quote.text for quote in message.quotes] == ["News\nof the day"]
        assert [event.message.text for event in b.ears.all(Said)] == ["beep"]


async def test_a_forwarded_message_brings_its_words_and_files(community: Community) -> None:
    server = community.server
    source = community.guild.add_text_channel("elsewhere")
    original = await server.say(
        source, community.grace, "the tide table", attachments=[Upload(filename="tides.txt", data=b"high")]
    )
    community.clock.advance(2 * FIRST_MARGIN.total_seconds())
    async with bench(server) as b:
        await server.forward(original, server.dm(community.ada), community.ada)
        event = await b.ears.one(Said)
        (quote,) = event.message.quotes
        assert (quote.kind, quote.text) == (QuoteKind.FORWARDED, "the tide table")
        assert [attachment.name for attachment in quote.attachments] == ["tides.txt"]
        assert event.message.addressed is Addressed.DIRECT


async def test_attachments_come_with_ids_instead_of_addresses(community: Community) -> None:
    async with bench(community.server) as b:
        sent = await community.server.say(
            community.channel,
            community.ada,
            "<@BOT> read this",
            attachments=[Upload(filename="notes.txt", data=b"hello", content_type="text/plain; charset=utf-8")],
        )
        (attachment,) = (await b.ears.said("read this")).attachments
        assert (attachment.name, attachment.media_type, attachment.size) == ("notes.txt", "text/plain", 5)
        assert attachment.source == f"{community.channel.id}/{sent.id}/{attachment.id}"
        assert "http" not in attachment.source


async def test_a_bare_mention_is_heard_as_an_empty_question(community: Community) -> None:
    async with bench(community.server) as b:
        await community.server.say(community.channel, community.ada, "<@BOT>")
        assert (await b.ears.said("")).addressed is Addressed.MENTION


async def test_an_edit_brings_the_message_as_it_reads_now(community: Community) -> None:
    async with bench(community.server) as b:
        sent = await community.server.say(community.channel, community.ada, "helo")
        await community.server.edit(sent, "hello")
        edited = await b.ears.one(Edited)
        assert (edited.message.id, edited.message.text) == (str(sent.id), "hello")
        assert edited.message.edited_at is not None


async def test_deletions_are_told_one_and_many(community: Community) -> None:
    server, channel = community.server, community.channel
    sent = [await server.say(channel, community.ada, f"line {number}") for number in range(4)]
    async with bench(server) as b:
        await server.delete(sent[0])
        one = await b.ears.one(Deleted)
        assert one.message_ids == (str(sent[0].id),)
        assert one.place.key == f"discord:{channel.id}"
        await server.bulk_delete(sent[1:])
        many = await b.ears.one(Deleted, lambda event: len(event.message_ids) == 3)
        assert set(many.message_ids) == {str(each.id) for each in sent[1:]}


async def test_a_deleted_channel_thread_or_guild_is_left(community: Community) -> None:
    server = community.server
    thread = community.channel.add_thread("gossip", community.grace)
    doomed = community.guild.add_text_channel("doomed")
    async with bench(server) as b:
        thread.delete()
        left = await b.ears.one(Left)
        assert left.place is not None
        assert (left.place.id, left.guild) == (str(thread.id), None)
        doomed.delete()
        await b.ears.one(Left, lambda event: event.place is not None and event.place.id == str(doomed.id))
        community.guild.remove_member(server.bot)
        gone = await b.ears.one(Left, lambda event: event.place is None)
        assert gone.guild == str(community.guild.id)


async def test_a_guild_in_an_outage_is_not_left(community: Community) -> None:
    server = community.server
    async with bench(server) as b:
        server.world.set_availability(community.guild, available=False)
        server.world.set_availability(community.guild, available=True)
        await server.say(community.channel, community.ada, "back again")
        await b.ears.said("back again")
        assert b.ears.all(Left) == []


def _known(*guilds: int) -> tuple[Place, ...]:
    return tuple(Place(platform="discord", id=f"7{each}", guild=str(each)) for each in guilds)


@pytest.mark.parametrize("same", [True, False])
async def test_a_guild_that_we_were_taken_out_of_meanwhile_is_left_at_the_next_start(
    community: Community, same: bool
) -> None:
    server = community.server
    out, gone = server.add_guild("island"), 4242
    server.world.set_availability(server.add_guild("fog"), available=False)
    out_of_reach = [each for each in server.world.guilds.values() if not each.available]
    facts = Facts(known=_known(community.guild.id, out.id, gone, *(each.id for each in out_of_reach)))
    async with bench(server, facts=facts) as b:
        await server.say(community.channel, community.ada, "first")
        await b.ears.said("first")
        assert b.ears.all(Left) == []
    out.remove_member(server.bot)
    if not same:
        facts.kept["discord-application"] = "1"
    async with bench(server, facts=facts) as b:
        if same:
            for guild in (out.id, gone):
                await b.ears.one(Left, lambda event, guild=guild: event.guild == str(guild))
        await server.say(community.channel, community.ada, "second")
        await b.ears.said("second")
        assert len(b.ears.all(Left)) == (2 if same else 0)


async def test_without_the_content_intent_only_what_is_for_us_is_heard(community: Community) -> None:
    server, channel = community.server, community.channel
    ours = await server.say(channel, server.bot, "A cove.")
    thread = channel.add_thread("questions", server.bot)
    async with bench(server, message_content=False) as b:
        await server.say(channel, community.ada, "not for the bot")
        await server.say(thread, community.ada, "a follow-up it cannot read")
        await server.say(channel, community.ada, "unpinged", reply_to=ours, ping=False)
        await server.say(channel, community.ada, "<@BOT> one")
        await server.say(channel, community.ada, "two", reply_to=ours)
        await server.say(server.dm(community.ada), community.ada, "three")
        for text, why in (("one", Addressed.MENTION), ("two", Addressed.REPLY), ("three", Addressed.DIRECT)):
            assert (await b.ears.said(text)).addressed is why
        assert {event.message.text for event in b.ears.all(Said)} == {"one", "two", "three"}
