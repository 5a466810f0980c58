"""A digest that stands on Discord loses a point when the message that it was made of is deleted."""

from __future__ import annotations

from pathlib import Path

from bot.operate.clock import SystemClock
from bot.storage.store import open_store
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.digest import Told, text_of
from bot.talk.message import Conversation, Message, Person, Place
from bot.talk.policy import Keep, Policy
from tests import discord_server
from tests.end_to_end.harness import WITHIN, Town, bot_in, settings_for, town

HEADING = Told(text="### Decided", heading=True)


async def kept(place: Town, folder: Path, *said: discord_server.Message) -> None:
    """An earlier process has written these down, and a digest with a point of each that it could not send any more."""
    clock = SystemClock()
    here = Place(platform="discord", id=str(place.channel.id), name="general", guild=str(place.guild.id))
    async with open_store(settings_for(place, folder).database, folder, clock=clock) as store:
        await store.save_policy(here, Policy(keep=Keep.ALWAYS, announced=True, since=clock.now()))
        for each in said:
            author = Person(platform="discord", id=str(each.author.id), name=each.author.name)
            words = each.texts[-1]
            message = Message(id=str(each.id), place=here, author=author, text=words, sent_at=clock.now())
            assert await store.record(message, keep=True)
        points = [Told(text=f"- {each.texts[-1]}", messages=frozenset({str(each.id)})) for each in said]
        told = (HEADING, *points)
        digest = Delivery(id="digest", conversation=Conversation(place=here), text=text_of(told), told=told)
        await store.save_delivery(digest, DeliveryState.READY, at=clock.now())


async def test_a_point_goes_by_edit_when_its_message_is_deleted_and_all_of_it_with_the_last(tmp_path: Path) -> None:
    async with town() as place:
        sails = await place.discord.say(place.channel, place.ana, "We agreed on blue sails.")
        tide = await place.discord.say(place.channel, place.ben, "Low tide is at six.")
        await kept(place, tmp_path, sails, tide)
        async with bot_in(place, tmp_path):
            await place.channel.until(lambda it: bool(it.bot_messages), WITHIN)
            (digest,) = place.channel.bot_messages
            assert digest.texts == ["### Decided\n- We agreed on blue sails.\n- Low tide is at six."]
            await place.discord.delete(sails)
            await place.channel.until(lambda _: "blue sails" not in digest.texts[-1], WITHIN)
            assert digest.texts[-1] == "### Decided\n- Low tide is at six."
            await place.discord.delete(tide)
            await place.channel.until(lambda _: digest.deleted, WITHIN)
        assert place.channel.bot_messages in ([], [digest])
