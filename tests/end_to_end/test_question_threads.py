"""A channel where each question gets a thread, from the question to the thanks, as people of three tongues read it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.languages.phrases import Phrases
from bot.support import settling
from tests.discord_server import Channel, Message, User
from tests.discord_server.permissions import Overwrite, Permission
from tests.end_to_end.harness import MODEL, WITHIN, Town, bot_in, town
from tests.end_to_end.helping import people, press, set_up, stands, told, use, whole
from tests.ollama_server import OllamaServer

SEARCH = '[TOOL_CALLS][{"name":"search_knowledge","arguments":{"words":"raise the anchor"}}]'
SUMMARY = "Jemand fragt nach Geld am Samstag."
REPLY = "Ja, das geht auch am Samstag."
MANUAL = "# Anchors\n\nTo raise the anchor, turn the blue handle three times.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """What is said in a language: `known` can be answered from the manual, `unknown` cannot; `guess`: what the model
    says to that; `relayed`: the reply of staff."""

    locale: str
    name: str
    known: str
    answer: str
    unknown: str
    guess: str
    relayed: str


TONGUES = (
    Tongue(
        locale="ja",
        name="Japanese",
        known="錨はどう上げますか",
        answer="青いハンドルを三回まわしてください [1]。",
        unknown="返金は土曜日にもできますか",
        guess="それは分かりません。たぶんできると思います。",
        relayed="はい、土曜日にもできます。",
    ),
    Tongue(
        locale="ar",
        name="Arabic",
        known="كيف أرفع المرساة؟",
        answer="أدر المقبض الأزرق ثلاث مرات [1].",
        unknown="هل يمكن استرداد المال يوم السبت؟",
        guess="ربما نعم، لست متأكدًا من ذلك.",
        relayed="نعم، يمكن ذلك يوم السبت أيضًا.",
    ),
    Tongue(
        locale="pl",
        name="Polish",
        known="Jak podnieść kotwicę?",
        answer="Trzeba trzy razy obrócić niebieską dźwignię [1].",
        unknown="Czy zwrot pieniędzy jest możliwy w sobotę?",
        guess="Może tak, ale nie jestem tego pewien.",
        relayed="Tak, w sobotę też jest to możliwe.",
    ),
)


def says(prompt: str) -> str:
    """As a model that knows only what it is given, and guesses where that is nothing."""
    last = prompt[prompt.rfind("[INST]") :]
    if "You sum up a question" in prompt:
        return SUMMARY
    if "You translate what" in prompt:
        return next(each.relayed for each in TONGUES if f"into {each.name};" in last)
    for each in TONGUES:
        if f": {each.known}" in last:
            return each.answer if "[TOOL_RESULTS]" in last else SEARCH
        if f": {each.unknown}" in last:
            return each.guess
    raise AssertionError(f"nobody asked this: {last[-300:]}")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits four seconds here."""
    monkeypatch.setattr(settling, "SETTLE_SECONDS", 0.3)


