"""The one guarded way out of Framewatch: feeds, article pages and webhooks all leave here.

What a server can do to us is bounded: one deadline for the whole fetch, a cap on the decoded
body, at most `MAX_REDIRECTS` hops, no cookies kept, and no address reached that is not public
(see `address`, `connection`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_network
from types import TracebackType
from typing import Final, Self

import httpcore
import httpx

from services.collect.http.address import Network
from services.collect.http.body import ACCEPT_ENCODING, read_body, too_large
from services.collect.http.bounds import HEAD_BYTES, allow_bytes, deadline_in
from services.collect.http.connection import Resolver, check_host, resolve
from services.collect.http.errors import (
    FetchError,
    PermanentFetchError,
    RetryableFetchError,
    status_error,
)
from services.collect.http.headers import first_value, header_map, retry_after
from services.collect.http.pools import Pools, Route
from services.collect.http.targets import fetch_target, redirect_target
from services.collect.http.translate import proxy_denied, translated
from services.domain.outlet import PollOutcome

__all__ = ["FetchError", "Fetched", "Fetcher", "PermanentFetchError", "RetryableFetchError"]

# At its debug level this library writes passwords of proxies and cookies into the log.
logging.getLogger("httpcore").setLevel(logging.INFO)

MAX_REDIRECTS: Final = 8
POST_BODY_BYTES: Final = 64 * 2**10
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PERMANENT: Final = frozenset({301, 308})
_WIRE_FACTOR: Final = 2  # what chunks may add around a body of the largest size
# These alone follow a redirect to another host; a key or password in a header must not.
_TRAVELLING: Final = frozenset(
    {"accept", "accept-encoding", "accept-language", "if-modified-since", "if-none-match",
     "user-agent"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: `url` is where it came from after redirects, header names are lower case.

    `moved` is that same address when every redirect on the way was a permanent one (301, 308)
    and none led from https to http, else "". `downgraded` says that one did lead there.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    moved: str = ""
    downgraded: bool = False


class Fetcher:
    """Fetches over HTTP(S). Safe to share between threads; close it or use it with `with`.

    `timeout` is in seconds for a whole fetch, `max_bytes` caps a decoded body, `proxy` is the
    URL of an HTTP or SOCKS5 proxy (whose own address may be private), `allow_networks` lists
    networks that may be reached although they are not public. `on_redirect` is told every
    address that a redirect leads to, before it is asked.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        timeout: float,
        max_bytes: int,
        proxy: str = "",
        allow_networks: Iterable[Network | str] = (),
        resolver: Resolver = resolve,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_redirect: Callable[[str], None] = lambda _url: None,
    ) -> None:
        self._user_agent = user_agent
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._proxy = proxy
        self._allow: tuple[Network, ...] = tuple(ip_network(item) for item in allow_networks)
        self._clock = clock
        self._on_redirect = on_redirect
        self._pools = Pools(self._allow, resolver)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._pools.close()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        etag: str = "",
        last_modified: str = "",
        user_agent: str = "",
        proxy: str = "",
        accept: str = "",
        max_bytes: int | None = None,
        cut: bool = False,
    ) -> Fetched:
        """Fetch `url`, redirects followed; 304 is a normal answer when it was asked for.

        `max_bytes` replaces the fetcher's own; with `cut`, a longer body is cut there and is
        no error. Raises FetchError with the outcome and a sentence for everything else.
        """
        sent = httpx.Headers(
            {
                "Accept": accept or "*/*",
                "Accept-Encoding": ACCEPT_ENCODING,
                "User-Agent": user_agent or self._user_agent,
                **({"If-None-Match": etag} if etag else {}),
                **({"If-Modified-Since": last_modified} if last_modified else {}),
            },
            encoding="utf-8",
        )
        sent.update(httpx.Headers(dict(headers or {}), encoding="utf-8"))
        target = fetch_target(url)
        route = self._pools.route(proxy or self._proxy)
        body = _Reading(self._max_bytes if max_bytes is None else max_bytes, cut)
        with deadline_in(self._timeout):
            return self._follow(target, sent, route, body)

    def _follow(
        self, url: httpx.URL, headers: httpx.Headers, route: Route, body: _Reading
    ) -> Fetched:
        """Go from hop to hop until an answer is no redirect."""
        begun, cookies = url, httpx.Cookies()
        permanent, downgraded = True, False
        seen: set[tuple[str, str]] = set()
        for _ in range(MAX_REDIRECTS + 1):
            request = httpx.Request("GET", url, headers=headers)
            cookies.set_cookie_header(request)
            # A redirect to the same place that sets a cookie is a common door, not a circle.
            step = (str(url), request.headers.get("cookie", ""))
            if step in seen:
                raise _redirects(begun.host, "in a circle")
            seen.add(step)
            with self._answer(request, self._timeout, route) as answer:
                if answer.status not in _REDIRECTS:
                    moved = permanent and not downgraded and url != begun
                    fetched = self._read(answer, url, route, body)
                    return replace(fetched, moved=str(url) if moved else "", downgraded=downgraded)
                target = redirect_target(first_value(answer.headers, "location"), url)
                cookies.extract_cookies(_as_httpx(answer, request))
            permanent = permanent and answer.status in _PERMANENT
            downgraded = downgraded or (url.scheme, target.scheme) == ("https", "http")
            if (target.scheme, target.netloc) != (url.scheme, url.netloc):
                for name in [name for name in headers if name not in _TRAVELLING]:
                    del headers[name]
            url = target
            self._on_redirect(str(url))
        raise _redirects(begun.host, f"more than {MAX_REDIRECTS} times")

    def post(
        self,
        url: str,
        *,
        body: bytes,
        headers: Mapping[str, str],
        timeout: float | None = None,
    ) -> Fetched:
        """Post `body` straight to `url`: no proxy, no redirect; every status is a normal answer.

        The answer's body is cut at `POST_BODY_BYTES`. `timeout` (seconds) replaces the
        fetcher's own. Raises FetchError when there is no answer.
        """
        sent = {"User-Agent": self._user_agent, "Accept-Encoding": "identity", **headers}
        seconds = self._timeout if timeout is None else timeout
        target = fetch_target(url)
        request = httpx.Request("POST", target, headers=sent, content=body)
        route = self._pools.route("")
        with deadline_in(seconds), self._answer(request, seconds, route) as answer:
            data = bytearray()
            with translated(target.host, seconds):
                for chunk in answer.iter_stream():
                    data += chunk
                    if len(data) >= POST_BODY_BYTES:
                        break
            return Fetched(
                answer.status,
                str(target),
                header_map(answer.headers),
                bytes(data[:POST_BODY_BYTES]),
            )

    @contextmanager
    def _answer(
        self, request: httpx.Request, timeout: float, route: Route
    ) -> Iterator[httpcore.Response]:
        """Send one request; the answer's body is still to be read."""
        url = request.url
        check_host(url.host, self._allow, by_proxy=bool(route.proxy))
        with translated(url.host, timeout, route.proxy):
            stream, answer = route.send(request)
        try:
            yield answer
        finally:
            with translated(url.host, timeout, route.proxy):
                stream.__exit__(None, None, None)

    def _read(
        self, answer: httpcore.Response, url: httpx.URL, route: Route, body: _Reading
    ) -> Fetched:
        headers = header_map(answer.headers)
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return Fetched(answer.status, str(url), headers, b"")
        if answer.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED and route.proxy:
            raise proxy_denied(route.proxy)
        if not 200 <= answer.status < 300:
            raise status_error(answer.status, url.host, retry_after(headers, self._clock()))
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > body.max_bytes and not body.cut:
            raise too_large(url.host, body.max_bytes)
        allow_bytes(_WIRE_FACTOR * body.max_bytes + HEAD_BYTES)
        with translated(url.host, self._timeout, route.proxy):
            data = read_body(
                answer.iter_stream(),
                headers.get("content-encoding", ""),
                body.max_bytes,
                url.host,
                cut=body.cut,
            )
        return Fetched(answer.status, str(url), headers, data)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How much of a body is read: an error over `max_bytes`, or cut there."""

    max_bytes: int
    cut: bool


def _redirects(host: str, how: str) -> PermanentFetchError:
    return PermanentFetchError(f"{host} redirects {how}.", PollOutcome.TOO_MANY_REDIRECTS)


def _as_httpx(answer: httpcore.Response, request: httpx.Request) -> httpx.Response:
    """The cookies of an answer, as its headers alone: with more it would decode a body."""
    cookies = [line for line in answer.headers if line[0].lower() == b"set-cookie"]
    return httpx.Response(answer.status, headers=cookies, request=request)
