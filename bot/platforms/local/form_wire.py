"""Forms as the page gets them, as documented in `docs/api.md`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.talk.form import Form


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldWire(Wire):
    name: str
    label: str
    most: int
    long: bool
    required: bool


class FormWire(Wire):
    title: str
    fields: tuple[FieldWire, ...]

    @classmethod
    def of(cls, form: Form) -> FormWire:
        fields = (
            FieldWire(name=one.name, label=one.label, most=one.most, long=one.long, required=one.required)
            for one in form.fields
        )
        return cls(title=form.title, fields=tuple(fields))
