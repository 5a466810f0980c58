"""Pictures as the model gets them: upright, without metadata, on white, at a size that every engine leaves alone.

The same bytes in give the same bytes out (with one version of Pillow): the digest of the result names it in the store,
and a re-encoded picture would break the engines' prefix cache.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from bot.documents.bounds import Bounds
from bot.documents.kinds import Kind
from bot.documents.scale import fit
from bot.errors import AttachmentTooLarge, AttachmentUnreadable
from bot.talk.document import ImageDocument
from bot.talk.turn import Image as Picture

JPEG_QUALITY = 90
SMALL_BYTES = 65_536  # a PNG up to this size is taken however small the JPEG would be
PNG_FACTOR = 1.5  # a PNG is taken up to this many times the JPEG: it shows letters as they are
OVERSAMPLE = 2  # a JPEG is decoded at no less than this many times the wanted size
ORIENTATION = 0x0112  # EXIF tag

_DECODERS: dict[Kind, Callable[[io.BytesIO], ImageFile.ImageFile]] = {  # nothing in the content can choose another
    Kind.PNG: PngImagePlugin.PngImageFile,
    Kind.JPEG: JpegImagePlugin.JpegImageFile,
    Kind.GIF: GifImagePlugin.GifImageFile,
    Kind.WEBP: WebPImagePlugin.WebPImageFile,
    Kind.BMP: BmpImagePlugin.BmpImageFile,
}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_image(kind: Kind, data: bytes, bounds: Bounds) -> ImageDocument:
    """Raises AttachmentTooLarge over the pixel limit, before anything is decoded, and AttachmentUnreadable."""
    Image.MAX_IMAGE_PIXELS = bounds.pixels // 2  # Pillow's own check, made at twice this, guards what a frame claims
    try:
        with _DECODERS[kind](io.BytesIO(data)) as source:
            _check(source.size, bounds)
            upright = _prepared(source)
    except Image.DecompressionBombError:
        raise _oversized(bounds) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise AttachmentUnreadable(f"the {kind} is broken ({type(error).__name__})") from None
    return _encoded(upright)


def _oversized(bounds: Bounds) -> AttachmentTooLarge:
    return AttachmentTooLarge("too many pixels", limit=f"{bounds.megapixels} megapixels")


def _check(size: tuple[int, int], bounds: Bounds) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise AttachmentUnreadable("the picture has no size")
    if width * height > bounds.pixels:
        raise _oversized(bounds)


def _prepared(source: ImageFile.ImageFile) -> Image.Image:
    orientation = _orientation(source)
    turned = orientation in (5, 6, 7, 8)
    width, height = source.size
    target = fit(height, width) if turned else fit(width, height)
    across, down = target.picture
    inner = (down, across) if turned else (across, down)
    if source.format in ("JPEG", "MPO"):
        source.draft("RGB", (inner[0] * OVERSAMPLE, inner[1] * OVERSAMPLE))
    small = _eight_bits(source).resize(inner, Image.Resampling.LANCZOS, reducing_gap=3.0)
    turn = _TURNS.get(orientation)
    upright = small if turn is None else small.transpose(turn)
    canvas = Image.new("RGB", target.canvas, "white")
    corner = ((target.canvas[0] - upright.width) // 2, (target.canvas[1] - upright.height) // 2)
    canvas.paste(upright.convert("RGB"), corner, upright if upright.mode == "RGBA" else None)
    return canvas


def _orientation(source: ImageFile.ImageFile) -> int:
    """1 to 8; 1 (upright) where the metadata says nothing that can be read."""
    try:
        found = source.getexif().get(ORIENTATION)
    except (SyntaxError, ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError):
        return 1  # broken metadata is no reason to refuse the picture
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _eight_bits(source: ImageFile.ImageFile) -> Image.Image:
    """In mode L, RGB or RGBA. The first frame, where there are several."""
    source.load()
    if source.mode.startswith("I"):  # 16 bits of grey
        return source.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if source.has_transparency_data:
        return source.convert("RGBA")
    return source if source.mode in ("L", "RGB") else source.convert("RGB")


def _encoded(image: Image.Image) -> ImageDocument:
    png, jpeg = io.BytesIO(), io.BytesIO()
    image.save(png, "PNG")
    image.save(jpeg, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    lossless = png.tell() <= max(SMALL_BYTES, PNG_FACTOR * jpeg.tell())
    data = (png if lossless else jpeg).getvalue()
    picture = Picture(
        digest=hashlib.sha256(data).hexdigest(),
        media_type="image/png" if lossless else "image/jpeg",
        width=image.width,
        height=image.height,
    )
    return ImageDocument(name="", image=picture, data=data)
