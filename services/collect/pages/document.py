"""A page's HTML as a tree, within bounds that keep whatever is done with it quick.

libxml2 needs a time that grows with the square of a tag's attributes, and extraction one that
grows faster than the number of elements. So scripts and the like go first, as text, and what
is left is cut where it holds more tags or more separators than any article needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from services.collect.text.encoding import decode

MAX_PAGE_BYTES: Final = 4 * 2**20
"""What follows is not read; scripts take the most of large pages."""
MAX_CHARS: Final = 2**20
MAX_TAGS: Final = 15_000
MAX_SEPARATORS: Final = 50_000
"""White space, quotes and slashes: there are no more attributes than these."""
MAX_LINKED_DATA: Final = 20
MAX_LINKED_CHARS: Final = 2 * 10**5

_SILENT: Final = re.compile(
    r"<(?:(!--)|(script|style|svg|template|iframe)(?=[\s/>]))", re.IGNORECASE
)
_LINKED: Final = re.compile(r"[^>]{0,300}application/ld\+json[^>]{0,300}>", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[\s/\"']+")


@dataclass(frozen=True, slots=True)
class Document:
    """The tree of a page without what is not shown, and its JSON-LD blocks as they stand."""

    root: HtmlElement
    linked_data: tuple[str, ...]


def read_document(body: bytes, content_type: str = "") -> Document | None:
    """Return the page in `body`, or None when there is no HTML in it. Never raises.

    `content_type` is the header's value, for its charset.
    """
    html = decode(body[:MAX_PAGE_BYTES], content_type).replace("\x00", "")
    shown, linked = _without_silent(html)
    data = _within_bounds(shown).encode("utf-8", "replace")
    if b"<" not in data:
        return None
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return Document(root, linked)


def _without_silent(html: str) -> tuple[str, tuple[str, ...]]:
    """What is shown, and JSON-LD; one pass, each silent piece is looked through once."""
    kept: list[str] = []
    linked: list[str] = []
    lower = html.lower()
    if len(lower) != len(html):  # a few letters change their length
        lower = html
    at = 0
    while found := _SILENT.search(html, at):
        kept.append(html[at : found.start()])
        name = (found[2] or "").lower()
        closing = f"</{name}" if name else "-->"
        end = lower.find(closing, found.end())
        if end < 0:
            return "".join(kept), tuple(linked)
        if name == "script" and len(linked) < MAX_LINKED_DATA:
            start = _LINKED.match(html, found.end())
            if start and start.end() < end:
                linked.append(html[start.end() : min(end, start.end() + MAX_LINKED_CHARS)])
        close = html.find(">", end)
        at = len(html) if close < 0 else close + 1
    kept.append(html[at:])
    return "".join(kept), tuple(linked)


def _within_bounds(html: str) -> str:
    html = html[:MAX_CHARS]
    for pattern, most in ((re.compile("<"), MAX_TAGS), (_SEPARATORS, MAX_SEPARATORS)):
        for number, found in enumerate(pattern.finditer(html)):
            if number == most:
                html = html[: found.start()]
                break
    return html
