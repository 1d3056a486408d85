"""What the HTTP library raises, as a FetchError with a sentence about whoever is to blame."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpcore
from socksio.exceptions import SOCKSError

from services.collect.http.bounds import TooMuchError
from services.collect.http.errors import (
    FetchError,
    PermanentFetchError,
    ProxyUnreachableError,
    RetryableFetchError,
)
from services.domain.outlet import PollOutcome

_MEND_PROXY: Final = "mend FRAMEWATCH_PROXY or the outlet's 'proxy'"
_DETAIL_CHARS: Final = 100
# The words by which the HTTP library says that a proxy does not know us.
_DENIED: Final = ("407", "Invalid username/password", "Requested ")


@contextmanager
def translated(host: str, seconds: float, proxy: str = "") -> Iterator[None]:
    """Turn what httpcore raises while talking to `host` into a FetchError.

    `proxy` is the proxy on the way, as it may be shown (without name and password), or "".
    """
    try:
        yield
    except httpcore.LocalProtocolError:
        # Its text repeats the header, which may be a key: nothing of it goes any further.
        raise PermanentFetchError(
            f"{host} could not be asked: a header for it holds a character that HTTP does not "
            "allow; mend FRAMEWATCH_USER_AGENT or the outlet's 'user_agent' and 'headers'.",
            PollOutcome.UNREACHABLE,
        ) from None
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
        SOCKSError,
    ) as error:
        raise _translation(error, host, seconds, proxy) from error


def _translation(error: Exception, host: str, seconds: float, proxy: str) -> FetchError:
    through = f" through the proxy {proxy}" if proxy else ""
    if isinstance(error, (httpcore.ProxyError, SOCKSError)):
        return _proxy_error(error, host, proxy)
    if isinstance(error, httpcore.TimeoutException):
        return RetryableFetchError(
            f"{host} did not finish its answer{through} within {seconds:g} seconds.",
            PollOutcome.TIMEOUT,
        )
    if isinstance(error, TooMuchError):
        return PermanentFetchError(
            f"{host} sends more around its answer than in it; it was cut off.",
            PollOutcome.TOO_LARGE,
        )
    if isinstance(error, httpcore.ConnectError):
        why = _why_unconnected(host, error, through)
    elif isinstance(error, httpcore.NetworkError):
        why = f"The connection to {host}{through} broke off."
    else:
        why = f"The answer of {host}{through} is not proper HTTP ({_detail(error)})."
    return RetryableFetchError(why, PollOutcome.UNREACHABLE)


def _proxy_error(error: Exception, host: str, proxy: str) -> FetchError:
    """What a proxy did; the feed behind it is not to blame."""
    detail = _detail(error)
    if isinstance(error, ProxyUnreachableError):
        return RetryableFetchError(
            f"The proxy {proxy} cannot be reached{_because(error.cause)}; {_MEND_PROXY}.",
            PollOutcome.UNREACHABLE,
        )
    if detail.startswith(_DENIED):
        return proxy_denied(proxy)
    return RetryableFetchError(
        f"The proxy {proxy} made no connection to {host} ({detail}).", PollOutcome.UNREACHABLE
    )


def proxy_denied(proxy: str) -> PermanentFetchError:
    """The error for a proxy that wants another name and password (407)."""
    return PermanentFetchError(
        f"The proxy {proxy} does not accept the name and password given, or wants some where "
        f"none are; {_MEND_PROXY}.",
        PollOutcome.UNREACHABLE,
    )


def _because(cause: BaseException) -> str:
    if isinstance(cause, socket.gaierror):
        return ": its name has no address"
    if isinstance(cause, ConnectionRefusedError):
        return ": it refuses connections"
    if isinstance(cause, (TimeoutError, httpcore.TimeoutException)):
        return ": it does not answer"
    return ""


def _why_unconnected(host: str, error: httpcore.ConnectError, through: str) -> str:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"The certificate of {host}{through} is not valid: {cause.verify_message}."
    if isinstance(cause, ssl.SSLError):
        return f"No secure connection to {host}{through} could be made ({cause.reason})."
    if isinstance(cause, ConnectionRefusedError):
        return f"{host} refuses connections."
    if isinstance(cause, socket.gaierror):
        return f"The name {host} has no address; it is misspelt or this machine is offline."
    return f"{host} cannot be reached{through} ({_detail(error)})."


def _detail(error: Exception) -> str:
    """The library's own words, short and on one line: servers put theirs into them."""
    words = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())
    return words[:_DETAIL_CHARS].rstrip(". ") or type(error).__name__
