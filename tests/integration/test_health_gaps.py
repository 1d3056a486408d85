"""Silent and failing outlets on a real store: what is told, to whom, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services import pipeline, queries
from services.alerts.channels.base import Message
from services.context import Context
from services.domain.alert import Alert, Delivery
from services.domain.outlet import PollOutcome
from services.queries.observed import coverages
from tests.support.alerting import StandingClock
from tests.support.collected import Collector, collector
from tests.support.reading import installation
from tests.support.records import NOW, make_article, make_feed_state, make_rule

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def context(tmp_path: Path, clock: StandingClock) -> Iterator[Context]:
    with installation(tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
def world(context: Context, clock: StandingClock) -> Collector:
    """RT, TASS and Sputnik publish an article an hour; all is well."""
    found = collector(context, clock)
    for outlet in ("rt", "tass", "sputnik"):
        found.collect(outlet)
    return found


def healthy(world: Collector, *outlets: str) -> None:
    """Let these outlets go on until now."""
    for outlet in outlets:
        rest = Collector(world.context, world.clock, world.clock.now.date(), world.number + 10_000)
        rest.collect(outlet)
        world.number = rest.number


def silence(world: Collector, length: timedelta) -> None:
    """RT answers and brings nothing new for so long, while the others go on."""
    world.clock.advance(length)
    world.answer("rt", world.clock.now)
    healthy(world, "tass", "sputnik")


def status(context: Context, outlet: str) -> str:
    return next(i.status for i in queries.outlet_health(context) if i.outlet.id == outlet)


def gap_alerts(context: Context) -> list[Alert]:
    return [alert for alert in context.store.alerts() if alert.gap]


def ask(context: Context, **rule: object) -> None:
    context.store.save_rules([make_rule(**{"watch": ("collection",)} | rule)])  # type: ignore[arg-type]


def test_all_is_well_while_all_publish(context: Context, world: Collector) -> None:
    assert (status(context, "rt"), queries.open_gaps(context)) == ("ok", [])


def test_a_short_pause_is_no_silence(context: Context, world: Collector) -> None:
    silence(world, 5 * HOUR)
    assert status(context, "rt") == "ok"


def test_a_long_pause_is_a_silence(context: Context, world: Collector) -> None:
    silence(world, 2 * DAY)
    assert status(context, "rt") == "silent"


def test_the_silence_says_how_rare_it_is(context: Context, world: Collector) -> None:
    silence(world, 2 * DAY)
    rt = next(i for i in queries.outlet_health(context) if i.outlet.id == "rt")
    assert "has brought nothing new for 48 hours; at this time of the week" in rt.sentence


def test_a_silent_outlet_raises_one_alert(context: Context, world: Collector) -> None:
    ask(context)
    silence(world, 2 * DAY)
    assert len(pipeline.raise_alerts(context)) == 1


def test_the_same_silence_raises_no_second_one(context: Context, world: Collector) -> None:
    ask(context)
    silence(world, 2 * DAY)
    pipeline.raise_alerts(context)
    silence(world, DAY)
    assert pipeline.raise_alerts(context) == []


def test_the_next_silence_raises_another(context: Context, world: Collector) -> None:
    ask(context)
    silence(world, 2 * DAY)
    pipeline.raise_alerts(context)
    world.clock.advance(DAY)
    healthy(world, "rt", "tass", "sputnik")
    silence(world, 3 * DAY)
    pipeline.raise_alerts(context)
    assert [alert.gap.outlet for alert in gap_alerts(context) if alert.gap] == ["rt", "rt"]


def test_the_alert_keeps_what_was_known(context: Context, world: Collector) -> None:
    silence(world, 2 * DAY)
    pipeline.raise_alerts(context)
    (alert,) = gap_alerts(context)
    assert alert.gap is not None
    assert (alert.gap.since, alert.gap.noticed) == (NOW - HOUR / 2, NOW + 2 * DAY)
    assert alert.gap.usual == pytest.approx(24, rel=0.05)
    assert alert.gap.expected == pytest.approx(48, rel=0.1)


def test_nobody_is_told_without_a_rule_that_says_collection(
    context: Context, world: Collector
) -> None:
    context.store.save_rules([make_rule(watch=())])
    silence(world, 2 * DAY)
    assert pipeline.raise_alerts(context) == []


def test_a_gap_that_nobody_asked_for_is_written_down(context: Context, world: Collector) -> None:
    silence(world, 2 * DAY)
    pipeline.raise_alerts(context)
    assert len(gap_alerts(context)) == 1


@pytest.mark.parametrize(
    ("scopes", "told"),
    [
        ((), 1),
        (("all",), 1),
        (("group:state",), 1),
        (("outlet:rt",), 1),
        (("group:control", "outlet:tass"), 0),
    ],
)
def test_a_rule_may_name_its_outlets(
    context: Context, world: Collector, scopes: tuple[str, ...], told: int
) -> None:
    ask(context, scopes=scopes)
    silence(world, 2 * DAY)
    assert len(pipeline.raise_alerts(context)) == told


def test_a_feed_that_fails_for_long_raises_an_alert(context: Context, world: Collector) -> None:
    world.clock.advance(2 * DAY)
    healthy(world, "tass", "sputnik")
    world.fail("rt", NOW + HOUR, world.clock.now)
    pipeline.raise_alerts(context)
    (alert,) = gap_alerts(context)
    assert alert.gap is not None
    assert (alert.gap.outlet, alert.gap.trouble, alert.gap.since) == ("rt", "failing", NOW + HOUR)


def test_a_feed_that_fails_for_some_hours_raises_none(context: Context, world: Collector) -> None:
    world.clock.advance(5 * HOUR)
    world.fail("rt", NOW, world.clock.now)
    assert queries.open_gaps(context) == []


def test_a_feed_that_never_worked_raises_none(context: Context, world: Collector) -> None:
    world.fail("ria-novosti", NOW - 20 * DAY, NOW)
    assert queries.open_gaps(context) == []


def test_time_in_which_nothing_was_asked_is_no_failure(context: Context, world: Collector) -> None:
    world.clock.advance(10 * DAY)  # switched off for ten days; the first polls fail
    for outlet in ("rt", "tass"):
        world.fail(outlet, world.clock.now, world.clock.now, failures=1)
    assert queries.open_gaps(context) == []


def test_when_no_feed_answers_one_alert_tells_it(context: Context, world: Collector) -> None:
    world.clock.advance(2 * DAY)
    for outlet in ("rt", "tass", "sputnik"):
        world.fail(outlet, NOW + HOUR, world.clock.now)
    pipeline.raise_alerts(context)
    assert [alert.gap.outlet for alert in gap_alerts(context) if alert.gap] == [""]


def test_days_of_a_silence_are_not_observed(context: Context, world: Collector) -> None:
    silence(world, 3 * DAY)
    pipeline.raise_alerts(context)
    seen = coverages(context)["rt"]
    days = [(NOW + step * DAY).date() for step in range(-1, 4)]
    assert [seen.on(day) for day in days] == ["yes", "partly", "no", "no", "no"]


@pytest.mark.parametrize(("lag", "expected"), [(20 * HOUR, "ok"), (HOUR, "silent")])
def test_a_feed_that_always_lags_behind_is_not_silent(
    context: Context, clock: StandingClock, lag: timedelta, expected: str
) -> None:
    world = collector(context, clock)
    world.collect("rt", NOW - 20 * HOUR, lag=lag)
    world.answer("rt", NOW)
    assert status(context, "rt") == expected


@pytest.mark.parametrize(("days", "expected"), [(10, "ok"), (28, "silent")])
def test_a_weekly_outlet_is_borne_for_weeks(
    context: Context, clock: StandingClock, days: int, expected: str
) -> None:
    first = NOW.date() - 41 * DAY
    issues = [make_article(n, day=first + n * 2 * DAY, outlet="rt") for n in range(5)]
    issues.append(make_article(9, day=NOW.date() - days * DAY, outlet="rt"))
    context.store.add_articles(issues, live=True)
    context.store.count_poll("rt", first, PollOutcome.OK, {})
    context.store.save_feed_state(make_feed_state("rt", last_new=NOW - days * DAY))
    assert status(context, "rt") == expected


class Outbox:
    """A channel that keeps what it is given."""

    def __init__(self) -> None:
        self.subjects: list[str] = []
        self.texts: list[str] = []

    def route(self, target: str) -> str:
        return "outbox"

    def send(self, delivery: Delivery, message: Message) -> None:
        self.subjects.append(message.subject)
        self.texts.append(message.text)


def delivered(context: Context) -> Outbox:
    outbox = Outbox()
    context.__dict__["senders"] = {"email": outbox}
    pipeline.deliver(context)
    return outbox


def test_the_mail_goes_out_once(context: Context, world: Collector) -> None:
    ask(context)
    silence(world, 2 * DAY)
    pipeline.raise_alerts(context)
    subjects = [*delivered(context).subjects, *delivered(context).subjects]
    assert subjects == ["[Framewatch] Collection: RT has brought nothing new for 48 hours"]


def test_a_mail_that_was_held_up_says_that_the_outlet_is_back(
    context: Context, world: Collector
) -> None:
    ask(context)
    silence(world, 2 * DAY)
    pipeline.raise_alerts(context)
    world.clock.advance(DAY)
    healthy(world, "rt")
    (text,) = delivered(context).texts
    assert "It is over: something new was seen on 4 March 2025" in text
