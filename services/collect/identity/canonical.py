"""Addresses of articles: the one we keep, and the form that decides identity.

`canonical_url` still leads to the article: host and scheme stay as they are, unless another
site only shows the article's own address inside its own. `identity_url` goes further, since
http or https, with or without `www.`, for telephones, for printing or as AMP, is one article.
Both are idempotent, and an address has one identity before and after `canonical_url`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address
from typing import Final
from urllib.parse import SplitResult, quote_from_bytes, unquote_to_bytes, urlsplit

from courlan import normalize_url

from services.collect.http.targets import host_if_any
from services.collect.identity.variants import one_form
from services.collect.identity.wrappers import unwrapped
from services.domain.identity import article_id

MAX_CHARS: Final = 2_000
_MAX_FORMS: Final = 20
_REMEMBERED: Final = 4_096  # an address is looked at several times while its entry is stored
_MAX_GIVEN: Final = 4 * MAX_CHARS  # an address with another one inside is longer than either
# Parameters that say how a reader came, never what is read. Whole words only: `id`, `p`,
# `newsid`, `cid` and bare numbers are how many sites name their articles.
_TRACKERS: Final = re.compile(
    r"(?:utm|at|pk|mtm|itm|hsa|vero|oly|mkt|trk|ns|amp|fb)_[\w.-]+"
    r"|wt\.[\w.]+|_(?:ga|gl|hsenc|hsmi|openstat)|[a-z]{0,2}clid|(?:gbra|wbra|msclk|igsh)id"
    r"|fbclid|yclid|ysclid|mc_[ce]id|xtor|cmpid|cmp|ocid|ito|smid|sref|ref_src|ref_url"
    r"|referrer|referer|traffic_source|traffic_campaign|maca|ftag|feedtype|feedname|feed_name"
    r"|src_rss|from_rss|rss|_openstat|share_from|spm|spref|amp|__\w+_impression"
    r"|usqp|gclsrc|_branch_match_id"
    # session ids
    r"|phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|oscsid|zenid|cftoken",
    re.IGNORECASE,
)
# Names that mean something else elsewhere, and are dropped only with such a value.
_TRACKERS_BY_VALUE: Final = re.compile(
    r"(?:from|source|src|ref|partner|via|origin)="
    r"(?:rss\w*|feed\w*|atom|twitter|facebook|fb|tw|vk|telegram|tg|yandex(?:news)?|newsletter"
    r"|email|whatsapp|social|push|dzen|zen|gnews|googlenews)"
    r"|(?:sid|s|session|session_?id|sessid|cfid)=(?=[^&]*\d)[0-9a-f]{24,}"
    r"|(?:print|printable|printer_?friendly|mobile)(?:=(?:1|y|yes|true|on|print)?)?"
    r"|(?:view|output|outputtype|format|mode|version)=(?:print\w*|amp|mobile)",
    re.IGNORECASE,
)
_SESSION_IN_PATH: Final = re.compile(
    rb";(?:jsessionid|phpsessid|sid)=[^/;]*|^\(S\(\w+\)\)$", re.IGNORECASE
)
_PLAIN: Final = re.compile(r"[ -~]+")
_ROUTE: Final = re.compile(r"!?/[^#]*\w[^#]*")
_SAFE: Final = "!$&'()*+,;=:@~-._"
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = re.compile(r"[\w.~-]", re.ASCII)


@lru_cache(maxsize=_REMEMBERED)
def canonical_url(url: str) -> str:
    """Return `url` without fragment, tracking parameters, default port, user name and password.

    Empty when it is not an http(s) address with a host that can be asked, or longer than
    `MAX_CHARS`. A fragment stays where it is a route (`#!/news/1`), which names the article on
    such a site.
    """
    try:
        url = "".join(url.split())
        parts = urlsplit(unwrapped(url) if len(url) <= _MAX_GIVEN else "")
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
    query = _query(parts.query)
    route = parts.fragment if _ROUTE.fullmatch(parts.fragment) else ""
    rest = f"{bare.path}{f'?{query}' if query else ''}{f'#{route}' if route else ''}"
    canonical = f"{scheme}://{bare.netloc}{tail}{rest}"
    fits = len(canonical) <= MAX_CHARS and _can_be_asked(bare.netloc, rest)
    return canonical if fits else ""


@lru_cache(maxsize=_REMEMBERED)
def identity_url(url: str) -> str:
    """Return the form of `url` that two addresses of one article share; empty as above."""
    return _identity(canonical_url(url))


def _identity(canonical: str) -> str:
    """The identity of a canonical address."""
    for _ in range(_MAX_FORMS if canonical else 0):
        parts = urlsplit(canonical)
        host = parts.netloc.lower().removesuffix(":80").removesuffix(":443")
        host, path, query = one_form(host, parts.path, _plain_escapes(parts.query))
        query = f"?{query}" if query else ""
        route = f"#{parts.fragment.removeprefix('!')}" if parts.fragment else ""
        found = f"https://{host}{path}{query}{route}"
        if found == canonical:
            break
        canonical = canonical_url(found)  # a form that was taken off may have hidden another
    return canonical


def article_id_of(url: str) -> str:
    """Return the id of the article at `url`, in whichever of its forms; empty as above."""
    return canonical_id(canonical_url(url))


@lru_cache(maxsize=_REMEMBERED)
def canonical_id(canonical: str) -> str:
    """Return `article_id_of` for what `canonical_url` returned, without doing that again."""
    identity = _identity(canonical)
    return article_id(identity) if identity else ""


def _is_host(host: str) -> bool:
    return bool(re.fullmatch(r"[\w.-]*\w\.?|[0-9a-f:.]*:[0-9a-f:.]*", host))


def _can_be_asked(host: str, rest: str) -> bool:
    """False for an address that no request can be made of, such as one at 1.2.3.999."""
    if host.rpartition(".")[2].isdecimal() and not _is_ipv4(host):
        return False  # and the host without its `www.` could not be asked either
    # Nearly every address is plain ASCII, of which nothing more has to be known.
    if not _PLAIN.fullmatch(rest):
        return bool(host_if_any(f"https://{host}{rest}"))
    plain = host.isascii() and "xn--" not in host and ":" not in host
    return plain or bool(host_if_any(f"https://{host}/"))


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True


def _path(path: str) -> str:
    """One spelling of a path: dots resolved, each byte escaped or not by one rule."""
    steps: list[str] = []
    for step in path.split("/"):
        plain = _SESSION_IN_PATH.sub(b"", unquote_to_bytes(step))
        if plain == b"..":
            steps[1:] = steps[1:-1]
        elif plain != b"." and (plain or not step):
            steps.append(quote_from_bytes(plain, safe=_SAFE))
    if path.endswith(("/.", "/..")):
        steps.append("")
    return "/".join(steps) or "/"


def _query(query: str) -> str:
    """The parameters that say what is read, in their order and as they were written."""
    while "&amp;" in query:  # escaped once too often
        query = query.replace("&amp;", "&")
    kept = []
    for part in query.split("&"):
        name = part.partition("=")[0]
        if part and not _TRACKERS.fullmatch(name) and not _TRACKERS_BY_VALUE.fullmatch(part):
            kept.append(part)
    return "&".join(kept)


def _plain_escapes(query: str) -> str:
    """One spelling of a query: what need not be escaped is not, the rest is in upper case."""
    plain = quote_from_bytes(query.encode("utf-8", "surrogatepass"), safe=_SAFE + '/?%[]"<>^`{|}\\')
    return _ESCAPE.sub(_plain_escape, plain)


def _plain_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()
