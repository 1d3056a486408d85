"""URLs as something that can be fetched: checked, and rid of names and passwords."""

from __future__ import annotations

import httpx

from services.collect.http.errors import PermanentFetchError
from services.domain.outlet import PollOutcome


def fetch_target(url: str) -> httpx.URL:
    """Return `url` as something that can be fetched, without name and password in it."""
    try:
        parsed = httpx.URL(url.strip())
        if parsed.scheme in ("http", "https") and parsed.host and "%" not in parsed.host:
            return parsed.copy_with(userinfo=b"", fragment=None)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        pass
    raise PermanentFetchError(
        f"{url[:100]!r} is not a web address that can be fetched.", PollOutcome.UNREACHABLE
    )


def host_of(url: str) -> str:
    """Return the host of `url` with its port, where that is no standard one; no scheme.

    PermanentFetchError when `url` is no web address.
    """
    target = fetch_target(url)
    host = target.host.rstrip(".")
    return f"{host}:{target.port}" if target.port not in (None, 80, 443) else host


def proxy_target(proxy: str) -> httpx.URL:
    """Return the URL of an HTTP proxy; PermanentFetchError, without any password in it."""
    try:
        url = httpx.URL(proxy)
        if url.scheme in ("http", "https") and url.host:
            return url
    except (httpx.InvalidURL, UnicodeError, ValueError):
        pass
    raise PermanentFetchError(
        "The proxy is not a URL that starts with http:// or https:// and a host; mend "
        "FRAMEWATCH_PROXY or the outlet's 'proxy'.",
        PollOutcome.UNREACHABLE,
    )


def redirect_target(location: str, url: httpx.URL) -> httpx.URL:
    """Return where an answer of `url` redirects to; PermanentFetchError when that is nowhere."""
    try:
        if location:
            return fetch_target(str(url.join(location)))
    except (httpx.InvalidURL, UnicodeError, ValueError, PermanentFetchError):
        pass
    raise PermanentFetchError(
        f"{url.host} redirects to {location[:100]!r}, which is not a web address.",
        PollOutcome.TOO_MANY_REDIRECTS,
    )
