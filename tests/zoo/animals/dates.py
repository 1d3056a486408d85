"""Dates as servers write them; polled on 1 March 2025, 12:00 UTC. Seconds are enough."""

from __future__ import annotations

from tests.zoo.animal import Animal
from tests.zoo.documents import atom, entry, item, rss
from tests.zoo.wire import answer

NOW = "2025-03-01T12:00:00+00:00"


def _rss(name: str, written: str, meant: str) -> Animal:
    title = f"Dated {name} headline"
    return Animal(f"date-{name}", answer(rss(item(title, date=written))), titles=(title,),
                  dates=(meant,))  # fmt: skip


def _atom(name: str, written: str, meant: str) -> Animal:
    title = f"Dated {name} headline"
    link = f"https://news.example/{name}"
    return Animal(f"date-{name}", answer(atom(entry(title, link, written))), titles=(title,),
                  dates=(meant,))  # fmt: skip


ANIMALS = (
    _rss("none", "", NOW),
    _rss("1970", "Thu, 01 Jan 1970 00:00:00 GMT", NOW),
    _rss("2099", "Fri, 01 Jan 2099 00:00:00 GMT", NOW),
    _rss("year-zero", "Sat, 01 Jan 0000 00:00:00 GMT", NOW),
    _rss("year-9999", "Fri, 31 Dec 9999 23:59:59 -1200", NOW),
    _rss("words", "yesterday, around noon", NOW),
    _rss("two-digit-year", "20 Feb 25 08:00:00 +0300", "2025-02-20T05:00:00+00:00"),
    _rss("moscow-zone-name", "Thu, 20 Feb 2025 08:00:00 MSK", "2025-02-20T05:00:00+00:00"),
    _rss("american-zone-name", "Thu, 20 Feb 2025 08:00:00 EST", "2025-02-20T13:00:00+00:00"),
    _rss("wrong-weekday", "Mon, 20 Feb 2025 08:00:00 GMT", "2025-02-20T08:00:00+00:00"),
    _rss("russian-months", "20 февраля 2025, 08:00 +0300", "2025-02-20T05:00:00+00:00"),
    _rss("russian-weekday", "Чт, 20 фев 2025 08:00:00 +0300", "2025-02-20T05:00:00+00:00"),
    _rss("iso-in-rss", "2025-02-20T08:00:00+03:00", "2025-02-20T05:00:00+00:00"),
    _rss("dots", "20.02.2025 08:00 +0300", "2025-02-20T05:00:00+00:00"),
    _rss("epoch-seconds", "1740027600", "2025-02-20T05:00:00+00:00"),
    _atom("day-only", "2025-02-20", "2025-02-20T00:00:00+00:00"),
    _atom("month-only", "2025-02", "2025-02-01T00:00:00+00:00"),
    _atom("fraction", "2025-02-20T05:00:00.123456789Z", "2025-02-20T05:00:00+00:00"),
    _atom("comma-fraction", "2025-02-20T05:00:00,5Z", "2025-02-20T05:00:00+00:00"),
    _atom("space-for-t", "2025-02-20 05:00:00Z", "2025-02-20T05:00:00+00:00"),
    _atom("no-seconds", "2025-02-20T05:00Z", "2025-02-20T05:00:00+00:00"),
    _atom("midnight-as-24", "2025-02-19T24:00:00Z", "2025-02-20T00:00:00+00:00"),
    _atom("leap-second", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
)
