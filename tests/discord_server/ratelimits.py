"""Rate limits: a bucket per route and major parameter, and one of fifty a second over all.

They follow real time, because the client sleeps them off in real time. The numbers are those observed on Discord over
the years; Discord itself tells them only in headers. Source of the mechanism: API reference, "Rate Limits".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic, time

from tests.discord_server.clock import digest

GLOBAL_A_SECOND = 50
RENAMES, RENAMES_SECONDS = 2, 600
"""Of one channel or thread. No header tells of it before it is reached."""
INVALID_IN_TEN_MINUTES = 10_000


@dataclass(frozen=True, slots=True)
class Rule:
    """`limit` requests in a window of `seconds` that opens with the first of them."""

    limit: int
    seconds: float


DEFAULT_RULE = Rule(30, 5)
RULES: dict[tuple[str, str], Rule] = {
    ("POST", "/channels/{channel_id}/messages"): Rule(5, 5),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): Rule(5, 5),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}"): Rule(5, 1),
    ("POST", "/channels/{channel_id}/messages/bulk-delete"): Rule(1, 1),
    ("POST", "/channels/{channel_id}/typing"): Rule(5, 5),
    ("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me"): Rule(1, 0.25),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me"): Rule(1, 0.25),
    ("PATCH", "/channels/{channel_id}"): Rule(5, 15),
    ("POST", "/users/@me/channels"): Rule(10, 10),
    ("POST", "/webhooks/{webhook_id}/{webhook_token}"): Rule(5, 2),
    ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"): Rule(5, 5),
}
UNLIMITED_GLOBALLY = ("/interactions/", "/webhooks/")
MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")


@dataclass(slots=True)
class _Window:
    opened: float
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the limits say to one request."""

    headers: dict[str, str]
    retry_after: float | None = None
    everything: bool = False


@dataclass(slots=True)
class RateLimits:
    """`enabled` False lifts them all; `rules` may be changed by route (method, path template)."""

    enabled: bool = True
    rules: dict[tuple[str, str], Rule] = field(default_factory=lambda: dict(RULES))
    default: Rule = DEFAULT_RULE
    global_limit: int = GLOBAL_A_SECOND
    invalid_limit: int = INVALID_IN_TEN_MINUTES
    refused: int = 0
    """Requests answered with 429."""
    invalid: list[float] = field(default_factory=list[float])
    """When requests were answered with 401, 403 or 429; ten thousand in ten minutes are a ban."""
    _windows: dict[str, _Window] = field(default_factory=dict[str, _Window])
    _global: _Window = field(default_factory=lambda: _Window(0.0, 0))

    def take(self, method: str, template: str, params: dict[str, str]) -> Verdict:
        """Count a request."""
        if not self.enabled:
            return Verdict(headers={})
        now = monotonic()
        if not template.startswith(UNLIMITED_GLOBALLY):
            left = self._count(self._global, Rule(self.global_limit, 1), now)
            if left is not None:
                self.refused += 1
                return Verdict(headers={"X-RateLimit-Global": "true"}, retry_after=left, everything=True)
        rule = self.rules.get((method, template), self.default)
        bucket = digest(method, template)
        key = digest(bucket, *(params.get(name, "") for name in MAJOR))
        window = self._windows.setdefault(key, _Window(now, 0))
        left = self._count(window, rule, now)
        reset = max(0.0, window.opened + rule.seconds - now)
        headers = {
            "X-RateLimit-Bucket": bucket,
            "X-RateLimit-Limit": str(rule.limit),
            "X-RateLimit-Remaining": str(max(0, rule.limit - window.used)),
            "X-RateLimit-Reset": f"{time() + reset:.3f}",
            "X-RateLimit-Reset-After": f"{reset:.3f}",
        }
        if left is None:
            return Verdict(headers=headers)
        self.refused += 1
        return Verdict(headers={**headers, "X-RateLimit-Scope": "user"}, retry_after=left)

    def rename(self, channel: int) -> float | None:
        """Count a new name. None if it fits, else the seconds until one does."""
        if not self.enabled:
            return None
        now = monotonic()
        window = self._windows.setdefault(f"name {channel}", _Window(now, 0))
        left = self._count(window, Rule(RENAMES, RENAMES_SECONDS), now)
        self.refused += left is not None
        return left

    def banned(self) -> bool:
        """Whether too many requests were invalid lately."""
        now = monotonic()
        self.invalid = [at for at in self.invalid if at > now - 600]
        return len(self.invalid) >= self.invalid_limit

    @staticmethod
    def _count(window: _Window, rule: Rule, now: float) -> float | None:
        """None if the request fits, else the seconds until the window ends."""
        if now - window.opened >= rule.seconds:
            window.opened, window.used = now, 0
        if window.used >= rule.limit:
            return window.opened + rule.seconds - now
        window.used += 1
        return None
