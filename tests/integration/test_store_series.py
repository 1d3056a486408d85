"""The contract of every store: dirty days, observations, day counts, sizes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.codebook import LABELS
from services.domain.series import DayCounts
from services.index.records import StoreStats
from services.index.store import Store
from tests.support.records import (
    MODEL,
    TODAY,
    make_article,
    make_day_counts,
    make_prediction,
    make_unclassified,
    revise,
)
from tests.support.stores import place_fixture, store_fixture

place = place_fixture()
store = store_fixture()

YESTERDAY = TODAY - timedelta(days=1)


def dirty(store: Store) -> set[tuple[str, date]]:
    """Return the outlets' days that are dirty."""
    return {(item.outlet, item.day) for item in store.dirty_days(1000)}


def test_predictions_make_their_days_dirty_and_counting_cleans_them(store: Store) -> None:
    one, two = make_article(1), make_article(2, outlet="tass", day=YESTERDAY)
    store.add_articles([one, two])
    assert store.dirty_days(10) == []
    store.save_predictions([make_prediction(one), make_unclassified(two)])
    assert dirty(store) == {("rt", TODAY), ("tass", YESTERDAY)}
    store.put_day_counts([make_day_counts()], store.dirty_days(10))
    assert store.dirty_days(10) == []


def test_the_same_prediction_again_leaves_days_clean(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    for _ in range(2):
        store.save_predictions([make_prediction(article)])
        store.put_day_counts([], store.dirty_days(10))
    store.save_predictions([make_prediction(article)])
    assert store.dirty_days(10) == []


def test_a_revision_of_a_counted_article_makes_its_day_dirty(store: Store) -> None:
    counted, uncounted = make_article(1), make_article(2, day=YESTERDAY)
    store.add_articles([counted, uncounted])
    store.save_predictions([make_prediction(counted)])
    store.put_day_counts([], store.dirty_days(10))
    store.add_articles([revise(a, lead="Changed.") for a in (counted, uncounted)])
    assert dirty(store) == {("rt", TODAY)}
    assert list(store.observations([TODAY], MODEL)) == []


def test_a_day_marked_again_after_reading_stays_dirty(store: Store) -> None:
    articles = [make_article(1), make_article(2)]
    store.add_articles(articles)
    store.save_predictions([make_prediction(articles[0])])
    read = store.dirty_days(10)
    store.save_predictions([make_prediction(articles[1])])
    store.put_day_counts([], read)
    assert dirty(store) == {("rt", TODAY)}


def test_an_old_reading_never_clears_a_later_mark(store: Store) -> None:
    articles = [make_article(1), make_article(2)]
    store.add_articles(articles)
    store.save_predictions([make_prediction(articles[0])])
    read = store.dirty_days(10)
    store.put_day_counts([], read)
    store.save_predictions([make_prediction(articles[1])])
    store.put_day_counts([], read)  # a second worker that read before the first one cleared
    assert dirty(store) == {("rt", TODAY)}


def test_every_day_with_articles_can_be_marked(store: Store) -> None:
    store.add_articles([make_article(1), make_article(2), make_article(3, day=YESTERDAY)])
    store.mark_all_dirty()
    assert dirty(store) == {("rt", TODAY), ("rt", YESTERDAY)}
    read = store.dirty_days(1)
    assert len(read) == 1
    store.mark_all_dirty()
    store.put_day_counts([], read)
    assert len(dirty(store)) == 2


def test_observations_are_the_classified_articles_of_the_days(store: Store) -> None:
    one, two = make_article(1), make_article(2, outlet="tass")
    other_day, other_outcome = make_article(3, day=YESTERDAY), make_article(4)
    store.add_articles([one, two, other_day, other_outcome])
    store.save_predictions(
        [
            make_prediction(one, us="hostile", frames=("dialogue",)),
            make_prediction(two, us="absent", relations="absent", frames=()),
            make_prediction(other_day),
            make_unclassified(other_outcome),
        ]
    )
    found = {item.article_id: item for item in store.observations([TODAY, TODAY], MODEL)}
    assert set(found) == {one.id, two.id}
    first = found[one.id]
    assert (first.day, first.outlet, first.story) == (TODAY, "rt", one.story)
    assert first.labels == ("us=hostile", "relations=confrontation", "frame=dialogue")
    assert first.probabilities == pytest.approx(
        make_prediction(one, us="hostile", frames=("dialogue",)).probabilities()
    )
    assert (first.about_us, found[two.id].about_us) == (True, False)
    assert list(store.observations([TODAY], "unknown")) == []
    assert list(store.observations([], MODEL)) == []


def test_observations_of_each_model_stay_apart(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    store.save_predictions([make_prediction(article, us="hostile")])
    store.save_predictions([make_prediction(article, us="neutral", model="other")])
    for model, label in ((MODEL, "us=hostile"), ("other", "us=neutral")):
        (item,) = store.observations([TODAY], model)
        assert item.labels[0] == label


def test_observations_reach_over_many_days(store: Store) -> None:
    articles = [make_article(n, day=TODAY - timedelta(days=n)) for n in range(150)]
    store.add_articles(articles)
    store.save_predictions([make_prediction(article) for article in articles])
    days = [TODAY - timedelta(days=n) for n in range(200)]
    found = [item.article_id for item in store.observations(days, MODEL)]
    assert sorted(found) == sorted(article.id for article in articles)


def test_writing_is_possible_while_observations_are_read(store: Store) -> None:
    articles = [make_article(n, day=TODAY - timedelta(days=n)) for n in range(100)]
    store.add_articles(articles)
    store.save_predictions([make_prediction(article) for article in articles])
    reading = store.observations([article.day for article in articles], MODEL)
    next(reading)
    store.set_meta("written", "meanwhile")
    assert store.get_meta("written") == "meanwhile"
    assert len(list(reading)) == 99


def same(left: DayCounts, right: DayCounts) -> bool:
    """Compare counts, sums to the precision that a store has to keep."""
    return replace(left, sums=()) == replace(right, sums=()) and left.sums == pytest.approx(
        right.sums, rel=1e-6, abs=1e-6
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    counts=st.lists(st.integers(0, 2**31), min_size=len(LABELS), max_size=len(LABELS)),
    sums=st.lists(st.floats(0, 1e6), min_size=len(LABELS), max_size=len(LABELS)),
    outlets=st.lists(st.text(st.characters(categories=["L", "N"])), max_size=3),
)
def test_day_counts_come_back_as_written(
    store: Store, counts: list[int], sums: list[float], outlets: list[str]
) -> None:
    written = replace(
        make_day_counts(), counts=tuple(counts), sums=tuple(sums), outlets=tuple(outlets)
    )
    store.put_day_counts([written], [])
    (read,) = store.day_counts(MODEL)
    assert same(read, written)


def test_day_counts_are_replaced_filtered_and_ordered(store: Store) -> None:
    rows = [
        make_day_counts(day, scope=scope, about=about)
        for scope in ("outlet:rt", "all", "group:state")
        for about in ("us", "all")
        for day in (TODAY, YESTERDAY)
    ]
    store.put_day_counts(rows, [])
    store.put_day_counts([make_day_counts(model="other", n=7)], [])
    store.put_day_counts([make_day_counts(TODAY, scope="all", n=99)], [])
    read = store.day_counts(MODEL)
    keys = [(item.scope, item.about, item.day) for item in read]
    assert keys == sorted(keys)
    assert len(read) == 12
    (newest,) = store.day_counts(MODEL, ["all"], "all", since=TODAY)
    assert newest.n == 99
    assert len(store.day_counts(MODEL, ["all", "outlet:rt", "unknown"])) == 8
    assert len(store.day_counts(MODEL, about="us", until=YESTERDAY)) == 3
    assert [item.n for item in store.day_counts("other")] == [7]
    assert store.day_counts("unknown") == []


def test_sizes_of_an_empty_store(store: Store) -> None:
    assert store.stats(MODEL) == StoreStats(0, 0, 0, 0, None, None, {})


def test_sizes(store: Store) -> None:
    articles = [make_article(n, day=TODAY - timedelta(days=n)) for n in range(3)]
    articles.append(make_article(outlet="tass"))
    store.add_articles(articles)
    store.save_predictions([make_prediction(articles[0]), make_unclassified(articles[1])])
    assert store.stats(MODEL) == StoreStats(
        articles=4,
        classified=1,
        unclassified=2,
        unsupported=1,
        first_day=TODAY - timedelta(days=2),
        last_day=TODAY,
        articles_by_outlet={"rt": 3, "tass": 1},
    )
