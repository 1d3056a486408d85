"""Dates in every shape that feeds write mean the moment they were written for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.feeds.date_text import read_date
from services.collect.feeds.dates import OLDEST, SKEW, judge, moment_of
from services.domain.article import DateQuality

MOSCOW: Final = "Europe/Moscow"
NOW: Final = datetime(2025, 3, 1, 12, tzinfo=UTC)
_EN: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_LONG: Final = (
    "January February March April May June July August September October November December"
)
_RU: Final = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
_RU_SHORT: Final = "янв фев мар апр май июн июл авг сен окт ноя дек"
_UK: Final = (
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня"
)
_DAYS: Final = "Mon Tue Wed Thu Fri Sat Sun"
_RU_DAYS: Final = "Пн Вт Ср Чт Пт Сб Вс"
_RU_DAYS_LONG: Final = "понедельник вторник среда четверг пятница суббота воскресенье"

Shape = Callable[[datetime], str]


def _named(months: str, days: str, pattern: str) -> Shape:
    def write(at: datetime) -> str:
        month, day = months.split()[at.month - 1], days.split()[at.weekday()]
        return at.strftime(pattern.replace("%b", month).replace("%a", day))

    return write


def _plain(pattern: str) -> Shape:
    return lambda at: at.strftime(pattern)


# Without a zone: one is added, or the outlet's counts.
SHAPES: Final[dict[str, Shape]] = {
    "rfc 822": _named(_EN, _DAYS, "%a, %d %b %Y %H:%M:%S"),
    "rfc 822 without weekday": _named(_EN, _DAYS, "%d %b %Y %H:%M:%S"),
    "rfc 822 with a short year": _named(_EN, _DAYS, "%a, %d %b %y %H:%M:%S"),
    "rfc 850": _named(_EN, _DAYS, "%a, %d-%b-%y %H:%M:%S"),
    "month first": _named(_LONG, _DAYS, "%b %d, %Y %H:%M:%S"),
    "american": _named(_LONG, _DAYS, "%b %d, %Y, %I:%M:%S %p"),
    "rfc 3339": _plain("%Y-%m-%dT%H:%M:%S"),
    "rfc 3339 with a fraction": _plain("%Y-%m-%dT%H:%M:%S.000000"),
    "a comma before the fraction": _plain("%Y-%m-%dT%H:%M:%S,0"),
    "space for t": _plain("%Y-%m-%d %H:%M:%S"),
    "compact": _plain("%Y%m%dT%H%M%S"),
    "ordinal": _plain("%Y-%jT%H:%M:%S"),
    "week": lambda at: (
        f"{at.isocalendar()[0]}-W{at.isocalendar()[1]:02}-{at.isocalendar()[2]}T{at:%H:%M:%S}"
    ),
    "slashes, year first": _plain("%Y/%m/%d %H:%M:%S"),
    "dots": _plain("%d.%m.%Y %H:%M:%S"),
    "dots with a comma": _plain("%d.%m.%Y, %H:%M:%S"),
    "time before dots": _plain("%H:%M:%S %d.%m.%Y"),
    "russian": _named(_RU, _RU_DAYS, "%d %b %Y, %H:%M:%S"),
    "russian in full": _named(_RU, _RU_DAYS_LONG, "%a, %d %b %Y года в %H:%M:%S"),
    "russian, short": _named(_RU_SHORT, _RU_DAYS, "%a, %d %b %Y %H:%M:%S"),
    "ukrainian": _named(_UK, _RU_DAYS, "%d %b %Y %H:%M:%S"),
}
# Where the zone may follow without a space.
_TIGHT: Final = ("rfc 3339", "rfc 3339 with a fraction", "space for t", "compact", "week")
ZONES: Final = {
    "Z": UTC, " Z": UTC, " GMT": UTC, " UTC": UTC, "+03:00": timezone(timedelta(hours=3)),
    " +0300": timezone(timedelta(hours=3)), " -0530": timezone(timedelta(hours=-5, minutes=-30)),
    " GMT+3": timezone(timedelta(hours=3)), " UTC-07:00": timezone(timedelta(hours=-7)),
    " EST": timezone(timedelta(hours=-5)), " PDT": timezone(timedelta(hours=-7)),
    " CET": timezone(timedelta(hours=1)), " MSK": ZoneInfo(MOSCOW), " мск": ZoneInfo(MOSCOW),
    " Europe/Moscow": ZoneInfo(MOSCOW), " +0300 (MSK)": timezone(timedelta(hours=3)),
}  # fmt: skip
_MOMENTS: Final = st.integers(662_774_400, 3_755_289_600).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)  # 1991 to 2088
)


def _once(at: datetime) -> bool:
    """False in the hour that a clock goes through twice, where a time means two moments."""
    return at.utcoffset() == at.replace(fold=1).utcoffset()


@settings(deadline=None, max_examples=400)
@given(_MOMENTS, st.sampled_from(sorted(SHAPES)), st.sampled_from(sorted(ZONES)))
def test_a_moment_written_with_a_zone_is_read_as_that_moment(
    moment: datetime, shape: str, zone: str
) -> None:
    there = moment.astimezone(ZONES[zone])
    written = SHAPES[shape](there) + (zone if shape in _TIGHT else f" {zone.strip()}")
    assert not _once(there) or read_date(written, "Asia/Tokyo") == moment


@settings(deadline=None, max_examples=200)
@given(_MOMENTS, st.sampled_from(sorted(SHAPES)), st.sampled_from([MOSCOW, "America/New_York"]))
def test_a_moment_written_without_a_zone_is_one_of_the_outlets(
    moment: datetime, shape: str, zone: str
) -> None:
    there = moment.astimezone(ZoneInfo(zone))
    assert not _once(there) or read_date(SHAPES[shape](there), zone) == moment


@settings(deadline=None)
@given(_MOMENTS, st.sampled_from([1, 1_000, 1_000_000]))
def test_a_moment_written_as_a_number_is_seconds_or_parts_of_them(
    moment: datetime, scale: int
) -> None:
    seconds = int(moment.timestamp())
    assert read_date(str(seconds * scale), MOSCOW) == moment


@settings(deadline=None, max_examples=500)
@given(st.text(max_size=60), st.sampled_from(["UTC", MOSCOW, "no such zone"]))
def test_no_text_breaks_the_reader(text: str, zone: str) -> None:
    moment = read_date(text, zone)
    assert moment is None or moment.tzinfo is UTC


@settings(deadline=None, max_examples=500)
@given(st.text(alphabet="0123456789-:TZ+. /,WfebFEB", max_size=30))
def test_no_jumble_of_digits_breaks_the_reader(text: str) -> None:
    moment = read_date(text, MOSCOW)
    assert moment is None or moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2025-02-24", "2025-02-24T00:00:00"),
        ("2025-02", "2025-02-01T00:00:00"),
        ("2025", "2025-01-01T00:00:00"),
        ("20250224", "2025-02-24T00:00:00"),
        ("2025-02-24T10", "2025-02-24T07:00:00"),
        ("2025-02-24T10Z", "2025-02-24T10:00:00"),
        ("2025-02-24T10:15", "2025-02-24T07:15:00"),
        ("2025-02-24T10:15+0300", "2025-02-24T07:15:00"),
        ("2025-02-24T10:15:00 +03", "2025-02-24T07:15:00"),
        ("2025-02-24T10:15:00.123456789Z", "2025-02-24T10:15:00.123457"),
        ("2025-02-24T10:15:00+03:00[Europe/Moscow]", "2025-02-24T07:15:00"),
        ("2025-02-24+03:00", "2025-02-24T00:00:00"),
        ("20250224101500", "2025-02-24T07:15:00"),
        ("2025-02-24T24:00:00Z", "2025-02-25T00:00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00"),
        ("Mon, 24 Feb 2025", "2025-02-24T00:00:00"),
        ("Mon,24 Feb 2025 10:15 GMT", "2025-02-24T10:15:00"),
        ("Thurs, 27 Feb 2025 10:15:00 GMT", "2025-02-27T10:15:00"),
        ("Mon Feb 24 10:15:00 2025", "2025-02-24T07:15:00"),
        ("Mon Feb 24 10:15:00 MSK 2025", "2025-02-24T07:15:00"),
        ("Mon Feb 24 2025 10:15:00 GMT+0300 (Moscow Standard Time)", "2025-02-24T07:15:00"),
        ("Feb 24th, 2025 at 10:15 a.m. ET", "2025-02-24T15:15:00"),
        ("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53"),
        ("Tue, 28 Feb 2012 10:00:00 MSK", "2012-02-28T06:00:00"),
        ("24 февраля 2025, 10:15", "2025-02-24T07:15:00"),
        ("24 февраля 2025 г., 10:15", "2025-02-24T07:15:00"),
        ("понедельник, 24 февраля 2025 года, 10:15 (МСК)", "2025-02-24T07:15:00"),
        ("10:15, 24.02.2025", "2025-02-24T07:15:00"),
        ("24.02.25 10:15", "2025-02-24T07:15:00"),
        ("24/02/2025 10:15", "2025-02-24T07:15:00"),
        ("02/24/2025 10:15", "2025-02-24T07:15:00"),
        ("1740392100.5", "2025-02-24T10:15:00.500000"),
        ("Mon, 24 Feb 2025 10:15:00 +9900", "2025-02-24T07:15:00"),
        ("Mon, 24 Feb 2025 10:15:00 XYZT", "2025-02-24T07:15:00"),
        ("  Mon,\n 24 Feb\u00a02025 10:15:00 \u22120500 ", "2025-02-24T15:15:00"),
        ("9999-12-31T23:59:59-05:00", "9999-12-31T00:00:00"),
    ],
)
def test_what_one_meets_in_feeds_is_read(written: str, meant: str) -> None:
    assert read_date(written, MOSCOW) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "", "   ", "yesterday at noon", "10:15", "24", "--02-24", "February", "Mon, 24 Feb",
        "0000-01-01", "2025-02-30", "Wed, 31 Jun 2025 10:00 GMT", "2025-13-01", "2025-366",
        "2025-02-24T25:00", "2025-02-24T24:01", "2025-02-24T10:61", "2025-02-24T10:15:61",
        "13:15 PM 24.02.2025", "2025-02-24T10:15:00Z+03:00", "x" * 5_000, "1" * 300,
        "24 Foo 2025 10:15", "the 24 Feb 2025 or so",
    ],
)  # fmt: skip
def test_what_states_no_moment_is_none(written: str) -> None:
    assert read_date(written, MOSCOW) is None


def test_a_day_and_a_month_that_could_be_either_way_round_are_not_guessed() -> None:
    assert read_date("03/04/2025") is None


def test_a_day_alone_counts_on_that_day_also_where_it_begins_earlier() -> None:
    assert read_date("2025-02-24", MOSCOW) == datetime(2025, 2, 24, tzinfo=UTC)


def test_a_day_alone_begins_with_the_outlets_midnight_where_that_is_later() -> None:
    assert read_date("2025-02-24", "America/New_York") == datetime(2025, 2, 24, 5, tzinfo=UTC)


def test_feedparser_may_read_what_is_in_letters_that_we_do_not_know() -> None:
    parsed = datetime(2004, 7, 11, 12, tzinfo=UTC).timetuple()
    assert moment_of("Κυρ, 11 Ιούλ 2004 12:00:00 EST", MOSCOW, parsed) == datetime(
        2004, 7, 11, 12, tzinfo=UTC
    )


def test_feedparser_may_not_take_a_number_for_a_century() -> None:
    assert moment_of("24", MOSCOW, datetime(2301, 1, 1, tzinfo=UTC).timetuple()) is None


@pytest.mark.parametrize(
    ("stated", "published", "quality"),
    [
        (NOW, NOW, DateQuality.STATED),
        (NOW + SKEW, NOW, DateQuality.STATED),
        (NOW + SKEW + timedelta(seconds=1), NOW, DateQuality.CLAMPED),
        (OLDEST, OLDEST, DateQuality.STATED),
        (OLDEST - timedelta(seconds=1), None, DateQuality.ASSUMED),
        (None, None, DateQuality.ASSUMED),
    ],
)
def test_dates_outside_of_what_can_be_are_marked(
    stated: datetime | None, published: datetime | None, quality: DateQuality
) -> None:
    assert judge([stated], NOW) == (published, quality)
