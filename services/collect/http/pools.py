"""Connection pools: one for straight connections, and one for each proxy."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import httpcore
import httpx

from services.collect.http.address import Network
from services.collect.http.connection import GuardedBackend, Resolver
from services.collect.http.targets import proxy_target


@dataclass(frozen=True, slots=True)
class Route:
    """A way to servers. `proxy` is how a proxy on it may be shown: host and port; "" if none."""

    pool: httpcore.ConnectionPool
    proxy: str = ""


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
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(self._allow, self._resolver, host),
        )


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """One for all: reading the certificates takes longer than many a fetch."""
    return httpx.create_ssl_context()


def _shown(url: httpx.URL) -> str:
    return url.netloc.decode("ascii")
