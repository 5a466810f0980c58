"""What a server's tool gave, as the program knows results: words, sources, pictures, or a reason why not."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable

from mcp_types import (
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from bot.errors import BadCall
from bot.talk.found import Found, Source
from bot.talk.turn import Image

MOST_BLOCKS = 200  # of one result
MOST_PICTURES = 4
MOST_SOURCES = 10
TITLE_CHARS, URL_CHARS = 200, 2000

Pictures = Callable[[str, bytes], Awaitable[Image | None]]
"""From a media type and bytes to a picture that can be shown to the model; None for what is none."""


async def no_pictures(_media_type: str, _data: bytes) -> None:
    return None


async def found(name: str, result: CallToolResult, pictures: Pictures) -> Found:
    """Raises BadCall with what the server said went wrong."""
    words: list[str] = []
    sources: list[Source] = []
    images: list[Image] = []
    for block in result.content[:MOST_BLOCKS]:
        match block:
            case ImageContent() if len(images) < MOST_PICTURES:
                image = await _picture(block, pictures)
                if image is None:
                    words.append("(a picture that cannot be shown was left out)")
                else:
                    images.append(image)
            case ResourceLink():
                words.append(f"{_line(block.title or block.name)}: {_line(str(block.uri))}")
                if (source := _source(block)) is not None and len(sources) < MOST_SOURCES:
                    sources.append(source)
            case _:
                words.append(_words(block))
    if left := len(result.content) - MOST_BLOCKS:
        words += [f"({left} more parts were left out)"] if left > 0 else []
    if result.structured_content is not None and not any(isinstance(each, TextContent) for each in result.content):
        words.append(json.dumps(result.structured_content, ensure_ascii=False))
    text = "\n".join(each for each in words if each)
    if result.is_error:
        raise BadCall(f"{name} failed: {text or 'it does not say why'}")
    if not text and images:
        text = f"({len(images)} picture{'s' * (len(images) > 1)})"
    return Found(text=text, sources=tuple(sources), images=tuple(images))


def _words(block: ContentBlock) -> str:
    match block:
        case TextContent():
            return block.text
        case EmbeddedResource(resource=TextResourceContents(text=text, uri=uri)):
            return f"{_line(str(uri))}:\n{text}"
        case _:
            return f"(what is no text was left out: {block.type})"


async def _picture(block: ImageContent, pictures: Pictures) -> Image | None:
    try:
        data = base64.b64decode(block.data, validate=True)
    except (binascii.Error, ValueError):
        return None
    return await pictures(block.mime_type, data)


def _source(link: ResourceLink) -> Source | None:
    url = str(link.uri)
    if not url.startswith(("http://", "https://")) or len(url) > URL_CHARS or url != _line(url, URL_CHARS):
        return None
    return Source(title=_line(link.title or link.name), url=url)


def _line(text: str, chars: int = TITLE_CHARS) -> str:
    return "".join(each if each.isprintable() else "\ufffd" for each in text[:chars])
