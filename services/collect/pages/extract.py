"""An article's text out of its page, by trafilatura. Never raises: a page may hold anything."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from services.collect.pages.document import Document
from services.collect.text.plain import paragraphs

MAX_TEXT_CHARS: Final = 100_000
MIN_TEXT_CHARS: Final = 200
"""Less is a cookie notice or a caption, not an article."""
INCLUDE: Final = "include"
EXCLUDE: Final = "exclude"
Hints: TypeAlias = Mapping[str, tuple[str, ...]]
NO_HINTS: Final[Hints] = MappingProxyType({})

_importing = threading.Lock()
logger = logging.getLogger(__name__)


def extract_text(document: Document, url: str, hints: Hints = NO_HINTS) -> str:
    """Return the main text of a page, a paragraph a line; empty when there is none.

    `hints` are XPath expressions: the parts of the page under "include" alone are looked at
    (where there are any), and those under "exclude" are left out. `url` helps to tell the
    article from the site around it; nothing is fetched. The document is not changed.
    """
    root = _included(document.root, hints.get(INCLUDE, ()))
    root = _without(root, hints.get(EXCLUDE, ()))
    library = _trafilatura()
    try:
        text = library.extract(
            root,
            url=url,
            include_comments=False,
            # Chosen on half of a public benchmark's pages; see tests/eval/extraction.py.
            favor_precision=True,
            with_metadata=False,
        )
    except Exception as error:  # noqa: BLE001  a page that breaks the library costs its text only
        logger.warning("No text from %s: %s: %s", url, type(error).__name__, error)
        return ""
    cleaned = paragraphs(text or "", MAX_TEXT_CHARS)
    return cleaned if len(cleaned) >= MIN_TEXT_CHARS else ""


def _included(root: HtmlElement, expressions: Iterable[str]) -> HtmlElement:
    """A page of the parts that match; the whole one where nothing does (the hint has aged)."""
    parts = [part for text in expressions for part in _matches(text, root)]
    if not parts:
        return root
    page = document_fromstring("<html><body><article></article></body></html>")
    page[0][0].extend(deepcopy(part) for part in parts)
    return page


def _without(root: HtmlElement, expressions: Iterable[str]) -> HtmlElement:
    if not expressions:
        return root
    page = deepcopy(root)
    for text in expressions:
        for part in _matches(text, page):
            if part.getparent() is not None:
                part.drop_tree()
    return page


def _matches(text: str, root: HtmlElement) -> list[HtmlElement]:
    """The elements that an XPath expression finds; none where it finds something else."""
    expression = _compiled(text)
    try:
        found = expression(root) if expression is not None else []
    except etree.XPathError:
        return []
    return [item for item in found if isinstance(item, HtmlElement)] if type(found) is list else []


@lru_cache(maxsize=512)
def _compiled(text: str) -> etree.XPath | None:
    try:
        return etree.XPath(text)
    except etree.XPathError as error:
        logger.warning("The hint %r is no XPath expression (%s) and is passed over.", text, error)
        return None


def _trafilatura() -> Any:
    with _importing:
        return _import_trafilatura()


@lru_cache(maxsize=1)
def _import_trafilatura() -> Any:
    with warnings.catch_warnings():
        # Its downloader says that it cannot use SOCKS; we only hand it pages that we have.
        warnings.filterwarnings("ignore", message="SOCKS support")
        # Imported here because it takes as long as the rest of the collection together.
        import trafilatura  # noqa: PLC0415
    # A page without an article is an outcome of ours, told elsewhere.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return trafilatura
