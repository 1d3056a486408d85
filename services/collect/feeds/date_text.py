"""Dates as feeds write them, in whatever shape, to moments in UTC.

Read are: RFC 822 and 2822 with their liberties (two-digit years, names of zones, no weekday,
month first), RFC 3339 and ISO 8601 with parts missing, `ctime` and what browsers print,
day.month.year, month names in the languages of the catalogue, seconds and milliseconds since
1970. A shape that is not understood as a whole is no date: half-understood ones would be wrong.
Not read, because it cannot be known what they mean: dates without a year, and 03/04/2025.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from services.collect.feeds.zones import stated_zone, zone_called

MAX_CHARS: Final = 100
# Stems of month names: English, Russian, Ukrainian, German, French, Spanish.
_STEMS: Final = """
jan ene янв січ jän | feb fév fev фев лют | mar mär мар бер | apr avr abr апр кві
| may mai май мая тра | jun juin июн чер | jul juil июл лип | aug aoû aou ago авг сер
| sep сен вер | oct okt окт жов | nov ноя лис | dec déc dez dic дек гру
"""
_MONTHS: Final = {
    stem: number for number, row in enumerate(_STEMS.split("|"), 1) for stem in row.split()
}
_WEEKDAYS: Final = (
    r"(?:mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс|пон|вто|сре|чет|пят|суб|вос|нед"
    r"|вів|п.ят|нд)[^\W\d]*"
)
# Any word before a comma may be a weekday, in whichever language.
_WEEKDAY: Final = re.compile(rf"^(?:{_WEEKDAYS}[.,]?\s+|[^\W\d]{{2,12}}\.?,\s*)")
_CLOCK: Final = re.compile(
    r"(?:(?<=\d)t|(?:^|(?<=[\s,])))\s*(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
    r"(?:\s*([ap])\.?m\b\.?)?"
)
_COMPACT_CLOCK: Final = re.compile(r"(?<=\d)t(\d\d)(\d\d)?(\d\d)?(?:[.,](\d+))?(?=z|[+-]|\s|$)")
_ZONE: Final = re.compile(
    r"\s*(z\b|(?:[^\W\d_]{1,5})?\s?[+-]\s?\d{1,2}(?::?\d\d)?(?::\d\d)?"
    r"|[a-z]+(?:/[a-z0-9_+-]+)+|[^\W\d_]{1,5}\b)\.?"
)
# A zone at the end, where the time stands before the day.
_LAST_ZONE: Final = re.compile(
    r"(?<=\d)\s+((?:utc|gmt)?\s?[+-]\d{1,2}(?::?\d\d)?|[a-z]+(?:/[a-z0-9_+-]+)+|[^\W\d_]{1,5})$"
)
_DAY_ZONE: Final = re.compile(r"(\d{4}-\d\d-\d\d)(z|[+-]\d\d:?\d\d)")
_COMMENT: Final = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")
_FILLERS: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b|\b(?:at|of|г(?:ода?)?|року|р|в|о|de)\b\.?")
# Twelve digits that begin with 19 or 20 are year, month, day, hour and minute.
_EPOCH: Final = re.compile(r"\d{9,10}(?:\.\d*)?|(?!19|20)\d{12}|\d{13}|\d{15,16}")

_YEAR_FIRST: Final = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?")
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")
_ORDINAL: Final = re.compile(r"(\d{4})-?(\d{3})")
_WEEK: Final = re.compile(r"(\d{4})-?w(\d\d)(?:-?([1-7]))?")
_SHORT_YEAR_FIRST: Final = re.compile(r"(\d\d)-(\d\d)-(\d\d)")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)")
_DAY_MONTH: Final = re.compile(r"(\d{1,2})[\s.-]+([^\W\d_]{3,12})\.?[\s-]+'?(\d{4}|\d\d)")
_MONTH_DAY: Final = re.compile(r"([^\W\d_]{3,12})\.?[\s-]+(\d{1,2})[\s-]+'?(\d{4}|\d\d)")
_YEAR_MONTH: Final = re.compile(r"(\d{4})[\s-]+([^\W\d_]{3,12})\.?[\s-]+(\d{1,2})")
_PIVOT: Final = 90  # 90 is 1990, 89 is 2089, as feed readers have always had it


def read_date(text: str, zone: str = "UTC") -> datetime | None:
    """Return the moment that `text` states, in UTC; None when it states none.

    `zone` (IANA) is that of a date that names none. A day without a time begins at midnight
    in `zone`, but not before midnight UTC, so that it counts on the day that was stated.
    """
    folded = " ".join(text[: MAX_CHARS + 1].casefold().replace("\u2212", "-").split())
    if not folded or len(folded) > MAX_CHARS or not any(c.isdigit() for c in folded):
        return None
    try:
        if _EPOCH.fullmatch(folded):
            return _from_epoch(folded)
        return _read(folded, zone)
    except (ValueError, OverflowError):
        return None


def _from_epoch(digits: str) -> datetime:
    whole = digits.partition(".")[0]
    microseconds = 1 if len(whole) >= 15 else 1_000 if len(whole) >= 12 else 1_000_000
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=float(digits) * microseconds)


def _read(text: str, zone: str) -> datetime | None:
    text, stated = _without_comment(text)
    if found := _DAY_ZONE.fullmatch(text):
        text, stated = found[1], found[2]
    seconds: float | None = None
    if clock := _CLOCK.search(text) or _COMPACT_CLOCK.search(text):
        seconds = _seconds(clock)
        before, after = text[: clock.start()], text[clock.end() :]
        after, named = _split_zone(after)
        if not named and (last := _LAST_ZONE.search(after)) and stated_zone(last[1]):
            after, named = after[: last.start()], last[1]
        text, stated = f"{before} {after}", named or stated
    if (day := _day(text)) is None:
        return None
    if seconds is None and (moment := _COMPACT.fullmatch(text)) and moment[4]:
        hours, minutes, rest = (int(part or 0) for part in moment.groups()[3:])
        seconds = 3600.0 * hours + 60 * minutes + rest
    return _moment(day, seconds, stated_zone(stated), zone)


def _without_comment(text: str) -> tuple[str, str]:
    """The text, and what stood in brackets at its end: often the zone's name once more."""
    found = _COMMENT.search(text)
    return (text[: found.start()], found[1].strip()) if found else (text, "")


