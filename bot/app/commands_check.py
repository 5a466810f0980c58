"""`python -m bot.app.commands_check` says which commands Discord would refuse, in whatever language."""

from __future__ import annotations

import sys

from bot.app.parts import all_commands
from bot.languages.phrases import Phrases


def main() -> int:
    from bot.platforms.discord.commands import translated  # noqa: PLC0415 - discord.py takes a while to load
    from bot.platforms.discord.limits import complaints  # noqa: PLC0415 - likewise

    english = Phrases()
    payload = translated(all_commands(english), english, lambda locale: all_commands(english.to(locale)))
    wrong = complaints(payload)
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
