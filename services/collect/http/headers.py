"""Reading the header lines of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def header_map(lines: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return header values by lower-case name; repeated ones are joined by a comma."""
    values: dict[str, list[str]] = {}
    for name, value in lines:
        values.setdefault(_name(name), []).append(_text(value))
    return {name: ", ".join(texts) for name, texts in values.items()}


def first_value(lines: Iterable[tuple[bytes, bytes]], name: str) -> str:
    """Return the first value of the header `name` (lower case), "" without one."""
    return next((_text(value) for key, value in lines if _name(key) == name), "")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that the server asks us to wait, stated as a number or as a date."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    until = http_date(text)
    if until is None:
        return None
    # Measured on the server's own clock where it tells it, since ours may differ.
    since = http_date(headers.get("date", "")) or now
    return max(0.0, (until - since).total_seconds())


def http_date(text: str) -> datetime | None:
    """Return the date that a header states, aware; None when it states none."""
    try:
        stated = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return stated if stated.tzinfo else stated.replace(tzinfo=UTC)


def _name(name: bytes) -> str:
    return name.decode("latin-1").lower()


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
