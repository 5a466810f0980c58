"""How `calanque` is used: its commands and their options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, NoReturn

from bot.errors import UserError

if TYPE_CHECKING:
    from bot.settings import Settings

MOST_TURNS = 1000
"""That one command tells of."""

Command = Callable[["Settings", argparse.Namespace], Awaitable[int]]


class _Parser(argparse.ArgumentParser):
    """Wrong usage has its exit code in sysexits.h, too; argparse would take 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(UserError.exit_code, f"{self.prog}: {message}; see {self.prog} --help\n")


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 - so that --help is quick

        sys.stdout.write(f"calanque {version('calanque')}\n")
        parser.exit()


def parser_of(carried_out: Mapping[str, Command]) -> argparse.ArgumentParser:
    """`carried_out`: what each command does; it becomes `command` of the options."""
    parser = _Parser(
        prog="calanque",
        description="A private AI member for your community, on your own machine.",
        epilog="Settings come from the environment and from .env; .env.example lists them all.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    run = commands.add_parser(
        "run",
        help="run the bot: on Discord with a token, else on the local page",
        description="Run the bot until SIGTERM or Ctrl-C: on Discord if DISCORD_TOKEN is set, else on the local page.",
    )
    run.add_argument("--page", action=argparse.BooleanOptionalAction, help="serve the local page, also beside Discord")
    run.add_argument("--discord", action=argparse.BooleanOptionalAction, help="be on Discord; needs DISCORD_TOKEN")
    run.set_defaults(command=carried_out["run"], json=False)

    doctor = commands.add_parser(
        "doctor",
        help="look at everything the bot needs, and say what to do about each gap",
        description="Look at token, intents, database, engine, model, window, vision, tools and disk. "
        "Exit code 0 if nothing keeps the bot from working (warnings may remain), else 1.",
    )
    _add_json(doctor)
    doctor.set_defaults(command=carried_out["doctor"])

    pull = commands.add_parser(
        "pull", help="fetch the model through Ollama", description="Fetch a model through Ollama, with a progress bar."
    )
    pull.add_argument("model", nargs="?", help="the model to fetch; by default ENGINE_MODEL")
    _add_json(pull)
    pull.set_defaults(command=carried_out["pull"])

    migrate = commands.add_parser(
        "migrate",
        help="bring the database up to date (run does it, too)",
        description="Bring the database up to date, after a backup copy of a SQLite file. `run` does this by itself.",
    )
    _add_json(migrate)
    migrate.set_defaults(command=carried_out["migrate"])

    trace = commands.add_parser(
        "trace",
        help="tell of a turn what was done: steps, calls, outcomes",
        description="Tell of turns who asked where, and step by step what was done, from the database alone. What "
        "people wrote is left out; arguments of calls may hold some of it.",
    )
    trace.add_argument("turn", nargs="?", default="", help="the turn's id, or how it begins; the log names it")
    trace.add_argument("--last", type=_count, default=1, metavar="N", help="the latest N turns (1 to 1000)")
    trace.add_argument(
        "--place", default="", metavar="ID", help="of this place alone, like discord:123 or local:general"
    )
    trace.add_argument("--words", action="store_true", help="with what was said: for those who may read it")
    _add_json(trace)
    trace.set_defaults(command=carried_out["trace"])

    servers = commands.add_parser(
        "mcp",
        help="tool servers of others: list their tools, approve them",
        description="Start each tool server that MCP_FILE names, and list its tools. With one server: all it says of "
        "them. `approve` takes what it says now; what it changes later is not used until it is approved again.",
    )
    servers.add_argument("action", nargs="?", choices=("list", "approve", "forget"), default="list")
    servers.add_argument("server", nargs="?", help="the server's name in MCP_FILE")
    servers.add_argument("tool", nargs="?", help="one of its tools; by default all")
    servers.add_argument("--yes", action="store_true", help="approve without asking")
    _add_json(servers)
    servers.set_defaults(command=carried_out["mcp"])
    return parser


def _count(text: str) -> int:
    """Raises ValueError."""
    if not 1 <= (number := int(text)) <= MOST_TURNS:
        raise ValueError
    return number


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="write JSON for programs, also about an error")
