"""The contract of every store: stories that several outlets carry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.article import Article
from services.domain.syndication import Signature
from services.index.store import Store
from tests.support.records import (
    MODEL,
    NOW,
    TODAY,
    make_article,
    make_articles,
    make_prediction,
    make_unclassified,
    revise,
)
from tests.support.stores import place_fixture, store_fixture

place = place_fixture()
store = store_fixture()

_worlds = count()
MIN, MAX = -(2**63), 2**63 - 1


def sign(article: Article, *bands: int) -> Signature:
    """Return the signature of the article's current content."""
    return Signature(article.id, article.content_hash, bands)


def link(store: Store, *pairs: tuple[Article, Article]) -> None:
    """Say that articles are copies of each other."""
    store.save_signatures([], [(one.id, other.id) for one, other in pairs])


def carried_by(*outlets: str, day_of: Sequence[int] = ()) -> list[Article]:
    """Return a copy for each outlet, published an hour apart, or on the days of `day_of`."""
    return [
        make_article(
            number,
            outlet=outlet,
            published=NOW + timedelta(hours=number, days=day_of[number] if day_of else 0),
        )
        for number, outlet in enumerate(outlets)
    ]


def members(store: Store, article: Article) -> list[str]:
    """Return the ids of the article's cluster, in its order."""
    return [copy.article_id for copy in store.copies([article.id]).get(article.id, ())]


def count_all(store: Store) -> None:
    """Clear every dirty day, as the counting stage does."""
    store.put_day_counts([], store.dirty_days(1000))


def told_before(store: Store, article: Article, model: str = MODEL) -> tuple[str, ...]:
    """Return the outlets that told the article's story before it."""
    seen = {seen.article_id: seen for seen in store.observations([article.day], model)}
    return seen[article.id].told_before


def test_articles_are_compared_once_oldest_first(store: Store) -> None:
    articles = [make_article(n, day=TODAY - timedelta(days=n)) for n in (1, 3, 2)]
    store.add_articles(articles)
    oldest = sorted(articles, key=lambda article: article.published)
    assert store.unlinked(10) == oldest
    assert store.unlinked(2) == oldest[:2]
    store.save_signatures([sign(oldest[0], 1), sign(oldest[1])], [])
    assert store.unlinked(10) == oldest[2:]


