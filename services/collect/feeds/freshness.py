"""How long an answer says that it stays fresh (Cache-Control, Expires; RFC 9111)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from services.collect.http.headers import http_date

_MAX_AGE: Final = re.compile(r"(?:^|[\s,;])max-age\s*=\s*\"?(\d{1,9})\b", re.IGNORECASE)
_NEVER: Final = re.compile(r"(?:^|[\s,;])(?:no-cache|no-store)(?=$|[\s,;=])", re.IGNORECASE)


def fresh_seconds(headers: Mapping[str, str], now: datetime) -> float:
    """Return for how many seconds from now the server calls its answer fresh; 0.0 if it does not.

    `headers` have lower-case names. `max-age` wins over `Expires`, and the time that a copy has
    spent in caches (`Age`) is taken off.
    """
    control = headers.get("cache-control", "")
    if _NEVER.search(control):
        return 0.0
    if found := _MAX_AGE.search(control):
        age = headers.get("age", "").strip()
        spent = float(age[:9]) if age.isascii() and age.isdigit() else 0.0
        return max(0.0, float(found[1]) - spent)
    expires = http_date(headers.get("expires", ""))
    if expires is None:
        return 0.0
    # Measured on the server's own clock where it tells it, since ours may differ.
    since = http_date(headers.get("date", "")) or now
    return max(0.0, (expires - since).total_seconds())
