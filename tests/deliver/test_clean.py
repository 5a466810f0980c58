"""Nothing that leaves holds a secret of the settings, whatever carries it."""

from __future__ import annotations

import dataclasses

from bot.deliver.clean import Clean
from bot.talk.delivery import Action, Delivery, Shown
from bot.talk.poll import Poll
from bot.talk.redaction import Redaction
from tests.fakes import FakePlatform, said

SECRET = "hunter2-hunter2"


async def test_no_words_of_a_delivery_hold_a_secret() -> None:
    platform = FakePlatform()
    clean = Clean(platform, Redaction([SECRET]))
    full = Delivery(
        id="d",
        conversation=said("?").conversation,
        text=f"it is {SECRET}",
        lead=f"about {SECRET}",
        opens=f"title {SECRET}",
        actions=(Action(id="a", label=f"use {SECRET}"),),
        poll=Poll(question=f"Is it {SECRET}?", answers=("yes", SECRET), hours=1),
    )
    for carried in ("text", "lead", "opens", "actions", "poll"):
        plain = {"text": "x", "lead": "", "opens": "", "actions": (), "poll": None}
        delivery = dataclasses.replace(full, **{name: value for name, value in plain.items() if name != carried})
        await clean.deliver(delivery, Shown())
    assert len(platform.revisions) == 5
    assert SECRET not in repr(platform.revisions)
