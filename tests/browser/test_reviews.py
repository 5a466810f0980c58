"""Votes, reasons and reviews in a real browser."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from bot.languages.phrases import Phrases
from bot.oversight.voting import commands
from bot.talk.delivery import Action, Delivery, Shown
from bot.talk.event import Pressed
from bot.talk.message import Conversation
from bot.talk.oversight import Flag, ReviewState
from tests.browser.conftest import Browser
from tests.browser.steps import open_channel
from tests.fakes import GENERAL
from tests.oversight.staff import Overseeing, against, reviewed
from tests.platforms.local.doubles import COMMANDS, House, build, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def pressed(house: House, action: str) -> Pressed:
    """As soon as it was heard."""
    async with asyncio.timeout(30):
        while True:
            house.verbs.pressed.clear()
            found = [each for each in house.verbs.heard if isinstance(each, Pressed) and each.action == action]
            if found:
                return found[-1]
            await house.verbs.pressed.wait()


async def test_people_say_what_was_wrong_and_staff_write_what_is_right(browser: Browser) -> None:
    staff = Overseeing(
        {
            one.turn: one
            for one in (
                reviewed("t1", "where is the <b>door</b>?", votes=against("there is none")),
                reviewed("t2", "and the window?", flags=frozenset({Flag.FEW})),
            )
        }
    )
    async with serving(build(commands=(*COMMANDS, *commands(Phrases())), oversees=staff)) as house:
        tab = await browser.open(house.url)
        await open_channel(tab)
        actions = (Action(id="vote-down:t1", label="👎"), Action(id="why:t1", label="Say what was wrong"))
        answer = Delivery(id="d1", conversation=Conversation(place=GENERAL), text="Left.", actions=actions)
        await house.platform.deliver(answer, Shown())
        line = tab.locator(".line.ours")
        await line.get_by_role("button", name="👎").click()
        assert (await pressed(house, "vote-down:t1")).filled == {}
        await line.get_by_role("button", name="Say what was wrong").click()
        form = tab.get_by_role("dialog", name="What was wrong?")
        await expect(form).to_be_visible()
        await tab.keyboard.press("Escape")
        await expect(form).to_have_count(0)
        assert len([each for each in house.verbs.heard if isinstance(each, Pressed)]) == 1
        await line.get_by_role("button", name="Say what was wrong").click()
        await form.get_by_label("The reason, if you like").fill("It is the other one.")
        await form.get_by_role("button", name="Send").click()
        assert (await pressed(house, "why:t1")).filled == {"reason": "It is the other one."}
        await line.hover()
        await line.get_by_role("button", name="More").click()
        await tab.get_by_role("menuitem", name="This was wrong").click()
        await form.get_by_role("button", name="Send").click()
        shown = (await line.get_attribute("id") or "").removeprefix("line-")
        assert (await pressed(house, f"wrong:{shown}")).filled == {"reason": ""}

        await tab.get_by_role("button", name="Review").click()
        reviews = tab.get_by_role("dialog", name="Answers to review")
        await expect(reviews.locator(".week")).to_have_text("This week: 3 answered, 0 handed over, 0 solved")
        await expect(reviews.locator(".reviews > li")).to_have_count(2)
        await expect(reviews.locator("[data-turn=t1] .asked")).to_have_text("where is the <b>door</b>?")
        await expect(reviews.locator("[data-turn=t1] .reason")).to_have_text("there is none")
        await reviews.get_by_label("Which").select_option("low")
        await expect(reviews.locator(".reviews > li")).to_have_count(1)
        await reviews.get_by_role("button", name="Nothing is wrong").click()
        await expect(reviews.locator(".none")).to_be_visible()
        await reviews.get_by_label("Which").select_option("all")
        await reviews.locator("[data-turn=t1]").get_by_role("button", name="Right answer, and post it").click()
        right = tab.get_by_role("dialog", name="The right answer, for everybody")
        await right.get_by_label("The question, in general words").fill("Where is the door?")
        await right.get_by_label("The right answer", exact=True).fill("Right.")
        await right.get_by_role("button", name="Send").click()
        await expect(reviews.locator(".none")).to_be_visible()
        assert staff.corrected == [("Guest", "t1", "Where is the door?", "Right.", True)]
        assert staff.reviews["t2"].state is ReviewState.DISMISSED
        await reviews.get_by_label("State").select_option("done")
        await reviews.get_by_role("link", name="See it there").click()
        await expect(reviews).to_have_count(0)
        await browser.close()
