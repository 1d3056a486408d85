"""The contract of every store: visits to pages, and addresses that lead to others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain.article import Article, EntryOutcome
from services.domain.page import PageOutcome, PageVisit
from services.errors import PermanentError
from services.index.records import EditQuery, SearchQuery
from services.index.store import Store
from tests.support.records import (
    MODEL,
    NOW,
    TODAY,
    make_article,
    make_articles,
    make_prediction,
    revise,
)
from tests.support.stores import Place, place_fixture, store_fixture

place = place_fixture()
store = store_fixture()

NEW, DUPLICATE, REVISED = EntryOutcome.NEW, EntryOutcome.DUPLICATE, EntryOutcome.REVISED
COMPLETED = EntryOutcome.COMPLETED
LATER = NOW + timedelta(hours=1)


def visit_to(article: Article, **fields: object) -> PageVisit:
    """Return a successful visit to the article's page, with none to follow."""
    base = PageVisit(
        article.id,
        article.outlet,
        article.url,
        None,
        visits=1,
        outcome=PageOutcome.TEXT,
        visited=NOW,
    )
    return replace(base, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("outlets", [(), ("rt",), ("rt", "tass")])
def test_due_visits_come_unvisited_first_then_newest_article_first(
    store: Store, outlets: tuple[str, ...]
) -> None:
    old, new, seen, later = (
        make_article(n, day=TODAY - timedelta(days=days))
        for n, days in enumerate((3, 1, 0, 0), start=1)
    )
    store.add_articles([old, new, seen], live=True, visit_at=NOW)
    store.add_articles([later], live=True, visit_at=LATER)
    store.save_page(visit_to(seen, due=NOW), now=NOW)
    due = [visit.article_id for visit in store.pages_due(NOW, 10, outlets)]
    assert due == [new.id, old.id, seen.id]
    assert [visit.article_id for visit in store.pages_due(NOW, 1, outlets)] == [new.id]


def test_due_visits_of_some_outlets(store: Store) -> None:
    articles = [make_article(outlet=name) for name in ("rt", "tass", "sputnik")]
    store.add_articles(articles, visit_at=NOW)
    found = store.pages_due(NOW, 10, ["tass", "sputnik"])
    assert {visit.outlet for visit in found} == {"tass", "sputnik"}


def test_a_planned_visit_says_where_to(store: Store) -> None:
    article = make_article()
    store.add_articles([article], visit_at=NOW)
    assert store.pages_due(NOW, 1) == [PageVisit(article.id, "rt", article.url, NOW)]


def test_a_visit_comes_back_as_it_was_saved(place: Place) -> None:
    first = place.open()
    article = make_article()
    first.add_articles([article], visit_at=NOW)
    visit = visit_to(
        article,
        due=LATER,
        visits=3,
        failures=2,
        body_hash="abc",
        outcome=PageOutcome.TEASER,
        sentence="Ё: only the beginning.",
    )
    first.save_page(visit, now=NOW)
    first.close()
    second = place.open()
    assert second.page_visits([article.id, "unknown"]) == {article.id: visit}
    second.close()


def test_a_text_completes_an_article_that_had_none(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    assert store.save_page(visit_to(article), "The text.", now=LATER) is COMPLETED
    whole = revise(article, text="The text.", collected=article.collected)
    assert store.articles([article.id])[article.id] == whole
    assert store.search(SearchQuery(text="text")).total == 1


def test_completing_is_no_edit(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    store.save_page(visit_to(article), "The text.", now=LATER)
    assert len(store.revisions(article.id)) == 1
    assert store.edits(EditQuery(MODEL)).edits == ()


def test_completing_has_the_article_classified_anew(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    store.save_predictions([make_prediction(article)])
    store.put_day_counts([], store.dirty_days(10))
    store.save_page(visit_to(article), "The text.", now=LATER)
    assert store.unclassified(MODEL, 10) == [article.id]
    assert store.predictions([article.id]) == {}
    assert [(day.outlet, day.day) for day in store.dirty_days(10)] == [("rt", TODAY)]


@pytest.mark.parametrize("live", [True, False])
def test_the_content_before_completion_stays_known(store: Store, live: bool) -> None:
    article = make_article()
    store.add_articles([article], live=live)
    store.save_page(visit_to(article), "The text.", now=LATER)
    assert store.add_articles([article], live=live) == [DUPLICATE]
    assert store.articles([article.id])[article.id].text == "The text."


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_page_without_text_changes_nothing(store: Store, text: str) -> None:
    article = make_article(text="Old text.")
    store.add_articles([article])
    assert store.save_page(visit_to(article), text, now=LATER) is DUPLICATE
    assert store.articles([article.id])[article.id] == article


def test_the_same_page_again_changes_nothing(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    outcomes = [store.save_page(visit_to(article), "The text.", now=LATER) for _ in range(3)]
    assert outcomes == [COMPLETED, DUPLICATE, DUPLICATE]


def test_another_text_is_a_revision(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    store.save_page(visit_to(article), "The text.", now=NOW)
    assert store.save_page(visit_to(article), "Another text.", now=LATER) is REVISED
    assert [(v.text, v.collected) for v in store.revisions(article.id)] == [
        ("The text.", NOW),
        ("Another text.", LATER),
    ]
    assert store.search(SearchQuery(text="another")).total == 1


def test_a_text_that_is_changed_back_picks_up_its_prediction(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    store.save_page(visit_to(article), "The text.", now=NOW)
    whole = store.articles([article.id])[article.id]
    store.save_predictions([make_prediction(whole, us="favourable")])
    for text in ("Another text.", "The text."):
        store.save_page(visit_to(article), text, now=LATER)
    assert store.predictions([article.id])[article.id].us == "favourable"
    assert len(store.revisions(article.id)) == 3


def test_half_characters_on_a_page_do_not_stop_it(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    text = "Half \ud83d."
    assert store.save_page(visit_to(article, sentence="\ud83d"), text, now=NOW) is COMPLETED
    assert store.save_page(visit_to(article), text, now=NOW) is DUPLICATE


def test_a_page_of_an_unknown_article_is_refused(store: Store) -> None:
    with pytest.raises(PermanentError, match="not in the store"):
        store.save_page(visit_to(make_article()), "The text.", now=NOW)


# Visits that a change asks for


def test_a_page_is_not_visited_again_within_an_hour_of_a_visit(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True, visit_at=NOW)
    store.save_page(visit_to(article, failures=2), now=NOW)
    soon = NOW + timedelta(minutes=10)
    store.add_articles([revise(article, title="Other")], live=True, visit_at=soon)
    planned = store.page_visits([article.id])[article.id]
    assert (planned.due, planned.failures) == (LATER, 2)


@pytest.mark.parametrize("done_days", [None, 2, 9])
def test_a_visit_that_a_change_asks_for_during_another_is_made(
    store: Store, done_days: int | None
) -> None:
    article = make_article()
    store.add_articles([article], live=True, visit_at=NOW)
    under_way = store.pages_due(NOW, 1)[0]
    store.save_page(replace(under_way, due=None, visits=6), now=NOW)
    under_way = store.page_visits([article.id])[article.id]
    day = timedelta(days=1)
    store.add_articles([revise(article, title="Other")], live=True, visit_at=NOW + 8 * day)
    due = None if done_days is None else NOW + done_days * day
    store.save_page(replace(under_way, due=due, visited=NOW + day), now=NOW + day)
    planned = store.page_visits([article.id])[article.id].due
    assert planned == min(due or NOW + 8 * day, NOW + 8 * day)


def test_a_change_right_before_a_visit_ends_has_the_page_read_an_hour_later(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True, visit_at=NOW)
    under_way = store.pages_due(NOW, 1)[0]
    store.add_articles([revise(article, title="Other")], live=True, visit_at=NOW)
    store.save_page(replace(under_way, due=None, visits=1, visited=NOW), now=NOW)
    assert store.page_visits([article.id])[article.id].due == LATER


def test_a_change_that_was_there_when_a_visit_began_asks_for_no_other(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True, visit_at=NOW)
    store.add_articles([revise(article, title="Other")], live=True, visit_at=NOW)
    visit = store.pages_due(NOW, 1)[0]
    store.save_page(replace(visit, due=None, visits=1, visited=NOW), now=NOW)
    assert store.page_visits([article.id])[article.id].due is None


# Addresses


def test_another_address_of_an_article_stands_for_it(store: Store) -> None:
    article = make_article()
    print_version = make_article(url="https://rt.example/print/1", title="Printed")
    store.add_articles([article], live=True)
    store.save_page(visit_to(article), now=NOW, same_as=print_version.id)
    same = replace(print_version, title=article.title, lead=article.lead)
    assert store.add_articles([same], live=True) == [DUPLICATE]
    assert store.add_articles([print_version], live=True) == [REVISED]
    assert store.articles([article.id])[article.id].title == "Printed"
    assert store.articles([print_version.id])[print_version.id].id == article.id
    assert store.stats(MODEL).articles == 1


def test_an_outlet_that_reprints_does_not_take_the_address_of_the_other(store: Store) -> None:
    reprint, original = make_article(1, outlet="rt"), make_article(2, outlet="tass")
    store.add_articles([reprint], live=True)
    store.save_page(visit_to(reprint), now=NOW, same_as=original.id)
    assert store.add_articles([original], live=True) == [NEW]


def test_an_address_that_is_stored_itself_makes_a_copy(store: Store) -> None:
    one, two = make_articles(2)
    store.add_articles([one, two])
    store.save_page(visit_to(two), now=NOW, same_as=one.id)
    assert [copy.article_id for copy in store.copies([one.id])[one.id]] == sorted([one.id, two.id])


def test_an_article_is_no_other_address_of_itself(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    store.save_page(visit_to(article), now=NOW, same_as=article.id)
    assert store.copies([article.id]) == {}


def test_redirects_are_remembered(store: Store) -> None:
    store.save_redirects({"a": "https://one.example/", "b": "https://two.example/"})
    store.save_redirects({"b": "https://three.example/"})
    store.save_redirects({})
    assert store.redirects(["a", "b", "unknown"]) == {
        "a": "https://one.example/",
        "b": "https://three.example/",
    }


def test_a_text_brings_the_language_and_the_names_that_the_feed_left_empty(store: Store) -> None:
    article = make_article(language="en", author="", section="World")
    store.add_articles([article], live=True, visit_at=NOW)
    store.save_page(
        visit_to(article), "Текст.", now=LATER, language="ru", author="A B", section="Politics"
    )
    kept = store.articles([article.id])[article.id]
    assert (kept.language, kept.author, kept.section) == ("ru", "A B", "World")
