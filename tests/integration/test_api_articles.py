"""Articles through the HTTP door: filters, paging, one in full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import pytest

from services.context import Context
from services.domain.article import Article
from tests.support.reading import browser, installation, store_articles
from tests.support.records import (
    TODAY,
    make_article,
    make_passage,
    make_prediction,
    make_unclassified,
    revise,
)

TEXT = "Envoys met in Geneva. They spoke of arms limits. Nobody was optimistic."


def _articles() -> list[Article]:
    return [
        make_article(1, outlet="rt", title="Talks on arms limits", text=TEXT, day=TODAY),
        make_article(2, outlet="tass", title="Sanctions answered", day=TODAY - timedelta(days=1)),
        make_article(
            3,
            outlet="ria-novosti",
            title="Переговоры о разрядке",
            language="ru",
            day=TODAY - timedelta(days=2),
        ),
        make_article(4, outlet="bbc-world", title="Talks stall", day=TODAY - timedelta(days=3)),
        make_article(
            5, outlet="deutsche-welle", title="Gespräche", language="de", day=date(2024, 5, 1)
        ),
    ]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    with installation(tmp_path_factory.mktemp("articles")) as opened:
        arms, sanctions, russian, bbc, german = _articles()
        evidence = make_passage("They spoke of arms limits.", start=22, end=48)
        store_articles(
            opened,
            [arms, sanctions, russian, bbc, german],
            [
                make_prediction(
                    arms,
                    us="neutral",
                    relations="detente",
                    frames=("dialogue", "arms_control"),
                    evidence=(evidence,),
                ),
                make_prediction(sanctions),
                make_prediction(
                    russian, us="favourable", relations="detente", frames=("dialogue",)
                ),
                make_prediction(bbc, us="neutral", relations="mixed", frames=()),
                make_unclassified(german),
            ],
        )
        yield opened


@pytest.fixture(scope="module")
def client(context: Context) -> Iterator[httpx.Client]:
    with browser(context) as opened:
        yield opened


def _found(client: httpx.Client, **query: object) -> list[str]:
    answer = client.get("/api/articles", params=query)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return [row["title"] for row in answer.json()["articles"]]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({}, [item.title for item in _articles()]),
        ({"q": "talks"}, ["Talks on arms limits", "Talks stall"]),
        ({"q": "переговор"}, ["Переговоры о разрядке"]),
        ({"outlet": "Russia Today"}, ["Talks on arms limits"]),
        ({"outlet": ["rt", "tass"]}, ["Talks on arms limits", "Sanctions answered"]),
        ({"group": "control"}, ["Talks stall", "Gespräche"]),
        ({"us": "favourable"}, ["Переговоры о разрядке"]),
        ({"relations": "detente"}, ["Talks on arms limits", "Переговоры о разрядке"]),
        ({"frame": ["dialogue", "arms_control"]}, ["Talks on arms limits"]),
        ({"language": "ru"}, ["Переговоры о разрядке"]),
        ({"outcome": "unsupported_language"}, ["Gespräche"]),
        ({"since": TODAY - timedelta(days=1)}, ["Talks on arms limits", "Sanctions answered"]),
        ({"until": "2024-12-31"}, ["Gespräche"]),
        ({"relations": "detente", "language": "en"}, ["Talks on arms limits"]),
        ({"q": "nowhere"}, []),
    ],
)
def test_filters(client: httpx.Client, query: dict[str, object], titles: list[str]) -> None:
    assert _found(client, **query) == titles


def test_a_row_says_what_the_model_says(client: httpx.Client) -> None:
    row = client.get("/api/articles", params={"q": "arms"}).json()["articles"][0]
    framing = row["framing"]
    assert (framing["outcome"], framing["us"], framing["relations"]) == (
        "classified",
        "neutral",
        "detente",
    )
    assert framing["frames"] == ["dialogue", "arms_control"]
    assert sum(framing["us_p"].values()) == pytest.approx(1.0, abs=0.001)
    assert framing["evidence"][0]["start"] == 22


def test_an_article_in_an_unknown_language_is_shown_as_such(client: httpx.Client) -> None:
    row = client.get("/api/articles", params={"language": "de"}).json()["articles"][0]
    assert row["framing"]["outcome"] == "unsupported_language"
    assert row["framing"]["us"] is None


def test_a_snippet_holds_no_private_marks(client: httpx.Client) -> None:
    row = client.get("/api/articles", params={"q": "arms"}).json()["articles"][0]
    assert "arms" in row["snippet"]
    assert not {"\ue000", "\ue001"} & set(row["snippet"])


def test_one_article_in_full_with_its_versions(context: Context, client: httpx.Client) -> None:
    first = make_article(90, outlet="infobrics", title="First wording", day=date(2023, 1, 1))
    store_articles(context, [first], [make_prediction(first)])
    context.store.add_articles([revise(first, title="Second wording")])
    row = client.get(f"/api/articles/{first.id}").json()
    assert row["title"] == "Second wording"
    assert [item["title"] for item in row["revisions"]] == ["First wording", "Second wording"]


def test_an_unknown_article_is_not_found(client: httpx.Client) -> None:
    answer = client.get("/api/articles/0000")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no article 0000."


def test_pages_neither_repeat_nor_skip_while_articles_arrive(
    context: Context, client: httpx.Client
) -> None:
    old = [
        make_article(number, outlet="katehon", day=date(2022, 3, 1)) for number in range(200, 225)
    ]
    store_articles(context, old, [])
    query: dict[str, object] = {"outlet": "katehon", "limit": 10}
    page = client.get("/api/articles", params=query).json()  # type: ignore[arg-type]
    seen = [row["id"] for row in page["articles"]]
    newer = [
        make_article(number, outlet="katehon", day=date(2022, 3, 2)) for number in range(300, 305)
    ]
    store_articles(context, newer, [])
    while page["next"]:
        page = client.get("/api/articles", params={**query, "cursor": page["next"]}).json()
        seen += [row["id"] for row in page["articles"]]
    assert sorted(seen) == sorted(item.id for item in old)
