"""Time zones as dates name them: offsets, abbreviations, IANA names."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

_OFFSET: Final = re.compile(
    r"(?:utc|gmt|ut|msk|мск)?\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?(?::\d\d)?"
)
_MOST_HOURS: Final = 14
# Minutes from UTC. Names that mean two zones (IST, AMT, CST of China, …) are only here where
# one meaning is by far the commoner one in feeds; the others fall back to the outlet's zone.
_MINUTES: Final = {
    "z": 0, "ut": 0, "utc": 0, "uct": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60,
    "cest": 120, "met": 60, "mest": 120, "mez": 60, "mesz": 120, "sast": 120, "eet": 120,
    "eest": 180, "trt": 180, "msd": 240, "samt": 240, "gst": 240, "yekt": 300, "pkt": 300,
    "omst": 360, "krat": 420, "irkt": 480, "hkt": 480, "sgt": 480, "awst": 480, "yakt": 540,
    "jst": 540, "kst": 540, "vlat": 600, "aest": 600, "aedt": 660, "magt": 660, "nzst": 720,
    "nzdt": 780, "brt": -180, "art": -180, "adt": -180, "ast": -240, "edt": -240, "est": -300,
    "cdt": -300, "cst": -360, "mdt": -360, "mst": -420, "pdt": -420, "pst": -480, "akdt": -480,
    "akst": -540, "hst": -600, "a": -60, "n": 60, "m": -720, "y": 720,
}  # fmt: skip
# Names whose offset depends on the day.
_PLACES: Final = {
    "msk": "Europe/Moscow",
    "мск": "Europe/Moscow",
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
}


def zone_called(name: str) -> tzinfo:
    """Return the zone with an IANA name in any case; UTC when there is none."""
    return _iana(name.casefold()) or UTC


@lru_cache(maxsize=512)
def stated_zone(text: str) -> tzinfo | None:
    """Return the zone that `text` (case-folded, outer spaces gone) names, or None."""
    if not text:
        return None
    if found := _OFFSET.fullmatch(text):
        hours, minutes = int(found[2]), int(found[3] or 0)
        if hours > _MOST_HOURS:
            return None
        shift = timedelta(hours=hours, minutes=minutes)
        return timezone(-shift if found[1] == "-" else shift)
    if text in _MINUTES:
        return timezone(timedelta(minutes=_MINUTES[text]))
    return _iana(_PLACES.get(text, text).casefold()) if "/" in text or text in _PLACES else None


@lru_cache(maxsize=512)
def _iana(folded: str) -> tzinfo | None:
    name = _names().get(folded)
    return ZoneInfo(name) if name else None


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
