"""The documents that are made from the settings: complete, usable, and seen to be stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.operate.env_example import BEGIN, END, env_example, main, table, with_table
from bot.settings import Settings, load
from bot.settings.variables import sections

GROUPS = sections(Settings)
NAMES = [variable.name for group in GROUPS for variable in group.variables]
PAGE = f"# Settings\n\n{BEGIN}\nold\n{END}\nafter\n"


def test_the_example_lists_every_setting_with_its_description_and_sets_none() -> None:
    lines = env_example(GROUPS).splitlines()
    assert [line[1:].partition("=")[0] for line in lines if line.startswith("#") and line[1:2].isupper()] == NAMES
    assert all(not line or line.startswith("#") for line in lines)
    assert all(variable.description for group in GROUPS for variable in group.variables)


def test_the_example_uncommented_is_the_default_settings(tmp_path: Path) -> None:
    assignments = [
        line[1:] for line in env_example(GROUPS).splitlines() if line.startswith("#") and line[1:2].isupper()
    ]
    env_file = tmp_path / ".env"
    env_file.write_text("\n".join(assignments))
    assert load(env={}, env_file=env_file) == Settings()


def test_the_example_as_it_is_changes_nothing(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(env_example(GROUPS))
    assert load(env={}, env_file=env_file) == Settings()


def test_the_table_has_a_row_for_every_setting_and_whole_cells() -> None:
    rows = [line for line in table(GROUPS).splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == NAMES
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)


def test_only_what_is_between_the_markers_is_replaced() -> None:
    page = with_table(PAGE, "new")
    assert "old" not in page
    assert page.startswith("# Settings")
    assert page.endswith("after\n")
    assert with_table(page, "new") == page
    with pytest.raises(ValueError, match="markers"):
        with_table("# Settings", "new")


def test_stale_documents_are_named_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "settings.md").write_text(PAGE)
    assert main(["--check"], root=tmp_path) == 1
    told = capsys.readouterr().err
    assert ".env.example" in told
    assert "settings.md" in told
    assert not (tmp_path / ".env.example").exists()
    assert main([], root=tmp_path) == 0
    assert main(["--check"], root=tmp_path) == 0
    (tmp_path / ".env.example").write_text("ENGINE_WINDOW=1\n")
    assert main(["--check"], root=tmp_path) == 1


def test_every_name_in_the_example_is_one_that_a_file_may_hold(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("\n".join(f"{name}=" for name in NAMES))
    assert load(env={}, env_file=env_file) == Settings()
    env_file.write_text(f"{NAMES[0]}X=1\n")
    with pytest.raises(SettingsError):
        load(env={}, env_file=env_file)
