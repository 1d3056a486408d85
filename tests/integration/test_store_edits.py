"""The contract of every store: what was changed after publication, and how it is framed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain.article import Article, Origin
from services.domain.edit import Edit
from services.domain.page import PageVisit
from services.errors import UsageError
from services.index.records import EditQuery
from services.index.store import Store
from tests.support.records import (
    MODEL,
    NOW,
    TODAY,
    make_article,
    make_prediction,
    make_unclassified,
    revise,
)
from tests.support.stores import place_fixture, store_fixture

place = place_fixture()
store = store_fixture()

HOUR = timedelta(hours=1)


def show(store: Store, *versions: Article) -> None:
    """Have polls an hour apart show these versions."""
    for version in versions:
        store.add_articles([version], live=True)


def edited(number: int = 1, outlet: str = "rt", hours: int = 1) -> tuple[Article, Article]:
    """Return an article and what it became some hours later."""
    article = make_article(number, outlet=outlet)
    return article, revise(article, title=f"Changed {number}", collected=NOW + hours * HOUR)


def titles(edits: tuple[Edit, ...]) -> list[tuple[str, str]]:
    """Return the titles before and after each edit."""
    return [(edit.before.title, edit.after.title) for edit in edits]


def find(store: Store, **fields: object) -> tuple[Edit, ...]:
    """Return the edits of one page."""
    return store.edits(EditQuery(MODEL, **fields)).edits  # type: ignore[arg-type]


def test_an_edit_holds_both_versions_and_both_framings(store: Store) -> None:
    before, after = edited()
    show(store, before, after)
    framings = make_prediction(before, us="hostile"), make_prediction(after, us="favourable")
    store.save_predictions(framings)
    (edit,) = find(store)
    assert edit.article == replace(after, published=before.published)
    assert (edit.before, edit.after) == tuple(store.revisions(before.id))
    assert edit.framing_before is not None
    assert edit.framing_after is not None
    assert (edit.framing_before.us, edit.framing_after.us) == ("hostile", "favourable")
    assert (edit.lost, edit.gained) == (("us=hostile",), ("us=favourable",))


def test_each_change_of_a_chain_is_an_edit_newest_first(store: Store) -> None:
    article, second = edited()
    third = revise(article, title="Third", collected=NOW + 2 * HOUR)
    back = replace(article, collected=NOW + 3 * HOUR)
    show(store, article, second, third, back)
    first = article.title
    assert titles(find(store)) == [("Third", first), ("Changed 1", "Third"), (first, "Changed 1")]


def test_articles_that_never_changed_have_no_edits(store: Store) -> None:
    show(store, make_article())
    assert find(store) == ()


def test_a_version_that_waits_for_the_model_has_no_framing(store: Store) -> None:
    before, after = edited()
    show(store, before, after)
    store.save_predictions([make_prediction(after), make_prediction(before, model="other")])
    (edit,) = find(store)
    assert edit.framing_before is None
    assert edit.framing_after is not None
    assert not edit.reframed


def test_only_changed_labels_are_a_new_framing(store: Store) -> None:
    same, other, unlabelled = edited(1), edited(2), edited(3)
    show(store, *same, *other, *unlabelled)
    store.save_predictions([make_prediction(version) for version in same])
    store.save_predictions([make_prediction(other[0]), make_prediction(other[1], frames=())])
    store.save_predictions([make_prediction(unlabelled[0]), make_unclassified(unlabelled[1])])
    assert titles(find(store, reframed=True)) == [(other[0].title, other[1].title)]
    assert [edit.reframed for edit in find(store)].count(True) == 1


def test_a_text_that_became_known_later_is_no_new_framing(store: Store) -> None:
    before, after = edited()
    show(store, before, after)
    visit = PageVisit(before.id, before.outlet, before.url, None, visits=1)
    store.save_page(visit, "The text.", now=NOW)
    whole = store.articles([before.id])[before.id]
    store.save_predictions([make_prediction(before), make_prediction(whole, us="favourable")])
    assert find(store, reframed=True) == ()
    (edit,) = find(store)
    assert (edit.reframed, edit.gained) == (False, ())


def test_edits_of_an_outlet_an_article_and_a_span_of_days(store: Store) -> None:
    one, two, three = edited(1), edited(2, outlet="tass"), edited(3, hours=30)
    show(store, *one, *two, *three)
    assert titles(find(store, outlets=("tass",))) == [(two[0].title, two[1].title)]
    assert titles(find(store, article_id=one[0].id)) == [(one[0].title, one[1].title)]
    tomorrow = TODAY + timedelta(days=1)
    assert len(find(store, until=TODAY)) == 2
    assert titles(find(store, since=tomorrow)) == [(three[0].title, three[1].title)]
    assert len(find(store, since=TODAY, until=tomorrow)) == 3
    assert find(store, since=tomorrow + timedelta(days=1)) == ()


@pytest.mark.parametrize("reframed", [False, True])
def test_pages_neither_repeat_nor_skip_an_edit(store: Store, reframed: bool) -> None:
    pairs = [edited(n, hours=1 + n % 3) for n in range(7)]
    show(store, *(version for pair in pairs for version in pair))
    store.save_predictions([make_prediction(before) for before, _ in pairs])
    store.save_predictions([make_prediction(after, us="favourable") for _, after in pairs])
    query = EditQuery(MODEL, reframed=reframed, limit=3)
    first = store.edits(query)
    show(store, *edited(99, hours=9))  # comes in between, and is newer
    found = list(first.edits)
    cursor = first.next
    while cursor:
        page = store.edits(replace(query, cursor=cursor))
        found += page.edits
        cursor = page.next
    assert sorted(titles(tuple(found))) == sorted((a.title, b.title) for a, b in pairs)
    times = [edit.after.collected for edit in found]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("query", [{"cursor": "?"}, {"cursor": "AAAA"}, {"limit": 0}])
def test_a_query_that_cannot_be_read_is_refused(store: Store, query: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        find(store, **query)


def test_a_difference_between_a_file_and_a_feed_is_no_edit(store: Store) -> None:
    before, after = edited()
    store.add_articles([replace(before, origin=Origin.IMPORTED)])
    show(store, after)
    assert find(store) == ()
    again = revise(after, title="Changed again", collected=NOW + 2 * HOUR)
    show(store, again)
    assert titles(find(store)) == [(after.title, "Changed again")]


def test_a_difference_between_a_feed_and_a_later_file_is_no_edit(store: Store) -> None:
    before, after = edited()
    show(store, before)
    store.add_articles([replace(after, origin=Origin.IMPORTED)])
    show(store, replace(before, collected=NOW + 2 * HOUR))
    assert len(store.revisions(before.id)) == 3
    assert find(store) == ()


def test_the_first_look_at_a_page_is_no_edit_of_an_imported_text(store: Store) -> None:
    article = make_article(text="As the file has it.", origin=Origin.IMPORTED)
    store.add_articles([article])
    visit = PageVisit(article.id, article.outlet, article.url, None, visits=1)
    store.save_page(visit, "As the page has it.", now=NOW + HOUR)
    assert find(store) == ()
    store.save_page(visit, "As the page has it now.", now=NOW + 2 * HOUR)
    assert [edit.after.text for edit in find(store)] == ["As the page has it now."]


def test_a_page_that_says_what_a_file_said_makes_the_next_change_an_edit(store: Store) -> None:
    article = make_article(text="The text.", origin=Origin.IMPORTED)
    store.add_articles([article])
    visit = PageVisit(article.id, article.outlet, article.url, None, visits=1)
    store.save_page(visit, "The text.", now=NOW + HOUR)
    store.save_page(visit, "Another text.", now=NOW + 2 * HOUR)
    assert [edit.after.text for edit in find(store)] == ["Another text."]


def test_a_file_in_between_does_not_hide_the_next_edit(store: Store) -> None:
    before, after = edited()
    show(store, before)
    store.add_articles([replace(revise(before, text="A text."), origin=Origin.BACKFILLED)])
    show(store, before, after)
    assert titles(find(store)) == [(before.title, after.title)]


def test_a_difference_between_two_files_is_no_edit(store: Store) -> None:
    store.add_articles([replace(version, origin=Origin.IMPORTED) for version in edited()])
    assert len(store.revisions(edited()[0].id)) == 2
    assert find(store) == ()


# Earlier versions that wait for the model


def test_earlier_versions_wait_for_the_model_newest_first(store: Store) -> None:
    one, two = edited(1), edited(2)
    third = revise(one[0], title="Third", collected=NOW + 2 * HOUR)
    show(store, *one, third, *two)
    waiting = store.unclassified_versions(MODEL, 10)
    assert waiting[0] == replace(one[1], published=one[0].published)
    assert {article.content_hash for article in waiting[1:]} == {
        one[0].content_hash,
        two[0].content_hash,
    }
    assert store.unclassified_versions(MODEL, 1) == waiting[:1]


def test_a_prediction_ends_the_waiting_of_a_version_and_counts_nowhere(store: Store) -> None:
    before, after = edited()
    show(store, before, after)
    store.save_predictions([make_prediction(after)])
    store.put_day_counts([], store.dirty_days(10))
    store.save_predictions([make_prediction(before, us="favourable")])
    assert store.unclassified_versions(MODEL, 10) == []
    assert store.dirty_days(10) == []
    assert store.predictions([before.id])[before.id].us == "hostile"
    assert [seen.labels[0] for seen in store.observations([TODAY], MODEL)] == ["us=hostile"]


def test_a_version_waits_once_also_when_it_was_shown_twice(store: Store) -> None:
    before, after = edited()
    show(store, before, after, before, after)
    waiting = store.unclassified_versions(MODEL, 10)
    assert [article.content_hash for article in waiting] == [before.content_hash]


def test_a_version_waits_for_every_model_that_has_not_seen_it(store: Store) -> None:
    before, after = edited()
    show(store, before, after)
    store.save_predictions([make_prediction(before)])
    assert store.unclassified_versions(MODEL, 10) == []
    assert len(store.unclassified_versions("other", 10)) == 1
