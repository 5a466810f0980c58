"""Refusals as Discord words them: an HTTP status and a JSON code (API reference, "JSON error codes")."""

from __future__ import annotations

from tests.discord_server.things import Json


class ApiError(Exception):
    """A request is refused."""

    def __init__(self, status: int, code: int, message: str, **more: object) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.body: Json = {"message": message, "code": code, **more}


class DriverError(Exception):
    """The test asks for something that could not happen on Discord."""


def unauthorized() -> ApiError:
    return ApiError(401, 0, "401: Unauthorized")


def missing_access() -> ApiError:
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    return ApiError(403, 50013, "Missing Permissions")


def tag_required() -> ApiError:
    return ApiError(400, 40067, "A tag is required to create a forum post in this channel")


def channel_limited(seconds: float) -> ApiError:
    """A limit of one channel, apart from the route's."""
    message = "The write action you are performing on the channel has hit the write rate limit."
    return ApiError(429, 20028, message, retry_after=round(seconds, 3), **{"global": False})


def unknown(what: str) -> ApiError:
    code = {
        "Account": 10001,
        "Application": 10002,
        "Channel": 10003,
        "Guild": 10004,
        "Member": 10007,
        "Message": 10008,
        "Role": 10011,
        "User": 10013,
        "Emoji": 10014,
        "Webhook": 10015,
        "interaction": 10062,
        "application command": 10063,
    }[what]
    return ApiError(404, code, f"Unknown {what}")


def invalid_form(path: str, code: str, message: str) -> ApiError:
    """50035; `path` leads to the field, e.g. `embeds.0.title`."""
    errors: Json = {"_errors": [{"code": code, "message": message}]}
    for step in reversed(path.split(".")):
        errors = {step: errors}
    return ApiError(400, 50035, "Invalid Form Body", errors=errors)


def too_long(path: str, limit: int) -> ApiError:
    return invalid_form(path, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")
