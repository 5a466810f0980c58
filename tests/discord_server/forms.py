"""What a message may hold; the refusals are those of Discord (50035 and its neighbours).

Source: Discord API reference, "Create Message", "Embed Limits", "Component Reference".
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.discord_server.errors import ApiError, invalid_form, too_long
from tests.discord_server.message import NO_FLAGS, MessageFlag, walk
from tests.discord_server.things import Json

CONTENT = 2000
NITRO_CONTENT = 4000
V2_TEXT = 4000
V2_COMPONENTS = 40
EMBEDS = 10
EMBED_TOTAL = 6000
NONCE = 25
FILES = 10
FILE_BYTES = 10 * 1024 * 1024

SETTABLE = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
_EMBED_TEXTS = {"title": 256, "description": 4096}
_ROW_KINDS = {2: 5, 3: 1, 5: 1, 6: 1, 7: 1, 8: 1}
"""Component types of an action row and how many of them fit one."""
_V2_TOP = {1, 9, 10, 12, 13, 14, 17}


def check_content(content: object, limit: int = CONTENT) -> str:
    if content is None:
        return ""
    if not isinstance(content, str):
        raise invalid_form("content", "STRING_TYPE_CONVERT", "Could not interpret as string.")
    # Discord counts code points, as Python does.
    if len(content) > limit:
        raise too_long("content", limit)
    return content


def check_nonce(nonce: object) -> str | int | None:
    if nonce is None or isinstance(nonce, int):
        return nonce
    if not isinstance(nonce, str) or len(nonce) > NONCE:
        raise too_long("nonce", NONCE)
    return nonce


def check_embeds(embeds: object) -> list[Json]:
    if embeds is None:
        return []
    if not isinstance(embeds, list):
        raise invalid_form("embeds", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    every: list[Json] = embeds
    if len(every) > EMBEDS:
        raise too_long("embeds", EMBEDS)
    total = 0
    for index, embed in enumerate(every):
        total += _embed_length(f"embeds.{index}", embed)
    if total > EMBED_TOTAL:
        raise invalid_form("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_TOTAL}")
    return [{"type": "rich", **embed} for embed in every]


def _embed_length(path: str, embed: Json) -> int:
    parts: list[tuple[str, Any, int]] = [(key, embed.get(key), limit) for key, limit in _EMBED_TEXTS.items()]
    parts.append(("footer.text", (embed.get("footer") or {}).get("text"), 2048))
    parts.append(("author.name", (embed.get("author") or {}).get("name"), 256))
    fields: list[Json] = embed.get("fields") or []
    if len(fields) > 25:
        raise too_long(f"{path}.fields", 25)
    for index, field in enumerate(fields):
        for key, limit in (("name", 256), ("value", 1024)):
            if not field.get(key):
                raise invalid_form(f"{path}.fields.{index}.{key}", "BASE_TYPE_REQUIRED", "This field is required")
            parts.append((f"fields.{index}.{key}", field[key], limit))
    for key, text, limit in parts:
        if text is not None and len(str(text)) > limit:
            raise too_long(f"{path}.{key}", limit)
    return sum(len(str(text)) for _, text, _ in parts if text is not None)


def check_components(components: object, *, v2: bool) -> list[Json]:
    """Valid components, each with the numeric id that Discord gives it."""
    if components is None:
        return []
    if not isinstance(components, list):
        raise invalid_form("components", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    top: list[Json] = components
    if v2:
        _check_v2(top)
    elif len(top) > 5:
        raise too_long("components", 5)
    for index, component in enumerate(top):
        kind = component.get("type")
        if (kind not in _V2_TOP) if v2 else kind != 1:
            message = 'Value of field "type" must be one of (1,).'
            raise invalid_form(f"components.{index}.type", "UNION_TYPE_CHOICES", message)
    seen: set[str] = set()
    for component in walk(top):
        if component.get("type") == 1:
            _check_row(component)
        _check_control(component, seen)
    return _numbered(top, count(1))


def _numbered(components: list[Json], numbers: Iterator[int]) -> list[Json]:
    result: list[Json] = []
    for component in components:
        one: Json = {**component, "id": component.get("id") or next(numbers)}
        if "components" in one:
            one["components"] = _numbered(one["components"], numbers)
        result.append(one)
    return result


def _check_v2(top: list[Json]) -> None:
    every = list(walk(top))
    if len(every) > V2_COMPONENTS:
        raise too_long("components", V2_COMPONENTS)
    if sum(len(str(one.get("content", ""))) for one in every if one.get("type") == 10) > V2_TEXT:
        message = f"The total length of all displayable text must be {V2_TEXT} or fewer."
        raise invalid_form("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)


def _check_row(row: Json) -> None:
    inner: list[Json] = row.get("components") or []
    kinds = {one.get("type") for one in inner}
    if not inner or len(kinds) != 1 or not kinds <= set(_ROW_KINDS) or len(inner) > _ROW_KINDS[inner[0]["type"]]:
        message = "A row holds one to five buttons, or one select menu."
        raise invalid_form("components.0.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)


def _check_control(one: Json, seen: set[str]) -> None:
    kind = one.get("type")
    if kind not in _ROW_KINDS:
        return
    custom_id, path = one.get("custom_id"), "components.0.components.0"
    link = kind == 2 and one.get("style") in (5, 6)
    if link != (custom_id is None) or (kind == 2 and one.get("style") == 5 and not one.get("url")):
        message = "A custom id and url cannot both be specified, and one of them must be."
        raise invalid_form(f"{path}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", message)
    if custom_id is not None:
        if not 1 <= len(str(custom_id)) <= 100:
            raise invalid_form(f"{path}.custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        if custom_id in seen:
            raise invalid_form(
                f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id is duplicated"
            )
        seen.add(str(custom_id))
    if kind == 2:
        if len(str(one.get("label") or "")) > 80:
            raise too_long(f"{path}.label", 80)
        if not one.get("label") and not one.get("emoji") and one.get("style") != 6:
            raise invalid_form(f"{path}.label", "BUTTON_COMPONENT_LABEL_REQUIRED", "A label or an emoji is required.")
    options: list[Json] = one.get("options") or []
    if kind == 3 and not 1 <= len(options) <= 25:
        raise invalid_form(f"{path}.options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
    if len(str(one.get("placeholder") or "")) > 150:
        raise too_long(f"{path}.placeholder", 150)


def check_flags(value: object, *, extra: MessageFlag = NO_FLAGS) -> MessageFlag:
    """The flags a sender may set; others are ignored, as Discord does."""
    return MessageFlag(int(value) if isinstance(value, int) else 0) & (SETTABLE | extra)


def empty_message() -> ApiError:
    return ApiError(400, 50006, "Cannot send an empty message")
