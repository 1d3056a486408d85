"""The contract of every store: what outlets show now, as against what files bring."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.domain.article import Article, DateQuality, EntryOutcome, Origin
from services.domain.page import PageVisit
from services.index.records import Arrivals, SearchQuery
from services.index.store import Store
from tests.support.records import MODEL, NOW, TODAY, make_article, make_prediction, revise
from tests.support.stores import place_fixture, store_fixture

place = place_fixture()
store = store_fixture()

NEW, DUPLICATE, REVISED = EntryOutcome.NEW, EntryOutcome.DUPLICATE, EntryOutcome.REVISED
LATER = NOW + timedelta(hours=1)


def stored(store: Store, article: Article) -> Article:
    """Return the article as it stands in the store."""
    return store.articles([article.id])[article.id]


def give_text(store: Store, article: Article, text: str) -> EntryOutcome:
    """Have a visit to the article's page bring `text`."""
    visit = PageVisit(article.id, article.outlet, article.url, None, visits=1, visited=NOW)
    return store.save_page(visit, text, now=LATER)


def count_all(store: Store) -> None:
    """Clear every dirty day, as the counting stage does."""
    store.put_day_counts([], store.dirty_days(1000))


def test_the_same_entry_again_changes_nothing(store: Store) -> None:
    article = make_article()
    assert store.add_articles([article], live=True) == [NEW]
    assert store.add_articles([article], live=True) == [DUPLICATE]
    assert len(store.revisions(article.id)) == 1


