"""The contract of every store: articles, their versions, and their predictions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.domain.article import Article, EntryOutcome
from services.domain.prediction import FramingOutcome
from services.errors import PermanentError
from services.index.records import SearchQuery
from services.index.store import Store
from tests.support.records import (
    MODEL,
    NOW,
    TODAY,
    make_article,
    make_articles,
    make_passage,
    make_prediction,
    make_unclassified,
    revise,
)
from tests.support.stores import Place, place_fixture, rounded, store_fixture

place = place_fixture()
store = store_fixture()

NEW, DUPLICATE, REVISED = EntryOutcome.NEW, EntryOutcome.DUPLICATE, EntryOutcome.REVISED


def test_an_article_comes_back_as_it_was_written(store: Store) -> None:
    article = make_article(
        title="Саммит: «ё» & <b>",
        lead="Лид",
        text="Первый абзац.\n\nВторой 😀 абзац.",
        language="ru",
        author="А. Автор",
        section="Мир",
        published=datetime(2025, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC),
    )
    assert store.add_articles([article]) == [NEW]
    assert store.articles([article.id]) == {article.id: article}


def test_articles_come_in_the_order_asked_for_without_unknown_ones(store: Store) -> None:
    one, two, three = make_articles(3)
    store.add_articles([one, two, three])
    assert list(store.articles([three.id, "unknown", one.id])) == [three.id, one.id]


def test_content_survives_closing_and_opening(place: Place) -> None:
    first = place.open()
    first.add_articles(make_articles(3))
    first.close()
    second = place.open()
    assert second.stats(MODEL).articles == 3
    second.close()


def test_writing_the_same_articles_again_changes_nothing(store: Store) -> None:
    articles = make_articles(5)
    assert store.add_articles(articles) == [NEW] * 5
    assert store.add_articles(articles) == [DUPLICATE] * 5
    assert store.stats(MODEL).articles == 5


def test_duplicates_and_revisions_inside_one_call(store: Store) -> None:
    article = make_article()
    second = revise(article, lead="Changed.")
    third = revise(second, lead="Changed again.")
    outcomes = store.add_articles([article, article, second, third, article, second])
    assert outcomes == [NEW, DUPLICATE, REVISED, REVISED, DUPLICATE, DUPLICATE]
    assert store.articles([article.id])[article.id].lead == "Changed again."
    assert [version.lead for version in store.revisions(article.id)] == [
        article.lead,
        "Changed.",
        "Changed again.",
    ]


def test_a_revision_keeps_the_first_time_and_the_old_words(store: Store) -> None:
    article = make_article(text="Old text.")
    later = NOW + timedelta(days=2)
    changed = replace(
        revise(article, title="New title", text="New text.", collected=later), published=later
    )
    store.add_articles([article])
    assert store.add_articles([changed]) == [REVISED]
    assert store.articles([article.id])[article.id] == replace(changed, published=NOW)
    old, new = store.revisions(article.id)
    assert (old.title, old.text, old.collected) == (article.title, "Old text.", NOW)
    assert (new.title, new.text, new.collected) == ("New title", "New text.", later)
    assert (old.content_hash, new.content_hash) == (article.content_hash, changed.content_hash)


def test_content_of_an_earlier_version_is_a_duplicate(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    store.add_articles([revise(article, lead="Changed.")])
    assert store.add_articles([article]) == [DUPLICATE]
    assert store.articles([article.id])[article.id].lead == "Changed."


@pytest.mark.parametrize(
    ("gap", "outcome"),
    [
        (timedelta(0), DUPLICATE),
        (timedelta(days=3), DUPLICATE),
        (timedelta(days=-3), DUPLICATE),
        (timedelta(days=3, seconds=1), NEW),
        (timedelta(days=-3, seconds=-1), NEW),
    ],
)
def test_a_title_repeated_within_three_days_is_a_duplicate(
    store: Store, gap: timedelta, outcome: EntryOutcome
) -> None:
    store.add_articles([make_article(1, title="Moscow says: talks!")])
    again = make_article(2, title="MOSCOW says talks", published=NOW + gap)
    assert store.add_articles([again]) == [outcome]


def test_a_title_repeated_inside_one_call_is_a_duplicate(store: Store) -> None:
    pair = [make_article(1, title="Same words"), make_article(2, title="Same words")]
    assert store.add_articles(pair) == [NEW, DUPLICATE]
    assert store.stats(MODEL).articles == 1


def test_other_outlets_may_tell_the_same_story(store: Store) -> None:
    pair = [make_article(outlet=name, title="Same words") for name in ("rt", "tass")]
    assert store.add_articles(pair) == [NEW, NEW]


def test_titles_without_words_are_never_the_same_story(store: Store) -> None:
    assert store.add_articles([make_article(n, title="?!") for n in (1, 2)]) == [NEW, NEW]


def test_a_story_stays_known_after_its_title_was_revised(store: Store) -> None:
    first, copy = make_article(1, title="Same words"), make_article(2, title="Same words")
    store.add_articles([first, copy])
    store.add_articles([revise(first, title="Other words")])
    assert store.add_articles([first, copy]) == [DUPLICATE, DUPLICATE]


def test_half_characters_do_not_stop_an_article(store: Store) -> None:
    article = make_article(title="Broken \ud83d title", text="\x00 and \udc00")
    assert store.add_articles([article, make_article(2)]) == [NEW, NEW]
    assert "Broken" in store.articles([article.id])[article.id].title


_versions = st.tuples(
    st.integers(1, 3),  # number of the article
    st.sampled_from(["rt", "tass"]),
    st.sampled_from(["One", "Two", "Three", "!"]),  # title
    st.sampled_from(["a", "b"]),  # lead
    st.dates(date(2025, 1, 1), date(2025, 1, 9)),
)
_worlds = count()


def _world(versions: list[tuple[int, str, str, str, date]]) -> list[Article]:
    """Return the versions as articles of outlets that no other example has."""
    world = next(_worlds)
    return [
        make_article(number, outlet=f"{outlet}-{world}", title=title, lead=lead, day=day)
        for number, outlet, title, lead, day in versions
    ]


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(versions=st.lists(_versions, max_size=12), cut=st.integers(0, 12))
@example(
    versions=[
        (1, "rt", "One", "a", date(2025, 1, 1)),
        (2, "rt", "One", "a", date(2025, 1, 1)),  # dropped: repeats the story
        (2, "rt", "Two", "a", date(2025, 1, 1)),
    ],
    cut=2,
)
def test_batches_do_not_matter_and_repeating_changes_nothing(
    store: Store, versions: list[tuple[int, str, str, str, date]], cut: int
) -> None:
    whole, parts = _world(versions), _world(versions)
    outcomes = store.add_articles(whole)
    assert store.add_articles(parts[:cut]) + store.add_articles(parts[cut:]) == outcomes
    stored = store.articles([article.id for article in whole])
    assert len(stored) == outcomes.count(NEW)
    again = store.articles([article.id for article in parts])
    assert [a.content_hash for a in stored.values()] == [a.content_hash for a in again.values()]
    assert set(store.add_articles(whole)) <= {DUPLICATE}
    assert store.articles(list(stored)) == stored
    kept = sum(len(store.revisions(name)) for name in stored)
    assert kept == len(whole) - outcomes.count(DUPLICATE)


# What is still to classify


def test_unclassified_articles_come_newest_first(store: Store) -> None:
    articles = [make_article(n, day=TODAY - timedelta(days=n)) for n in (3, 1, 2)]
    store.add_articles(articles)
    newest = sorted(articles, key=lambda article: article.published, reverse=True)
    assert store.unclassified(MODEL, 10) == [article.id for article in newest]
    assert store.unclassified(MODEL, 2) == [article.id for article in newest[:2]]


def test_a_prediction_of_any_outcome_ends_the_waiting(store: Store) -> None:
    one, two, three = make_articles(3)
    store.add_articles([one, two, three])
    store.save_predictions([make_prediction(one), make_unclassified(two)])
    assert store.unclassified(MODEL, 10) == [three.id]
    stats = store.stats(MODEL)
    assert (stats.classified, stats.unclassified, stats.unsupported) == (1, 1, 1)


def test_a_revision_waits_again(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    store.save_predictions([make_prediction(article)])
    changed = revise(article, lead="Changed.")
    store.add_articles([changed])
    assert store.unclassified(MODEL, 10) == [article.id]
    assert store.predictions([article.id]) == {}
    store.save_predictions([make_prediction(changed)])
    assert store.unclassified(MODEL, 10) == []


def test_a_prediction_of_old_content_does_not_count_for_the_new(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    store.add_articles([revise(article, lead="Changed.")])
    store.save_predictions([make_prediction(article)])
    assert store.unclassified(MODEL, 10) == [article.id]
    assert store.predictions([article.id]) == {}


def test_another_model_finds_everything_to_do_and_the_first_one_still_nothing(
    store: Store,
) -> None:
    articles = make_articles(4)
    store.add_articles(articles)
    store.save_predictions([make_prediction(article) for article in articles])
    assert len(store.unclassified("other", 10)) == 4
    store.save_predictions([make_prediction(article, model="other") for article in articles[:3]])
    assert store.unclassified("other", 10) == [articles[3].id]
    assert store.unclassified(MODEL, 10) == []
    assert (store.stats(MODEL).classified, store.stats("other").classified) == (4, 3)


# Predictions


def test_a_prediction_comes_back_as_it_was_written(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    prediction = make_prediction(
        article,
        us="favourable",
        relations="detente",
        frames=("dialogue", "business", "us_peacemaker"),
        evidence=(
            make_passage("«Переговоры»", labels={"frame=dialogue": 0.9, "us=favourable": 0.7}),
            make_passage("Half \ud83d", start=3, end=17),
        ),
    )
    store.save_predictions([prediction])
    found = store.predictions([article.id, "unknown"])
    assert list(found) == [article.id]
    kept = replace(prediction, evidence=found[article.id].evidence)
    assert rounded(found[article.id]) == rounded(kept)
    assert found[article.id].evidence[0] == prediction.evidence[0]
    assert (found[article.id].evidence[1].start, found[article.id].evidence[1].end) == (3, 17)


@pytest.mark.parametrize("outcome", [FramingOutcome.NO_TEXT, FramingOutcome.UNSUPPORTED_LANGUAGE])
def test_an_unclassified_prediction_has_no_labels(store: Store, outcome: FramingOutcome) -> None:
    article = make_article()
    store.add_articles([article])
    store.save_predictions([make_unclassified(article, outcome)])
    assert store.predictions([article.id])[article.id] == make_unclassified(article, outcome)


def test_the_newest_prediction_is_shown_whatever_the_order_of_writing(store: Store) -> None:
    article = make_article()
    store.add_articles([article])
    newest = make_prediction(article, model="b", created=NOW + timedelta(hours=1))
    store.save_predictions([newest])
    store.save_predictions([make_prediction(article, model="a", created=NOW)])
    assert store.predictions([article.id])[article.id].model == "b"
    assert store.search(SearchQuery()).hits[0].prediction is not None


def test_predictions_are_written_all_or_none(store: Store) -> None:
    known = make_article(1)
    store.add_articles([known])
    with pytest.raises(PermanentError, match="not in the store"):
        store.save_predictions([make_prediction(known), make_prediction(make_article(2))])
    assert store.unclassified(MODEL, 10) == [known.id]
    assert store.dirty_days(10) == []
