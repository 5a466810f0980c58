"""What was found for fewer does not come back into the model's view with a call that is allowed later."""

from __future__ import annotations

from pathlib import Path

from tests.approvals.scene import Done, asks, button, buttons, call
from tests.fakes import ANA, BEN, GENERAL
from tests.rig import rig
from tests.rights import FakeRights

ELSEWHERE = "the key is under the mat"


async def test_who_came_in_before_a_call_was_allowed_is_not_told_what_it_was_made_of(tmp_path: Path) -> None:
    readers = [ANA.key]
    rights = FakeRights(readers={GENERAL.room: readers})
    scripts = (
        (call("recall", about=ELSEWHERE),),
        (call("note", text=ELSEWHERE),),
        ("Allow it.",),
        ("Well.",),
        ("Noted.",),
        ("So.",),
    )
    async with rig(tmp_path, *scripts, tools=Done().tools, rights=rights) as house:
        answer = await asks(house, "where is the key?")
        readers.append(BEN.key)
        await asks(house, "what was that?", by=BEN)
        assert ELSEWHERE not in house.asked()
        await house.presses(button(answer, "allow"))
        await house.idle()
        assert f"noted {ELSEWHERE}" in house.asked()
        await asks(house, "and what was that?", by=BEN)
        assert ELSEWHERE not in house.asked()


async def test_what_stands_in_an_allowed_call_leaves_in_no_other_unseen(tmp_path: Path) -> None:
    """The model was turned away from where the words come from, and reads them in the call all the same."""
    readers, done = [ANA.key], Done()
    rights = FakeRights(readers={GENERAL.room: readers})
    scripts = (
        (call("recall", about=ELSEWHERE),),
        (call("note", text=ELSEWHERE),),
        ("Allow it.",),
        (call("fetch", of="c2", url=ELSEWHERE),),
        ("Allow this, too.",),
    )
    async with rig(tmp_path, *scripts, tools=done.tools, rights=rights) as house:
        answer = await asks(house, "where is the key?")
        readers.append(BEN.key)
        await house.presses(button(answer, "allow"))
        await house.idle()
        assert list(done.written.values()) == [ELSEWHERE]
        assert done.sent == []
        assert "allow" in buttons(house.platform.revisions[-1])
