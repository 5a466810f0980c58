"""The settings: what an operator may write, and what they are told when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.languages.locales import LOCALES
from bot.settings import EngineKind, LogLevel, Settings, Streaming, load
from bot.settings.secret_values import secret_values
from bot.settings.variables import FILE_SUFFIX, LARGEST_FILE, sections

NOWHERE = Path("/nonexistent/.env")
SECRET = "hunter2hunter2"


def _refused(env: dict[str, str], env_file: Path = NOWHERE) -> str:
    with pytest.raises(SettingsError) as refusal:
        load(env=env, env_file=env_file)
    return str(refusal.value)


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_without_any_variable_the_defaults_hold() -> None:
    assert load(env={}, env_file=NOWHERE) == Settings()


def test_variables_reach_fields_whose_names_have_several_words() -> None:
    settings = load(
        env={"DISCORD_TOKEN": SECRET, "ENGINE_REPLY_TOKENS": "512", "DISCORD_STREAMING": "final-only"},
        env_file=NOWHERE,
    )
    assert settings.discord.token is not None
    assert settings.discord.token.get_secret_value() == SECRET
    assert settings.engine.reply_tokens == 512
    assert settings.discord.streaming is Streaming.FINAL_ONLY


def test_building_settings_in_code_reads_nothing_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_WINDOW", "4096")
    monkeypatch.setenv("ENGINE", "not json")
    assert Settings().engine.window == 32768


def test_foreign_variables_in_the_environment_are_nobodys_mistake() -> None:
    assert (
        load(env={"DATA": "x", "LOG": "{", "PAGE_SIZE": "4096", "ENGINE_WINDWO": "1"}, env_file=NOWHERE) == Settings()
    )


def test_the_environment_wins_over_the_file(env_file: Path) -> None:
    env_file.write_text("ENGINE_WINDOW=8192\nENGINE_KIND=openai\n")
    settings = load(env={"ENGINE_WINDOW": "16384"}, env_file=env_file)
    assert (settings.engine.window, settings.engine.kind) == (16384, EngineKind.OPENAI)


def test_an_empty_value_means_unset_and_lets_the_file_speak(env_file: Path) -> None:
    env_file.write_text("DISCORD_TOKEN=\nENGINE_WINDOW=8192\n")
    settings = load(env={"ENGINE_WINDOW": "", "PAGE_PASSWORD": ""}, env_file=env_file)
    assert settings.discord.token is None
    assert settings.page.password is None
    assert settings.engine.window == 8192


def test_the_file_may_hold_comments_quotes_export_a_byte_order_mark_and_dollars(env_file: Path) -> None:
    env_file.write_text(
        "\ufeff# ours\nexport ENGINE_MODEL='a b' # why\n\npage_password=\"pa$HOME${HOME}ss\"\n", encoding="utf-8"
    )
    settings = load(env={"HOME": "/root"}, env_file=env_file)
    assert settings.engine.model == "a b"
    assert settings.page.password is not None
    assert settings.page.password.get_secret_value() == "pa$HOME${HOME}ss"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("ENGINE_WINDOW", "12", "a whole number from 2048 up to 1048576"),
        ("ENGINE_WINDOW", "many", "a whole number from 2048 up to 1048576"),
        ("ENGINE_STALL_SECONDS", "0", "a number above 0 up to 600"),
        ("ENGINE_KIND", "vllm", "auto, ollama, openai or embedded"),
        ("DISCORD_MESSAGE_CONTENT", "maybe", "true or false"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING or ERROR"),
        ("COMMUNITY_BOT_NAME", "x" * 33, "at most 32 characters"),
        ("COMMUNITY_TIMEZONE", "Paris", "Europe/Paris"),
        ("COMMUNITY_LANGUAGE", "English", "pt-BR"),
        ("ENGINE_URL", "localhost:11434", "http://"),
        ("ENGINE_KEEP_ALIVE", "half an hour", "30m"),
        ("DISCORD_GATEWAY_URL", "https://discord.example", "wss://"),
    ],
)
def test_a_wrong_setting_names_itself_its_value_its_source_and_what_is_allowed(
    name: str, value: str, allowed: str
) -> None:
    message = _refused({name: value})
    assert message.startswith(f"{name} is {value!r} (in the environment)")
    assert allowed in message
    assert "\n" not in message


def test_every_wrong_setting_has_its_line(env_file: Path) -> None:
    env_file.write_text("ENGINE_SLOTS=none\n")
    lines = _refused({"PAGE_PORT": "99999"}, env_file).splitlines()
    assert [line.split()[0] for line in lines] == ["PAGE_PORT", "ENGINE_SLOTS"]
    assert f"(in {env_file})" in lines[1]


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"ENGINE_WINDOW": "2048"}, ["ENGINE_REPLY_TOKENS (2048)", "ENGINE_WINDOW (2048)"]),
    ],
)
def test_settings_that_contradict_each_other_are_both_named(env: dict[str, str], named: list[str]) -> None:
    message = _refused(env)
    assert all(part in message for part in named)


@pytest.mark.parametrize(
    ("name", "value"), [("PAGE_PASSWORD", "sesame"), ("DATABASE_URL", "mysql://root:sesame@host/base")]
)
def test_a_wrong_secret_is_named_but_never_shown(name: str, value: str, env_file: Path, tmp_path: Path) -> None:
    mounted = tmp_path / "secret"
    mounted.write_text(value)
    env_file.write_text(f"{name}={value}\n")
    for message in (_refused({name: value}), _refused({name + FILE_SUFFIX: str(mounted)}), _refused({}, env_file)):
        assert name in message
        assert "sesame" not in message


def test_settings_never_show_their_secrets() -> None:
    env = {v.name: "postgresql://sesame" for s in sections(Settings) for v in s.variables if v.secret}
    settings = load(env=env, env_file=NOWHERE)
    assert len(env) >= 4
    assert "sesame" not in f"{settings!r}{settings!s}{settings.model_dump()!r}{settings.model_dump_json()}"


def test_all_secrets_are_known_with_the_passwords_inside_an_address() -> None:
    env = {
        "DISCORD_TOKEN": SECRET,
        "PAGE_PASSWORD": "open sesame",
        "DATABASE_URL": "postgresql://bot:p%40ssword@host/base?sslmode=disable&password=other%20one",
    }
    found = secret_values(load(env=env, env_file=NOWHERE))
    assert found == {*env.values(), "p%40ssword", "p@ssword", "other one"}


def test_a_secret_can_lie_in_a_file(tmp_path: Path) -> None:
    mounted = tmp_path / "token"
    mounted.write_text(f"  {SECRET}\n\n")
    settings = load(env={"DISCORD_TOKEN_FILE": str(mounted)}, env_file=NOWHERE)
    assert settings.discord.token is not None
    assert settings.discord.token.get_secret_value() == SECRET


def test_any_variable_can_lie_in_a_file_and_its_complaint_names_the_file(tmp_path: Path) -> None:
    mounted = tmp_path / "window"
    mounted.write_text("7\n")
    assert f"ENGINE_WINDOW is '7' (from {mounted})" in _refused({"ENGINE_WINDOW_FILE": str(mounted)})


def test_a_mounted_file_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    empty, binary, large = tmp_path / "empty", tmp_path / "binary", tmp_path / "large"
    empty.write_text(" \n")
    binary.write_bytes(b"\xff\xfe\x00")
    large.write_text("x" * (LARGEST_FILE + 1))
    for path, reason in (
        (tmp_path / "absent", "No such file"),
        (tmp_path, "directory"),
        (empty, "is empty"),
        (binary, "not UTF-8"),
        (large, "larger than 64 KiB"),
    ):
        message = _refused({"DISCORD_TOKEN_FILE": str(path)})
        assert message.startswith("DISCORD_TOKEN_FILE")
        assert str(path) in message
        assert reason in message


def test_a_value_and_its_file_in_one_place_contradict(tmp_path: Path, env_file: Path) -> None:
    mounted = tmp_path / "token"
    mounted.write_text("other")
    assert "both set" in _refused({"DISCORD_TOKEN": SECRET, "DISCORD_TOKEN_FILE": str(mounted)})
    env_file.write_text(f"DISCORD_TOKEN_FILE={mounted}\n")
    settings = load(env={"DISCORD_TOKEN": SECRET}, env_file=env_file)
    assert settings.discord.token is not None
    assert settings.discord.token.get_secret_value() == SECRET


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ENGINE_WINDWO", "did you mean ENGINE_WINDOW?"),
        ("DISCORD_TOKEN_FIEL", "did you mean DISCORD_TOKEN_FILE?"),
        ("DSICORD_TOKEN", "did you mean DISCORD_TOKEN?"),
        ("PAGE_QQQQQQQQQQ", ".env.example"),
    ],
)
def test_a_slip_in_the_file_is_named_with_the_nearest_setting(name: str, hint: str, env_file: Path) -> None:
    env_file.write_text(f"{name}={SECRET}\n")
    message = _refused({}, env_file)
    assert f"{name} is not a setting" in message
    assert hint in message
    assert SECRET not in message


def test_other_programs_variables_in_the_file_are_left_alone(env_file: Path) -> None:
    env_file.write_text("OLLAMA_NUM_PARALLEL=2\nCOMPOSE_PROJECT_NAME=us\n")
    assert load(env={}, env_file=env_file) == Settings()


@pytest.mark.parametrize(("text", "line"), [("ENGINE_WINDOW=4096\nno assignment\n", 2), ("ENGINE_WINDOW\n", 1)])
def test_a_line_that_is_no_assignment_is_refused_by_its_number(text: str, line: int, env_file: Path) -> None:
    env_file.write_text(text)
    assert f"line {line}" in _refused({}, env_file)


def test_an_unreadable_env_file_is_refused(env_file: Path) -> None:
    env_file.write_bytes(b"ENGINE_MODEL=\xff\n")
    assert "not UTF-8" in _refused({}, env_file)
    assert "cannot be read" in _refused({}, env_file.parent)


def test_levels_and_formats_are_taken_in_any_case() -> None:
    settings = load(env={"LOG_LEVEL": "debug", "LOG_FORMAT": "JSON"}, env_file=NOWHERE)
    assert settings.log.level is LogLevel.DEBUG


def test_no_file_variant_is_another_variable() -> None:
    names = [variable.name for section in sections(Settings) for variable in section.variables]
    assert len(names) == len(set(names))
    assert not {name + FILE_SUFFIX for name in names} & set(names)


@given(
    st.dictionaries(st.sampled_from(["ENGINE_WINDOW", "LOG_LEVEL", "PAGE_PASSWORD", "DATA_DIR"]), st.text(max_size=20))
)
def test_whatever_is_written_there_are_settings_or_a_named_refusal(env: dict[str, str]) -> None:
    refusal = ""
    try:
        load(env=env, env_file=NOWHERE)
    except SettingsError as error:
        refusal = str(error)
    assert all(any(name in line for name in env) for line in refusal.splitlines())


@pytest.mark.parametrize("locale", ["en", *LOCALES, "zh-Hant-TW", "gl"])
def test_the_community_may_speak_any_language_that_the_bot_has_words_in_and_others(locale: str) -> None:
    assert load(env={"COMMUNITY_LANGUAGE": locale}, env_file=NOWHERE).community.language == locale


@pytest.mark.parametrize("locale", ["english", "e", "pt_BR", "es-4190", "en; drop"])
def test_what_is_no_tag_of_a_language_is_refused(locale: str) -> None:
    with pytest.raises(SettingsError, match="COMMUNITY_LANGUAGE"):
        load(env={"COMMUNITY_LANGUAGE": locale}, env_file=NOWHERE)
