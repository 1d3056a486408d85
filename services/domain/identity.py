"""Identity is computed from content, so that doing a thing twice changes nothing.

Every id is the first 32 hexadecimal characters (128 bits) of a SHA-256 over length-prefixed
parts, so that no two different lists of parts can be confused with each other.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

ONSET_WINDOW_DAYS: Final = 14
_EPOCH: Final = date(1970, 1, 5)  # a Monday, so that windows start on Mondays
_NOT_WORD: Final = re.compile(r"[^\w]+", re.UNICODE)


def digest(*parts: str) -> str:
    """Return the id of `parts`: 32 hexadecimal characters, the same on every machine."""
    hasher = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(8, "big"))
        hasher.update(data)
    return hasher.hexdigest()[:32]


def article_id(canonical_url: str) -> str:
    """Return the id of the article that lives at `canonical_url`."""
    return digest("article", canonical_url)


def content_hash(title: str, lead: str, text: str) -> str:
    """Return the hash of what a reader sees; white space and Unicode form do not count."""
    return digest("content", *(_squeeze(part) for part in (title, lead, text)))


def prediction_id(article: str, content: str, model: str) -> str:
    """Return the id of the prediction of `model` on version `content` of `article`."""
    return digest("prediction", article, content, model)


def onset_window(onset: date) -> date:
    """Return the Monday that starts the 14-day window in which `onset` falls."""
    passed = (onset - _EPOCH).days // ONSET_WINDOW_DAYS
    return _EPOCH + timedelta(days=passed * ONSET_WINDOW_DAYS)


def alert_id(series: str, direction: str, onset: date) -> str:
    """Return the id of the alert about a shift of `series` that began around `onset`."""
    return digest("alert", series, direction, onset_window(onset).isoformat())


def gap_id(outlet: str, since: datetime) -> str:
    """Return the id of the alert about the gap in an outlet's collection that began at `since`."""
    return digest("collection", outlet, since.astimezone(UTC).isoformat())


def delivery_id(alert: str, rule: str, channel: str, target: str) -> str:
    """Return the id under which one message of one alert is sent, on every try."""
    return digest("delivery", alert, rule, channel, target)


@lru_cache(maxsize=1_024)  # asked several times while an entry becomes an article
def story_key(title: str) -> str:
    """Return the id of a title's wording: case, punctuation and Unicode form do not count.

    Two articles with the same key tell the same syndicated story. A title without a single
    letter or digit has no wording to compare and yields an empty string.
    """
    words = _NOT_WORD.sub(" ", unicodedata.normalize("NFKC", title).casefold()).split()
    return digest("story", " ".join(words)) if words else ""


def _squeeze(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
