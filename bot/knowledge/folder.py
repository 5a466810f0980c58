"""The folder of the community's files, and who may read each: that is said by where it lies, and by nothing else.

Below the folder itself: everyone. Below `@guild-5`: those in this guild. Below `@guild-5/@channel-7`: those of them who
can read this channel. Whatever is named nearly like these but not so is read by nobody, and so is a link: a slip must
not show to all what was meant for few.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.talk.knowledge import Readers

DEEPEST = 16
"""Folders within each other."""

MOST_NAME = 500
"""Characters of a path below the folder."""

_GUILD = re.compile(r"@guild-([1-9][0-9]{0,19})")
_CHANNEL = re.compile(r"@channel-([1-9][0-9]{0,19})")
_SIGNED = re.compile(r"[@#<].*", re.DOTALL)
_NUMBERED = re.compile(r"\W*((guild|server|channel|thread|role|user)s?[\W_]*[0-9]{5,20}|[0-9]{15,20})\W*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with something that the operator laid there; `at` names it for them."""

    at: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """`key`: its path below the folder. `stamp` is another whenever the file may be."""

    key: str
    path: Path
    readers: Readers
    stamp: str

    @property
    def labels(self) -> frozenset[str]:
        """The names of the folders that it lies in, but those that say who may read it."""
        return frozenset(name for name in self.key.split("/")[:-1] if not name.startswith("@"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """`whole`: the folder could be read at all."""

    files: tuple[File, ...] = ()
    problems: tuple[Problem, ...] = ()
    whole: bool = True


class Unclear(ValueError):
    """A path says nobody who may read what lies there; the message says why."""


def readers_of(folders: tuple[str, ...], *, platform: str) -> Readers:
    """Who may read what lies in these folders below the root. Raises Unclear."""
    guild = _GUILD.fullmatch(folders[0]) if folders else None
    channel = _CHANNEL.fullmatch(folders[1]) if guild and len(folders) > 1 else None
    for name in folders[(channel is not None) + (guild is not None) :]:
        _refuse(name, folder=True)
    return Readers(
        guild=f"{platform}:{guild.group(1)}" if guild else None,
        room=f"{platform}:{channel.group(1)}" if channel else None,
    )


def _refuse(name: str, *, folder: bool) -> None:
    """Raises Unclear for a name that may have been meant to say who may read."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    if _SIGNED.fullmatch(plain) or (folder and _NUMBERED.fullmatch(plain)):
        raise Unclear(
            "nobody may read it: only folders @guild-<id> at the top, and @channel-<id> right below, say who may read"
        )


def stamp_of(path: Path) -> str:
    """ "" for what is no plain file, or not there."""
    try:
        return _stamp(path.lstat())
    except (OSError, ValueError):
        return ""


def scan(root: Path, *, platform: str, most: int, most_bytes: int, skip: Path | None = None) -> Scan:
    """All files, by name; at most so many. `skip`: a file that is something else."""
    files: list[File] = []
    problems: list[Problem] = []
    skipped = None if skip is None else skip.absolute()
    try:
        os.scandir(root).close()
    except OSError as error:
        return Scan(problems=(Problem(at=str(root), found=_why(error)),), whole=False)
    for key, path, found in _walk(root, problems):
        if path.absolute() == skipped:
            continue
        try:
            readers = readers_of(tuple(key.split("/")[:-1]), platform=platform)
            _refuse(path.name, folder=False)
        except Unclear as error:
            problems.append(Problem(at=key, found=str(error)))
            continue
        if found.st_size > most_bytes:
            problems.append(Problem(at=key, found=f"it is larger than {most_bytes // 2**20} MiB"))
        elif len(files) >= most:
            problems.append(Problem(at=key, found=f"there are more than {most} files; the rest is left out"))
            break
        else:
            files.append(File(key=key, path=path, readers=readers, stamp=_stamp(found)))
    return Scan(files=tuple(files), problems=tuple(problems))


def read(path: Path, *, most_bytes: int) -> tuple[bytes, str]:
    """The bytes of a plain file, and its stamp. Raises OSError, and ValueError for what is none or is too large."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is no plain file")
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise ValueError(f"it is larger than {most_bytes // 2**20} MiB")
    return data, _stamp(found)


def _walk(root: Path, problems: list[Problem]) -> Iterator[tuple[str, Path, os.stat_result]]:
    folders: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
    while folders:
        folder, above = folders.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            problems.append(Problem(at="/".join(above), found=_why(error)))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            names = (*above, entry.name)
            key = "/".join(names)
            if not _tellable(key):
                problems.append(Problem(at=ascii(key[:MOST_NAME]), found="its name cannot be told"))
            elif entry.is_symlink():
                problems.append(Problem(at=key, found="it is a link, which is not followed"))
            elif entry.is_dir(follow_symlinks=False):
                if len(names) > DEEPEST:
                    problems.append(Problem(at=key, found=f"more than {DEEPEST} folders lie within each other"))
                else:
                    folders.append((Path(entry.path), names))
            else:
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError as error:
                    problems.append(Problem(at=key, found=_why(error)))
                    continue
                if stat.S_ISREG(status.st_mode):
                    yield key, Path(entry.path), status


def _tellable(key: str) -> bool:
    return len(key) <= MOST_NAME and key.isprintable()


def _stamp(found: os.stat_result) -> str:
    if not stat.S_ISREG(found.st_mode):
        return ""
    return f"{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_size}:{found.st_ino}"


def _why(error: OSError) -> str:
    return f"it cannot be read ({error.strerror or type(error).__name__})"
