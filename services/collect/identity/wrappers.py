"""Addresses that carry another one inside: AMP caches and viewers, outgoing links of sites.

What they lead to can be read without asking anybody; `redirectors` is about those that have to
be asked.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit


class _Wrapper(NamedTuple):
    """Sites whose `path` leads to the address in one of `parameters`."""

    host: re.Pattern[str]
    path: re.Pattern[str]
    parameters: tuple[str, ...]


def _wrapper(host: str, path: str, *parameters: str) -> _Wrapper:
    # Any host below the named one: what identity strips (`m.`, `amp.`) must not matter here.
    return _Wrapper(re.compile(rf"(?:[\w-]+\.)*(?:{host})"), re.compile(path), parameters)


_GOOGLE: Final = r"google\.(?:com?\.)?[a-z]{2,3}"
_YANDEX: Final = r"yandex\.(?:com?\.)?[a-z]{2,3}"
_WRAPPERS: Final = (
    _wrapper(_GOOGLE, r"/(?:news/)?url", "url", "q"),
    _wrapper(_YANDEX, r"/turbo/?", "text"),
    _wrapper(r"facebook\.com|instagram\.com", r"/(?:l\.php)?", "u"),
    _wrapper(r"vk\.(?:com|ru)", r"/away(?:\.php)?", "to"),
    _wrapper(r"youtube\.com", r"/redirect", "q"),
    _wrapper(r"bing\.com", r"/news/apiclick\.aspx", "url"),
    _wrapper(r"out\.reddit\.com", r"/[^/]*", "url"),
    _wrapper(r"t\.umblr\.com", r"/redirect", "z"),
    _wrapper(r"t\.me|telegram\.me", r"/iv", "url"),
    _wrapper(r"linkedin\.com", r"/redir/redirect", "url"),
    _wrapper(r"getpocket\.com", r"/redirect", "url"),
)
_HOST: Final = r"(?P<host>(?:[\w-]+\.)+[\w-]{2,})(?::\d+)?"
# An `s/` before (or, at Yandex, also behind) the host says https.
_IN_PATH: Final = (
    (
        re.compile(r"(?:[\w-]+\.)*ampproject\.(?:org|net)"),
        re.compile(rf"/(?:(?:c|v|wp|a)/)?(?P<s>s/)?{_HOST}(?P<rest>/.*)?"),
    ),
    (
        re.compile(rf"(?:[\w-]+\.)*(?:{_GOOGLE}|bing\.com)"),
        re.compile(rf"/amp/(?P<s>s/)?{_HOST}(?P<rest>/.*)?"),
    ),
    (
        re.compile(rf"(?:[\w-]+\.)*{_YANDEX}"),
        re.compile(rf"/turbo/(?P<s>s/)?{_HOST}(?P<s2>/s(?=/))?(?P<rest>/.*)?"),
    ),
    (
        re.compile(r"(?:[\w-]+\.)*turbopages\.org"),
        re.compile(rf"/(?:turbo/)?(?P<s>s/)?{_HOST}(?P<s2>/s(?=/))?(?P<rest>/.*)?"),
    ),
)
_GOOGLE_NEWS: Final = re.compile(r"/(?:rss/|__i/rss/rd/)?(?:articles|read)/(?P<token>[\w-]{20,})")
_YAHOO: Final = re.compile(r"(?:[\w-]+\.)*r\.search\.yahoo\.com")
_YAHOO_PATH: Final = re.compile(r"/RU=(?P<url>[^/]+)/")
_MAY_WRAP: Final = re.compile(
    r"google|yandex|facebook|instagram|vk\.|youtube|bing\.|reddit|umblr|t\.me|telegram|linkedin"
    r"|getpocket|ampproject|turbopages|yahoo"
)


def unwrapped(url: str) -> str:
    """Return the address that `url` carries inside, however deep; `url` when it carries none.

    Raises ValueError where the address cannot be split. Every step makes it shorter.
    """
    while inner := _inner(urlsplit(url)):
        if len(inner) >= len(url):
            break
        url = inner
    return url


def _inner(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if not _MAY_WRAP.search(host):
        return ""
    return _from_parameter(host, parts) or _from_path(host, parts) or _from_token(host, parts)


def _from_parameter(host: str, parts: SplitResult) -> str:
    for wrapper in _WRAPPERS:
        if wrapper.host.fullmatch(host) and wrapper.path.fullmatch(parts.path):
            given = dict(parse_qsl(parts.query.replace("&amp;", "&")))
            for name in wrapper.parameters:
                if _is_address(value := given.get(name, "")):
                    return value
    return ""


def _from_path(host: str, parts: SplitResult) -> str:
    for hosts, paths in _IN_PATH:
        if hosts.fullmatch(host) and (found := paths.fullmatch(parts.path)):
            named = found.groupdict()
            scheme = "https" if named["s"] or named.get("s2") else "http"
            query = f"?{parts.query}" if parts.query else ""
            return f"{scheme}://{named['host']}{named['rest'] or '/'}{query}"
    return ""


def _from_token(host: str, parts: SplitResult) -> str:
    if host.endswith("news.google.com") and (found := _GOOGLE_NEWS.match(parts.path)):
        return _from_google_news(found["token"])
    if _YAHOO.fullmatch(host) and (found := _YAHOO_PATH.search(parts.path)):
        url = unquote(found["url"])
        return url if _is_address(url) else ""
    return ""


def _from_google_news(token: str) -> str:
    """Read the address out of a token of Google News; those since 2024 hold none.

    The token is a message in base64: field 1 (a kind), then field 4, a string with its length
    before it: the address.
    """
    try:
        message = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, binascii.Error):
        return ""
    start = message.find(b'"', 0, 6) + 1  # 0x22: field 4, a string
    if not start:
        return ""
    length = shift = 0
    for byte in message[start : start + 2]:
        start += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    url = message[start : start + length].decode("latin-1")
    readable = len(url) == length and url.isascii() and url.isprintable()
    return url if readable and _is_address(url) else ""


def _is_address(text: str) -> bool:
    if not text.lower().startswith(("http://", "https://")):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False
