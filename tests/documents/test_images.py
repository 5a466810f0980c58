"""Pictures arrive upright, bare of metadata, on white, at the right size, the same each time."""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Callable
from functools import partial

import pytest
from PIL import Image, PngImagePlugin

from bot.documents.reader import DocumentReader
from bot.documents.scale import fit
from bot.errors import AttachmentTooLarge, AttachmentUnreadable
from bot.talk.document import ImageDocument
from tests.documents.samples import BLUE, GREEN, RED, WHITE, YELLOW, corners, photo, png_claiming, saved, webp_claiming

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def reader(lasting_reader: DocumentReader) -> DocumentReader:
    return lasting_reader


async def seen(reader: DocumentReader, data: bytes, name: str = "picture") -> tuple[ImageDocument, Image.Image]:
    document = await reader.read(name, "", data)
    assert isinstance(document, ImageDocument)
    image = Image.open(io.BytesIO(document.data))
    image.load()
    return document, image


def colours(image: Image.Image) -> list[tuple[int, int, int]]:
    """Of the middles of the four quarters, row by row, to the nearest of the painted ones."""
    names = (RED, GREEN, BLUE, YELLOW, WHITE)
    found: list[tuple[int, int, int]] = []
    for down in (1, 3):
        for across in (1, 3):
            point = image.convert("RGB").getpixel((image.width * across // 4, image.height * down // 4))
            assert isinstance(point, tuple)
            distances = {name: sum(abs(a - b) for a, b in zip(name, point, strict=True)) for name in names}
            found.append(min(distances, key=distances.__getitem__))
    return found


UPRIGHT = [RED, GREEN, BLUE, YELLOW]


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "P", {}),
        ("PNG", "RGBA", {}),
        ("JPEG", "RGB", {"quality": 95}),
        ("JPEG", "RGB", {"quality": 95, "progressive": True}),
        ("JPEG", "CMYK", {"quality": 95}),
        ("GIF", "P", {}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGB", {}),
        ("BMP", "RGB", {}),
    ],
)
async def test_every_format_is_read_by_content_whatever_it_is_called(
    reader: DocumentReader, kind: str, mode: str, options: dict[str, object]
) -> None:
    document, image = await seen(reader, saved(corners(mode=mode), kind, **options), name="notes.txt")
    assert colours(image) == UPRIGHT
    assert document.name == "notes.txt"
    assert (document.image.width, document.image.height) == image.size == (280, 140)
    assert document.image.digest == hashlib.sha256(document.data).hexdigest()
    assert document.image.media_type == Image.MIME[image.format or ""]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
async def test_all_eight_orientations_come_out_upright(reader: DocumentReader, kind: str, orientation: int) -> None:
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    image = corners() if turned is None else corners().transpose(turned)
    exif = Image.Exif()
    exif[0x0112] = orientation
    _, upright = await seen(reader, saved(image, kind, exif=exif))
    assert upright.size == (280, 140)
    assert colours(upright) == UPRIGHT


async def test_no_metadata_survives(reader: DocumentReader) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 30.0)
    about = PngImagePlugin.PngInfo()
    about.add_text("Comment", "where I live")
    profile = b"where I live" * 20
    small = saved(corners(), "PNG", exif=exif, pnginfo=about, dpi=(72, 72), icc_profile=profile)
    large = saved(photo(800, 600), "JPEG", exif=exif, comment=b"where I live", icc_profile=profile)
    for data in (small, large):
        assert b"where I live" in data or b"iCCP" in data
        document, image = await seen(reader, data)
        assert b"where I live" not in document.data
        assert not image.getexif()
        assert not {"exif", "icc_profile", "comment", "dpi", "Comment", "xmp"} & set(image.info)


async def test_the_same_bytes_give_the_same_picture_in_another_worker_too(reader: DocumentReader) -> None:
    data = saved(photo(900, 700), "PNG", compress_level=1)
    first, _ = await seen(reader, data)
    again, _ = await seen(reader, data)
    await reader._end_worker()  # pyright: ignore[reportPrivateUsage] - another process, the same reader
    third, _ = await seen(reader, data)
    assert first == again == third


async def test_drawings_stay_lossless_and_photos_become_jpeg(reader: DocumentReader) -> None:
    drawing, _ = await seen(reader, saved(corners(1400, 700), "PNG"))
    noise, _ = await seen(reader, saved(photo(900, 700), "PNG", compress_level=1))
    assert drawing.image.media_type == "image/png"
    assert noise.image.media_type == "image/jpeg"


