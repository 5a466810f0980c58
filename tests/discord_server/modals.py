"""What Discord demands of a form: one to five labelled fields, within its lengths.

Source: Discord API reference, "Component Reference" (label, text input) and "Modal".
"""

from __future__ import annotations

from tests.discord_server.errors import invalid_form
from tests.discord_server.things import Json

ROW, LABEL, TEXT_INPUT = 1, 18, 4
FIELDS = 5
LABEL_CHARS, ID_CHARS, INPUT_CHARS = 45, 100, 4000


def check_form(body: Json) -> None:
    """Raises ApiError 50035."""
    if not 1 <= len(str(body.get("custom_id") or "")) <= ID_CHARS:
        raise invalid_form("data.custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    components: list[Json] = list(body.get("components") or [])
    if not 1 <= len(components) <= FIELDS:
        raise invalid_form("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for index, component in enumerate(components):
        where = f"data.components.{index}"
        if component.get("type") == LABEL:
            label, field = component.get("label"), component.get("component")
        elif component.get("type") == ROW and len(component.get("components") or ()) == 1:
            field = component["components"][0]
            label = field.get("label")
        else:
            continue
        if not 1 <= len(str(label or "")) <= LABEL_CHARS:
            raise invalid_form(f"{where}.label", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length.")
        if not isinstance(field, dict) or not 1 <= len(str(field.get("custom_id") or "")) <= ID_CHARS:
            raise invalid_form(f"{where}.component", "BASE_TYPE_REQUIRED", "This field is required")
        if field.get("type") == TEXT_INPUT and not 1 <= int(field.get("max_length") or INPUT_CHARS) <= INPUT_CHARS:
            raise invalid_form(
                f"{where}.max_length", "NUMBER_TYPE_MAX", "int value should be less than or equal to 4000."
            )


def check_values(inputs: dict[str, Json], values: dict[str, str]) -> str:
    """Why a client would not send this; "" where it would."""
    for name, field in inputs.items():
        given = values.get(name, "")
        if len(given) > int(field.get("max_length") or INPUT_CHARS):
            return f"{name} takes no more than {field.get('max_length')} characters"
        if field.get("required", True) and not given:
            return f"{name} has to be filled in"
    return ""
