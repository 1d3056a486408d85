"""A round of all stages: what it leaves to the next one, and what it never puts off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from services import pipeline, run
from services.context import Context, open_context
from services.demo.clock import SimulatedClock
from services.domain.outlet import FeedState
from services.run import run_round
from services.settings import load_settings
from tests.support.feed_server import FeedServer
from tests.support.slow_hosts import slow_hosts

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
FEED = (
    "<rss version='2.0'><channel><title>T</title><item><title>Talks on harvest {0} go on</title>"
    "<link>https://{0}.example/1</link></item></channel></rss>"
)


@contextmanager
def installation(
    folder: Path, feeds: dict[str, str], **settings: object
) -> Iterator[tuple[Context, SimulatedClock]]:
    rows = [
        {
            "id": name,
            "name": name,
            "group": "state",
            "language": "en",
            "feed": feed,
            "reason": "a test outlet",
            "source": "the tests",
            "certainty": "A",
        }
        for name, feed in feeds.items()
    ]
    catalogue = folder / "catalogue.yaml"
    catalogue.write_text(yaml.safe_dump({"extend": False, "outlets": rows}))
    given: dict[str, object] = {
        "data": folder / "data",
        "catalogue": catalogue,
        "allow_networks": ["127.0.0.0/8"],
        "fetch_pages": False,
        "threads": 1,
    }
    clock = SimulatedClock(NOW)
    with open_context(load_settings(**given | settings), clock=clock) as context:
        yield context, clock


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


def feeds_on(server: FeedServer, *names: str) -> dict[str, str]:
    return {name: server.set(f"/{name}", body=FEED.format(name)) for name in names}


def test_hosts_see_two_requests_at_once_at_most_and_a_pause_between(tmp_path: Path) -> None:
    with slow_hosts(hosts=2, seconds=1.5) as hosts:
        feeds = {f"outlet-{n}": hosts.url(n % 2, f"/feed/{n}") for n in range(6)}
        with installation(tmp_path, feeds, host_pause=1.0) as (context, _):
            context.fetcher.get(hosts.url(0, "/seen"))  # the first request takes longer to send
            polls = pipeline.collect(context, list(feeds))
        seen = hosts.seen()
    assert all(poll.outcome.ok for poll in polls)
    assert (seen["requests"], seen["most_at_once"]) == (6, 2)
    assert seen["least_gap"] > 0.8  # a busy machine may bring the first of two late


def test_feeds_that_have_waited_longest_are_asked_first(tmp_path: Path, server: FeedServer) -> None:
    with installation(tmp_path, feeds_on(server, "a", "b", "c", "d")) as (context, _):
        for name, minutes in (("a", 5), ("b", 30), ("d", -5)):
            due = NOW - timedelta(minutes=minutes)
            context.store.save_feed_state(FeedState(name, next_poll=due))
        assert pipeline.due_outlets(context) == ["c", "b", "a"]


def test_the_next_feed_that_will_be_due_is_known(tmp_path: Path, server: FeedServer) -> None:
    with installation(tmp_path, feeds_on(server, "a", "b")) as (context, _):
        for name, minutes in (("a", 5), ("b", 30)):
            due = NOW + timedelta(minutes=minutes)
            context.store.save_feed_state(FeedState(name, next_poll=due))
        assert pipeline.next_due(context) == NOW + timedelta(minutes=5)


def test_without_outlets_no_feed_will_be_due(tmp_path: Path) -> None:
    with installation(tmp_path, {}) as (context, _):
        assert pipeline.next_due(context) is None


def test_a_brisk_round_leaves_feeds_whose_host_wants_its_pause_to_the_next(
    tmp_path: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "COLLECT_SECONDS", 0.5)
    feeds = feeds_on(server, "a", "b", "c")
    with installation(tmp_path, feeds, host_pause=300) as (context, _):
        report = run_round(context, brisk=True)
        assert [poll.outlet for poll in report.polls] == ["a"]
        assert report.unfinished
        assert pipeline.due_outlets(context) == ["b", "c"]


def test_a_round_on_its_own_waits_for_every_feed(tmp_path: Path, server: FeedServer) -> None:
    feeds = feeds_on(server, "a", "b", "c")
    with installation(tmp_path, feeds, host_pause=0.1) as (context, _):
        report = run_round(context)
        assert [poll.outlet for poll in report.polls] == ["a", "b", "c"]
        assert not report.unfinished


def test_a_brisk_round_leaves_a_large_backlog_to_the_next(
    tmp_path: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CLASSIFY_SECONDS", 0.0)
    with installation(tmp_path, feeds_on(server, "a")) as (context, _):
        report = run_round(context, brisk=True)
        assert (sum(report.classified.values()), report.unfinished) == (0, True)
        assert sum(run_round(context).classified.values()) == 1


def test_a_round_that_finds_nothing_to_do_is_finished(tmp_path: Path) -> None:
    with installation(tmp_path, {}) as (context, _):
        report = run_round(context, brisk=True)
        assert (report.polls, report.problems, report.unfinished) == ([], [], False)
