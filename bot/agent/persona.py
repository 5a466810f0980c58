"""Who the model is told to be: the built-in text, or the operator's own file."""

from __future__ import annotations

from pathlib import Path

from bot.errors import SettingsError

BUILT_IN = Path(__file__).with_name("persona.md")
MAX_CHARS = 20_000
DEMO = "You are a helpful assistant. Answer in one or two short sentences."


def load_persona(file: Path | None, *, bot_name: str) -> str:
    """The persona with `{bot_name}` filled in. Raises SettingsError naming the file where it cannot be used."""
    try:
        text = (file or BUILT_IN).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"COMMUNITY_PERSONA_FILE: {file} cannot be read ({type(error).__name__})") from None
    if not 0 < len(text) <= MAX_CHARS:
        raise SettingsError(f"COMMUNITY_PERSONA_FILE: {file} must hold 1 to {MAX_CHARS} characters")
    return text.replace("{bot_name}", bot_name)
