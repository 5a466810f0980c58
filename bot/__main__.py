"""The door: `calanque run`, `doctor`, `pull`, `migrate`, `trace`, `mcp`. Errors become exit codes and one plain line.

Exit codes, after sysexits.h: 0 done (also after a signal that was obeyed), 1 the doctor found problems, 64 wrong usage,
69 something the program depends on failed, 70 a defect, 78 a setting or the set-up is wrong, 130 interrupted. Heavy
modules are imported by the commands that need them, so that `--help` is quick.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from bot.command_line import Command, parser_of
from bot.errors import CalanqueError, OperatorError, SettingsError, UserError, leaves

if TYPE_CHECKING:
    from bot.settings import Settings

PROBLEMS_FOUND = 1
INTERRUPTED = 130
DEFECT = CalanqueError.exit_code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = parser_of(
        {
            "run": _serve,
            "doctor": _examine,
            "pull": _pull,
            "migrate": _migrate,
            "trace": _trace,
            "mcp": _servers,
        }
    )
    options = parser.parse_args(arguments)
    command: Command | None = getattr(options, "command", None)
    if command is None:
        parser.print_help(sys.stderr)
        return UserError.exit_code
    try:
        code = _run(command, options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left, like `head`. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _run(command: Command, options: argparse.Namespace) -> int:
    from bot.operate import logs  # noqa: PLC0415 - see the module's docstring
    from bot.settings import LogLevel, load  # noqa: PLC0415
    from bot.settings.secret_values import secret_values  # noqa: PLC0415

    try:
        settings = load()
    except SettingsError as error:
        if command is _examine:
            return _report_settings(error, as_json=options.json)
        return _complain(error, logs.Redactor(), as_json=options.json, verbose=False)
    redact = logs.Redactor(secret_values(settings))
    logs.set_up(settings.log, redact)
    try:
        return asyncio.run(_awaited(command, settings, options))
    except BrokenPipeError:
        raise
    except Exception as error:
        return _complain(error, redact, as_json=options.json, verbose=settings.log.level is LogLevel.DEBUG)


async def _awaited(command: Command, settings: Settings, options: argparse.Namespace) -> int:
    return await command(settings, options)


async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    gc.disable()  # until everything is loaded: a sixth of the time that loading takes
    from bot import app  # noqa: PLC0415

    await app.run(_with_platforms(settings, page=options.page, discord=options.discord))
    return 0


def _with_platforms(settings: Settings, *, page: bool | None, discord: bool | None) -> Settings:
    """The settings as the flags of `run` bend them; None leaves them alone."""
    from bot.settings import Switch  # noqa: PLC0415

    if discord and settings.discord.token is None:
        raise SettingsError("DISCORD_TOKEN is not set, but --discord asks for it; put the bot's token into .env")
    if discord is False:
        settings = settings.model_copy(update={"discord": settings.discord.model_copy(update={"token": None})})
    if page is not None:
        switch = Switch.ON if page else Switch.OFF
        settings = settings.model_copy(update={"page": settings.page.model_copy(update={"enabled": switch})})
    if settings.discord.token is None and settings.page.enabled is Switch.OFF:
        raise SettingsError("there is nothing to run: no DISCORD_TOKEN, and the local page is off (PAGE_ENABLED)")
    return settings


async def _examine(settings: Settings, options: argparse.Namespace) -> int:
    from bot import app  # noqa: PLC0415
    from bot.operate import doctor  # noqa: PLC0415

    findings = await app.examine(settings)
    print(doctor.as_json(findings) if options.json else doctor.as_text(findings, encoding=sys.stdout.encoding))
    return 0 if doctor.healthy(findings) else PROBLEMS_FOUND


def _report_settings(error: SettingsError, *, as_json: bool) -> int:
    """Wrong settings are what a doctor is asked about: findings, not a failure."""
    from bot.operate import doctor  # noqa: PLC0415
    from bot.talk.finding import Finding, Level  # noqa: PLC0415

    mend = "Change it in .env or in the environment; .env.example says more."
    findings = [
        Finding(level=Level.PROBLEM, topic="settings", found=line, mend=mend) for line in str(error).splitlines()
    ]
    print(doctor.as_json(findings) if as_json else doctor.as_text(findings, encoding=sys.stdout.encoding))
    return PROBLEMS_FOUND


async def _pull(settings: Settings, options: argparse.Namespace) -> int:
    from bot import app  # noqa: PLC0415
    from bot.operate.clock import SystemClock  # noqa: PLC0415
    from bot.operate.pull import Style, show  # noqa: PLC0415

    style = Style.JSON if options.json else Style.BAR if sys.stdout.isatty() else Style.LINES
    async with aclosing(app.pull(settings, options.model or settings.engine.model)) as progress:
        await show(progress, out=sys.stdout, style=style, clock=SystemClock())
    return 0


async def _migrate(settings: Settings, options: argparse.Namespace) -> int:
    from bot import app  # noqa: PLC0415

    result = await app.migrate(settings)
    print(json.dumps({"result": result}, ensure_ascii=False) if options.json else result)
    return 0


async def _trace(settings: Settings, options: argparse.Namespace) -> int:
    from bot import app  # noqa: PLC0415
    from bot.operate import logs, trace  # noqa: PLC0415
    from bot.settings.secret_values import secret_values  # noqa: PLC0415

    redact, secret = logs.Redactor(secret_values(settings)), app.secret_arguments()
    found = await app.trace(settings, turn=options.turn, place=options.place, last=options.last)
    for each in found:
        if options.json:
            value = trace.as_value(each, words=options.words, redact=redact, secret=secret)
            print(json.dumps(value, ensure_ascii=False))
        else:
            print(trace.as_text(each, words=options.words, redact=redact, secret=secret))
    if not found and not options.json:
        print("calanque: no such turn", file=sys.stderr)
    return 0 if found else PROBLEMS_FOUND


async def _servers(settings: Settings, options: argparse.Namespace) -> int:
    from bot.app import servers  # noqa: PLC0415

    if options.action == "list":
        print(await servers.list_servers(settings, options.server, as_json=options.json))
        return 0
    if options.server is None:
        raise SettingsError(f"which server? calanque mcp {options.action} SERVER [TOOL]")
    if options.action == "forget":
        print(await servers.forget_tools(settings, options.server, options.tool))
        return 0

    if not options.yes and not sys.stdin.isatty():
        raise SettingsError("nobody can be asked here: look at `calanque mcp list`, then approve with --yes")

    async def sure(shown: str) -> bool:
        print(shown)
        if options.yes:
            return True
        return (await asyncio.to_thread(input, "Approve exactly this? [y/N] ")).strip().lower() in {"y", "yes"}

    print(await servers.approve_tools(settings, options.server, options.tool, sure=sure))
    return 0


def _complain(error: Exception, redact: Callable[[str], str], *, as_json: bool, verbose: bool) -> int:
    """One plain line (a line for each wrong setting) on standard error; returns the exit code."""
    cause = _cause(error)
    if isinstance(cause, CalanqueError):
        message, code = str(cause), cause.exit_code
    else:
        # The message of a foreign exception may quote anything, so only its kind and place are told.
        message, code = f"a defect ({type(cause).__name__}{_place(cause)}); LOG_LEVEL=DEBUG shows more", DEFECT
    message = redact(message)
    if as_json:
        print(json.dumps({"error": {"kind": type(cause).__name__, "message": message}}, ensure_ascii=False))
    if verbose:
        sys.stderr.write(redact("".join(traceback.format_exception(error))))
    for line in message.splitlines():
        print(f"calanque: {line}", file=sys.stderr)
    return code


def _cause(error: BaseException) -> BaseException:
    """The error to tell of a group: what an operator can mend first, then ours, then any."""
    single = list(leaves(error))
    for kind in (OperatorError, CalanqueError):
        for leaf in single:
            if isinstance(leaf, kind):
                return leaf
    return single[0]


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


if __name__ == "__main__":
    sys.exit(main())
