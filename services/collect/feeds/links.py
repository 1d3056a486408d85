"""The address of an entry, out of the several that feeds give it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

_ABSOLUTE: Final = re.compile(r"https?://[^/\s]", re.IGNORECASE)
_BARE_WWW: Final = re.compile(r"www\.[\w-]+\.[a-z]{2,}", re.IGNORECASE)
_NO_PERMALINK: Final = re.compile(
    r"<guid\b[^<>]{0,300}?\bispermalink\s*=\s*[\"']?false\b[^<>]{0,300}>([^<]{1,2000}"
    r"|\s*<!\[CDATA\[[^\]]{1,2000}\]\]>)",
    re.IGNORECASE,
)
_CDATA: Final = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_HTML: Final = ("", "text/html", "application/xhtml+xml", "html", "xhtml")


def web_address(link: object, base_url: str) -> str:
    """Return `link` as an absolute http(s) address, or empty when it leads to no page."""
    text = "".join(str(link or "").split())
    if not text:
        return ""
    if _BARE_WWW.match(text):
        text = f"//{text}"
    try:
        address = text if _ABSOLUTE.match(text) else urljoin(base_url, text)
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ""
    return address if host and _ABSOLUTE.match(address) else ""


def no_permalinks(document: str) -> frozenset[str]:
    """Return the guids that an RSS document says are no links."""
    if "alse" not in document and "ALSE" not in document:
        return frozenset()
    found = (_CDATA.sub(r"\1", guid) for guid in _NO_PERMALINK.findall(document))
    return frozenset(unescape(guid).strip() for guid in found)


def entry_link(links: Iterable[Mapping[str, Any]], guid: str, origin: object, base_url: str) -> str:
    """Return the entry's own address: of several the first that leads to a page; or empty.

    A feed proxy's copy gives way to the original (`origin`). `guid` is empty unless it may stand
    in for a missing link.
    """
    if address := web_address(origin, base_url):
        return address
    own = [link for link in links if link.get("rel", "alternate") == "alternate"]
    pages = [link for link in own if str(link.get("type", "")).lower() in _HTML]
    for link in [*pages, *own]:
        if address := web_address(link.get("href"), base_url):
            return address
    return web_address(guid, base_url) if _may_be_link(guid) else ""


def _may_be_link(guid: str) -> bool:
    """A number or a tag is no address, although it could be resolved as a relative one."""
    return guid.startswith("/") or _ABSOLUTE.match(guid) is not None


class Site:
    """The hosts that a feed's own addresses are on."""

    def __init__(self, *addresses: object) -> None:
        hosts = (_host(str(address or "")) for address in addresses)
        self._hosts = tuple(host for host in hosts if "." in host)

    def holds(self, address: str) -> bool:
        """True for an absolute http(s) address on one of the hosts, or above or below it."""
        if not _ABSOLUTE.match(address):
            return False
        host = _host(address)
        return any(
            host == own or host.endswith(f".{own}") or ("." in host and own.endswith(f".{host}"))
            for own in self._hosts
        )


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
