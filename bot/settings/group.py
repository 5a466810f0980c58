"""What all groups of settings have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Group(BaseModel):
    """A group of settings; its docstring heads the group in the generated documents."""

    # The inputs of secrets stay out of error messages, also where code builds settings.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
