"""Where several people ask in one channel, staff silence the bot for whom they speak to, who is told so in their own
language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.languages.phrases import Phrases
from bot.talk.message import Addressed
from bot.talk.support import SupportChannel
from tests.fakes import ANA, BEN, said
from tests.languages.speakers import identifies
from tests.support.desk import CARA, HELP, HELPERS, desk
from tests.support.test_silencing import PERSON_HELPS


async def test_in_a_channel_staff_silence_it_for_whom_they_name_or_under_whose_answer_they_write(
    tmp_path: Path,
) -> None:
    channel = SupportChannel(place=HELP, staff=frozenset({HELPERS}), grounded=False)
    async with desk(tmp_path, ("Ana.",), ("Ben.",), ("Ana again.",), channel=channel) as at:
        await at.asks("why does it not start?", ANA, HELP)
        await at.asks("where do I buy oil?", BEN, HELP)
        await at.says("@Ben not here", CARA, HELP, named=[BEN.key])
        await at.asks("which one?", ANA, HELP)
        assert at.texts == ["Ana.", "Ben.", PERSON_HELPS, "Ana again."]
        under = next(shown for shown, one in at.rig.platform.standing.items() if one.text == "Ana again.")
        reply = said("No, this one", by=CARA, place=HELP, reply_to=under, addressed=Addressed.REPLY)
        await at.rig.says(replace(reply, sent_at=at.rig.clock.now()))
        await at.asks("so?", ANA, HELP)
        assert at.texts[4:] == [PERSON_HELPS]


async def test_the_notice_is_in_the_language_of_whoever_asked_also_before_they_were_answered(tmp_path: Path) -> None:
    channel = SupportChannel(place=HELP, languages=("en", "fr", "de"), staff=frozenset({HELPERS}), grounded=False)
    async with desk(tmp_path, ("Voilax.",), channel=channel, identifies=identifies) as at:
        await at.asks("pourquoix cex bateaux nex partx pasx?", ANA, HELP)
        await at.says("meint boott startett nichtt, warumt?", BEN, HELP)
        await at.says("Turn the key", CARA, HELP)
        told = {each.text for each in at.standing[1:]}
        assert told == {Phrases(tag).say("support-silent-staff") for tag in ("fr", "de")}
