"""Totals of the collection: polls, entries, pages and deliveries, on every kind of store."""

from __future__ import annotations

from datetime import timedelta

from services.domain.article import EntryOutcome
from services.domain.outlet import PollOutcome
from services.domain.page import PageOutcome, PageVisit
from services.index.store import Store
from tests.support.records import NOW, TODAY, make_alert, make_articles, make_delivery
from tests.support.stores import place_fixture, store_fixture

place = place_fixture()
store = store_fixture()
YESTERDAY = TODAY - timedelta(days=1)


def test_polls_are_added_up_over_days(store: Store) -> None:
    for day in (YESTERDAY, TODAY):
        store.count_poll("rt", day, PollOutcome.OK, {})
    store.count_poll("rt", TODAY, PollOutcome.TIMEOUT, {})
    assert store.tallies(NOW).polls == {("rt", "ok"): 2, ("rt", "timeout"): 1}


def test_entries_are_added_up_by_what_became_of_them(store: Store) -> None:
    for day in (YESTERDAY, TODAY):
        store.count_poll("rt", day, PollOutcome.OK, {EntryOutcome.NEW: 3})
    assert store.tallies(NOW).entries == {("rt", "new"): 6}


def test_gaps_are_added_up(store: Store) -> None:
    store.count_poll("rt", YESTERDAY, PollOutcome.OK, {}, gap=True)
    store.count_poll("rt", TODAY, PollOutcome.OK, {}, gap=True)
    assert store.tallies(NOW).gaps == {"rt": 2}


def test_deliveries_are_counted_by_channel_and_status(store: Store) -> None:
    alert = make_alert()
    store.add_alerts([alert], [make_delivery(alert_id=alert.id)])
    assert store.tallies(NOW).deliveries == {("email", "pending"): 1}


def test_what_waits_is_counted(store: Store) -> None:
    store.add_articles(make_articles(3), live=True, visit_at=NOW)
    before, now = (store.tallies(when) for when in (NOW - timedelta(days=1), NOW))
    assert (before.pages_due, now.pages_due, now.unlinked) == (0, 3, 3)


def test_an_empty_store_has_nothing_to_count(store: Store) -> None:
    found = store.tallies(NOW)
    assert (found.polls, found.deliveries, found.pages_due, found.unlinked) == ({}, {}, 0, 0)


def test_visits_to_pages_are_counted_by_how_they_ended(store: Store) -> None:
    articles = make_articles(3)
    store.add_articles(articles, live=True, visit_at=NOW)
    teaser = PageVisit(articles[0].id, "rt", articles[0].url, None, 1, outcome=PageOutcome.TEASER)
    store.save_page(teaser, now=NOW)
    assert store.page_counts(NOW - timedelta(days=1)) == {"rt": {"waiting": 2, "teaser": 1}}


def test_pages_of_older_articles_are_left_out(store: Store) -> None:
    store.add_articles(make_articles(3), live=True, visit_at=NOW)
    assert store.page_counts(NOW + timedelta(days=1)) == {}


def test_days_with_polls_are_listed_in_order(store: Store) -> None:
    store.count_poll("tass", TODAY, PollOutcome.GONE, {})
    store.count_poll("rt", TODAY, PollOutcome.OK, {}, gap=True)
    store.count_poll("tass", YESTERDAY, PollOutcome.OK, {})
    found = [
        (row.outlet, row.day, row.polls_ok, row.polls_failed, row.gaps) for row in store.poll_days()
    ]
    assert found == [
        ("tass", YESTERDAY, 1, 0, 0),
        ("rt", TODAY, 1, 0, 1),
        ("tass", TODAY, 0, 1, 0),
    ]
