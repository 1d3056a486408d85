"""A simulated month of a feed under the schedule: what is lost, and what it costs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from services.collect.feeds.schedule import HOUR, Bounds, Flow, next_poll, steady_pause
from services.collect.feeds.window import compare, flow_after, newest_date, reach_back
from services.domain.article import FeedEntry
from services.domain.outlet import FeedState
from tests.support.records import make_entry

START = datetime(2025, 3, 3, tzinfo=UTC)
DAYS = 30
BOUNDS = Bounds()


@dataclass(frozen=True)
class Month:
    """How a month went: polls a day, entries never shown to a poll, gaps that were told, and
    the hours that an entry waited for a poll, on average."""

    polls: float
    lost: int
    gaps: int
    wait: float


def play(per_hour: Callable[[datetime], float], held: int, seed: int = 1) -> Month:
    """Publish at the rate of the hour and poll by the schedule; the feed holds `held` entries."""
    published = _published(per_hour, seed)
    state = FeedState("rt", next_poll=START + timedelta(days=7))  # the first week fills the feed
    seen: set[str] = set()
    polls, gaps, wait = 0, 0, 0.0
    while state.next_poll and state.next_poll < START + timedelta(days=DAYS):
        now = state.next_poll
        out = [entry for entry in published if entry.published and entry.published <= now]
        shown = out[-held:][::-1]
        if polls:
            fresh = [entry for entry in shown if entry.url not in seen and entry.published]
            wait += sum((now - entry.published).total_seconds() for entry in fresh)  # type: ignore[operator,misc]
        seen.update(entry.url for entry in (shown if polls else out))
        change = compare(state, shown)
        flow = flow_after(state, change, shown, now)
        state = _after(state, change.keys, flow, shown, now)
        polls += 1
        gaps += change.gap
    missed = [entry for entry in out if entry.url not in seen]
    days = DAYS - 7
    news = len([e for e in out if e.published and e.published > START + timedelta(days=7)])
    return Month(polls / days, len(missed), gaps, wait / HOUR / max(news, 1))


def _published(per_hour: Callable[[datetime], float], seed: int) -> list[FeedEntry]:
    dice, now, entries = random.Random(seed), START, []
    while now < START + timedelta(days=DAYS):
        now += timedelta(minutes=1)
        if dice.random() < per_hour(now) / 60:
            entries.append(make_entry(len(entries), published=now))
    return entries


def _after(
    state: FeedState, keys: tuple[str, ...], flow: Flow, shown: list[FeedEntry], now: datetime
) -> FeedState:
    state = replace(
        state,
        keys=keys,
        rate=flow.rate,
        window=reach_back(shown, now),
        interval=steady_pause(flow, 0.0, BOUNDS),
        last_success=now,
        last_attempt=now,
        last_new=newest_date(shown),
    )
    return replace(state, next_poll=next_poll(now, state, flow, BOUNDS))


def steady(rate: float) -> Callable[[datetime], float]:
    return lambda _: rate


def with_nights(rate: float) -> Callable[[datetime], float]:
    """A newsroom that sleeps: six hours without almost anything."""
    return lambda now: rate if now.hour >= 6 else rate / 20


def with_bursts(rate: float) -> Callable[[datetime], float]:
    """On some days an afternoon brings four times as much."""
    return lambda now: rate * (4 if now.day % 4 == 0 and 13 <= now.hour < 19 else 1)


@pytest.mark.parametrize(
    ("rhythm", "held"),
    [
        (steady(0.5), 20),
        (steady(6.0), 30),
        (with_nights(4.0), 20),
        (with_bursts(1.0), 15),
        (with_bursts(5.0), 30),
    ],
    ids=["slow", "busy", "nights", "small feed with bursts", "busy with bursts"],
)
def test_nothing_falls_off_a_feed_in_a_month(
    rhythm: Callable[[datetime], float], held: int
) -> None:
    month = play(rhythm, held)
    assert (month.lost, month.gaps) == (0, 0)
    assert month.polls <= 145


def test_an_outlet_with_news_once_or_twice_a_day_is_asked_several_times_a_day() -> None:
    month = play(steady(1 / 16), 20)
    assert 3 < month.polls < 12
    assert month.wait < 4


def test_a_feed_too_short_for_the_shortest_pause_loses_entries_and_says_so() -> None:
    month = play(with_bursts(10.0), 4)
    assert month.lost > 0
    assert month.gaps > 0
