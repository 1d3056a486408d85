"""A past of collection written straight into a store: polls, live articles, states of feeds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from services import pipeline
from services.context import Context
from services.domain.article import EntryOutcome
from services.domain.outlet import FeedState, PollOutcome
from tests.support.alerting import StandingClock
from tests.support.records import NOW, make_article, make_prediction

POLLS_A_DAY = 4


@dataclass
class Collector:
    """Plays the collection of an installation whose clock is `clock`, from `first` on."""

    context: Context
    clock: StandingClock
    first: date
    number: int = 0

    def collect(
        self,
        outlet: str,
        until: datetime | None = None,
        *,
        a_day: int = 24,
        without: Iterable[date] = (),
        gap_after: bool = False,
        lag: timedelta = timedelta(0),
        relations: str = "confrontation",
    ) -> None:
        """Articles evenly through every day up to `until`, with polls, and the feed's state.

        On the days `without` every poll fails; the first good one after them finds a gap if
        `gap_after`. Every article is collected a `lag` after its date.
        """
        until = until or self.clock.now
        dark = set(without)
        articles = []
        moment = datetime.combine(self.first, time(0, 30), UTC)
        while moment <= until:
            if moment.date() not in dark:
                self.number += 1
                seen = moment + lag
                articles.append(
                    make_article(self.number, outlet=outlet, published=moment, collected=seen)
                )
            moment += timedelta(days=1) / a_day
        self.context.store.add_articles(articles, live=True)
        predictions = [make_prediction(item, relations=relations) for item in articles]
        self.context.store.save_predictions(predictions)
        self._poll(outlet, until.date(), dark, gap_after)
        last = articles[-1].published
        self.context.store.save_feed_state(
            FeedState(
                outlet,
                outcome=PollOutcome.OK,
                sentence="The feed holds 50 entries.",
                last_attempt=until,
                last_success=until,
                last_new=last,
                last_entry=last,
                next_poll=until + timedelta(minutes=15),
                interval=900.0,
                window=172_800.0,
            )
        )
        pipeline.count(self.context)

    def _poll(self, outlet: str, last: date, dark: set[date], gap_after: bool) -> None:
        day = self.first
        while day <= last:
            end = PollOutcome.TIMEOUT if day in dark else PollOutcome.OK
            gap = gap_after and day not in dark and day - timedelta(days=1) in dark
            for number in range(POLLS_A_DAY):
                self.context.store.count_poll(
                    outlet, day, end, {EntryOutcome.DUPLICATE: 5}, gap=gap and not number
                )
            day += timedelta(days=1)

    def answer(self, outlet: str, when: datetime) -> None:
        """A good poll at `when` that brings nothing new."""
        state = self.context.store.feed_states()[outlet]
        self.context.store.count_poll(outlet, when.date(), PollOutcome.NOT_MODIFIED, {})
        self.context.store.save_feed_state(
            replace(
                state,
                outcome=PollOutcome.NOT_MODIFIED,
                last_attempt=when,
                last_success=when,
                failures=0,
                failing_since=None,
            )
        )

    def fail(self, outlet: str, since: datetime, when: datetime, failures: int = 9) -> None:
        """Polls that have failed since `since`, the last one at `when`."""
        state = self.context.store.feed_states().get(outlet) or FeedState(outlet)
        self.context.store.count_poll(outlet, when.date(), PollOutcome.SERVER_ERROR, {})
        self.context.store.save_feed_state(
            replace(
                state,
                outcome=PollOutcome.SERVER_ERROR,
                sentence="The server failed: 503.",
                last_attempt=when,
                failures=failures,
                failing_since=since,
            )
        )


def collector(context: Context, clock: StandingClock, days: int = 45) -> Collector:
    """Return a collector that began `days` before NOW."""
    return Collector(context, clock, (NOW - timedelta(days=days)).date())
