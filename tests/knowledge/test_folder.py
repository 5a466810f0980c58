"""Where a file lies says who may read it, and what says it wrongly is read by nobody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.knowledge.folder import DEEPEST, Scan, read, scan, stamp_of
from bot.knowledge.pages import Listed, parse
from bot.talk.knowledge import EVERYONE, Readers

GUILD = Readers(guild="discord:5")
CHANNEL = Readers(guild="discord:5", room="discord:7")


def laid(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("words")


def look(root: Path, *, most: int = 100, most_bytes: int = 1000, skip: Path | None = None) -> Scan:
    return scan(root, platform="discord", most=most, most_bytes=most_bytes, skip=skip)


def readers(found: Scan) -> dict[str, Readers]:
    return {file.key: file.readers for file in found.files}


def test_the_folders_above_a_file_say_who_may_read_it(tmp_path: Path) -> None:
    laid(tmp_path, "a.md", "guides/b.md", "@guild-5/c.md", "@guild-5/deep/er/d.md", "@guild-5/@channel-7/in/e.md")
    assert readers(look(tmp_path)) == {
        "a.md": EVERYONE,
        "guides/b.md": EVERYONE,
        "@guild-5/c.md": GUILD,
        "@guild-5/deep/er/d.md": GUILD,
        "@guild-5/@channel-7/in/e.md": CHANNEL,
    }


@pytest.mark.parametrize(
    "path",
    [
        "@guild-5.md",
        "@guild-x/a.md",
        "@guild-05/a.md",
        "@guild-5 /a.md",
        "@Guild-5/a.md",
        "@guild-5x/a.md",
        "@chanel-7/a.md",
        "@channel-7/a.md",
        "＠guild-5/a.md",
        "@guild-٥/a.md",
        "#general/a.md",
        "guild-123456/a.md",
        "Server 1234567/a.md",
        "channel_98765/a.md",
        "123456789012345678/a.md",
        "guides/@guild-5/a.md",
        "@guild-5/deep/@channel-7/a.md",
        "@guild-5/@guild-6/a.md",
        "@guild-5/@channel-7/@channel-8/a.md",
        "@guild-5/channel-1234567/a.md",
        "@guild-5/@channel-/a.md",
        "@/a.md",
    ],
)
def test_what_says_wrongly_who_may_read_it_is_nobodys_and_told(tmp_path: Path, path: str) -> None:
    laid(tmp_path, path)
    found = look(tmp_path)
    assert not found.files
    (problem,) = found.problems
    assert problem.at == path
    assert "nobody may read it" in problem.found


def test_ordinary_names_that_have_numbers_are_no_slips(tmp_path: Path) -> None:
    names = ["server-2-setup.md", "2026/notes.md", "channels/rules.md", "¿qué es?.md", "(draft) guild rules.md"]
    laid(tmp_path, *names)
    assert set(readers(look(tmp_path))) == set(names)


def test_links_are_not_followed_wherever_they_lead(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    laid(outside, "secret.md")
    laid(root, "@guild-5/kept.md")
    (root / "file.md").symlink_to(outside / "secret.md")
    (root / "folder").symlink_to(outside)
    (root / "for-all.md").symlink_to(root / "@guild-5" / "kept.md")
    found = look(root)
    assert readers(found) == {"@guild-5/kept.md": GUILD}
    assert sorted(problem.at for problem in found.problems) == ["file.md", "folder", "for-all.md"]
    with pytest.raises(OSError, match="symbolic link"):
        read(root / "file.md", most_bytes=100)


def test_what_is_no_plain_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    laid(tmp_path, ".hidden/a.md", ".b.md")
    assert look(tmp_path) == Scan()
    assert stamp_of(tmp_path / "pipe.md") == ""
    with pytest.raises(ValueError, match="plain"):
        read(tmp_path / "pipe.md", most_bytes=100)


def test_too_many_too_large_and_too_deep_are_told(tmp_path: Path) -> None:
    laid(tmp_path, "a.md", "b.md", "c.md")
    found = look(tmp_path, most=2)
    assert list(readers(found)) == ["a.md", "b.md"]
    assert "more than 2 files" in found.problems[0].found
    assert "larger" in look(tmp_path, most_bytes=4).problems[0].found
    with pytest.raises(ValueError, match="larger"):
        read(tmp_path / "a.md", most_bytes=4)
    deep = tmp_path.joinpath(*"d" * (DEEPEST + 1))
    deep.mkdir(parents=True)
    (deep / "e.md").write_text("words")
    assert any("within each other" in problem.found for problem in look(tmp_path).problems)


def test_names_that_cannot_be_told_are_nobodys(tmp_path: Path) -> None:
    (tmp_path / "new\nline.md").write_text("words")
    (tmp_path / os.fsdecode(b"\xff.md")).write_text("words")
    (tmp_path / "right\u202eto-left.md").write_text("words")
    found = look(tmp_path)
    assert not found.files
    assert len(found.problems) == 3
    assert all(problem.at.isprintable() for problem in found.problems)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = look(tmp_path / "away")
    assert not found.whole
    assert "cannot be read" in found.problems[0].found


def test_a_list_of_pages_says_who_may_read_each() -> None:
    text = (
        "\ufeff# ours\nhttps://wiki.example/a\n\n  @guild-5   https://wiki.example/b\n"
        "@guild-5/@channel-7 http://wiki.example/c\nhttps://wiki.example/a\n"
    )
    pages, problems = parse(text, platform="discord", most=10)
    assert not problems
    assert pages == (
        Listed(url="https://wiki.example/a"),
        Listed(url="https://wiki.example/b", readers=GUILD),
        Listed(url="http://wiki.example/c", readers=CHANNEL),
    )


@pytest.mark.parametrize(
    "line",
    [
        "file:///etc/passwd",
        "wiki.example/a",
        "https://",
        "https://user:secret@wiki.example/",
        "https://[bad",
        "@guild https://wiki.example/",
        "@guild-5/notes https://wiki.example/",
        "@channel-7 https://wiki.example/",
        "everyone https://wiki.example/",
        "@guild-5 @channel-7 https://wiki.example/",
        "@guild-5",
        "https://wiki.example/" + "a" * 3000,
    ],
)
def test_a_wrong_line_is_told_by_its_number_and_its_page_is_nobodys(line: str) -> None:
    pages, problems = parse(f"https://wiki.example/good\n{line}\n", platform="discord", most=10)
    assert [page.url for page in pages] == ["https://wiki.example/good"]
    assert [problem.at for problem in problems] == ["line 2"]


def test_no_more_pages_are_taken_than_allowed() -> None:
    text = "".join(f"https://wiki.example/{number}\n" for number in range(9))
    pages, problems = parse(text, platform="discord", most=3)
    assert len(pages) == 3
    assert [problem.at for problem in problems] == ["line 4"]
