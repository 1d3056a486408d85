"""The text of a search request, read into phrases of stems."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from services.errors import UsageError
from services.index.words import stems

Phrase = tuple[str, ...]

_MOST_CHARACTERS: Final = 2000
_MOST_PHRASES: Final = 64
_PART: Final = re.compile(
    r"(?P<minus>-?)(?:\"(?P<straight>[^\"]*)\"|«(?P<angled>[^»]*)»|“(?P<curled>[^”]*)”"
    r"|(?P<word>[^\s\"]+))"
)


@dataclass(frozen=True, slots=True)
class TextQuery:
    """What must and must not occur. A single word is a phrase of one stem."""

    required: tuple[Phrase, ...] = ()
    excluded: tuple[Phrase, ...] = ()


def parse_query_text(text: str) -> TextQuery:
    """Read words, "quoted phrases" and -exclusions; blank text asks for nothing.

    A word that holds several, such as "anti-Russian", is a phrase. Raises UsageError when
    the text is too long, a quotation mark stays open, or there is no word to look for.
    """
    if len(text) > _MOST_CHARACTERS:
        raise UsageError(f"The search text is longer than {_MOST_CHARACTERS} characters.")
    if text.count('"') % 2:
        raise UsageError('A quotation mark (") in the search text is not closed.')
    required: dict[Phrase, None] = {}
    excluded: dict[Phrase, None] = {}
    for part in _PART.finditer(text):
        phrase = tuple(stems(part[part.lastgroup or 0]))
        if phrase:
            (excluded if part["minus"] else required)[phrase] = None
    _check(text, required, excluded)
    return TextQuery(tuple(required), tuple(excluded))


def _check(text: str, required: dict[Phrase, None], excluded: dict[Phrase, None]) -> None:
    if len(required) + len(excluded) > _MOST_PHRASES:
        raise UsageError(f"The search text asks for more than {_MOST_PHRASES} words or phrases.")
    if excluded and not required:
        raise UsageError("The search text only excludes words; add one that must occur.")
    if text.strip() and not required:
        raise UsageError("The search text holds no word to look for.")
