"""The contract of every store: clusters that come apart, and that a story counts once."""

from __future__ import annotations

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.page import PageVisit
from services.index.store import Store
from tests.support.copies import carried_by, count_all, link, members, sign, told_before
from tests.support.records import NOW, make_article, make_prediction, make_unclassified, revise
from tests.support.stores import place_fixture, store_fixture

place = place_fixture()
store = store_fixture()

_worlds = count()


def test_an_article_compared_anew_leaves_the_cluster_it_no_longer_belongs_to(store: Store) -> None:
    a, b, c = carried_by("rt", "tass", "sputnik", day_of=(0, 1, 2))
    store.add_articles([a, b, c])
    link(store, (a, b), (a, c), (b, c))
    changed = revise(a, title="Other")
    store.add_articles([changed])
    assert members(store, a) == [a.id, b.id, c.id]  # until it is compared anew
    count_all(store)
    store.save_signatures([sign(changed)], [])
    assert (members(store, a), members(store, b)) == ([], [b.id, c.id])
    assert {(day.outlet, day.day) for day in store.dirty_days(10)} == {
        ("rt", a.day),
        ("tass", b.day),
        ("sputnik", c.day),
    }


def test_what_one_article_connected_comes_apart_with_it(store: Store) -> None:
    a, b, c, d, e = carried_by("rt", "tass", "sputnik", "life", "gazeta")
    store.add_articles([a, b, c, d, e])
    link(store, (a, b), (b, c), (c, d), (d, e))
    store.save_signatures([sign(c)], [(c.id, d.id)])
    assert members(store, b) == [a.id, b.id]
    assert members(store, e) == [c.id, d.id, e.id]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 6), st.sets(st.integers(0, 6), max_size=4)), max_size=10
    )
)
def test_clusters_are_what_the_latest_comparisons_connect(
    store: Store, steps: list[tuple[int, set[int]]]
) -> None:
    world = next(_worlds)
    articles = [make_article(number, outlet=f"w{world}") for number in range(7)]
    store.add_articles(articles)
    pairs: set[frozenset[int]] = set()
    for one, others in steps:
        found = [(articles[one].id, articles[other].id) for other in sorted(others)]
        store.save_signatures([sign(articles[one])], found)
        pairs = {pair for pair in pairs if one not in pair}
        pairs |= {frozenset((one, other)) for other in others - {one}}
    connected = [{number} for number in range(7)]
    for pair in pairs:
        joined = set().union(*(connected[number] for number in pair))
        for number in joined:
            connected[number] = joined
    for number, article in enumerate(articles):
        mates = {articles[mate].id for mate in connected[number]}
        assert set(members(store, article)) == (mates if len(mates) > 1 else set())


def test_a_pair_that_a_page_states_survives_comparing(store: Store) -> None:
    a, b, c = carried_by("rt", "tass", "sputnik")
    store.add_articles([a, b, c])
    link(store, (a, b), (b, c))
    visit = PageVisit(article_id=a.id, outlet=a.outlet, url=a.url, due=None)
    store.save_page(visit, now=NOW, same_as=b.id)
    store.save_signatures([sign(a), sign(b)], [])
    assert (members(store, a), members(store, c)) == ([a.id, b.id], [])


def test_an_article_found_again_changes_nothing(store: Store) -> None:
    a, b = carried_by("rt", "tass")
    store.add_articles([a, b])
    link(store, (a, b))
    count_all(store)
    store.save_signatures([sign(a)], [(b.id, a.id)])
    assert (members(store, a), store.dirty_days(10)) == ([a.id, b.id], [])


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


def test_a_story_counts_again_once_its_first_copy_tells_another(store: Store) -> None:
    a, b = carried_by("rt", "tass", day_of=(0, 1))
    store.add_articles([a, b])
    link(store, (a, b))
    changed = revise(a, title="Other")
    store.add_articles([changed])
    store.save_predictions([make_prediction(changed), make_prediction(b)])
    store.save_signatures([sign(changed)], [])
    assert told_before(store, b) == ()
