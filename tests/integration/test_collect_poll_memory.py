"""What polls of a real server remember from one to the next: overlap, old copies, moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from services.collect.feeds.poll import BACKWARDS_TIMES, Poll, poll
from services.collect.http.fetcher import Fetcher
from services.domain.outlet import FeedState, Outlet, PollOutcome
from tests.support.feed_server import FeedServer
from tests.support.records import NOW, make_outlet

HOUR = timedelta(hours=1)


def rss(first: int, last: int) -> str:
    """Entries `first` to `last`, newest first; number n was published n hours before or after."""
    items = "".join(
        f"<item><title>Headline {n}</title><link>https://news.example/{n}</link>"
        f"<pubDate>{format_datetime(NOW + (n - 100) * HOUR)}</pubDate></item>"
        for n in range(last, first - 1, -1)
    )
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"


@dataclass
class Reader:
    """One outlet's feed, polled again and again; the clock moves an hour each time."""

    server: FeedServer
    fetcher: Fetcher
    outlet: Outlet
    state: FeedState = field(default_factory=lambda: FeedState("rt"))
    now: datetime = NOW

    def poll(self, hours: float = 1) -> Poll:
        self.now += timedelta(hours=hours)
        result = poll(self.outlet, self.state, self.fetcher, self.now)
        self.state = result.state
        return result

    def show(self, first: int, last: int) -> None:
        self.server.set("/feed", 200, {"ETag": f'"{first}-{last}"'}, rss(first, last))


@pytest.fixture
def reader() -> Iterator[Reader]:
    with (
        FeedServer() as server,
        Fetcher(
            user_agent="t", timeout=20, max_bytes=200_000, allow_networks=["127.0.0.0/8"]
        ) as fetcher,
    ):
        yield Reader(server, fetcher, make_outlet(feed=server.url("/feed")))


def test_entries_that_may_have_fallen_off_are_told_and_hurry_the_next_poll(
    reader: Reader,
) -> None:
    reader.show(81, 100)
    calm = reader.poll()
    reader.show(121, 140)
    result = reader.poll(hours=4)
    assert result.gap
    assert result.state.gap == reader.now
    assert "may have fallen off" in result.state.sentence
    assert result.state.interval < calm.state.interval


def test_a_gap_is_remembered_and_told_once(reader: Reader) -> None:
    reader.show(81, 100)
    reader.poll()
    reader.show(121, 140)
    reader.poll()
    then = reader.now
    reader.show(122, 141)
    result = reader.poll()
    assert (result.gap, result.state.gap) == (False, then)
    assert "fallen off" not in result.state.sentence


def test_the_last_new_entry_is_when_a_poll_brought_it(reader: Reader) -> None:
    reader.show(91, 100)
    reader.poll()
    first = reader.now
    reader.poll()
    assert reader.state.last_entry == first
    reader.show(92, 101)
    reader.poll()
    assert reader.state.last_entry == reader.now


def test_an_old_copy_is_a_failure_of_its_own_that_keeps_the_entries(reader: Reader) -> None:
    reader.show(81, 100)
    reader.poll()
    keys = reader.state.keys
    reader.show(75, 94)
    result = reader.poll()
    assert (result.outcome, result.ok) == (PollOutcome.WENT_BACKWARDS, False)
    assert len(result.entries) == 20
    assert "backwards" in result.state.sentence
    assert (result.state.failures, result.state.keys) == (1, keys)


def test_the_validators_of_an_old_copy_are_not_kept(reader: Reader) -> None:
    reader.show(81, 100)
    reader.poll()
    reader.show(75, 94)
    reader.poll()
    reader.poll()
    assert reader.state.etag == '"81-100"'
    assert "if-none-match" not in reader.server.requests[-1].headers


def test_the_feed_that_follows_an_old_copy_is_no_gap(reader: Reader) -> None:
    reader.show(81, 100)
    reader.poll()
    reader.show(61, 80)
    reader.poll()
    reader.show(82, 101)
    result = reader.poll()
    assert (result.outcome, result.gap, result.state.failures) == (PollOutcome.OK, False, 0)


def test_a_feed_that_stays_backwards_has_taken_its_news_back(reader: Reader) -> None:
    reader.show(81, 100)
    reader.poll()
    reader.show(81, 99)
    outcomes = [reader.poll().outcome for _ in range(BACKWARDS_TIMES)]
    assert outcomes == [PollOutcome.WENT_BACKWARDS] * (BACKWARDS_TIMES - 1) + [PollOutcome.OK]
    assert "taken back" in reader.state.sentence
    assert "taken back" not in reader.poll().state.sentence


# Moves. NOW is a Saturday; two days later a new week begins.


def moved(reader: Reader, status: int = 301, to: str = "/new") -> None:
    reader.server.set("/feed", status, {"Location": to})
    reader.server.set(to, 200, {}, rss(81, 100))


def test_a_permanent_move_is_believed_after_three_polls(reader: Reader) -> None:
    moved(reader)
    for _ in range(2):
        assert reader.poll().state.address == ""
    assert reader.poll().state.address == reader.server.url("/new")
    assert "moved for good" in reader.state.sentence
    reader.poll()
    assert reader.server.paths() == ["/feed", "/new"] * 3 + ["/new"]
    assert "moved for good" in reader.state.sentence


@pytest.mark.parametrize("status", [302, 307])
def test_a_temporary_redirect_is_followed_and_never_believed(reader: Reader, status: int) -> None:
    moved(reader, status)
    for _ in range(5):
        assert reader.poll().ok
    assert (reader.state.address, reader.state.moved_times) == ("", 0)


def test_moves_to_different_places_are_not_believed(reader: Reader) -> None:
    for n in range(6):
        moved(reader, to=("/one", "/two")[n % 2])
        reader.poll()
    assert reader.state.address == ""


def test_every_week_the_catalogues_own_address_is_asked(reader: Reader) -> None:
    moved(reader)
    for _ in range(3):
        reader.poll()
    reader.poll(hours=48)
    reader.poll()
    assert reader.server.paths()[6:] == ["/feed", "/new", "/new"]
    assert reader.state.address == reader.server.url("/new")


def test_a_catalogue_address_that_works_again_is_kept(reader: Reader) -> None:
    moved(reader)
    for _ in range(3):
        reader.poll()
    reader.server.set("/feed", 200, {}, rss(81, 100))
    reader.poll(hours=48)
    assert (reader.state.address, reader.state.moved_to) == ("", "")


def test_a_catalogue_address_that_has_died_does_no_harm(reader: Reader) -> None:
    moved(reader)
    for _ in range(3):
        reader.poll()
    reader.server.set("/feed", 410)
    result = reader.poll(hours=48)
    assert "no longer works" in result.state.sentence
    assert result.state.failures == 0
    assert result.state.next_poll is not None
    assert result.state.next_poll - reader.now <= timedelta(seconds=660)
    assert reader.poll().ok
    assert reader.server.paths()[-1] == "/new"


def test_a_new_address_that_fails_hard_gives_way_to_the_catalogues(reader: Reader) -> None:
    moved(reader)
    for _ in range(3):
        reader.poll()
    reader.server.set("/new", 404)
    reader.server.set("/feed", 200, {}, rss(81, 100))
    assert "catalogue's own address" in reader.poll().state.sentence
    assert reader.poll().ok
    assert reader.server.paths()[-2:] == ["/new", "/feed"]


def test_a_new_address_that_fails_softly_is_kept(reader: Reader) -> None:
    moved(reader)
    for _ in range(3):
        reader.poll()
    reader.server.set("/new", 500)
    reader.poll()
    assert reader.state.address == reader.server.url("/new")
