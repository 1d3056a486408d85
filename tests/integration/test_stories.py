"""Stories that several outlets carry, as a reader sees them: API, page and command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services import pipeline, queries
from services.cli.app import main
from services.context import Context
from services.domain.article import Article, DateQuality, Origin
from tests.support.reading import browser, installation, store_articles
from tests.support.records import NOW, make_article, make_prediction, revise

TITLE = "Delegations of both countries leave the talks at the lake without a joint statement"


def _told(outlet: str, minutes: int, **fields: object) -> Article:
    fields = {"title": TITLE, "published": NOW + timedelta(minutes=minutes), **fields}
    return make_article(7, outlet=outlet, **fields)  # type: ignore[arg-type]


TASS = _told("tass", 0)
RT = _told("rt", 95, date_quality=DateQuality.ASSUMED)
DURAN = _told("duran", 600, origin=Origin.IMPORTED)
ALONE = make_article(8, outlet="rt", title="Snow closes the mountain roads for a week or longer")


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    with installation(tmp_path_factory.mktemp("stories")) as opened:
        articles = [RT, TASS, DURAN, ALONE]
        store_articles(opened, articles, [make_prediction(article) for article in articles])
        pipeline.link_copies(opened)
        yield opened


@pytest.fixture(scope="module")
def client(context: Context) -> Iterator[httpx.Client]:
    with browser(context) as opened:
        yield opened


def _stories(client: httpx.Client, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/stories", params=query).json()["stories"]
    return found


def test_a_story_names_its_first_publisher_and_who_followed_when(client: httpx.Client) -> None:
    (story,) = _stories(client)
    assert (story["first"], story["outlets"], story["title"]) == ("tass", 3, TITLE)
    told = [(item["outlet"], item["after_seconds"]) for item in story["articles"]]
    assert told == [("tass", 0), ("rt", 5_700), ("duran", 36_000)]


def test_a_time_that_no_feed_stated_is_marked(client: httpx.Client) -> None:
    assert [item["stated"] for item in _stories(client)[0]["articles"]] == [True, False, True]


def test_what_was_not_seen_live_has_no_time_of_its_own_here(client: httpx.Client) -> None:
    seen = [item["first_seen"] for item in _stories(client)[0]["articles"]]
    assert seen[0] is not None
    assert seen[2] is None


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"outlet": "duran"}, 1),
        ({"outlet": "sputnik"}, 0),
        ({"group": "alternative"}, 1),
        ({"since": "2025-03-01"}, 1),
        ({"until": "2025-02-28"}, 0),
    ],
)
def test_stories_are_chosen_by_outlet_and_day(
    client: httpx.Client, query: dict[str, str], count: int
) -> None:
    assert len(_stories(client, **query)) == count


def test_an_article_s_page_says_who_carries_the_story(client: httpx.Client) -> None:
    page = client.get(f"/articles/{RT.id}").text
    assert "Carried by" in page
    assert page.index("first publisher") < page.index("after 95 minutes") < page.index("after 10 h")
    assert f'href="/articles/{TASS.id}"' in page
    assert f'href="/articles/{RT.id}"' not in page


def test_the_page_of_an_article_that_stands_alone_says_nothing_of_copies(
    client: httpx.Client,
) -> None:
    assert "Carried by" not in client.get(f"/articles/{ALONE.id}").text


def test_a_story_counts_once_in_its_group_and_for_each_of_its_outlets(context: Context) -> None:
    pipeline.count(context)
    rows = context.store.day_counts(context.model, about="all", since=date(2025, 3, 1))
    counted = {row.scope: row.n for row in rows if row.day == NOW.date()}
    assert counted["outlet:tass"] == 1
    assert counted["outlet:rt"] == 2
    assert counted["group:state"] == 2  # the story as TASS told it, and the snow
    assert counted["group:alternative"] == 1
    assert counted["all"] == 2


def test_the_command_lists_stories_as_json(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["stories", "--since", "2025-03-01", "--until", "2025-03-02", "--json"]
    assert main([*arguments, "--data", str(context.settings.data)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["first"] == "tass"


def test_the_command_says_so_where_there_is_none(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["stories", "--since", "2024-01-01", "--until", "2024-01-31"]
    assert main([*arguments, "--data", str(context.settings.data)]) == 0
    assert "No story of 1 to 31 January 2024" in " ".join(capsys.readouterr().err.split())


def test_an_edit_does_not_move_the_time_at_which_an_article_was_first_seen(
    tmp_path: Path,
) -> None:
    with installation(tmp_path) as context:
        store_articles(context, [TASS, RT], [])
        pipeline.link_copies(context)
        context.store.add_articles([revise(TASS, lead="The mediators go home.")], live=True)
        (story,) = queries.stories(context, since="2025-02-01")
        seen = [telling.seen for telling in story.tellings]
    assert seen == [TASS.collected, RT.collected]
