"""Feeds with more entries than are read of one: the newest are, in whichever order they stand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.collect.feeds.feed import MAX_ENTRIES, ParsedFeed, parse_feed
from services.collect.feeds.limit import entries_sentence, newest_items

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
BEGIN = NOW - timedelta(days=10)
BASE = "https://news.example/feed"
MANY = MAX_ENTRIES + 100


def rss(numbers: Sequence[int], *, dated: bool = True) -> ParsedFeed:
    """A feed of these entries; a higher number was published later."""
    items = []
    for number in numbers:
        date = (BEGIN + timedelta(minutes=number)).isoformat()
        stated = f"<pubDate>{date}</pubDate>" if dated else ""
        items.append(f"<item><title>Headline {number}</title><link>/{number}</link>{stated}</item>")
    body = f'<rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'
    return parse_feed(body.encode(), "", BASE, NOW)


def numbers_of(feed: ParsedFeed) -> list[int]:
    return [int(entry.url.rpartition("/")[2]) for entry in feed.entries]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (range(MANY), range(100, MANY)),
        (range(MANY)[::-1], range(100, MANY)[::-1]),
        (range(MAX_ENTRIES), range(MAX_ENTRIES)),
    ],
)
def test_the_newest_entries_are_kept_in_their_order(given: range, kept: range) -> None:
    assert numbers_of(rss(given)) == list(kept)


def test_without_dates_the_first_and_the_last_entries_are_kept() -> None:
    half = MAX_ENTRIES // 2
    kept = [*range(half), *range(MANY - half, MANY)]
    assert numbers_of(rss(range(MANY), dated=False)) == kept


def test_an_entry_without_a_date_is_as_old_as_its_neighbour() -> None:
    def date_of(number: int) -> datetime | None:
        return BEGIN + timedelta(minutes=number) if number % 2 else None

    # The entry 100 counts as old as the one before it: there is room for one of the two.
    assert newest_items(range(MANY), date_of) == [99, *range(101, MANY)]


def test_a_json_feed_keeps_its_newest_entries_too() -> None:
    items = [
        {
            "id": str(number),
            "title": f"Headline {number}",
            "url": f"https://news.example/{number}",
            "date_published": (BEGIN + timedelta(minutes=number)).isoformat(),
        }
        for number in range(MANY)
    ]
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": items}
    feed = parse_feed(json.dumps(document).encode(), "", BASE, NOW)
    assert numbers_of(feed) == list(range(100, MANY))


@pytest.mark.parametrize(
    ("feed", "sentence"),
    [
        (rss([1]), "The feed holds 1 entry."),
        (rss(range(3)), "The feed holds 3 entries."),
        (rss(range(MANY)), "The feed holds 2,100 entries; the 2,000 newest were read."),
        (
            rss(range(MANY), dated=False),
            "The feed holds 2,100 entries; the first and the last 1,000 were read.",
        ),
    ],
    ids=["one", "few", "dated", "undated"],
)
def test_what_was_left_out_is_said(feed: ParsedFeed, sentence: str) -> None:
    assert entries_sentence(feed) == sentence
