"""The errors of fetching, each with the poll outcome it stands for.

    FetchError
    ├── RetryableFetchError   also a RetryableError: the next try may succeed
    └── PermanentFetchError   also a PermanentError: something has to change first

`str(error)` is a sentence for a reader. It names hosts, never query strings or passwords.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpcore

from services.domain.outlet import PollOutcome
from services.errors import FramewatchError, PermanentError, RetryableError


class FetchError(FramewatchError):
    """A URL could not be fetched; `outcome` says in which way."""

    outcome: PollOutcome


class RetryableFetchError(FetchError, RetryableError):
    """The same fetch may succeed later."""

    def __init__(
        self, message: str, outcome: PollOutcome, *, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.retry_after = retry_after


class PermanentFetchError(FetchError, PermanentError):
    """The same fetch fails until the server, the catalogue or a setting changes."""

    def __init__(self, message: str, outcome: PollOutcome) -> None:
        super().__init__(message)
        self.outcome = outcome


def status_error(status: int, host: str, retry_after: float | None) -> FetchError:
    """Return the error that an answer with `status` (no 2xx, no 304, no redirect) stands for."""
    answer = f"{host} answered {status} {_phrase(status)}".rstrip()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryableFetchError(
            f"{answer}: it wants fewer requests.",
            PollOutcome.RATE_LIMITED,
            retry_after=retry_after,
        )
    if status >= 500 or status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY):
        return RetryableFetchError(
            f"{answer}: the trouble is on its side.",
            PollOutcome.SERVER_ERROR,
            retry_after=retry_after,
        )
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return PermanentFetchError(
            f"{answer}: the address is no longer right; look for a new one.", PollOutcome.GONE
        )
    if 400 <= status < 500:
        return PermanentFetchError(
            f"{answer}: it refuses this program or this network; a user agent, headers or a proxy "
            "in the catalogue may help.",
            PollOutcome.BLOCKED,
        )
    return RetryableFetchError(
        f"{answer}, which is no answer to a plain request.", PollOutcome.SERVER_ERROR
    )


@contextmanager
def translated(host: str, seconds: float) -> Iterator[None]:
    """Turn what httpcore raises while talking to `host` into a FetchError."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise RetryableFetchError(
            f"{host} did not finish its answer within {seconds:g} seconds.", PollOutcome.TIMEOUT
        ) from error
    except httpcore.ProxyError as error:
        raise RetryableFetchError(
            f"The proxy on the way to {host} refused ({error}).", PollOutcome.UNREACHABLE
        ) from error
    except httpcore.ConnectError as error:
        raise RetryableFetchError(_why_unconnected(host, error), PollOutcome.UNREACHABLE) from error
    except httpcore.NetworkError as error:
        raise RetryableFetchError(
            f"The connection to {host} broke off.", PollOutcome.UNREACHABLE
        ) from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise RetryableFetchError(
            f"The answer of {host} is not proper HTTP ({error}).", PollOutcome.UNREACHABLE
        ) from error


def _why_unconnected(host: str, error: httpcore.ConnectError) -> str:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"The certificate of {host} is not valid: {cause.verify_message}."
    if isinstance(cause, ssl.SSLError):
        return f"No secure connection to {host} could be made ({cause.reason})."
    if isinstance(cause, ConnectionRefusedError):
        return f"{host} refuses connections."
    if isinstance(cause, socket.gaierror):
        return f"The name {host} has no address; it is misspelt or this machine is offline."
    return f"{host} cannot be reached ({error})."


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
