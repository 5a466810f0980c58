"""The server as a process: `python -m tests.discord_server --guilds 50 --port 0`.

Prints one line of JSON with `api_url`, `gateway_url`, `control_url`, `token` and the ids of guilds and channels, then
serves until it is terminated. `control` describes how to drive it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal

from tests.discord_server.server import DiscordServer


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.discord_server", description="A loopback Discord.")
    parser.add_argument("--guilds", type=int, default=1, help="how many guilds the bot is in")
    parser.add_argument("--channels", type=int, default=5, help="text channels in each")
    parser.add_argument("--members", type=int, default=20, help="people in each")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--shards", type=int, default=1, help="recommended to the bot")
    parser.add_argument("--rate-limits", action="store_true", help="enforce rate limits")
    return parser.parse_args()


async def serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with DiscordServer(port=arguments.port, rate_limits=arguments.rate_limits) as server:
        server.gateway.shards = arguments.shards
        people = [server.add_user(f"member-{index}") for index in range(arguments.members)]
        guilds: list[dict[str, object]] = []
        for index in range(arguments.guilds):
            guild = server.add_guild(f"harbour-{index}")
            channels = [guild.add_text_channel(f"channel-{number}") for number in range(arguments.channels)]
            for person in people:
                guild.add_member(person)
            guilds.append({"id": str(guild.id), "channels": [str(channel.id) for channel in channels]})
        line = {
            "api_url": server.api_url,
            "gateway_url": server.gateway_url,
            "control_url": server.control_url,
            "token": server.token,
            "bot": str(server.bot.id),
            "guilds": guilds,
        }
        print(json.dumps(line), flush=True)  # noqa: T201 - the line is what this process is asked for
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(_arguments()))
