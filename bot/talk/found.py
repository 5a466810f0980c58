"""What a tool gives back where that is more than words: where it comes from, and pictures to look at."""

from __future__ import annotations

from dataclasses import dataclass

from bot.talk.turn import Image, Whose


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where something was found. `url` may be a jump link of the platform; "" where there is no address to give."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`text` is what the model reads; `sources` are listed under the answer; `images` are shown to the model after it.

    `privately`: the asker alone may read more than everyone who can read the answer, so that asking again in private
    may find more. It says nothing of whether there is more. `of`: whose words these are, each message that anything
    of is told; when one of them goes, the whole result does. Raises ValueError for pictures of more than one message:
    it could not be said which goes with which.
    """

    text: str
    sources: tuple[Source, ...] = ()
    images: tuple[Image, ...] = ()
    privately: bool = False
    of: tuple[Whose, ...] = ()

    def __post_init__(self) -> None:
        if self.images and len(self.of) > 1:
            raise ValueError("pictures of several messages are given one message at a time")