def test_a_poll_without_text_takes_no_text_away(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    give_text(store, article, "The text.")
    assert store.add_articles([article], live=True) == [DUPLICATE]
    assert stored(store, article).text == "The text."


def test_a_changed_title_keeps_the_text_and_its_hash_covers_both(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    give_text(store, article, "The text.")
    assert store.add_articles([revise(article, title="Other")], live=True) == [REVISED]
    whole = revise(article, title="Other", text="The text.")
    found = stored(store, article)
    assert (found.title, found.text, found.content_hash) == (
        "Other",
        "The text.",
        whole.content_hash,
    )
    assert [version.text for version in store.revisions(article.id)] == ["The text."] * 2


def test_the_words_of_a_kept_text_are_still_found(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    give_text(store, article, "Disarmament.")
    store.add_articles([revise(article, title="Other")], live=True)
    assert store.search(SearchQuery(text="disarmament other")).total == 1


def test_spaces_alone_are_no_revision(store: Store) -> None:
    article = make_article(title="Two words")
    store.add_articles([article], live=True)
    assert store.add_articles([revise(article, title="Two  words ")], live=True) == [DUPLICATE]


def test_a_change_back_is_a_revision(store: Store) -> None:
    first, second = make_article(), revise(make_article(), title="Other", collected=LATER)
    third = replace(first, collected=LATER + timedelta(hours=1))
    outcomes = [store.add_articles([version], live=True) for version in (first, second, third)]
    assert outcomes == [[NEW], [REVISED], [REVISED]]
    assert [(v.title, v.collected) for v in store.revisions(first.id)] == [
        (first.title, first.collected),
        ("Other", LATER),
        (first.title, third.collected),
    ]


def test_a_change_back_picks_up_its_prediction(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    prediction = make_prediction(article, us="favourable")
    store.save_predictions([prediction])
    store.add_articles([revise(article, title="Other")], live=True)
    store.add_articles([article], live=True)
    assert store.predictions([article.id])[article.id].us == "favourable"
    assert store.unclassified(MODEL, 10) == []
    assert store.search(SearchQuery(us=("favourable",))).total == 1


def test_a_change_back_has_the_day_counted_again(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    store.save_predictions([make_prediction(article)])
    store.add_articles([revise(article, title="Other")], live=True)
    count_all(store)
    store.add_articles([article], live=True)
    assert [(day.outlet, day.day) for day in store.dirty_days(10)] == [("rt", TODAY)]


def test_a_file_does_not_bring_an_earlier_version_back(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    store.add_articles([revise(article, title="Other")], live=True)
    assert store.add_articles([article]) == [DUPLICATE]
    assert stored(store, article).title == "Other"


def test_a_file_without_text_takes_no_text_away(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    give_text(store, article, "The text.")
    other = replace(revise(article, title="Other"), origin=Origin.IMPORTED)
    assert store.add_articles([other]) == [REVISED]
    found = stored(store, article)
    assert (found.title, found.text) == ("Other", "The text.")


def test_a_file_without_texts_adds_nothing_the_second_time(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    give_text(store, article, "The text.")
    for title in ("Second", "Third"):
        store.add_articles([revise(article, title=title)])
    give_text(store, article, "Another text.")
    for title in ("Second", "Third"):
        assert store.add_articles([revise(article, title=title)]) == [DUPLICATE]


def test_a_counter_in_the_lead_makes_no_version(store: Store) -> None:
    article = make_article(lead="Officials met. Comments: 3")
    store.add_articles([article], live=True, visit_at=NOW)
    give_text(store, article, "The text.")
    more = revise(article, lead="Officials met. Comments: 14")
    assert store.add_articles([more], live=True, visit_at=LATER) == [DUPLICATE]
    assert len(store.revisions(article.id)) == 1
    assert store.page_visits([article.id])[article.id].due is None


def test_a_number_in_a_title_makes_a_version(store: Store) -> None:
    article = make_article(title="12 dead in strike")
    store.add_articles([article], live=True)
    assert store.add_articles([revise(article, title="14 dead in strike")], live=True) == [REVISED]


def test_an_undated_entry_that_repeats_a_story_does_so_for_good(store: Store) -> None:
    def undated(number: int, hours: int) -> Article:
        now = NOW + timedelta(hours=hours)
        return make_article(
            number, title="One", lead="", published=now, date_quality=DateQuality.ASSUMED
        )

    store.add_articles([undated(1, 0)], live=True)
    for hours in (24, 71, 73, 200):
        assert store.add_articles([undated(2, hours)], live=True) == [DUPLICATE]
    assert store.add_articles([undated(3, 200)], live=True) == [NEW]


def test_an_entry_twice_in_one_poll_is_judged_in_order(store: Store) -> None:
    article = make_article()
    other = revise(article, title="Other")
    outcomes = store.add_articles([article, other, other, article], live=True)
    assert outcomes == [NEW, REVISED, DUPLICATE, REVISED]
    assert stored(store, article).title == article.title


def test_an_address_belongs_to_the_outlet_that_brought_it_first(store: Store) -> None:
    article = make_article(outlet="rt")
    store.add_articles([article], live=True)
    elsewhere = replace(revise(article, title="Other"), outlet="tass")
    assert store.add_articles([elsewhere], live=True) == [DUPLICATE]
    assert stored(store, article) == article


def test_each_new_and_changed_article_gets_a_visit(store: Store) -> None:
    one, two = make_article(1), make_article(2)
    store.add_articles([one], live=True)
    outcomes = store.add_articles([one, two], live=True, visit_at=NOW)
    assert outcomes == [DUPLICATE, NEW]
    assert list(store.page_visits([one.id, two.id])) == [two.id]
    store.add_articles([revise(one, title="Other")], live=True, visit_at=NOW)
    assert list(store.page_visits([one.id])) == [one.id]


def test_a_revision_renews_a_visit_that_was_given_up(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True, visit_at=NOW)
    store.save_page(replace(store.pages_due(NOW, 1)[0], due=None, failures=9), now=NOW)
    store.add_articles([revise(article, title="Other")], live=True, visit_at=LATER)
    planned = store.page_visits([article.id])[article.id]
    assert (planned.due, planned.failures) == (LATER, 0)


# Where articles come from


def test_the_origin_is_remembered(store: Store) -> None:
    articles = [make_article(n, origin=origin) for n, origin in enumerate(Origin)]
    store.add_articles(articles)
    assert store.articles([a.id for a in articles]) == {a.id: a for a in articles}


def test_an_article_seen_live_counts_as_live_from_then_on(store: Store) -> None:
    article = make_article(origin=Origin.BACKFILLED)
    store.add_articles([article])
    live = replace(article, origin=Origin.LIVE)
    assert store.add_articles([live], live=True) == [DUPLICATE]
    assert stored(store, article).origin is Origin.LIVE


def test_what_was_seen_live_stays_so_when_a_file_brings_it_too(store: Store) -> None:
    article = make_article()
    store.add_articles([article], live=True)
    store.add_articles([replace(revise(article, title="Other"), origin=Origin.IMPORTED)])
    assert stored(store, article).origin is Origin.LIVE


def test_arrivals_count_live_articles_by_outlet_and_hour(store: Store) -> None:
    hour = NOW.replace(minute=0)
    store.add_articles(
        [
            make_article(1, published=hour),
            make_article(2, published=hour + timedelta(minutes=59)),
            make_article(3, published=hour + timedelta(minutes=60)),
            make_article(4, published=hour - timedelta(seconds=1)),
            make_article(5, published=hour, origin=Origin.IMPORTED),
            make_article(6, published=hour, outlet="tass"),
        ]
    )
    assert store.arrivals(hour) == [
        Arrivals("rt", hour, 2),
        Arrivals("rt", hour + timedelta(hours=1), 1),
        Arrivals("tass", hour, 1),
    ]
