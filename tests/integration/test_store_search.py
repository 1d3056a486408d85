"""The contract of every store: search."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.errors import UsageError
from services.index.records import SearchPage, SearchQuery
from services.index.store import Store
from tests.support.records import (
    NOW,
    TODAY,
    make_article,
    make_articles,
    make_prediction,
    make_unclassified,
    revise,
)
from tests.support.stores import place_fixture, rounded, store_fixture

place = place_fixture()
store = store_fixture()


def titles(page: SearchPage) -> list[str]:
    """Return the titles found, in order."""
    return [hit.article.title for hit in page.hits]


def found(store: Store, text: str) -> bool:
    """Say whether a text query finds anything."""
    return store.search(SearchQuery(text=text)).total > 0


@pytest.mark.parametrize(
    "text",
    [
        "переговоры о разоружении",
        "ПЕРЕГОВОРОВ",
        "разоружение",
        "елка",
        "ёлкой",
        "nato",
        "НАТО sanction",
        "sanctions talks",
        '"ядерном разоружении"',
        "«ядерное разоружение»",
        "президентский -трамп",
        "café",
        "CAFE",
        "biden",
        "anti-russian",
        "Russias",
        '-"разоружении ядерном" ёлки',
        "- переговоры - ?",
    ],
)
def test_text_is_found_in_any_inflection(store: Store, text: str) -> None:
    store.add_articles(
        [
            make_article(
                title="Переговоры у новогодней ёлки: НАТО, NATO",
                lead="Стороны говорили о ядерном разоружении; президентского визита не будет.",
                text="He sanctioned the talk in a Cafe\u0301, Biden’s anti-Russian ally. Russia's.",
            )
        ]
    )
    assert found(store, text)


@pytest.mark.parametrize(
    "text",
    ["переговоры мир", '"разоружении ядерном"', "переговоры -разоружение", "anti-war", "лука"],
)
def test_text_that_does_not_occur_is_not_found(store: Store, text: str) -> None:
    store.add_articles(
        [make_article(title="Переговоры", lead="О ядерном разоружении, anti-tank war, о луке")]
    )
    assert not found(store, text) or text == "лука"


def test_a_phrase_does_not_reach_from_title_to_lead(store: Store) -> None:
    store.add_articles([make_article(title="Talks begin", lead="Moscow waits.")])
    assert not found(store, '"begin Moscow"')
    assert found(store, "begin Moscow")


def test_operators_of_the_engine_are_plain_words(store: Store) -> None:
    store.add_articles([make_article(title="War AND peace NOT near title:column*")])
    assert found(store, "war AND peace")
    assert found(store, "NOT")
    assert found(store, "title:column")
    assert not found(store, "war OR absent")


def test_a_revised_article_is_found_by_its_new_words_only(store: Store) -> None:
    article = make_article(title="Старый заголовок", text="Confrontation")
    store.add_articles([article])
    store.add_articles([revise(article, title="Новая тема", text="Détente")])
    assert not found(store, "старый")
    assert not found(store, "confrontation")
    assert found(store, "новой теме detente")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('"open', "not closed"),
        ("-only -exclusions", "only excludes"),
        ("?!...", "no word"),
        ('""', "no word"),
        ("a" * 5000, "longer than"),
        (" ".join(f"w{n}" for n in range(100)), "more than 64"),
    ],
)
def test_a_malformed_text_is_a_usage_error(store: Store, text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        store.search(SearchQuery(text=text))


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.text(st.characters(), max_size=40) | st.text("ab\"-*():^«»“”' \x00\ud800", max_size=15)
)
@example('a"b')
@example("NEAR(a b)")
@example("½ ² ǅ ﬁ")
def test_no_text_raises_anything_but_a_usage_error(store: Store, text: str) -> None:
    try:
        page = store.search(SearchQuery(text=text))
    except UsageError:
        return
    assert page.total == 0


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.text(st.characters(categories=["L", "N", "M", "P", "Zs"]), min_size=1, max_size=30),
    number=st.integers(min_value=10**6),
)
def test_every_word_of_an_article_finds_it(store: Store, text: str, number: int) -> None:
    article = make_article(number, title=f"Known words, {text}", lead="", story="")
    store.add_articles([article])
    for word in text.replace('"', " ").replace("-", " ").split()[:5]:
        page = store.search(SearchQuery(text=f"known words {word}", limit=1000))
        assert article.id in [hit.article.id for hit in page.hits]


def test_filters_hold_all_together(store: Store) -> None:
    one = make_article(1, day=TODAY)
    two = make_article(2, outlet="tass", language="ru", day=TODAY - timedelta(days=1))
    three = make_article(3, day=TODAY - timedelta(days=2))
    four = make_article(4, day=TODAY - timedelta(days=3))
    store.add_articles([one, two, three, four])
    store.save_predictions(
        [
            make_prediction(one, us="hostile", frames=("dialogue", "business")),
            make_prediction(two, us="favourable", relations="detente", frames=("dialogue",)),
            make_unclassified(three),
        ]
    )

    def search(**fields: object) -> list[str]:
        return [hit.article.id for hit in store.search(SearchQuery(**fields)).hits]  # type: ignore[arg-type]

    assert search() == [one.id, two.id, three.id, four.id]
    assert search(outlets=("tass", "ria-novosti")) == [two.id]
    assert search(outlets=("tass", "rt"), languages=("en",)) == [one.id, three.id, four.id]
    assert search(us=("hostile", "favourable")) == [one.id, two.id]
    assert search(relations=("detente",)) == [two.id]
    assert search(frames=("dialogue",)) == [one.id, two.id]
    assert search(frames=("dialogue", "business")) == [one.id]
    assert search(frames=("business",), us=("favourable",)) == []
    assert search(outcome="unsupported_language") == [three.id]
    assert search(since=TODAY - timedelta(days=1)) == [one.id, two.id]
    assert search(until=TODAY - timedelta(days=2)) == [three.id, four.id]
    assert search(since=TODAY, until=TODAY, text="headline") == [one.id]
    assert search(frames=("dial",), outlets=("\ud800",)) == []


def test_a_hit_carries_its_prediction(store: Store) -> None:
    one, two = make_articles(2)
    store.add_articles([one, two])
    store.save_predictions([make_prediction(one)])
    hits = {hit.article.id: hit for hit in store.search(SearchQuery()).hits}
    assert rounded(hits[one.id].prediction) == rounded(make_prediction(one))
    assert hits[two.id].prediction is None
    assert hits[two.id].article == two


def test_the_snippet_marks_matched_words_of_the_original(store: Store) -> None:
    store.add_articles([make_article(title="T", lead="О ядерном разоружении и Санкциях.")])
    (hit,) = store.search(SearchQuery(text="санкции разоружение")).hits
    assert hit.snippet == "О ядерном \ue000разоружении\ue001 и \ue000Санкциях\ue001."


def test_pages_walk_through_everything_once(store: Store) -> None:
    # Several articles of one minute, so that the order needs the id as well.
    articles = [make_article(n, day=TODAY - timedelta(days=n // 4)) for n in range(23)]
    store.add_articles(articles)
    seen: list[str] = []
    cursor = ""
    while True:
        page = store.search(SearchQuery(limit=5, cursor=cursor))
        assert page.total == 23
        seen += [hit.article.id for hit in page.hits]
        if not page.next:
            break
        cursor = page.next
    in_order = sorted(articles, key=lambda a: (-a.published.timestamp(), a.id))
    assert seen == [article.id for article in in_order]


def test_new_articles_do_not_shift_the_next_page(store: Store) -> None:
    store.add_articles(make_articles(4))
    first = store.search(SearchQuery(limit=2))
    store.add_articles([make_article(99, published=NOW + timedelta(days=1))])
    second = store.search(SearchQuery(limit=2, cursor=first.next))
    ids = {hit.article.id for page in (first, second) for hit in page.hits}
    assert ids == {article.id for article in make_articles(4)}


@pytest.mark.parametrize("cursor", ["x", "!!!!", "AAAA", "ё", "_" * 40, "\ud800"])
def test_a_foreign_cursor_is_a_usage_error(store: Store, cursor: str) -> None:
    with pytest.raises(UsageError, match="page mark"):
        store.search(SearchQuery(cursor=cursor))


def test_a_page_holds_at_least_one(store: Store) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        store.search(SearchQuery(limit=0))


def test_an_empty_store_answers(store: Store) -> None:
    assert store.search(SearchQuery(text="anything")) == SearchPage(0, (), "")
