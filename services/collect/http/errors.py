"""The errors of fetching, each with the poll outcome it stands for.

    FetchError
    ├── RetryableFetchError   also a RetryableError: the next try may succeed
    └── PermanentFetchError   also a PermanentError: something has to change first

`str(error)` is a sentence for a reader. It names hosts, never query strings or passwords.
"""

from __future__ import annotations

from http import HTTPStatus

import httpcore

from services.domain.outlet import PollOutcome
from services.errors import FramewatchError, PermanentError, RetryableError


class FetchError(FramewatchError):
    """A URL could not be fetched; `outcome` says in which way.

    `status` is that of the server's answer, 0 when it was not the status that was wrong.
    """

    outcome: PollOutcome
    status: int = 0


class RetryableFetchError(FetchError, RetryableError):
    """The same fetch may succeed later."""

    def __init__(
        self,
        message: str,
        outcome: PollOutcome,
        *,
        retry_after: float | None = None,
        status: int = 0,
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.retry_after = retry_after
        self.status = status


class PermanentFetchError(FetchError, PermanentError):
    """The same fetch fails until the server, the catalogue or a setting changes."""

    def __init__(self, message: str, outcome: PollOutcome, *, status: int = 0) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.status = status


class ProxyUnreachableError(httpcore.ProxyError):
    """The proxy itself, and not what lies behind it, could not be connected to."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause  # kept here, since the HTTP library cuts the chain of causes


def status_error(status: int, host: str, retry_after: float | None) -> FetchError:
    """Return the error that an answer with `status` (no 2xx, no 304, no redirect) stands for."""
    answer = f"{host} answered {status} {_phrase(status)}".rstrip()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryableFetchError(
            f"{answer}: it wants fewer requests.",
            PollOutcome.RATE_LIMITED,
            retry_after=retry_after,
            status=status,
        )
    if status >= 500 or status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY):
        return RetryableFetchError(
            f"{answer}: the trouble is on its side.",
            PollOutcome.SERVER_ERROR,
            retry_after=retry_after,
            status=status,
        )
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return PermanentFetchError(
            f"{answer}: the address is no longer right; look for a new one.",
            PollOutcome.GONE,
            status=status,
        )
    if 400 <= status < 500:
        return PermanentFetchError(
            f"{answer}: it refuses this program or this network; a user agent, headers or a proxy "
            "in the catalogue may help.",
            PollOutcome.BLOCKED,
            status=status,
        )
    return RetryableFetchError(
        f"{answer}, which is no answer to a plain request.",
        PollOutcome.SERVER_ERROR,
        status=status,
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
