"""For developers: writes what each language is called in each locale, from Unicode's CLDR as Babel has it.

`python -m bot.languages.cldr` writes the files anew; with `--check` it says which are not in step. Where they come from
and under which terms says `locales/NOTICE.md`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.languages.locales import LOCALES
from bot.languages.naming import names_path
from bot.languages.tags import NAMES, VARIETIES
from bot.languages.words import FOLDER

_LOCALES = {"sr": "sr_Cyrl", "zh-CN": "zh_Hans", "zh-TW": "zh_Hant"}
"""What CLDR calls our locales, where it is not the same with an underscore; the same of tags."""
_TAGS = {
    "tl": "fil",
    "zh-cn": "zh_Hans",
    "zh-hans": "zh_Hans",
    "zh-hant": "zh_Hant",
    "zh-hk": "zh_Hant",
    "zh-tw": "zh_Hant",
}


def names(locale: str) -> str:
    """The file of a locale: a tag in lower case, a tab, its name there; languages that have none there are left out."""
    # Babel is among the tools of developers, who alone come here.
    from babel import Locale  # noqa: PLC0415

    known = Locale.parse(_LOCALES.get(locale, locale.replace("-", "_"))).languages
    lines: list[str] = []
    for tag in sorted({*NAMES, *VARIETIES}):
        first, _, region = tag.partition("-")
        name = known.get(_TAGS.get(tag, f"{first}_{region.upper()}" if region else first))
        if name is not None:
            lines.append(f"{tag}\t{name}")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None, *, folder: Path = FOLDER) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.languages.cldr", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is not in step")
    check: bool = parser.parse_args(arguments).check
    wrong = 0
    for locale in LOCALES:
        path, wanted = names_path(locale, folder), names(locale)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != wanted:
            wrong += 1
            sys.stderr.write(f"{path.name} of {locale} is not in step with CLDR; run `make fmt`\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
