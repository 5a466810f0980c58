"""Commands and buttons: acknowledged at once, told as events, answered to one person alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import PlaceGone, PlatformUnavailable
from bot.talk.command import MESSAGE, WORDS, Argument, Command, Who, in_menu
from bot.talk.delivery import Action
from bot.talk.event import Commanded, Pressed
from tests.discord_server import Permission
from tests.platforms.discord.bench import NOTHING, Facts, bench, delivery
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.test_deliveries import place

PRIVACY = Command(
    name="privacy",
    description="What I keep of you",
    arguments=(
        Argument(name="keep", description="Whether to keep", choices=("yes", "no")),
        Argument(name="note", description="Anything", required=False),
    ),
)
POLICY = Command(name="policy", description="What I keep here", who=Who.MODERATOR)
PUT = "PUT /applications/{application_id}/commands"


async def registered(community: Community, facts: Facts) -> int:
    async with bench(community.server, commands=(PRIVACY, POLICY), facts=facts):
        await community.server.wait_for(lambda: "discord-commands" in facts.kept)
    return len(community.server.requested(PUT))


async def test_commands_are_registered_once_and_again_only_when_they_changed(community: Community) -> None:
    facts = Facts()
    assert await registered(community, facts) == 1
    assert await registered(community, facts) == 1
    facts.kept.clear()
    assert await registered(community, facts) == 2


async def test_a_refused_registration_does_not_stop_the_bot_and_is_tried_at_the_next_start(
    community: Community,
) -> None:
    server, facts = community.server, Facts()
    server.fail_next("PUT /applications/*/commands", status=503)
    async with bench(server, commands=(PRIVACY,), facts=facts) as b:
        await server.say(community.channel, community.ada, "<@BOT> hello")
        await b.ears.said("hello")
        assert "discord-commands" not in facts.kept
    assert await registered(community, facts) == 2


async def test_a_command_is_heard_with_its_arguments_and_answered_privately(community: Community) -> None:
    server, channel = community.server, community.channel
    community.ada.locale = "fr"
    async with bench(server, commands=(PRIVACY, POLICY)) as b:
        await server.wait_for(lambda: "discord-commands" in b.facts.kept)
        used = await server.use_command("privacy", {"keep": "no"}, user=community.ada, channel=channel)
        event = await b.ears.one(Commanded)
        assert (event.name, event.arguments, event.moderator) == ("privacy", {"keep": "no"}, False)
        assert (event.person.name, event.person.locale) == ("Ada", "fr")
        assert event.place.id == str(channel.id)
        assert used.thinking
        private = delivery(event.place, "Done.", only=event.person.key, handle=event.handle)
        shown = await b.platform.deliver(private, NOTHING)
        assert [(message.content, message.ephemeral) for message in used.seen] == [("Done.", True)]
        assert channel.bot_messages == []
        more = delivery(event.place, "Done. " * 600, only=event.person.key, handle=event.handle)
        shown = await b.platform.deliver(more, shown)
        assert len(used.seen) == len(shown.messages) == 2
        assert all(message.ephemeral for message in used.seen)
        assert used.token not in str(shown)
        await b.platform.deliver(private, shown)
        assert [message.content for message in used.seen] == ["Done."]


async def test_an_entry_in_the_menu_of_messages_is_heard_with_the_message_and_answered_privately(
    community: Community,
) -> None:
    server, channel = community.server, community.channel
    chosen = await server.say(channel, community.grace, "the anchor holds")
    async with bench(server, commands=(PRIVACY, in_menu("catch-up-from", "Catch me up from here"))) as b:
        await server.wait_for(lambda: "discord-commands" in b.facts.kept)
        used = await server.use_menu("Catch me up from here", chosen, user=community.ada, channel=channel)
        event = await b.ears.one(Commanded)
        assert event.name == "catch-up-from"
        assert event.arguments == {MESSAGE: str(chosen.id), WORDS: "the anchor holds"}
        assert used.thinking
        private = delivery(event.place, "Done.", only=event.person.key, handle=event.handle)
        await b.platform.deliver(private, NOTHING)
        assert [(message.content, message.ephemeral) for message in used.seen] == [("Done.", True)]


async def test_what_is_shown_on_the_way_gives_its_place_to_the_answer_also_after_a_restart(
    community: Community,
) -> None:
    """Nothing is known of what stands there: the answer to a command is one place, whoever fills it."""
    server, channel = community.server, community.channel
    async with bench(server, commands=(PRIVACY,)) as b:
        await server.wait_for(lambda: "discord-commands" in b.facts.kept)
        used = await server.use_command("privacy", {"keep": "no"}, user=community.ada, channel=channel)
        event = await b.ears.one(Commanded)
        final = delivery(event.place, "Done.", only=event.person.key, handle=event.handle)
        await b.platform.deliver(replace(final, text="3 of 9", final=False), NOTHING)
        assert [message.content for message in used.seen] == ["3 of 9"]
    async with bench(server, commands=(PRIVACY,), facts=b.facts) as b:
        await b.platform.deliver(replace(final, text="5 of 9", final=False), NOTHING)
        await b.platform.deliver(final, NOTHING)
        assert [message.content for message in used.seen] == ["Done."]


@pytest.mark.parametrize("right", [Permission.MANAGE_MESSAGES, Permission.MANAGE_GUILD])
async def test_who_may_manage_the_channel_is_a_moderator(community: Community, right: Permission) -> None:
    server = community.server
    community.guild.set_roles(community.grace, community.guild.add_role("harbour master", right))
    async with bench(server, commands=(PRIVACY,)) as b:
        await server.wait_for(lambda: "discord-commands" in b.facts.kept)
        await server.use_command("privacy", {"keep": "yes"}, user=community.grace, channel=community.channel)
        assert (await b.ears.one(Commanded)).moderator


async def test_everyone_is_a_moderator_of_their_own_direct_messages(community: Community) -> None:
    server = community.server
    async with bench(server, commands=(PRIVACY,)) as b:
        await server.wait_for(lambda: "discord-commands" in b.facts.kept)
        await server.use_command("privacy", {"keep": "yes"}, user=community.ada, channel=server.dm(community.ada))
        event = await b.ears.one(Commanded)
        assert event.moderator
        assert event.place.guild is None


async def test_a_press_is_heard_with_its_action_even_after_a_restart(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        await b.platform.deliver(
            delivery(place(channel), "Shall I?", actions=(Action(id="approve:42", label="Yes"),)), NOTHING
        )
    async with bench(server) as b:
        pressed = await server.press(channel.bot_messages[0], "approve:42", community.ada)
        event = await b.ears.one(Pressed)
        assert (event.action, event.person.id) == ("approve:42", str(community.ada.id))
        await b.platform.deliver(
            delivery(event.place, "Only you may not.", only=event.person.key, handle=event.handle), NOTHING
        )
        assert [(each.content, each.ephemeral) for each in pressed.followups] == [("Only you may not.", True)]
        assert channel.bot_messages[0].content == "Shall I?"


async def test_a_press_that_could_not_be_acknowledged_is_heard_all_the_same(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        await b.platform.deliver(delivery(place(channel), "…", actions=(Action(id="stop:1", label="Stop"),)), NOTHING)
        server.fail_next("POST /interactions/*", status=503)
        await server.press(channel.bot_messages[0], "stop:1", community.ada)
        assert (await b.ears.one(Pressed)).handle is None


async def test_after_the_token_of_a_command_the_answer_comes_as_a_direct_message(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server, commands=(PRIVACY,)) as b:
        await server.wait_for(lambda: "discord-commands" in b.facts.kept)
        for ahead_here, ahead_there in ((15 * 60, 0), (0, 16 * 60)):  # we know it is over; only Discord knows
            await server.use_command("privacy", {"keep": "no"}, user=community.ada, channel=channel)
            count = len(b.ears.all(Commanded))
            event = await b.ears.one(Commanded, lambda each, after=count: b.ears.heard.index(each) >= after - 1)
            b.clock.ahead += ahead_here
            community.clock.advance(ahead_there)
            answer = delivery(event.place, "Here it is.", only=event.person.key, handle=event.handle)
            shown = await b.platform.deliver(answer, NOTHING)
            assert shown == await b.platform.deliver(answer, shown)
        assert {message.content for message in server.dm(community.ada).bot_messages} == {"Here it is."}
        assert channel.bot_messages == []


async def test_a_person_who_takes_no_direct_messages_cannot_be_told(community: Community) -> None:
    server = community.server
    shy = server.add_user("Shy", accepts_dms=False)
    async with bench(server) as b:
        with pytest.raises(PlaceGone):
            await b.platform.deliver(
                delivery(place(community.channel), "psst", only=f"discord:{shy.id}", handle="12345"), NOTHING
            )
        assert community.channel.bot_messages == []


async def test_a_private_answer_that_was_dismissed_is_not_sent_again(community: Community) -> None:
    server = community.server
    async with bench(server, commands=(PRIVACY,)) as b:
        await server.wait_for(lambda: "discord-commands" in b.facts.kept)
        used = await server.use_command("privacy", {"keep": "no"}, user=community.ada, channel=community.channel)
        event = await b.ears.one(Commanded)
        shown = await b.platform.deliver(
            delivery(event.place, "one", only=event.person.key, handle=event.handle, final=False), NOTHING
        )
        await server.delete(used.seen[0])
        shown = await b.platform.deliver(
            delivery(event.place, "one two", only=event.person.key, handle=event.handle), shown
        )
        assert [each.gone for each in shown.messages] == [True]
        assert server.dm(community.ada).bot_messages == []


async def test_a_private_answer_during_an_outage_can_be_tried_again(community: Community) -> None:
    server = community.server
    async with bench(server) as b:
        server.fail_next("POST /users/@me/channels", status=503)
        private = delivery(place(community.channel), "psst", only=f"discord:{community.ada.id}")
        with pytest.raises(PlatformUnavailable):
            await b.platform.deliver(private, NOTHING)
        await b.platform.deliver(private, NOTHING)
        assert [message.content for message in server.dm(community.ada).bot_messages] == ["psst"]


async def test_a_role_is_chosen_from_those_of_the_server_and_told_by_its_id(community: Community) -> None:
    server = community.server
    chosen = Command(
        name="tools-role", description="Who may", arguments=(Argument(name="role", description="which", role=True),)
    )
    role = community.guild.add_role("crew")
    async with bench(server, commands=(chosen,)) as b:
        await server.wait_for(lambda: "discord-commands" in b.facts.kept)
        (registered,) = server.requested(PUT)
        assert isinstance(registered.body, list)
        assert registered.body[0]["options"][0]["type"] == 8
        await server.use_command("tools-role", {"role": role}, user=community.ada, channel=community.channel)
        assert (await b.ears.one(Commanded)).arguments == {"role": str(role.id)}


async def test_what_was_pressed_for_may_take_several_messages_and_has_its_buttons_under_the_last(
    community: Community,
) -> None:
    server, channel = community.server, community.channel
    ids = ["allow:1", "refuse:1"]
    async with bench(server) as b:
        asking = delivery(place(channel), "May I?", actions=(Action(id="show-call:1", label="Show all"),))
        await b.platform.deliver(asking, NOTHING)
        pressed = await server.press(channel.bot_messages[0], "show-call:1", community.ada)
        event = await b.ears.one(Pressed)
        text = "Argument 1 of 1:\n```\n" + "one line of it\n" * 300 + "```"
        actions = tuple(Action(id=each, label=each) for each in ids)
        told = delivery(event.place, text, only=event.person.key, handle=event.handle, actions=actions)
        await b.platform.deliver(replace(told, id="told"), NOTHING)
        assert len(pressed.seen) == 3
        assert all(each.ephemeral and each.content.count("```") == 2 for each in pressed.seen)
        assert sum(each.content.count("one line of it") for each in pressed.seen) == 300
        assert [[one["custom_id"] for one in each.buttons] for each in pressed.seen] == [[], [], ids]
        await server.press(pressed.seen[-1], "allow:1", community.ada)
        allowed = await b.ears.one(Pressed, lambda each: each.action == "allow:1")
        assert allowed.place == event.place
        assert channel.bot_messages[1:] == []


async def test_the_buttons_of_several_requests_stand_under_the_answer_and_go_with_what_is_decided(
    community: Community,
) -> None:
    server, channel = community.server, community.channel
    ids = [f"{kind}:{number}" for number in (1, 2, 3) for kind in ("allow", "refuse")] + ["privately:1"]
    async with bench(server) as b:
        asking = delivery(place(channel), "May I?", actions=tuple(Action(id=each, label=each) for each in ids))
        shown = await b.platform.deliver(asking, NOTHING)
        (message,) = channel.bot_messages
        assert [each["custom_id"] for each in message.buttons] == ids
        pressed = await server.press(message, "refuse:2", community.ada)
        event = await b.ears.one(Pressed)
        left = delivery(place(channel), "May I?", actions=tuple(each for each in asking.actions if "2" not in each.id))
        await b.platform.deliver(left, shown)
        assert [each["custom_id"] for each in message.buttons] == [each for each in ids if "2" not in each]
        told = delivery(event.place, "It is refused.", only=event.person.key, handle=event.handle)
        await b.platform.deliver(replace(told, id="told"), NOTHING)
        assert [(each.content, each.ephemeral) for each in pressed.seen] == [("It is refused.", True)]
        assert channel.bot_messages == [message]