def test_a_revision_is_compared_again(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    store.save_signatures([sign(article, 1)], [])
    store.add_articles([revise(article, title="Other")])
    assert [found.title for found in store.unlinked(10)] == ["Other"]


def test_bands_find_mates_of_a_span_of_time(store: Store) -> None:
    one, two, far = (make_article(n, published=NOW + timedelta(days=n)) for n in (0, 1, 9))
    store.add_articles([one, two, far])
    store.save_signatures([sign(one, MIN, 7), sign(two, 7, MAX), sign(far, 7)], [])
    found = store.band_mates([MIN, 7, 5], NOW, NOW + timedelta(days=1))
    assert found == {one.id: (MIN, 7), two.id: (7,)}


def test_new_bands_replace_those_of_before(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    store.save_signatures([sign(article, 1, 2)], [])
    store.save_signatures([sign(article, 3)], [])
    assert store.band_mates([1, 2, 3], NOW, NOW) == {article.id: (3,)}


def test_what_was_computed_from_an_older_version_is_passed_over(store: Store) -> None:
    one, two, three = make_articles(3)
    store.add_articles([one, two, three])
    stale = sign(one, 1)
    store.add_articles([revise(one, title="Other")])
    store.save_signatures([stale, sign(two, 1)], [(one.id, two.id), (two.id, three.id)])
    assert {article.id for article in store.unlinked(10)} == {one.id, three.id}
    assert store.band_mates([1], NOW, NOW) == {two.id: (1,)}
    assert set(members(store, two)) == {two.id, three.id}


def test_articles_that_the_store_does_not_have_are_passed_over(store: Store) -> None:
    one, unknown = make_articles(2)
    store.add_articles([one])
    store.save_signatures([sign(unknown, 1)], [(one.id, unknown.id)])
    assert store.copies([one.id, unknown.id]) == {}


def test_copies_come_in_the_order_of_publication(store: Store) -> None:
    a, b, c = carried_by("rt", "tass", "sputnik")
    store.add_articles([c, a, b])
    link(store, (c, a), (b, c))
    found = store.copies([b.id, a.id])
    assert list(found) == [b.id, a.id]
    assert [copy.outlet for copy in found[b.id]] == ["rt", "tass", "sputnik"]
    first = found[b.id][0]
    assert (first.article_id, first.published, first.title, first.url) == (
        a.id,
        a.published,
        a.title,
        a.url,
    )


def test_an_article_alone_has_no_copies(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    link(store, (article, article))
    assert store.copies([article.id]) == {}


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_clusters_merge_whatever_the_order_of_the_pairs(
    store: Store, order: tuple[int, ...]
) -> None:
    a, b, c, d = carried_by("rt", "tass", "sputnik", "life")
    store.add_articles([a, b, c, d])
    pairs = [(a, b), (c, d), (d, b)]
    link(store, *(pairs[n] for n in order))
    assert {tuple(members(store, article)) for article in (a, b, c, d)} == {
        (a.id, b.id, c.id, d.id)
    }


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12),
    cut=st.integers(0, 12),
)
def test_clusters_are_what_the_pairs_connect(
    store: Store, pairs: list[tuple[int, int]], cut: int
) -> None:
    world = next(_worlds)
    articles = [make_article(number, outlet=f"w{world}") for number in range(7)]
    store.add_articles(articles)
    for part in (pairs[:cut], pairs[cut:]):
        link(store, *((articles[one], articles[other]) for one, other in part))
    connected = [{number} for number in range(7)]
    for one, other in pairs:
        joined = connected[one] | connected[other]
        for number in joined:
            connected[number] = joined
    for number, article in enumerate(articles):
        mates = {articles[mate].id for mate in connected[number]}
        assert set(members(store, article)) == (mates if len(mates) > 1 else set())


def test_clusters_merge_inside_one_call_and_across_calls(store: Store) -> None:
    articles = carried_by("rt", "tass", "sputnik", "life", "gazeta")
    a, b, c, d, e = articles
    store.add_articles(articles)
    link(store, (a, b), (c, d))
    link(store, (b, c), (d, e), (a, e))
    assert members(store, e) == [article.id for article in articles]


def test_a_changed_cluster_has_the_days_of_all_its_copies_counted_again(store: Store) -> None:
    a, b, c = carried_by("rt", "tass", "sputnik", day_of=(0, 1, 2))
    store.add_articles([a, b, c])
    link(store, (a, b))
    count_all(store)
    link(store, (b, c))
    assert {(day.outlet, day.day) for day in store.dirty_days(10)} == {
        ("rt", a.day),
        ("tass", b.day),
        ("sputnik", c.day),
    }


def test_the_same_pair_again_changes_nothing(store: Store) -> None:
    a, b = carried_by("rt", "tass")
    store.add_articles([a, b])
    link(store, (a, b))
    count_all(store)
    link(store, (b, a))
    assert store.dirty_days(10) == []


def test_the_widest_clusters_come_first_then_the_newest(store: Store) -> None:
    early = carried_by("rt", "tass")
    wide = [
        make_article(50, outlet=name, published=NOW + timedelta(hours=11))
        for name in ("rt", "x", "y")
    ]
    late = [
        make_article(90, outlet=name, published=NOW + timedelta(hours=9)) for name in ("rt", "z")
    ]
    own = [make_article(n, outlet="rt", title=f"Own {n}") for n in (70, 71)]
    store.add_articles([*early, *wide, *late, *own])
    link(store, (early[0], early[1]), (wide[0], wide[1]), (wide[1], wide[2]))
    link(store, (late[0], late[1]), (own[0], own[1]))
    found = store.clusters(TODAY, TODAY + timedelta(days=1), 10)
    assert [len(cluster) for cluster in found] == [3, 2, 2]
    assert [cluster[0].published for cluster in found[1:]] == [NOW + timedelta(hours=9), NOW]
    assert store.clusters(TODAY, TODAY + timedelta(days=1), 1) == found[:1]


def test_a_cluster_belongs_to_the_day_of_its_first_copy(store: Store) -> None:
    a, b = carried_by("rt", "tass", day_of=(0, 2))
    store.add_articles([a, b])
    link(store, (a, b))
    assert len(store.clusters(a.day, a.day, 10)) == 1
    assert store.clusters(b.day, b.day, 10) == []


# A story counts once


def test_a_classified_copy_that_came_before_is_named(store: Store) -> None:
    a, b, c = carried_by("rt", "tass", "sputnik")
    store.add_articles([a, b, c])
    link(store, (a, b), (b, c))
    store.save_predictions([make_prediction(article) for article in (a, b, c)])
    assert [told_before(store, article) for article in (a, b, c)] == [(), ("rt",), ("rt", "tass")]


def test_only_classified_copies_count(store: Store) -> None:
    a, b, c = carried_by("rt", "tass", "sputnik")
    store.add_articles([a, b, c])
    link(store, (a, b), (b, c))
    store.save_predictions([make_unclassified(a), make_prediction(c)])
    store.save_predictions([make_prediction(b, model="other")])
    assert told_before(store, c) == ()


def test_a_copy_whose_words_have_changed_counts_once_it_is_classified_again(store: Store) -> None:
    a, b = carried_by("rt", "tass")
    store.add_articles([a, b])
    link(store, (a, b))
    store.save_predictions([make_prediction(a), make_prediction(b)])
    changed = revise(a, title="Other")
    store.add_articles([changed])
    assert told_before(store, b) == ()
    store.save_predictions([make_prediction(changed)])
    assert told_before(store, b) == ("rt",)


def test_copies_of_the_same_moment_are_told_apart_by_their_ids(store: Store) -> None:
    pair = [make_article(outlet=name) for name in ("rt", "tass")]
    store.add_articles(pair)
    link(store, (pair[0], pair[1]))
    store.save_predictions([make_prediction(article) for article in pair])
    first, second = sorted(pair, key=lambda article: article.id)
    assert (told_before(store, first), told_before(store, second)) == ((), (first.outlet,))


def test_a_copy_classified_later_has_the_days_of_the_others_counted_again(store: Store) -> None:
    a, b = carried_by("rt", "tass", day_of=(0, 1))
    store.add_articles([a, b])
    link(store, (a, b))
    store.save_predictions([make_prediction(b)])
    count_all(store)
    store.save_predictions([make_prediction(a)])
    assert {(day.outlet, day.day) for day in store.dirty_days(10)} == {
        ("rt", a.day),
        ("tass", b.day),
    }


def test_a_revised_copy_has_the_days_of_the_others_counted_again(store: Store) -> None:
    a, b = carried_by("rt", "tass", day_of=(0, 1))
    store.add_articles([a, b])
    link(store, (a, b))
    store.save_predictions([make_prediction(a), make_prediction(b)])
    count_all(store)
    store.add_articles([revise(a, title="Other")])
    assert ("tass", b.day) in {(day.outlet, day.day) for day in store.dirty_days(10)}
