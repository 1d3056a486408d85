"""Text of strangers made safe to show: no control, direction-changing or invisible characters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote, urlsplit

_JOINERS: Final = "\u200c\u200d"  # part of the spelling in several scripts
_MARKS: Final = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)


def clean(text: str, limit: int = 0) -> str:
    """Return `text` on one line, without control, format, private and unassigned characters.

    That takes away line ends that would add mail headers, marks that turn the reading
    direction round, and piles of accents. With a `limit` longer text ends in an ellipsis.
    """
    kept = "".join(
        character if _is_shown(character) else " " if character.isspace() else ""
        for character in unicodedata.normalize("NFC", text)
    )
    line = " ".join(_MARKS.sub(r"\1", kept).split())
    if limit and len(line) > limit:
        return line[: limit - 1].rstrip() + "…"
    return line


def safe_url(url: str) -> str:
    """Return `url` if a reader may be sent there (http or https, with a host), else "".

    Anything that could end an attribute, a header or a line is percent-encoded.
    """
    candidate = url.strip()
    try:
        parts = urlsplit(candidate)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or not candidate.isprintable():
        return ""
    return quote(candidate, safe="%:/?#[]@!$&()*+,;=~-._")


def _is_shown(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in (
        "Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp",
    )  # fmt: skip
