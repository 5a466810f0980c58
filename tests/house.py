"""The house rule that no linter has: a Python file is short enough to be read at one go.

`python -m tests.house` lists the files that are over the limit; exceptions stand below, each with its reason.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

LONGEST = 300
"""Lines of a file."""

# Path → (its own limit, why it is better whole).
EXCEPTIONS: dict[str, tuple[int, str]] = {}


def complaints(lengths: dict[str, int], exceptions: dict[str, tuple[int, str]]) -> list[str]:
    """What is over its limit, and exceptions that are not needed any more."""
    found: list[str] = []
    for path, lines in sorted(lengths.items()):
        limit, _ = exceptions.get(path, (LONGEST, ""))
        if lines > limit:
            found.append(f"{path} has {lines} lines, more than {limit}: split it by meaning")
    for path, (_, reason) in sorted(exceptions.items()):
        if lengths.get(path, 0) <= LONGEST:
            found.append(f"{path} needs no exception in tests/house.py any more")
        if not reason:
            found.append(f"{path} has an exception in tests/house.py without a reason")
    return found


def measure(root: Path) -> dict[str, int]:
    """Lines of every Python file that is in git, or would be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()
    return {name: len((root / name).read_bytes().splitlines()) for name in listed if (root / name).is_file()}


def main() -> int:
    wrong = complaints(measure(ROOT), EXCEPTIONS)
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
