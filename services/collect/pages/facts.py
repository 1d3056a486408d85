"""What a page states about its article: titles, author, section, canonical address, paywall.

Read from schema.org JSON-LD and from meta elements; facts that are not stated stay empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin

from lxml.html import HtmlElement

from services.collect.pages.document import Document
from services.collect.pages.extract import MAX_TEXT_CHARS
from services.collect.text.plain import paragraphs, plain_text

TITLE_CHARS: Final = 500
NAME_CHARS: Final = 200
_MAX_NODES: Final = 2_000
_ARTICLE: Final = re.compile(r"(article|blogposting|report|review)$", re.IGNORECASE)
_CLOSED: Final = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
_OPEN: Final = (None, True, "true", "True")
_CLASS: Final = re.compile(r"^\.([\w-]{1,100})$")


@dataclass(frozen=True, slots=True)
class PageFacts:
    """`titles` are all that the page gives itself; `words` is how long it says the article is
    (0: not said); `closed` that it is not free to read, `closed_classes` which parts of it."""

    titles: tuple[str, ...] = ()
    author: str = ""
    section: str = ""
    canonical: str = ""
    words: int = 0
    closed: bool = False
    closed_classes: tuple[str, ...] = ()
    body: str = ""


def read_facts(document: Document, url: str) -> PageFacts:
    """Return what the page at `url` states. Never raises."""
    nodes = [node for block in document.linked_data for node in _nodes(block)]
    articles = [node for node in nodes if _ARTICLE.search(_first(node.get("@type")))]
    data: Mapping[str, Any] = max(articles, key=len, default={})
    metas = _metas(document.root)
    body = data.get("articleBody")
    return PageFacts(
        titles=_titles(document.root, metas, data),
        author=_names(data.get("author")) or _person(metas.get("author", "")),
        section=_section(data, metas),
        canonical=_canonical(document.root, metas, url),
        words=_number(data.get("wordCount")),
        closed=any(_CLOSED.search(block) for block in document.linked_data),
        closed_classes=tuple(_closed_classes(articles)),
        body=paragraphs(body, MAX_TEXT_CHARS) if isinstance(body, str) else "",
    )


def _nodes(block: str) -> Iterator[Mapping[str, Any]]:
    """Every object of a JSON-LD block, without recursion; nothing when it is no JSON."""
    try:
        waiting: list[Any] = [json.loads(block.strip().rstrip(";"), strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _first(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value[:9])
    return value if isinstance(value, int) and 0 < value < 10**6 else 0


def _names(value: object) -> str:
    """The names of persons; organisations and addresses are no authors."""
    names = [_person(_name_of(item)) for item in (value if isinstance(value, list) else [value])]
    return ", ".join(dict.fromkeys(name for name in names if name))[:NAME_CHARS]


def _name_of(value: object) -> str:
    if not isinstance(value, dict):
        return _first(value)
    return "" if "rganization" in _first(value.get("@type")) else _first(value.get("name"))


def _person(text: str) -> str:
    name = plain_text(text, NAME_CHARS)
    return (
        "" if "://" in name or "@" in name or not re.search(r"[^\W\d_]\s+[^\W\d_]", name) else name
    )


def _section(data: Mapping[str, Any], metas: Mapping[str, str]) -> str:
    return plain_text(_first(data.get("articleSection")) or metas.get("article:section", ""), 200)


def _metas(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in root.iterfind(".//meta"):
        name = (meta.get("property") or meta.get("name") or "").strip().lower()
        if name:
            found.setdefault(name, (meta.get("content") or "").strip())
    return found


def _titles(
    root: HtmlElement, metas: Mapping[str, str], data: Mapping[str, Any]
) -> tuple[str, ...]:
    given = [
        _first(data.get("headline")),
        metas.get("og:title", ""),
        metas.get("twitter:title", ""),
    ]
    for name in (".//h1", ".//title"):
        given.extend("".join(item.itertext()) for item in list(root.iterfind(name))[:3])
    shown = (plain_text(text, TITLE_CHARS) for text in given if text)
    return tuple(dict.fromkeys(text for text in shown if text))


def _canonical(root: HtmlElement, metas: Mapping[str, str], url: str) -> str:
    links = (link.get("href") or "" for link in root.iterfind(".//link[@rel='canonical']"))
    addresses = {href.strip() for href in links if href.strip()}
    if len(addresses) > 1:
        return ""  # a page that cannot decide is believed in nothing
    stated = next(iter(addresses), metas.get("og:url", ""))
    try:
        return str(urljoin(url, stated)) if stated else ""
    except ValueError:
        return ""


def _closed_classes(articles: list[Mapping[str, Any]]) -> Iterator[str]:
    for data in articles:
        parts = data.get("hasPart")
        for part in parts if isinstance(parts, list) else [parts]:
            if not isinstance(part, dict) or part.get("isAccessibleForFree") in _OPEN:
                continue
            if found := _CLASS.match(_first(part.get("cssSelector")).strip()):
                yield found[1]
