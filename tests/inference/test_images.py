"""What pictures cost."""

from __future__ import annotations

import io

import pytest
from PIL import Image as Pillow

from bot.inference.images import MOST_PIXELS, PATCH, image_tokens, scaled
from bot.talk.turn import Image
from tests.inference.llama import LlamaCpp

SIZES = [
    (300, 200),
    (28, 28),
    (56, 56),
    (28, 280),
    (840, 28),
    (1024, 784),
    (1024, 1024),
    (1920, 1080),
    (301, 77),
    (9, 3),
    (9, 8),
    (36, 2),
    (38, 19),
    (70, 70),
]


def picture(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (width, height), (10, 120, 90)).save(file, "PNG")
    return file.getvalue()


def image(width: int, height: int) -> Image:
    return Image(digest=f"{width}x{height}", media_type="image/png", width=width, height=height)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_picture_costs_what_llama_cpp_reports(size: tuple[int, int], llama: LlamaCpp) -> None:
    around = llama.prompt_tokens("[INST]one[/INST]")
    with_picture = llama.prompt_tokens("[INST][img-0]one[/INST]", [picture(*size)])
    assert image_tokens(image(*size)) == with_picture - around


@pytest.mark.parametrize(("size", "tokens"), [((300, 200), 84), ((1024, 1024), 1056), ((1920, 1080), 1032)])
def test_known_sizes_cost_what_a_real_ollama_reported(size: tuple[int, int], tokens: int) -> None:
    assert image_tokens(image(*size)) == tokens


def test_a_picture_that_was_prepared_is_not_scaled_again() -> None:
    for across in range(1, 37):
        for down in range(8 // across + 1, 1024 // across + 1):
            size = (across * PATCH, down * PATCH)
            assert size[0] * size[1] <= MOST_PIXELS
            assert scaled(*size) == size
