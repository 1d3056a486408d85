"""URLs as something that can be fetched: checked, and rid of names and passwords."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import httpx

from services.collect.http.errors import PermanentFetchError
from services.domain.outlet import PollOutcome

PROXY_SCHEMES: Final = ("http", "https", "socks5", "socks5h")
_SHOWN_CHARS: Final = 100
_USERINFO: Final = re.compile(r"[^/?#]*@")


def fetch_target(url: str) -> httpx.URL:
    """Return `url` as something that can be fetched, without name and password in it."""
    try:
        parsed = httpx.URL(url.strip())
        if parsed.scheme in ("http", "https") and parsed.host and "%" not in parsed.host:
            return parsed.copy_with(userinfo=b"", fragment=None)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        pass
    raise PermanentFetchError(
        f"{shown(url)!r} is not a web address that can be fetched.", PollOutcome.UNREACHABLE
    )


@lru_cache(maxsize=8_192)  # asked about the same feeds again and again
def host_of(url: str) -> str:
    """Return the host of `url` with its port, where that is no standard one; no scheme.

    PermanentFetchError when `url` is no web address.
    """
    target = fetch_target(url)
    host = target.host.rstrip(".")
    return f"{host}:{target.port}" if target.port not in (None, 80, 443) else host


def host_if_any(url: str) -> str:
    """Return `host_of(url)`; empty when `url` is no web address that can be fetched."""
    try:
        return host_of(url)
    except PermanentFetchError:
        return ""


def proxy_target(proxy: str) -> httpx.URL:
    """Return the URL of a proxy; PermanentFetchError, without any password in it."""
    try:
        url = httpx.URL(proxy)
        if url.scheme in PROXY_SCHEMES and url.host and "%" not in url.host:
            return url
    except (httpx.InvalidURL, UnicodeError, ValueError):
        pass
    raise PermanentFetchError(
        "The proxy is not a URL that starts with http://, https://, socks5:// or socks5h:// and "
        "a host; mend FRAMEWATCH_PROXY or the outlet's 'proxy'.",
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
        f"{url.host} redirects to {shown(location)!r}, which is not a web address.",
        PollOutcome.TOO_MANY_REDIRECTS,
    )


def shown(url: str) -> str:
    """`url` as it may stand in a sentence: short, no name and password, no query."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    return _USERINFO.sub("", bare)[:_SHOWN_CHARS]
