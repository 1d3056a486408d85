"""Plain text out of what feeds and pages call text: no markup, nothing invisible."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from typing import Final

from lxml import etree

TITLE_CHARS: Final = 500
SUMMARY_CHARS: Final = 4_000
_RAW_CHARS: Final = 60_000  # of markup; more than that around a summary is an attack or a page
_TAG: Final = re.compile(r"<[a-zA-Z/!?]")
_INLINE_TAGS: Final = """
a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike
strong sub sup tt u var wbr
"""
# Before the tags of all other elements there is a space, or what they part would run together.
_PARTING: Final = re.compile(
    rf"<(?=/?[a-zA-Z])(?!/?(?:{'|'.join(_INLINE_TAGS.split())})[\s/>])", re.IGNORECASE
)
_SILENT: Final = ("script", "style", "template", "noscript", "iframe", "svg", "title")
_ROUNDS: Final = 2  # markup that was escaped once too often is common, twice is not


def plain_text(markup: str, max_chars: int) -> str:
    """Return `markup` as one line of plain text, at most `max_chars` characters long.

    Tags are dropped, character references resolved, control characters, direction overrides
    and zero-width characters removed, white space squeezed. A text that says `a < b` keeps it.
    """
    text = markup[:_RAW_CHARS]
    for _ in range(_ROUNDS):
        if _TAG.search(text):
            text = _without_tags(text)
        elif "&" in text:
            text = unescape(text)
        else:
            break
    return shorten(one_line(text), max_chars)


def one_line(text: str) -> str:
    """Return `text` without anything invisible, in Unicode form C, white space squeezed."""
    text = " ".join(text.split())
    if not text.isprintable():
        # A space may be left where the invisible stood between two of them.
        text = " ".join("".join(filter(str.isprintable, text)).split())
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def paragraphs(text: str, max_chars: int) -> str:
    """Return `text` cleaned line by line, its lines kept apart, empty ones dropped."""
    lines = (one_line(line) for line in text[: 2 * max_chars].splitlines())
    return shorten("\n".join(line for line in lines if line), max_chars)


def shorten(text: str, max_chars: int) -> str:
    """Return `text` cut at a word to at most `max_chars` characters, with an ellipsis."""
    if len(text) <= max_chars:
        return text
    cut = text[: max_chars - 1]
    at = max(cut.rfind(" "), cut.rfind("\n"))
    return (cut[:at] if at > max_chars // 2 else cut).rstrip() + "…"


def _without_tags(markup: str) -> str:
    """The text of a piece of HTML; libxml2 reads any input in a time that grows with its size."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    data = f"<body>{_PARTING.sub(' <', markup)}".replace("\x00", "").encode("utf-8", "replace")
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return ""
    if root is None:
        return ""
    etree.strip_elements(root, *_SILENT, with_tail=False)
    return "".join(root.itertext())
