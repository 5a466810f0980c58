"""What somebody has allowed is done for the question that it was asked for."""

from __future__ import annotations

from pathlib import Path

from tests.approvals.scene import button
from tests.fakes import ANA, BEN, GENERAL, said
from tests.rights import FakeRights
from tests.services.reminded import quay


async def test_a_reminder_that_was_allowed_replies_to_the_question_and_keeps_its_links(tmp_path: Path) -> None:
    rights = FakeRights(readers={GENERAL.key: [ANA.key, BEN.key]})
    async with quay(tmp_path, rights=rights, asked=True) as place:
        asked = said("remind me at eight of https://tea.example/green")
        text = "https://tea.example/green and https://made.example/"
        await place.asks(asked, "remind", text=text, when="20:00")
        (answer,) = [each for each in place.house.platform.standing.values() if each.actions]
        place.house.engine.scripts += [("It is set.",)]
        assert await place.house.presses(button(answer, "allow")) == ""
        await place.house.idle()
        await place.passes(3700)
        (reminder,) = place.reminders()
        assert (reminder.reply_to, reminder.conversation) == (asked.id, asked.conversation)
        assert "<https://tea.example/green>" in reminder.text
        assert "https://made.example" not in reminder.text
