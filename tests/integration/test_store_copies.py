"""The contract of every store: stories that several outlets carry."""

from __future__ import annotations

from datetime import timedelta
from itertools import count, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.syndication import Mate
from services.index.store import Store
from tests.support.copies import carried_by, count_all, link, members, sign
from tests.support.records import (
    NOW,
    TODAY,
    make_article,
    make_articles,
    revise,
)
from tests.support.stores import place_fixture, store_fixture

place = place_fixture()
store = store_fixture()

_worlds = count()
MIN, MAX = -(2**63), 2**63 - 1


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
    found = store.band_mates([MIN, 7, 5], NOW, NOW + timedelta(days=1), 9)
    assert found == {
        one.id: Mate(one.outlet, one.content_hash, (MIN, 7)),
        two.id: Mate(two.outlet, two.content_hash, (7,)),
    }


def test_of_a_band_only_the_first_are_read(store: Store) -> None:
    articles = [make_article(n, published=NOW + timedelta(hours=n)) for n in (2, 0, 1)]
    store.add_articles(articles)
    store.save_signatures([sign(article, 7, n) for n, article in enumerate(articles)], [])
    found = store.band_mates([7, 0], NOW, NOW + timedelta(days=1), 2)
    assert {name: mate.bands for name, mate in found.items()} == {
        articles[1].id: (7,),
        articles[2].id: (7,),
        articles[0].id: (0,),
    }


def test_a_mate_comes_with_its_current_version(store: Store) -> None:
    article = make_article()
    changed = revise(article, title="Other")
    store.add_articles([article])
    store.save_signatures([sign(article, 1)], [])
    store.add_articles([changed])
    found = store.band_mates([1], NOW, NOW, 9)
    assert found[article.id].content_hash == changed.content_hash


def test_new_bands_replace_those_of_before(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    store.save_signatures([sign(article, 1, 2)], [])
    store.save_signatures([sign(article, 3)], [])
    assert store.band_mates([1, 2, 3], NOW, NOW, 9)[article.id].bands == (3,)


def test_what_was_computed_from_an_older_version_is_passed_over(store: Store) -> None:
    one, two, three = make_articles(3)
    store.add_articles([one, two, three])
    stale = sign(one, 1)
    store.add_articles([revise(one, title="Other")])
    store.save_signatures([stale, sign(two, 1)], [(one.id, two.id), (two.id, three.id)])
    assert {article.id for article in store.unlinked(10)} == {one.id, three.id}
    assert set(store.band_mates([1], NOW, NOW, 9)) == {two.id}
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
