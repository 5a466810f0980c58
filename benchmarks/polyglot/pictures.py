"""Pictures of a generated chat: mostly as `documents` prepares them, now and then of any size."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from random import Random

from PIL import Image as Pillow

from bot.inference.images import PATCH
from bot.talk.turn import Image

UNPREPARED = 0.2  # share of pictures whose size the engine has to mend


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    image: Image
    data: bytes


def picture(random: Random) -> Picture:
    width, height = _any_size(random) if random.random() < UNPREPARED else _prepared_size(random)
    kind = random.choice(("PNG", "JPEG"))
    file = io.BytesIO()
    Pillow.new("RGB", (width, height), tuple(random.randbytes(3))).save(file, kind)
    data = file.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    return Picture(
        image=Image(digest=digest, media_type=f"image/{kind.lower()}", width=width, height=height), data=data
    )


def _prepared_size(random: Random) -> tuple[int, int]:
    """Whole cells, 8 to 1024 of them; small ones more often, since large ones cost the engine a fifth of a second."""
    cells = random.choice((8, 12, 20, 20, 40, 60, 60, 90, 120, 120, 200, 300, 1024))
    columns = random.randint(1, min(55, cells))
    rows = min(55, max(-(-8 // columns), cells // columns))
    return columns * PATCH, rows * PATCH


def _any_size(random: Random) -> tuple[int, int]:
    longest = random.choice((20, 60, 100, 200, 400, 400, 2500))
    return random.randint(1, longest), random.randint(1, longest)
