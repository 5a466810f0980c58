"""The only place that builds concrete things and joins them."""

from bot.app.once import examine, migrate, pull, secret_arguments, trace
from bot.app.running import run, serve

__all__ = ["examine", "migrate", "pull", "run", "secret_arguments", "serve", "trace"]
