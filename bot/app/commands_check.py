"""`python -m bot.app.commands_check` says which commands Discord would refuse, in whatever language."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bot.app.parts import all_commands
from bot.languages.phrases import Phrases
from bot.settings import KnowledgeSettings, Settings
from bot.talk.command import Command


def main() -> int:
    from bot.platforms.discord.commands import translated  # noqa: PLC0415 - discord.py takes a while to load
    from bot.platforms.discord.limits import complaints  # noqa: PLC0415 - likewise

    english, settings = Phrases(), Settings(knowledge=KnowledgeSettings(by_staff=True))

    def commands(locale: str) -> Sequence[Command]:
        return all_commands(settings, english.to(locale))

    payload = translated(all_commands(settings, english), english, commands)
    wrong = complaints(payload)
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
