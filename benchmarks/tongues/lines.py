"""Real lines in known languages: the labelled lines of `eld`, and Indonesian ones of `chatterbot-corpus`.

They come from the registry by uv, into a folder of their own. Lines of even number were looked at while limits were
chosen; those of odd number are measured.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.program import BenchmarkFailed

PACKAGES = ("eld==1.0.6", "chatterbot-corpus==1.2.2")
FETCH_SECONDS = 300.0
TUNED, MEASURED = 0, 1
_BIG = Path("eld/tests/data/big-test.txt")
_INDONESIAN = Path("chatterbot_corpus/data/indonesian")


def fetched(folder: Path, packages: Sequence[str] = PACKAGES, *, whole: bool = False) -> None:
    """Installed there, with what they need (`whole`) or alone. Raises BenchmarkFailed."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "install", "--quiet", "--python", sys.executable, "--target", str(folder)]
    command += [*(() if whole else ("--no-deps",)), *packages]
    try:
        subprocess.run(command, check=True, timeout=FETCH_SECONDS, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise BenchmarkFailed(f"{', '.join(packages)} cannot be had: {type(error).__name__}") from error


def read(folder: Path, half: int) -> Mapping[str, Sequence[str]]:
    """By language; every other line of each file, by its number."""
    lines: dict[str, list[str]] = {}
    with (folder / _BIG).open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            language, _, text = line.rstrip("\n").partition("\t")
            if number % 2 == half and text.strip():
                lines.setdefault(language, []).append(text)
    for path in sorted((folder / _INDONESIAN).glob("*.yml")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            text = line.strip().lstrip("- ").strip()
            if number % 2 == half and line.lstrip().startswith("-") and len(text.split()) > 1:
                lines.setdefault("id", []).append(text)
    if not {"da", "de", "id"} <= set(lines):
        raise BenchmarkFailed("the lines are not what they were: languages are missing")
    return lines
