"""What may reach feedparser, so that no document makes it run for minutes.

Its strict parser is fast enough on anything well-formed that is neither huge nor deep. Its
loose one, made for broken documents, takes a time that grows with the square of some inputs:
short broken documents go there, long ones are mended by libxml2 first.
"""

from __future__ import annotations

import re
from html.entities import name2codepoint
from typing import Final
from xml.parsers import expat

from lxml import etree

LOOSE_CHARS: Final = 300_000
MAX_ELEMENTS: Final = 150_000
MAX_DEPTH: Final = 100
MAX_ATTRIBUTES: Final = 200
MAX_SHORT_CHARS: Final = 2_000
MAX_KEYWORDS: Final = 1_000
# Elements in which feedparser looks for a mail address or for a list of keywords, in a time that
# grows with the square of their text.
_SHORT: Final = frozenset(
    {"author", "creator", "managingeditor", "webmaster", "publisher", "owner", "name", "email"}
    | {"keywords", "tags"}
)
# It compares every keyword of an entry with those before it.
_KEYWORDS: Final = frozenset({"category", "subject", "keywords"})
_LONG_WORD: Final = re.compile(r"(?<![\w.+-])[\w.+-]{2000,}+")
_KEYWORD_TAG: Final = re.compile(r"<(?:\w+:)?(?:category|subject|keywords)\b", re.IGNORECASE)
_ENTRY: Final = re.compile(r"<(?:\w+:)?(?:item|entry)\b", re.IGNORECASE)
_LONG_LIST: Final = re.compile(
    r"<(?:\w+:)?(?:keywords|tags)\b[^>]{0,500}>(?:<!\[CDATA\[)?[^<]{2000}", re.IGNORECASE
)
# One piece at a time, since a pattern for all of them could be made to backtrack for ever.
_PROLOG_PIECE: Final = re.compile(
    r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?[^>]*>", re.DOTALL
)
_AMPERSAND: Final = re.compile(
    r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)(\w{2,8};)?"
)


# What no XML document may hold; one of them makes a strict parser give up.
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMBER: Final = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,9})|([0-9]{1,9}));?")


class OversizeError(ValueError):
    """The document has more elements, attributes, depth or names than any feed has."""


class _Count:
    """Counts while expat reads, and stops it at the limits."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        self._depth = 0
        self._elements = 0
        self._keywords = 0
        self._short = 0
        self._chars = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        # feedparser looks each attribute up by going through all of them.
        if (
            self._depth > MAX_DEPTH
            or self._elements > MAX_ELEMENTS
            or len(attributes) > MAX_ATTRIBUTES
        ):
            raise OversizeError
        local = name.rpartition(" ")[2].lower()
        if local in _SHORT:
            self._begin_short()
        if local in _KEYWORDS:
            self._keywords += 1
            if self._keywords > MAX_KEYWORDS:
                raise OversizeError
        elif local in ("item", "entry"):
            self._keywords = 0

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._short and name.rpartition(" ")[2].lower() in _SHORT:
            self._short -= 1
            if not self._short:
                self._parser.CharacterDataHandler = None

    def _begin_short(self) -> None:
        if not self._short:
            self._chars = 0
            self._parser.CharacterDataHandler = self._text
        self._short += 1

    def _text(self, piece: str) -> None:
        self._chars += len(piece)
        if self._chars > MAX_SHORT_CHARS:
            raise OversizeError


def only_legal(text: str) -> str:
    """Return `text` without characters, or numeric references to such, that XML forbids."""
    return _NUMBER.sub(_legal_reference, _ILLEGAL.sub("", text))


def _legal_reference(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    legal = code < 0x110000 and not _ILLEGAL.match(chr(code))
    return match[0] if legal else ""


def from_root(text: str) -> str:
    """Return `text` from its first element on: no declaration, no DOCTYPE, no comments before.

    Without a DOCTYPE there are no entities of the document's own that could grow.
    """
    at = 1 if text.startswith("\ufeff") else 0
    while piece := _PROLOG_PIECE.match(text, at):
        at = piece.end()
    return text[at:]


def readable(document: str) -> str | None:
    """Return a document (see `from_root`) as feedparser may read it; None when past mending.

    Raises OversizeError.
    """
    if is_well_formed(document):
        return document
    # Up to the break alone were the limits looked at.
    mended = mend(document)
    usable = mended if mended and is_well_formed(mended) else None
    if len(document) > LOOSE_CHARS or _has_long_lists(document):
        return usable
    return _LONG_WORD.sub("", document)


def _has_long_lists(document: str) -> bool:
    counts = (len(_KEYWORD_TAG.findall(entry)) for entry in _ENTRY.split(document))
    return max(counts) > MAX_KEYWORDS or _LONG_LIST.search(document) is not None


def is_well_formed(text: str) -> bool:
    """True when a strict parser accepts `text`; raises OversizeError at the limits."""
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    count = _Count(parser)
    parser.StartElementHandler = count.start
    parser.EndElementHandler = count.end
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return False
    return True


def mend(text: str) -> str:
    """Return `text` as libxml2 understands it, written out again; empty when it gives up."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=False, encoding="utf-8"
    )
    known = _AMPERSAND.sub(_reference, text)
    try:
        root = etree.fromstring(known.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return ""
    return "" if root is None else str(etree.tostring(root, encoding="unicode"))


def _reference(match: re.Match[str]) -> str:
    """A named reference of HTML as a number; any other ampersand escaped."""
    name = match.group(1) or ""
    code = name2codepoint.get(name.rstrip(";"))
    return f"&#{code};" if code else f"&amp;{name}"
