"""Real lines in known languages: the labelled lines of `eld`, and Indonesian ones of `chatterbot-corpus`.

They come from the registry by uv, into a folder of their own. Lines of even number were looked at while limits were
chosen; those of odd number are measured.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.program import BenchmarkFailed

PACKAGES = ("eld==1.0.6", "chatterbot-corpus==1.2.2")
FETCH_SECONDS = 300.0
TUNED, MEASURED = 0, 1
LEAST_CHARS = 60
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
        said = path.read_text(encoding="utf-8").splitlines()
        for number, text in enumerate(_joined([line for line in said if line.lstrip().startswith("-")])):
            if number % 2 == half:
                lines.setdefault("id", []).append(text)
    if not {"da", "de", "id"} <= set(lines):
        raise BenchmarkFailed("the lines are not what they were: languages are missing")
    return lines


def _joined(said: Sequence[str]) -> Iterator[str]:
    """Turns of a talk are short: as many together as make a line like the others."""
    line = ""
    for each in said:
        line = f"{line} {each.strip().lstrip('- ').strip()}".strip()
        if len(line) >= LEAST_CHARS:
            yield line
            line = ""
