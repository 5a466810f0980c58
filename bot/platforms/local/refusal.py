"""How the API says no: a status, a sentence's key, and the sentence."""

from __future__ import annotations

import logging
from typing import TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import BaseModel, ValidationError

from bot.errors import (
    AttachmentTooLarge,
    BackendError,
    CalanqueError,
    DatabaseUnusable,
    NotAllowed,
    QueueFull,
    UserError,
)
from bot.languages.phrases import Phrases
from bot.platforms.local.spoken import spoken
from bot.platforms.local.wire import ErrorBody, ErrorWire

BODY_BYTES = 256 * 1024
"""Largest body of a request that is not an upload."""

Model = TypeVar("Model", bound=BaseModel)
_log = logging.getLogger(__name__)


class Refused(Exception):
    """A request that is answered with an error. `values` fill the sentence."""

    def __init__(self, status: int, key: str, /, **values: str | int) -> None:
        super().__init__(f"{status} {key}")
        self.status = status
        self.key = key
        self.values = values


def refused_json(phrases: Phrases, refused: Refused) -> web.Response:
    message = phrases.say(refused.key, **refused.values)
    headers = {"Retry-After": str(refused.values["seconds"])} if "seconds" in refused.values else None
    body = ErrorWire(error=ErrorBody(key=refused.key, message=message))
    return reply(body, status=refused.status, headers=headers)


def reply(body: BaseModel, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(text=body.model_dump_json(), status=status, content_type="application/json", headers=headers)


def _of_error(error: CalanqueError) -> Refused:
    match error:
        case NotAllowed():
            status = 403
        case QueueFull():
            status = 429
        case AttachmentTooLarge():
            status = 413
        case UserError():
            status = 422
        case BackendError() | DatabaseUnusable():
            status = 503
        case _:
            status = 500
    return Refused(status, error.key, **error.values)


def _of_http(error: web.HTTPException) -> Refused:
    known = {404: "page-not-found", 405: "page-not-found", 413: "page-too-long"}
    return Refused(error.status, known.get(error.status, "page-bad-request"), field="request")


def explaining(phrases: Phrases) -> Middleware:
    """The middleware that turns whatever went wrong into an answer that a person or a program understands."""

    @web.middleware
    async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            return refused_json(spoken(request, phrases), refused)
        except CalanqueError as error:
            return refused_json(spoken(request, phrases), _of_error(error))
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return refused_json(spoken(request, phrases), _of_http(error))
        except Exception:
            _log.exception("A request to %s failed", request.match_info.route.name or "the page")
            return refused_json(spoken(request, phrases), Refused(500, "error-unexpected"))

    return explain


async def read(request: web.Request, model: type[Model]) -> Model:
    """The body of a request. Raises Refused naming the field that is wrong, never its value."""
    if request.content_type != "application/json":
        raise Refused(415, "page-bad-request", field="Content-Type")
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        where = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        raise Refused(422, "page-bad-request", field=".".join(str(part) for part in where) or "body") from None
