"""The forms in which one site shows one article: AMP, mobile, print, index pages, session ids.

A form is taken off only where what remains still names one article: by a long number, by a
date, or by a slug of three words. `/amp` may be an article about amplifiers, and a host `m.`
a newspaper of its own with short addresses.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from courlan import extract_domain

_ADDRESS: Final = re.compile(r"[\d.]+|\[.*\]")
_LONG_NUMBER: Final = re.compile(r"(?<!\d)\d{6,}(?!\d)")
_DATED: Final = re.compile(r"/(?:19|20)\d\d[/-]\d{1,2}(?:[/-]\d{1,2})?/[^/]*[^\W\d][^/]*")
_TOKEN: Final = re.compile(r"(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f-]{12,}")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_SLUG_WORDS: Final = 3
_VARIANT_HOSTS: Final = ("www.", "m.", "mobile.", "mobi.", "touch.", "wap.", "pda.", "amp.")
_FIRST: Final = re.compile(r"/(?:amp|print)(?=/.)", re.IGNORECASE)
_LAST: Final = re.compile(r"(?:/(?:amp|print)|\.(?:amp|print))$", re.IGNORECASE)
_BEFORE_SUFFIX: Final = re.compile(r"\.(?:amp|print)(?=\.(?:s?html?|php|aspx?)$)", re.IGNORECASE)
_INDEX: Final = re.compile(
    r"/(?:index\.(?:[sx]?html?|php\d?|jsp|cfm|aspx?)|default\.aspx?)$", re.IGNORECASE
)
_BLOGSPOT: Final = re.compile(r"\.blogspot\.(?:com?\.)?[a-z]{2,3}$")
_BLOGGER_PATH: Final = re.compile(r"/(?:19|20)\d\d/\d\d/[^/]+\.html")
_MOBILE_PARAMETER: Final = re.compile(r"m=[01]")


@lru_cache(maxsize=8_192)
def site_of(host: str) -> str:
    """Return the registered domain that `host` (no port) belongs to; an address is its own.

    Under a top-level domain that the list of public suffixes lacks, two labels are one site.
    """
    if _ADDRESS.fullmatch(host):
        return host
    return extract_domain(f"https://{host}/") or ".".join(host.split(".")[-2:])


def names_article(path: str, query: str = "") -> bool:
    """True when this part of an address can stand for one article only."""
    path = unquote(path)
    if _LONG_NUMBER.search(path) or _LONG_NUMBER.search(query) or _DATED.search(path):
        return True
    last = path.rstrip("/").rpartition("/")[2]
    name = last.rpartition(".")[0] or last
    words = _WORD.findall(name.replace("_", " "))
    return len(words) >= _SLUG_WORDS or bool(_TOKEN.fullmatch(name))


def one_form(netloc: str, path: str, query: str) -> tuple[str, str, str]:
    """Return host, path and query of the one form that stands for all; taking it again changes
    nothing. `netloc` is lower case and has a port only where it is not the usual one."""
    while True:
        before = netloc, path, query
        path = _plain_path(path, query)
        query = _plain_query(path, query)
        netloc = _plain_host(netloc, path, query)
        if (netloc, path, query) == before:
            return before


def _plain_path(path: str, query: str) -> str:
    path = re.sub(r"/{2,}", "/", path)
    path = _INDEX.sub("/", path).rstrip("/") or "/"
    for form in (_FIRST, _LAST, _BEFORE_SUFFIX):
        rest = form.sub("", path, count=1)
        if rest != path and names_article(rest, query):
            path = rest
    return path


def _plain_query(path: str, query: str) -> str:
    """Blogger shows a post to telephones under `?m=1`, on whatever host it is."""
    if not query:
        return ""
    parts = query.split("&")
    if _BLOGGER_PATH.fullmatch(path):
        parts = [part for part in parts if not _MOBILE_PARAMETER.fullmatch(part)]
    return "&".join(sorted(parts))


def _plain_host(netloc: str, path: str, query: str) -> str:
    netloc = _BLOGSPOT.sub(".blogspot.com", netloc)
    for prefix in _VARIANT_HOSTS:
        rest = netloc.removeprefix(prefix)
        if rest == netloc or "." not in rest:
            continue
        if prefix == "www." or (
            site_of(_bare(rest)) == site_of(_bare(netloc)) and names_article(path, query)
        ):
            return rest
    return netloc


def _bare(netloc: str) -> str:
    return netloc.partition(":")[0]
