"""Connections to allowed addresses only.

The check sits on the connection itself: a name is resolved once, every address it has is
checked, the socket is opened to a checked address (a number, so no further look-up), and the
address at its other end is checked once more. No changed DNS answer fits in between. TLS
still verifies the name.

With a proxy, the proxy looks names up, and the socket ends at the proxy. Checked is then what
can be: hosts that are addresses themselves, in any form, and names that are local by
definition (`check_host`). What other names lead to is the proxy's business.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, Queue
from threading import Thread
from typing import Any, Final

import httpcore

from services.collect.http.address import Address, Network, is_allowed, parse_address
from services.collect.http.bounds import BoundStream, remaining, shorter
from services.collect.http.errors import PermanentFetchError, ProxyUnreachableError
from services.domain.outlet import PollOutcome

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to the addresses of the host, best first; raises OSError when it has none."""

EARLY_CONNECT_SECONDS: Final = 2.0
"""What an address of a host gets to answer while there are others to try."""
# Names for what is near (RFC 6761, 6762, 8375, and "internal" as clouds and ICANN have it).
_LOCAL: Final = ("localhost", "localdomain", "local", "internal", "home.arpa")


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of `host`, no longer than the deadline allows."""
    if parse_address(host) is not None:
        return [host]
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

    `proxy` is the host of a configured proxy, which may have any address: whoever sets a proxy
    on a private address means it. What goes wrong with it is a ProxyUnreachableError.
    """

    def __init__(
        self,
        allow_networks: Iterable[Network] = (),
        resolver: Resolver = resolve,
        proxy: str = "",
    ) -> None:
        self._allow = tuple(allow_networks)
        self._resolve = resolver
        self._proxy = proxy
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
        try:
            addresses = self._addresses(host, port)
            for number, address in enumerate(addresses, start=1):
                # A way that leads nowhere (IPv6 often) must not use up the time of the next.
                wait = timeout if number == len(addresses) else EARLY_CONNECT_SECONDS
                try:
                    stream = self._sockets.connect_tcp(
                        address, port, shorter(wait), local_address, socket_options
                    )
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                    failure = error
                else:
                    self._check_peer(host, stream)
                    return BoundStream(stream)
            raise failure
        except (httpcore.NetworkError, httpcore.TimeoutException) as error:
            if host == self._proxy:
                raise ProxyUnreachableError(error.__cause__ or error) from error
            raise

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} has no address ({error})") from error
        for address in addresses:
            self._check(host, address)
        return addresses

    def _check_peer(self, host: str, stream: httpcore.NetworkStream) -> None:
        try:
            self._check(host, str(stream.get_extra_info("server_addr")[0]))
        except OSError as error:
            stream.close()
            raise httpcore.ConnectError("the other side went away at once") from error
        except PermanentFetchError:
            stream.close()
            raise

    def _check(self, host: str, text: str) -> None:
        if host == self._proxy:
            return
        address = parse_address(text)
        if address is None or not is_allowed(address, self._allow):
            raise forbidden(host, text)


def forbidden(host: str, address: str) -> PermanentFetchError:
    """The error for a host that leads to an address we do not reach."""
    what = host if host.strip("[]") == address else f"{host} ({address})"
    return PermanentFetchError(
        f"{what} is not a public address, so it was not contacted; FRAMEWATCH_ALLOW_NETWORKS "
        "makes exceptions.",
        PollOutcome.FORBIDDEN_ADDRESS,
    )


def check_host(host: str, allow_networks: Sequence[Network], *, by_proxy: bool) -> None:
    """Refuse a host that is forbidden by the look of it, before anybody looks it up.

    That is a forbidden address in any form that resolvers accept. `by_proxy` says that a proxy
    will look the host up: then names for what is local are refused too, unless some private
    network is allowed, since no address will be seen here.
    """
    bare = host.rstrip(".").lower()
    address = _stated_address(bare)
    if address is not None:
        if not is_allowed(address, allow_networks):
            raise forbidden(host, str(address))
    elif by_proxy and not allow_networks:
        local = "." not in bare or bare.endswith(tuple(f".{name}" for name in _LOCAL))
        if local:
            raise forbidden(host, "a local name")


def _stated_address(host: str) -> Address | None:
    address = parse_address(host)
    if address is not None:
        return address
    try:  # 127.1, 0x7f000001 and 2130706433 are addresses to a resolver
        return parse_address(socket.inet_ntoa(socket.inet_aton(host)))
    except (OSError, UnicodeError):
        return None
