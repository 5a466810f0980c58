"""The mechanics behind the settings: which variables a tree of settings has, what they allow, how they are read.

pydantic-settings splits the names and pydantic judges the values; what is added here is what an operator needs when
something is wrong: the variable's own name, where its value came from, and what would be right.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from dotenv.parser import parse_stream
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined
from pydantic_settings import BaseSettings, EnvSettingsSource

from bot.errors import SettingsError

FILE_SUFFIX = "_FILE"
LARGEST_FILE = 64 * 1024
"""Bytes read from a `…_FILE`, at most: nobody's token is longer, and /dev/zero is a file, too."""

T = TypeVar("T", bound=BaseSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One setting as an operator meets it. `default` is empty where it is unset by default."""

    name: str
    description: str
    allowed: str
    default: str
    secret: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A group of settings; `prefix` is its variables' first word."""

    prefix: str
    description: str
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """What was found for a variable; `source` is said to the operator."""

    text: str
    source: str


def sections(settings: type[BaseModel]) -> tuple[Section, ...]:
    """Every group of the settings with its variables, in the order of the classes."""
    return tuple(
        Section(
            prefix=name.upper(),
            description=(group.__doc__ or "").strip(),
            variables=tuple(
                _describe(f"{name}_{field}".upper(), info)
                for field, info in group.model_fields.items()
                if not info.exclude  # what is read from elsewhere
            ),
        )
        for name, group in _groups(settings)
    )


def read(settings: type[T], *, env: Mapping[str, str], env_file: Path) -> T:
    """Build the settings; a variable of `env` wins over the same one in `env_file`, which need not exist.

    An empty value means unset. Raises SettingsError with one line for each thing that is wrong; secrets are not shown.
    """
    known = {variable.name: variable for section in sections(settings) for variable in section.variables}
    written = _read_env_file(env_file)
    _refuse_unknown(written, known, env_file)
    values = _found_in(written, known, str(env_file)) | _found_in(
        {name: env[name] for variable in known for name in (variable, variable + FILE_SUFFIX) if name in env},
        known,
        "the environment",
    )
    source = EnvSettingsSource(settings, env_nested_delimiter="_", env_nested_max_split=1, env_ignore_empty=True)
    # Only our own variables reach it: somebody's DATA or LOG in the environment is none of our business.
    source.env_vars = {name.lower(): value.text for name, value in values.items()}
    try:
        return settings(**source())
    except ValidationError as error:
        lines = [_complaint(detail, known, values) for detail in error.errors(include_url=False)]
        raise SettingsError("\n".join(lines)) from None


def lookup(env: Mapping[str, str], env_file: Path) -> Callable[[str], str | None]:
    """The value of any variable, ours or not; None where it is not set or empty. Asking may raise SettingsError."""
    written = _read_env_file(env_file)

    def value(name: str) -> str | None:
        for layer, known, source in ((env, name, "the environment"), (written, name.upper(), str(env_file))):
            text, file = layer.get(known, ""), layer.get(known + FILE_SUFFIX, "")
            if text and file:
                raise SettingsError(f"{name} and {name}{FILE_SUFFIX} are both set in {source}; keep one of them")
            if text or file:
                return text or _read_value_file(name, Path(file))
        return None

    return value


def _groups(settings: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, info in settings.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield name, info.annotation


def _describe(name: str, info: FieldInfo) -> Variable:
    kind = _kind(info.annotation)
    default: object = info.get_default(call_default_factory=False)
    return Variable(
        name=name,
        description=info.description or "",
        allowed=_allowed(kind, info),
        default=_written(default),
        secret=kind is SecretStr,
    )


def _kind(annotation: Any) -> Any:
    """The type without `| None`."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not types.NoneType)
    return annotation


def _written(default: object) -> str:
    """A default as one would write it in `.env`; a secret's is never written."""
    match default:
        case None | SecretStr():
            return ""
        case bool():
            return str(default).lower()
        case Enum():
            return str(default.value)
        case _ if default is PydanticUndefined:
            return ""
        case _:
            return str(default)


def _allowed(kind: Any, info: FieldInfo) -> str:
    if kind is bool:
        return "true or false"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _or([str(member.value) for member in kind])
    if kind in (int, float):
        return _range(kind, info)
    if kind is Path:
        return "a path"
    limits: list[str] = []
    for rule in info.metadata:
        if isinstance(rule, MinLen) and rule.min_length > 1:
            limits.append(f"at least {rule.min_length} characters")
        if isinstance(rule, MaxLen):
            limits.append(f"at most {rule.max_length} characters")
    return "text" + "".join(f", {limit}" for limit in limits)


def _range(kind: type, info: FieldInfo) -> str:
    noun = "a whole number" if kind is int else "a number"
    bounds: list[str] = []
    for rule in info.metadata:
        match rule:
            case Ge(ge=bound):
                bounds.append(f"from {bound}")
            case Gt(gt=bound):
                bounds.append(f"above {bound}")
            case Le(le=bound):
                bounds.append(f"up to {bound}")
            case Lt(lt=bound):
                bounds.append(f"below {bound}")
            case _:
                pass
    return " ".join([noun, *bounds])


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _read_env_file(path: Path) -> dict[str, str]:
    """NAME → value as written; `$` is only a dollar sign. Raises SettingsError for a line that is no assignment."""
    try:
        # utf-8-sig: an editor's byte order mark is no part of the first name.
        with path.open(encoding="utf-8-sig") as file:
            bindings = list(parse_stream(file))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {_reason(error)}") from None
    for binding in bindings:
        if binding.error or (binding.key is not None and binding.value is None):
            raise SettingsError(f"{path}, line {binding.original.line}: not of the form NAME=value")
    return {binding.key.upper(): binding.value for binding in bindings if binding.key and binding.value is not None}


def _refuse_unknown(written: Mapping[str, str], known: Mapping[str, Variable], path: Path) -> None:
    """`.env` is ours, so a name that looks like ours and is not is a slip. The environment belongs to everybody."""
    names = [*known, *(name + FILE_SUFFIX for name in known)]
    prefixes = tuple({name.split("_", maxsplit=1)[0] + "_" for name in known})
    complaints: list[str] = []
    for name in written:
        if name in names:
            continue
        near = get_close_matches(name, names, n=1, cutoff=0.6 if name.startswith(prefixes) else 0.85)
        if near or name.startswith(prefixes):
            hint = f"did you mean {near[0]}?" if near else "all settings are listed in .env.example"
            complaints.append(f"{path}: {name} is not a setting; {hint}")
    if complaints:
        raise SettingsError("\n".join(complaints))


def _found_in(layer: Mapping[str, str], known: Mapping[str, Variable], source: str) -> dict[str, _Value]:
    found: dict[str, _Value] = {}
    for name in known:
        value, file = layer.get(name, ""), layer.get(name + FILE_SUFFIX, "")
        if value and file:
            raise SettingsError(f"{name} and {name}{FILE_SUFFIX} are both set in {source}; keep one of them")
        if file:
            found[name] = _Value(text=_read_value_file(name, Path(file)), source=f"from {file}")
        elif value:
            found[name] = _Value(text=value, source=f"in {source}")
    return found


def _read_value_file(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        text = data.decode("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}{FILE_SUFFIX}: {path} cannot be read: {_reason(error)}") from None
    if len(data) > LARGEST_FILE:
        raise SettingsError(f"{name}{FILE_SUFFIX}: {path} is larger than {LARGEST_FILE // 1024} KiB")
    if not text:
        raise SettingsError(f"{name}{FILE_SUFFIX}: {path} is empty")
    return text


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else "not UTF-8 text"


def _complaint(detail: ErrorDetails, known: Mapping[str, Variable], values: Mapping[str, _Value]) -> str:
    own = detail["type"] == "value_error"
    message = str(detail.get("ctx", {}).get("error", detail["msg"])) if own else ""
    variable = known.get("_".join(str(part) for part in detail["loc"]).upper())
    if variable is None:  # a rule over a whole group names its variables itself
        return message or detail["msg"]
    value = values.get(variable.name)
    what = variable.name
    if value is not None:
        shown = "set" if variable.secret else repr(value.text)
        what = f"{variable.name} is {shown} ({value.source})"
    return (
        f"{what}; it {message}"
        if own and message.startswith("must")
        else (f"{what}: {message}" if own else f"{what}; allowed: {variable.allowed}")
    )