def _seconds(clock: re.Match[str]) -> float:
    """Seconds since midnight; 24:00 and leap seconds run over into what follows."""
    hour, minute, second = int(clock[1]), int(clock[2] or 0), int(clock[3] or 0)
    half = clock[5] if clock.re is _CLOCK else None
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError
    return 3600.0 * hour + 60 * minute + second + float(f"0.{clock[4] or 0}")


def _split_zone(text: str) -> tuple[str, str]:
    """What follows the time without the zone, and the zone; a month's name is no zone."""
    found = _ZONE.match(text)
    if not found or _month(found[1]) or re.fullmatch(_WEEKDAYS, found[1]):
        return text, ""
    return text[found.end() :], found[1].strip()


def _moment(day: date, seconds: float | None, stated: tzinfo | None, zone: str) -> datetime:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the zone comes next
    here = stated or zone_called(zone)
    try:
        moment = (midnight + timedelta(seconds=seconds or 0.0)).replace(tzinfo=here).astimezone(UTC)
    except OverflowError:  # the last day of the year 9999, or the first of the year 1
        return midnight.replace(tzinfo=UTC)
    return max(moment, midnight.replace(tzinfo=UTC)) if seconds is None else moment


def _day(text: str) -> date | None:
    text = " ".join(_FILLERS.sub(" ", text).replace(",", ", ").split()).strip(" ,.|-—")
    text = _WEEKDAY.sub("", text, count=1).replace(",", " ").strip()
    text = re.sub(rf"\s+{_WEEKDAYS}$", "", text)
    text = " ".join(text.split())
    return _named_day(text) if any(c.isalpha() for c in text) else _numeric_day(text)


def _named_day(text: str) -> date | None:
    if found := _DAY_MONTH.fullmatch(text):
        day, name, year = found.groups()
    elif found := _MONTH_DAY.fullmatch(text):
        name, day, year = found.groups()
    elif found := _YEAR_MONTH.fullmatch(text):
        year, name, day = found.groups()
    elif found := _WEEK.fullmatch(text):
        return date.fromisocalendar(int(found[1]), int(found[2]), int(found[3] or 1))
    else:
        return None
    month = _month(name)
    return date(_year(year), month, int(day)) if month else None


def _numeric_day(text: str) -> date | None:
    if found := _YEAR_FIRST.fullmatch(text):
        return date(int(found[1]), int(found[3] or 1), int(found[4] or 1))
    if found := _COMPACT.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _ORDINAL.fullmatch(text):
        first = date(int(found[1]), 1, 1)
        day = first + timedelta(days=int(found[2]) - 1)
        return day if day.year == first.year else None
    if found := _SHORT_YEAR_FIRST.fullmatch(text):
        return date(_year(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_FIRST.fullmatch(text):
        return _day_first(int(found[1]), int(found[3]), _year(found[4]), found[2])
    return None


def _day_first(day: int, month: int, year: int, separator: str) -> date | None:
    if separator == "/" and day <= 12 and month <= 12 and day != month:
        return None  # the third of April or the fourth of March
    return date(year, day, month) if month > 12 else date(year, month, day)


def _month(name: str) -> int:
    return _MONTHS.get(name[:4]) or _MONTHS.get(name[:3], 0)


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (1900 if year >= _PIVOT else 2000)
