"""Every error of the program, split by whose fault it is.

CalanqueError
├── OperatorError            whoever runs the program can mend it; exit code 78
│   ├── SettingsError            a setting is missing or wrong
│   ├── PortInUse                the page's port is taken
│   ├── AlreadyRunning           another process serves the same shards on the same database
│   ├── DatabaseUnusable         locked, read-only, full, unreachable or corrupt
│   ├── DatabaseTooNew           written by a newer version of the program
│   ├── TokenRefused             Discord does not accept the token
│   └── IntentRefused            the Message Content intent is asked for but not granted
├── UserError                whoever wrote the message can mend it; told to them, exit code 64
│   ├── MessageTooLarge          does not fit the window even alone
│   ├── TooManyAttachments
│   ├── AttachmentTooLarge       in bytes, pixels or pages
│   ├── AttachmentUnreadable     truncated, mislabelled, hostile or of an unknown kind
│   ├── QueueFull                too many people are waiting
│   ├── NotTheirs                whoever is answered alone cannot read the place any more
│   ├── NotAllowed               the person lacks the right to do this
│   └── KnowledgeFull            no more can be added to the knowledge
├── ModelError               the model said something that cannot be used; exit code 70
│   ├── EmptyReply               tokens, but neither text nor a call
│   ├── TooManySteps             still calling tools at the step limit
│   ├── TranslationFailed        it lost what must stay, or wrote another language
│   └── BadCall                  unknown tool or wrong arguments; the model sees it as a result
└── BackendError             something we depend on failed; exit code 69
    ├── EngineUnreachable        refused, DNS, time-out while connecting
    ├── EngineStalled            connected, but nothing came in time
    ├── EngineBroke              an error or an end without `done` in mid-stream, or garbage
    ├── ModelMissing             the engine runs, the model is not there
    ├── EngineRefused            the engine rejected the request (a bad option, no vision …)
    ├── EngineGone               the engine did not come back as long as a question waits for it
    ├── BrokeTooOften            the engine, or this program, broke at this question each time it was tried
    ├── ContextOverflow          the engine counted more tokens than fit
    ├── DocumentWorkerDied       the worker process died or ran out of time or memory
    ├── PlatformUnavailable      the platform failed for now; try again
    ├── PlaceGone                the channel or message is gone, or the right to write there
    └── ShownUnknown             what was sent may stand there or not, and cannot be read back

`key` names the sentence in `bot/languages/sentences.py` that a person is told; `values` fill it.
The message of the exception itself is for logs and operators: it never holds a message's text or a secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar


class CalanqueError(Exception):
    """Base of all errors of the program."""

    key: ClassVar[str] = "error-unexpected"
    exit_code: ClassVar[int] = 70

    def __init__(self, message: str = "", /, **values: str | int) -> None:
        super().__init__(message or type(self).__doc__ or type(self).__name__)
        self.values = values


class OperatorError(CalanqueError):
    """Whoever runs the program can mend this; the message says how."""

    key = "error-operator"
    exit_code = 78


class SettingsError(OperatorError):
    """A setting is missing or wrong."""


class PortInUse(OperatorError):
    """The page's port is taken by another program."""


class AlreadyRunning(OperatorError):
    """Another process serves the same shards on the same database."""


class DatabaseUnusable(OperatorError):
    """The database is locked, read-only, full, unreachable or corrupt."""

    key = "error-database"


class DatabaseTooNew(DatabaseUnusable):
    """The database was written by a newer version of the program."""


class TokenRefused(OperatorError):
    """Discord does not accept the token."""


class IntentRefused(OperatorError):
    """Discord has not granted the Message Content intent that the settings ask for."""


class UserError(CalanqueError):
    """Whoever wrote the message can mend this."""

    exit_code = 64


class MessageTooLarge(UserError):
    """The message does not fit the model's window even alone."""

    key = "message-too-large"


class TooManyAttachments(UserError):
    """More attachments than the limit; values: limit."""

    key = "too-many-attachments"


class AttachmentTooLarge(UserError):
    """An attachment is over a limit; values: name, limit."""

    key = "attachment-too-large"


class AttachmentUnreadable(UserError):
    """An attachment cannot be opened as what it says it is; values: name."""

    key = "attachment-unreadable"


class QueueFull(UserError):
    """Too many people are waiting for the engine."""

    key = "queue-full"


class NotTheirs(UserError):
    """Whoever is answered alone cannot read the place that they asked in any more, or it is not known."""

    key = "privately-no-right"


class NotAllowed(UserError):
    """The person lacks the right to do this."""

    key = "not-allowed"


class KnowledgeFull(UserError):
    """No more can be added to the knowledge; values: limit."""

    key = "knowledge-full"


class ModelError(CalanqueError):
    """The model said something that cannot be used."""

    key = "model-confused"


class EmptyReply(ModelError):
    """The model produced tokens but neither text nor a call."""


class TranslationFailed(ModelError):
    """A translation lost what must stay as it is, or was not in the language that was asked for."""

    key = "translation-failed"


class TooManySteps(ModelError):
    """The model was still calling tools at the step or time limit."""

    key = "too-many-steps"


class BadCall(ModelError):
    """An unknown tool or wrong arguments; the message is what the model sees as the result."""


class BackendError(CalanqueError):
    """Something the program depends on failed."""

    key = "engine-away"
    exit_code = 69


class EngineUnreachable(BackendError):
    """The engine does not answer at its address."""


class EngineStalled(BackendError):
    """The engine accepted the request but sent nothing in time."""

    key = "engine-stalled"


class EngineBroke(BackendError):
    """The engine failed in mid-stream, ended without saying so, or sent garbage."""

    key = "engine-broke"


class ModelMissing(BackendError):
    """The engine runs, but the model is not there."""

    key = "model-missing"


class EngineRefused(BackendError):
    """The engine rejected the request."""

    key = "engine-broke"


class EngineGone(BackendError):
    """The engine did not come back as long as a question waits for it; values: minutes."""

    key = "engine-gone"


class BrokeTooOften(BackendError):
    """The engine, or this program, broke at this question each time it was tried."""

    key = "too-many-attempts"


class ContextOverflow(BackendError):
    """The engine counted more tokens than fit; `prompt_tokens` and `window` where it says so."""

    key = "context-overflow"

    def __init__(self, message: str = "", /, *, prompt_tokens: int = 0, window: int = 0) -> None:
        super().__init__(message, prompt_tokens=prompt_tokens, window=window)
        self.prompt_tokens = prompt_tokens
        self.window = window


class DocumentWorkerDied(BackendError):
    """The process that opens attachments died, or ran out of time or memory; values: name."""

    key = "attachment-unreadable"


class PlatformUnavailable(BackendError):
    """The platform failed for now; the same call may work later.

    `retry_after`: seconds that the platform asks for, where it says so. `shown`: what stands there of a delivery by now
    (a `bot.talk.delivery.Shown`); the next attempt goes on from that. None: not known, it may have been sent or not.
    """

    retry_after: float | None = None
    shown: object | None = None


class PlaceGone(BackendError):
    """The channel or message is gone. `barred`: the right to write there is, or what a forum asks of posts has changed:
    that may be mended. `shown` as in PlatformUnavailable."""

    shown: object | None = None
    barred: bool = False


class ShownUnknown(BackendError):
    """What was sent may stand there or not, and cannot be read back. `shown` as in PlatformUnavailable."""

    shown: object | None = None


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors in a group, and in groups within it, each by itself; an error that is no group is its own only one."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from leaves(part)
    else:
        yield error