@pytest.fixture
def manual(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    (folder / "everyone").mkdir(parents=True)
    (folder / "everyone" / "anchors.md").write_text(MANUAL, encoding="utf-8")
    return folder


async def thread_of(asked: Message) -> Channel:
    await asked.channel.until(lambda _: asked.thread is not None, WITHIN)
    assert asked.thread is not None
    return asked.thread


def read(thread: Channel) -> list[str]:
    """What stands there of ours, without Discord's own first line."""
    return [each.content for each in thread.bot_messages if not each.announces and not each.deleted]


async def helped(place: Town, tongue: Tongue, *, office: Channel, boss: User, cara: User, helpers: str) -> None:
    """From the set-up to the thanks."""
    words, german = Phrases(tongue.locale), Phrases("de")
    ana, ben = (place.discord.add_user(f"{name}-{tongue.locale}") for name in ("ana", "ben"))
    for each in (ana, ben):
        each.locale = tongue.locale
        place.guild.add_member(each)
    room = place.guild.add_text_channel(f"help-{tongue.locale}")
    languages = {"languages": f"en, {tongue.locale}", "staff-language": "de"}
    options = {"channel": room.mention, "staff": helpers, "notes": office.mention, "answers": "thread", **languages}
    await set_up(place, boss, **options)

    asked = await place.discord.say(room, ana, tongue.known)
    thread = await thread_of(asked)
    answer = await stands(thread, tongue.answer)
    assert "anchors.md" in answer.content

    await place.discord.say(thread, ana, tongue.unknown)
    left = await stands(thread, words.together("case-unfound", "case-told"))
    note = await stands(office, german.say("case-language", language=german.language(tongue.locale)))
    assert note.content.startswith(f"**{ana.name} braucht einen Menschen**")
    assert SUMMARY in note.content
    assert note.pinged == set()

    await press(place, note, german.say("case-claim"), cara)
    await office.until(lambda _: german.say("case-is-claimed", name="cara") in note.content, WITHIN)

    await place.discord.say(office, cara, f"{place.mention} {REPLY}", reply_to=note)
    relayed = await stands(thread, tongue.relayed)
    assert words.say("relay-translated", name="cara") in relayed.content
    shown = await press(place, relayed, words.say("relay-original"), ana)
    await told(place, shown, REPLY)
    silent = await stands(thread, words.say("support-silent-staff"))
    await told(place, await press(place, silent, words.say("support-call"), ben), words.say("support-call-not-yours"))
    await told(place, await press(place, silent, words.say("support-call"), ana), words.say("support-called"))
    await place.discord.say(thread, cara, "Ich schaue nach.")
    await place.discord.say(thread, ana, tongue.known)

    await told(place, await press(place, left, words.say("case-done"), ben), words.say("case-not-asker"))
    await press(place, left, words.say("case-done"), ana)
    await stands(thread, words.say("case-solved"))
    await office.until(lambda _: german.say("case-is-solved", name=ana.name) in note.content, WITHIN)
    assert note.buttons == []
    await told(place, await press(place, left, words.say("case-done"), ana), words.say("case-over"))
    assert len(read(thread)) == len((answer, left, silent, relayed, "solved"))
    assert len(whole(room, "")) == 1, "only what is kept is announced in the channel"


async def test_three_people_are_helped_each_in_their_own_language_from_the_question_to_the_thanks(
    tmp_path: Path, manual: Path
) -> None:
    async with town(OllamaServer(model=MODEL, answer=says, slots=4)) as place:
        boss, cara, helpers = people(place.guild, place)
        seen = {*place.guild.members[cara.id].roles, *place.guild.members[boss.id].roles, place.discord.bot.id}
        overwrites = {each: Overwrite(allow=Permission.VIEW_CHANNEL) for each in seen}
        overwrites[place.guild.id] = Overwrite(deny=Permission.VIEW_CHANNEL)
        office = place.guild.add_text_channel("office", overwrites=overwrites)
        async with bot_in(place, tmp_path / "data", knowledge={"dir": manual}):
            async with asyncio.TaskGroup() as tasks:
                for each in TONGUES:
                    tasks.create_task(helped(place, each, office=office, boss=boss, cara=cara, helpers=helpers))
            shown = await use(place, "support-show", boss, channel="help-ar")
            assert (await told(place, shown, "")).content.count("⚠") == 0
        asked = [each.prompt[each.prompt.rfind("[INST]") :] for each in place.ollama.generations]
        for each in TONGUES:
            answers = [one for one in asked if "says to you in" in one and f": {each.known}" in one]
            assert len(answers) == len(("the search", "the answer")), "nothing is answered where staff have spoken"


async def test_a_question_that_is_deleted_while_its_thread_is_being_opened_is_answered_nowhere(tmp_path: Path) -> None:
    async with town(OllamaServer(model=MODEL, answer="The answer.")) as place:
        boss, _, helpers = people(place.guild, place)
        async with bot_in(place, tmp_path):
            await set_up(place, boss, staff=helpers, answers="thread", grounded="no")
            gate = place.discord.hold_next("POST /channels/*/messages/*/threads")
            gone = await place.discord.say(place.channel, place.ana, "where is my secret boat?")
            await gate.until_reached()
            await place.discord.delete(gone)
            gate.release()
            asked = await place.discord.say(place.channel, place.ben, "where is mine?")
            await stands(await thread_of(asked), "The answer.")
        assert gone.thread is None
        assert [each for each in whole(place.channel, "") if "transcript" not in each.content] == []
        assert all("secret" not in each.prompt for each in place.ollama.generations)
