"""Figures and names in plain words, for the page, the mails and the command line."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from services.context import Context
from services.domain.article import Origin
from services.domain.series import SCOPE_ALL, ShareInterval
from services.queries.names import SIGNAL

ORIGIN_TITLES = {
    Origin.LIVE: "collected live",
    Origin.IMPORTED: "imported",
    Origin.BACKFILLED: "back-filled",
}
_CAME = {"backfilled": "back-filled", "imported": "imported"}
GROUP_TITLES = {
    "state": "Russian state outlets",
    "alternative": "alternative outlets",
    "control": "control outlets",
}


def label_title(context: Context, label: str) -> str:
    """Return what a reader calls a label or signal: `Détente`."""
    if label.startswith(SIGNAL):
        signal = context.codebook.signals.get(label.removeprefix(SIGNAL))
        return signal.title if signal else label
    entry = context.codebook.labels.get(label)
    return entry.en if entry else label


def group_title(group: str) -> str:
    """Return what a reader calls a group of outlets."""
    return GROUP_TITLES.get(group, f"{group} outlets")


def scope_title(context: Context, scope: str) -> str:
    """Return what a reader calls a scope: `Russian state outlets`, `RT`, `all outlets`."""
    kind, _, name = scope.partition(":")
    if scope == SCOPE_ALL:
        return "all outlets"
    if kind == "group":
        return group_title(name)
    outlet = context.catalogue.get(name)
    return outlet.name if outlet else name


def came(source: str) -> str:
    """Return `, back-filled` or `, in part imported` after a figure; empty for what came live."""
    parts = source.split(" + ")
    others = [_CAME[part] for part in parts if part in _CAME]
    part = "in part " if len(parts) > len(others) else ""
    return f", {part}{' and '.join(others)}" if others else ""


def percent(share: float) -> str:
    """Return a share as `12 %` (with a no-break space); below ten per cent with one decimal."""
    return f"{share * 100:.1f}\N{NO-BREAK SPACE}%" if 0 < share < 0.0995 else _whole(share)


def _whole(share: float) -> str:
    return f"{share * 100:.0f}\N{NO-BREAK SPACE}%"


def interval(share: ShareInterval) -> str:
    """Return a share with its interval: `12 % (9 to 15)`."""
    low, high = share.low * 100, share.high * 100
    digits = 1 if high < 9.95 else 0
    return f"{percent(share.share)} ({low:.{digits}f} to {high:.{digits}f})"


def day(value: date) -> str:
    """Return a day as `16 February 2025`."""
    return f"{value.day} {value:%B %Y}"


def days(first: date, last: date) -> str:
    """Return a span of days as `3 to 9 February 2025`, naming month and year where needed."""
    if first == last:
        return day(first)
    if first.year != last.year:
        return f"{day(first)} to {day(last)}"
    if first.month != last.month:
        return f"{first.day} {first:%B} to {day(last)}"
    return f"{first.day} to {day(last)}"


def duration(span: timedelta) -> str:
    """Return a time span in its largest fitting unit: `42 seconds`, `3 hours`."""
    seconds = int(span.total_seconds())
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago, short enough for a column: `31 h`, `4 d`; a dash for never."""
    return "–" if moment is None else short(now - moment)


def ahead(moment: datetime | None, now: datetime) -> str:
    """Return how soon: `in 12 min`, or `now` once it is due; a dash for never."""
    if moment is None:
        return "–"
    return "now" if moment <= now else f"in {short(moment - now)}"


def short(span: timedelta) -> str:
    """Return a span in its largest fitting unit: `45 s`, `12 min`, `31 h`, `4 d`."""
    seconds = max(0.0, span.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f}\N{NO-BREAK SPACE}{unit}"
    return f"{seconds:.0f}\N{NO-BREAK SPACE}s"


def capital(text: str) -> str:
    """Return `text` with its first letter as a capital, the others as they are."""
    return text[:1].upper() + text[1:]
