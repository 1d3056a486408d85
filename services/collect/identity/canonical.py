"""Addresses of articles: the one we keep, and the form that decides identity.

`canonical_url` still leads to the article (host and scheme stay as they are); `identity_url`
goes further, since http or https, with or without `www.` and a closing slash, is one article.
Both are idempotent, and an address has one identity before and after `canonical_url`.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, quote_from_bytes, unquote_to_bytes, urlsplit

from courlan import normalize_url

from services.domain.identity import article_id

MAX_CHARS: Final = 2_000
# Parameters that say how a reader came, never what is read. Whole words only: `id`, `p`,
# `newsid`, `cid` and bare numbers are how many sites name their articles.
_TRACKERS: Final = re.compile(
    r"(?:utm|at|pk|mtm|itm|hsa|vero|oly|mkt|trk|ns)_[\w.-]+"
    r"|wt\.[\w.]+|_(?:ga|gl|hsenc|hsmi|openstat)|[a-z]{0,2}clid|(?:gbra|wbra|msclk|igsh)id"
    r"|fbclid|yclid|ysclid|mc_[ce]id|xtor|cmpid|cmp|ocid|ito|smid|sref|ref_src|ref_url"
    r"|referrer|referer|traffic_source|traffic_campaign|maca|ftag|feedtype|feedname|feed_name"
    r"|src_rss|from_rss|rss|_openstat|share_from|spm|spref|amp|__twitter_impression",
    re.IGNORECASE,
)
_SAFE: Final = "/!$&'()*+,;=:@~-._"


def canonical_url(url: str) -> str:
    """Return `url` without fragment, tracking parameters, default port, user name and password.

    Empty when it is not an http(s) address with a host, or longer than `MAX_CHARS`.
    """
    try:
        parts = urlsplit("".join(url.split()))
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        return ""
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https") or not _is_host(host):
        return ""
    netloc = f"[{host}]" if ":" in host else host.rstrip(".")
    try:
        # Without the port, which would keep a name in punycode from being decoded.
        bare = urlsplit(normalize_url(SplitResult(scheme, netloc, _path(parts.path), "", "")))
    except (ValueError, UnicodeError):
        return ""
    tail = f":{port}" if port and (scheme, port) not in (("http", 80), ("https", 443)) else ""
    address = f"{scheme}://{bare.netloc}{tail}{bare.path}"
    query = _query(parts.query)
    canonical = f"{address}?{query}" if query else address
    return canonical if len(canonical) <= MAX_CHARS else ""


def identity_url(url: str) -> str:
    """Return the form of `url` that two addresses of one article share; empty as above."""
    canonical = canonical_url(url)
    if not canonical:
        return ""
    parts = urlsplit(canonical)
    host = parts.netloc.lower().removesuffix(":80").removesuffix(":443")
    while host.startswith("www.") and host.count(".") > 1:
        host = host.removeprefix("www.")
    path = parts.path.rstrip("/") or "/"
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"https://{host}{path}{'?' if query else ''}{query}"


def article_id_of(url: str) -> str:
    """Return the id of the article at `url`, in whichever of its forms; empty as above."""
    identity = identity_url(url)
    return article_id(identity) if identity else ""


def _is_host(host: str) -> bool:
    return bool(re.fullmatch(r"[\w.-]*\w\.?|[0-9a-f:.]*:[0-9a-f:.]*", host))


def _path(path: str) -> str:
    """One spelling of a path: dots resolved, each byte escaped or not by one rule."""
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            steps[1:] = steps[1:-1]
        elif step != ".":
            steps.append(step)
    if path.endswith(("/.", "/..")):
        steps.append("")
    return _escape("/".join(steps)) or "/"


def _escape(text: str) -> str:
    return quote_from_bytes(unquote_to_bytes(text), safe=_SAFE)


def _query(query: str) -> str:
    """The parameters that say what is read, in their order and as they were written."""
    kept = []
    for part in query.split("&"):
        name = part.partition("=")[0]
        if part and not _TRACKERS.fullmatch(name):
            kept.append(part)
    return "&".join(kept)
