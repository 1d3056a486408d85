"""Connection pools: one for straight connections, and one for each proxy."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import httpcore
import httpx

from services.collect.http.address import Network
from services.collect.http.bounds import HEAD_BYTES, allow_bytes, closing_on_failure, remaining
from services.collect.http.connection import GuardedBackend, Resolver
from services.collect.http.targets import proxy_target

_CONNECT_SECONDS: Final = 10.0
_TRIES: Final = 4  # more than connections to one host are kept


@dataclass(frozen=True, slots=True)
class Route:
    """A way to servers. `proxy` is how a proxy on it may be shown: host and port; "" if none."""

    pool: httpcore.ConnectionPool
    proxy: str = ""

    def send(
        self, request: httpx.Request
    ) -> tuple[AbstractContextManager[httpcore.Response], httpcore.Response]:
        """Send a request; return what ends the exchange, and the answer, its body unread.

        A server may hang up on a kept connection just when it is used again. That is no
        failure of a GET: it goes out once more, on another connection. Raises what httpcore
        raises.
        """
        for _ in range(_TRIES):
            allow_bytes(HEAD_BYTES)
            exchange = self._exchange(request)
            with closing_on_failure() as opened:
                try:
                    return exchange, exchange.__enter__()
                except (httpcore.RemoteProtocolError, httpcore.ReadError) as error:
                    if opened or request.method != "GET":
                        raise
                    hung_up = error
        raise hung_up

    def _exchange(self, request: httpx.Request) -> AbstractContextManager[httpcore.Response]:
        url = request.url
        return self.pool.stream(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.content or None,
            extensions={"timeout": {"connect": _CONNECT_SECONDS, "pool": remaining()}},
        )


class Pools:
    """Opens pools when they are first needed. Safe to share between threads."""

    def __init__(self, allow_networks: Iterable[Network], resolver: Resolver) -> None:
        self._allow = tuple(allow_networks)
        self._resolver = resolver
        self._routes: dict[str, Route] = {}
        self._lock = threading.Lock()

    def route(self, proxy: str) -> Route:
        """The route through `proxy` (its URL), or the straight one for "".

        Raises PermanentFetchError when `proxy` is no proxy's URL.
        """
        with self._lock:
            if proxy not in self._routes:
                self._routes[proxy] = self._open(proxy)
            return self._routes[proxy]

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for route in self._routes.values():
                route.pool.close()
            self._routes.clear()

    def _open(self, proxy: str) -> Route:
        if not proxy:
            return Route(self._pool(None, ""))
        url = proxy_target(proxy)
        way = httpcore.Proxy(
            f"{url.scheme}://{url.netloc.decode('ascii')}",
            auth=(url.username, url.password) if url.username or url.password else None,
            ssl_context=tls_context() if url.scheme == "https" else None,
        )
        pool = self._pool(way, way.url.host.decode("ascii"))
        return Route(pool, _shown(url))

    def _pool(self, proxy: httpcore.Proxy | None, host: str) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            ssl_context=tls_context(),
            proxy=proxy,
            max_connections=None,  # as many as threads ask; how many do is not decided here
            max_keepalive_connections=20,
            # For redirects and busy hosts. Many servers hang up after five seconds, which is
            # also the usual pause: a connection that old is likelier dead than useful.
            keepalive_expiry=2.0,
            network_backend=GuardedBackend(self._allow, self._resolver, host),
        )


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """One for all: reading the certificates takes longer than many a fetch."""
    return httpx.create_ssl_context()


def _shown(url: httpx.URL) -> str:
    return url.netloc.decode("ascii")