async def test_large_pictures_are_scaled_down_and_tiny_ones_up(reader: DocumentReader) -> None:
    large, _ = await seen(reader, saved(corners(3000, 2000), "JPEG"))
    tiny, _ = await seen(reader, saved(corners(2, 2), "PNG"))
    assert (large.image.width, large.image.height) == fit(3000, 2000).canvas
    assert large.image.width * large.image.height <= 802_816
    assert (tiny.image.width, tiny.image.height) == (84, 84)


async def test_a_long_thin_picture_keeps_its_shape_between_white_margins(reader: DocumentReader) -> None:
    _, image = await seen(reader, saved(Image.new("RGB", (4000, 20), RED), "PNG"))
    assert image.size == (1540, 28)
    column = [image.convert("RGB").getpixel((700, row)) for row in range(28)]
    assert column.count(RED) == 8
    assert column[0] == column[-1] == WHITE


async def test_a_gif_and_an_animated_webp_show_their_first_frame(reader: DocumentReader) -> None:
    other = Image.new("RGB", (280, 140), BLUE)
    for kind in ("GIF", "WEBP"):
        data = saved(corners(), kind, save_all=True, append_images=[other, other], duration=100)
        _, image = await seen(reader, data)
        assert colours(image) == UPRIGHT


async def test_sixteen_bit_grey_becomes_the_same_grey(reader: DocumentReader) -> None:
    rows, columns = 140, 280
    pixels = b"".join(struct.pack("<H", 65535 * column // (columns - 1)) for column in range(columns)) * rows
    data = saved(Image.frombytes("I;16", (columns, rows), pixels), "PNG")
    _, image = await seen(reader, data)
    grey = image.convert("L")
    assert [grey.getpixel((x, 70)) for x in (0, 140, 279)] == pytest.approx([0, 128, 255], abs=2)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "RGB"])
async def test_transparency_becomes_white(reader: DocumentReader, mode: str) -> None:
    if mode in ("RGBA", "LA"):
        image = Image.new("RGBA", (280, 140), (0, 0, 0, 0)).convert(mode)
        data = saved(image, "PNG")
    else:
        transparent = {"P": 0, "L": 0, "RGB": (0, 0, 0)}[mode]
        data = saved(Image.new(mode, (280, 140)), "PNG", transparency=transparent)
    _, image = await seen(reader, data)
    assert colours(image) == [WHITE] * 4


def cut_photo(kind: str, most: int) -> bytes:
    return saved(photo(300, 300), kind)[:most]


@pytest.mark.parametrize(
    "made",
    [
        partial(cut_photo, "PNG", 20_000),
        partial(cut_photo, "JPEG", 5_000),
        partial(cut_photo, "GIF", 5_000),
        partial(cut_photo, "WEBP", 5_000),
        partial(cut_photo, "BMP", 5_000),
        partial(bytes, b"\x89PNG\r\n\x1a\n"),
        partial(bytes, b"GIF89a"),
        partial(bytes, b"\xff\xd8\xff"),
        partial(png_claiming, 0, 10),
    ],
    ids=["png", "jpeg", "gif", "webp", "bmp", "png header", "gif header", "jpeg header", "no width"],
)
async def test_a_truncated_picture_is_unreadable(reader: DocumentReader, made: Callable[[], bytes]) -> None:
    with pytest.raises(AttachmentUnreadable) as caught:
        await reader.read("cat.png", "image/png", made())
    assert caught.value.values == {"name": "`cat.png`"}


@pytest.mark.parametrize(
    "made",
    [
        partial(png_claiming, 100_000, 100_000),
        partial(png_claiming, 8000, 8000, rows=8000),  # 188 KiB that would become 192 MB
        lambda: saved(Image.new("1", (8000, 8000)), "GIF"),
        lambda: saved(Image.new("L", (8000, 8000)), "JPEG"),
        partial(webp_claiming, 16383, 16383),
    ],
    ids=["png header", "png bomb", "gif", "jpeg", "webp header"],
)
async def test_a_decompression_bomb_is_refused_from_its_header(
    reader: DocumentReader, made: Callable[[], bytes]
) -> None:
    with pytest.raises(AttachmentTooLarge) as caught:
        await reader.read("bomb.png", "image/png", made())
    assert caught.value.values == {"name": "`bomb.png`", "limit": "50 megapixels"}


@pytest.mark.parametrize("media_type", ["image/png", "image/svg+xml; charset=utf-8", ""])
async def test_a_png_that_is_html_is_refused_by_name(reader: DocumentReader, media_type: str) -> None:
    with pytest.raises(AttachmentUnreadable) as caught:
        await reader.read("cat.png", media_type, b"<!doctype html><title>Not found</title>")
    assert caught.value.values == {"name": "`cat.png`"}
