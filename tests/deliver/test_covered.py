"""Before each send of a digest it is asked anew who may read what it was made of."""

from __future__ import annotations

import pytest

from bot.deliver.covered import Covered
from bot.errors import PlatformUnavailable
from bot.ports.rights import seen_by
from bot.talk.delivery import Delivery, Shown
from bot.talk.digest import Told, text_of
from bot.talk.message import Conversation, Place
from tests.fakes import ANA, BEN, FakePlatform
from tests.rights import FakeRights

NEWS, QUAY, YARD = (Place(platform="local", id=name, name=name) for name in ("news", "quay", "yard"))
BOTH = {ANA.key, BEN.key}
TOLD = (
    Told(text="**Both**", heading=True),
    Told(text="2 messages", rooms=frozenset({QUAY.room, YARD.room})),
    Told(text="- of the quay", messages=frozenset({"1"}), rooms=frozenset({QUAY.room})),
    Told(text="- of the yard", messages=frozenset({"2"}), rooms=frozenset({YARD.room})),
)


def digest(*, only: str | None = None) -> Delivery:
    return Delivery(id="d", conversation=Conversation(place=NEWS, only=only), text=text_of(TOLD), told=TOLD)


def rights() -> FakeRights:
    return FakeRights(readers=dict.fromkeys((NEWS.room, QUAY.room, YARD.room), BOTH))


def hide(place: Place, allowed: FakeRights, *, for_whom: str = BEN.key) -> None:
    allowed.readers = {**allowed.readers, place.room: BOTH - {for_whom}}


async def test_what_all_may_read_is_sent_as_it_is() -> None:
    platform = FakePlatform()
    await Covered(platform, rights()).deliver(digest(), Shown())
    assert [each.text for each in platform.standing.values()] == [text_of(TOLD)]


async def test_what_somebody_may_not_read_any_more_is_not_sent_nor_how_much_it_was() -> None:
    platform, allowed = FakePlatform(), rights()
    hide(YARD, allowed)
    await Covered(platform, allowed).deliver(digest(), Shown())
    assert [each.text for each in platform.standing.values()] == ["**Both**\n- of the quay"]


async def test_an_edit_asks_anew_and_where_nothing_is_left_nothing_stands() -> None:
    platform, allowed = FakePlatform(), rights()
    covered = Covered(platform, allowed)
    shown = await covered.deliver(digest(), Shown())
    hide(YARD, allowed)
    shown = await covered.deliver(digest(), shown)
    assert [each.text for each in platform.standing.values()] == ["**Both**\n- of the quay"]
    hide(QUAY, allowed)
    await covered.deliver(digest(), shown)
    assert not platform.standing


async def test_a_private_one_is_asked_for_its_reader_alone() -> None:
    platform, allowed = FakePlatform(), rights()
    hide(YARD, allowed)
    await Covered(platform, allowed).deliver(digest(only=ANA.key), Shown())
    assert [each.text for each in platform.standing.values()] == [text_of(TOLD)]


async def test_while_nobody_can_say_who_may_read_it_nothing_is_sent_for_certain() -> None:
    platform, allowed = FakePlatform(), rights()
    allowed.away = True
    before = Shown()
    with pytest.raises(PlatformUnavailable) as refused:
        await Covered(platform, allowed).deliver(digest(), before)
    assert refused.value.shown is before
    assert not platform.revisions


async def test_where_nobody_knows_any_rights_nothing_of_a_digest_is_sent_and_all_else_is() -> None:
    platform = FakePlatform()
    covered = Covered(platform, None)
    await covered.deliver(digest(), Shown())
    assert not platform.standing
    await covered.deliver(Delivery(id="e", conversation=Conversation(place=NEWS), text="an answer"), Shown())
    assert [each.text for each in platform.standing.values()] == ["an answer"]


async def test_what_moderators_have_confirmed_is_sent_while_the_same_people_read_both() -> None:
    platform, allowed = FakePlatform(), rights()
    hide(YARD, allowed)
    told = (Told(text="of the yard", rooms=frozenset({YARD.room}), seen=seen_by(allowed, YARD, NEWS)),)
    delivery = Delivery(id="d", conversation=Conversation(place=NEWS), text="of the yard", told=told)
    shown = await Covered(platform, allowed).deliver(delivery, Shown())
    assert [each.text for each in platform.standing.values()] == ["of the yard"]
    allowed.readers = {**allowed.readers, NEWS.room: {*BOTH, "local:cyd"}}
    await Covered(platform, allowed).deliver(delivery, shown)
    assert not platform.standing
    allowed.readers = {YARD.room: BOTH}
    with pytest.raises(PlatformUnavailable):
        await Covered(platform, allowed).deliver(delivery, Shown())
