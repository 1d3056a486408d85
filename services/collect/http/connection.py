"""Connections that refuse forbidden addresses and end at a deadline.

The check sits on the connection itself: a name is resolved once, every address it has is
checked, and the socket is opened to a checked address, so that no second look-up (and no
changed DNS answer) stands between check and use. TLS still verifies the name.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from queue import Empty, Queue
from threading import Thread
from typing import Any, Final

import httpcore

from services.collect.http.address import Network, is_allowed, parse_address
from services.collect.http.errors import PermanentFetchError
from services.domain.outlet import PollOutcome

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to the addresses of the host, best first; raises OSError when it has none."""

_deadline: ContextVar[float | None] = ContextVar("fetch_deadline", default=None)
_SOON: Final = 1e-3  # a timeout of 0 would mean "do not block", which is another error


@contextmanager
def deadline_in(seconds: float) -> Iterator[None]:
    """Let every network operation of this thread end within `seconds` from now, all together."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining() -> float | None:
    """Seconds left to the deadline; None without one; httpcore.ReadTimeout when it has passed."""
    deadline = _deadline.get()
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for the whole fetch is used up")
    return max(left, _SOON)


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of `host`, no longer than the deadline allows."""
    answer: Queue[list[str] | OSError | UnicodeError] = Queue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answer.put(error)
        else:
            answer.put(list(dict.fromkeys(str(item[4][0]) for item in found)))

    # The system's look-up cannot be told to hurry, so it is left behind in a thread if need be.
    Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        result = answer.get(timeout=remaining())
    except Empty:
        raise httpcore.ConnectTimeout(f"the name {host} was not looked up in time") from None
    if isinstance(result, Exception):
        raise result
    return result


class GuardedBackend(httpcore.NetworkBackend):
    """Opens sockets to allowed addresses only.

    `trusted` names hosts (a configured proxy) that may have any address: whoever sets a proxy
    on a private address means it.
    """

    def __init__(
        self,
        allow_networks: Iterable[Network] = (),
        resolver: Resolver = resolve,
        trusted: Iterable[str] = (),
    ) -> None:
        self._allow = tuple(allow_networks)
        self._resolve = resolver
        self._trusted = frozenset(trusted)
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that answers, after checking all of them."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._checked(host, port):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, _shorter(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _DeadlineStream(stream)
        raise failure

    def _checked(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} has no address ({error})") from error
        if host not in self._trusted:
            for text in addresses:
                address = parse_address(text)
                if address is None or not is_allowed(address, self._allow):
                    raise forbidden(host, text)
        return addresses


def forbidden(host: str, address: str) -> PermanentFetchError:
    """The error for a host that leads to an address we do not reach."""
    what = host if host.strip("[]") == address else f"{host} ({address})"
    return PermanentFetchError(
        f"{what} is not a public address, so it was not contacted; FRAMEWATCH_ALLOW_NETWORKS "
        "makes exceptions.",
        PollOutcome.FORBIDDEN_ADDRESS,
    )


def check_literal(host: str, allow_networks: Iterable[Network]) -> None:
    """Refuse a host that is itself a forbidden address, in any form that resolvers accept."""
    address = parse_address(host)
    if address is None:
        try:  # 127.1, 0x7f000001 and 2130706433 are addresses to a resolver
            address = parse_address(socket.inet_ntoa(socket.inet_aton(host)))
        except OSError:
            return
    if address is not None and not is_allowed(address, allow_networks):
        raise forbidden(host, str(address))


class _DeadlineStream(httpcore.NetworkStream):
    """A stream whose every operation also ends at the deadline of the fetch."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _shorter(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _shorter(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _shorter(timeout))
        return _DeadlineStream(stream)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _shorter(timeout: float | None) -> float | None:
    left = remaining()
    if left is None:
        return timeout
    return left if timeout is None else min(timeout, left)
