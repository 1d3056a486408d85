"""Revisions from the store to the reader: what the API and the pages say about edits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services import queries
from services.context import Context
from services.domain.article import Origin
from services.domain.page import PageVisit
from services.queries.edits import MAX_VERSIONS
from tests.support.reading import browser, installation
from tests.support.records import NOW, TODAY, make_article, make_prediction, revise

HOUR = timedelta(hours=1)
HOSTILE = "<script>alert(1)</script> & {{7*7}}"
BEFORE = make_article(1, outlet="rt", title="Washington threatens envoys", lead="Talks begin.")
AFTER = revise(BEFORE, title="Washington meets envoys", collected=NOW + HOUR)
TYPO = make_article(2, outlet="tass", title="The envoys meat in Geneva")
MENDED = revise(TYPO, title="The envoys meet in Geneva", collected=NOW + 2 * HOUR)
LONG = "Nothing happened on this day. " * 60
TEXT = make_article(3, outlet="sputnik", title="A long report")
UNSAFE = make_article(4, outlet="katehon", title="Harmless")


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    with installation(tmp_path_factory.mktemp("revisions")) as opened:
        store = opened.store
        store.add_articles([BEFORE, TYPO, TEXT, UNSAFE], live=True)
        store.add_articles([AFTER, MENDED], live=True)
        store.add_articles([revise(UNSAFE, title=HOSTILE, collected=NOW + 3 * HOUR)], live=True)
        visit = PageVisit(TEXT.id, TEXT.outlet, TEXT.url, None, visits=1)
        for hours, text in ((1, f"{LONG}It failed. {LONG}"), (30, f"{LONG}It worked. {LONG}")):
            store.save_page(visit, text, now=NOW + hours * HOUR)
        store.save_predictions(
            [
                make_prediction(BEFORE, us="hostile", relations="confrontation", frames=()),
                make_prediction(AFTER, us="neutral", relations="detente", frames=("dialogue",)),
                make_prediction(TYPO),
                make_prediction(MENDED),
            ]
        )
        yield opened


@pytest.fixture(scope="module")
def client(context: Context) -> Iterator[httpx.Client]:
    with browser(context) as opened:
        yield opened


def listed(client: httpx.Client, **query: str | int) -> list[dict[str, Any]]:
    """Return the edits of the first page."""
    answer = client.get("/api/revisions", params=query)
    assert answer.status_code == 200
    return answer.json()["edits"]


def test_edits_come_newest_first(client: httpx.Client) -> None:
    assert [edit["outlet"] for edit in listed(client)] == ["sputnik", "katehon", "tass", "rt"]


def test_an_edit_says_what_changed_and_how_the_labels_did(client: httpx.Client) -> None:
    (edit,) = listed(client, reframed="true")
    assert (edit["article"], edit["parts"]) == (BEFORE.id, ["title"])
    assert (edit["before"]["title"], edit["after"]["title"]) == (BEFORE.title, AFTER.title)
    assert edit["before"]["labels"] == ["us=hostile", "relations=confrontation"]
    assert edit["lost"] == ["us=hostile", "relations=confrontation"]
    assert edit["gained"] == ["us=neutral", "relations=detente", "frame=dialogue"]
    assert edit["differences"][0]["pieces"] == [
        {"kind": "kept", "text": "Washington"},
        {"kind": "removed", "text": " threatens"},
        {"kind": "added", "text": " meets"},
        {"kind": "kept", "text": " envoys"},
    ]


def test_a_changed_text_is_cut_to_the_changed_place(client: httpx.Client) -> None:
    (edit,) = listed(client, outlet="sputnik")
    (difference,) = edit["differences"]
    assert difference["part"] == "text"
    shown = "".join(piece["text"] for piece in difference["pieces"])
    assert len(shown) < 400
    assert {"failed", "worked"} <= set(shown.replace(".", " ").split())


@pytest.mark.parametrize(
    ("query", "outlets"),
    [
        ({"outlet": "tass"}, ["tass"]),
        ({"group": "alternative"}, ["katehon"]),
        ({"since": str(TODAY + timedelta(days=1))}, ["sputnik"]),
        ({"until": str(TODAY), "outlet": "rt"}, ["rt"]),
        ({"since": str(TODAY + timedelta(days=9))}, []),
    ],
)
def test_filters(client: httpx.Client, query: dict[str, str], outlets: list[str]) -> None:
    assert [edit["outlet"] for edit in listed(client, **query)] == outlets


def test_pages_follow_each_other(client: httpx.Client) -> None:
    found, cursor = [], ""
    while True:
        page = client.get("/api/revisions", params={"limit": 1, "cursor": cursor}).json()
        found += [edit["outlet"] for edit in page["edits"]]
        cursor = page["next"]
        if not cursor:
            break
    assert found == ["sputnik", "katehon", "tass", "rt"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"outlet": "nobody"}, "no outlet 'nobody'"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "?"}, "begin again at the first page"),
        ({"since": "2025-03-02", "until": "2025-03-01"}, "ends before that"),
    ],
)
def test_a_wrong_request_is_explained(
    client: httpx.Client, query: dict[str, str], words: str
) -> None:
    answer = client.get("/api/revisions", params=query)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


def test_an_article_says_how_each_version_is_labelled(client: httpx.Client) -> None:
    row = client.get(f"/api/articles/{BEFORE.id}").json()
    assert [version["labels"][0] for version in row["revisions"]] == ["us=hostile", "us=neutral"]


# Pages


def text_of(client: httpx.Client, path: str) -> str:
    """Return the page's HTML, its white space folded."""
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_the_article_page_shows_each_version_and_its_difference(client: httpx.Client) -> None:
    page = text_of(client, f"/articles/{BEFORE.id}")
    assert "2 versions of this article were seen" in page
    assert '<del><span class="hidden">[removed: </span>threatens' in page
    assert '<ins><span class="hidden">[added: </span>meets' in page
    assert "No longer: <b>US portrayed as hostile</b>, <b>Confrontation</b>." in page


def test_an_article_that_was_never_changed_has_no_versions(
    context: Context, client: httpx.Client
) -> None:
    article = make_article(9, title="Never changed")
    context.store.add_articles([article], live=True)
    assert "Versions" not in text_of(client, f"/articles/{article.id}")


def test_of_many_versions_the_newest_are_compared(context: Context, client: httpx.Client) -> None:
    article = make_article(7, title="Version 0")
    for n in range(MAX_VERSIONS + 3):
        version = revise(article, title=f"Version {n}", collected=NOW - (99 - n) * HOUR)
        context.store.add_articles([version], live=True)
    found = queries.article_detail(context, article.id)
    assert found is not None
    versions = queries.versions(context, found)
    assert [item.revision.title for item in versions][0::49] == ["Version 3", "Version 52"]
    assert all(item.edit for item in versions[1:])
    page = text_of(client, f"/articles/{article.id}")
    assert "53 versions of this article were seen, newest first; the last 50 are shown." in page


def test_the_page_of_edits_lists_those_with_other_labels(client: httpx.Client) -> None:
    page = text_of(client, "/revisions?show=reframed")
    assert "RT changed the title" in page
    assert "TASS" not in page.split("</form>")[1].split("<footer>")[0]


def test_the_page_of_edits_lists_all_when_asked(client: httpx.Client) -> None:
    page = text_of(client, "/revisions?show=all")
    assert "TASS changed the title" in page
    assert "The labels are the same before and after." in page
    assert "The model has not read both versions yet." in page


def test_hostile_titles_do_nothing(client: httpx.Client) -> None:
    page = text_of(client, "/revisions?show=all")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "{{7*7}}" in page


def test_a_wrong_filter_is_explained_on_the_page(client: httpx.Client) -> None:
    answer = client.get("/revisions?since=yesterday")
    assert answer.status_code == 422
    assert "must be a day such as" in answer.text


def test_the_start_page_leads_to_the_edits(client: httpx.Client) -> None:
    assert 'href="/revisions"' in client.get("/").text


def test_versions_that_came_in_different_ways_are_not_called_edits(tmp_path: Any) -> None:
    imported = make_article(1, title="As a file has it", origin=Origin.IMPORTED)
    live = revise(make_article(1, title="As the feed has it"), lead="Another lead.")
    with installation(tmp_path) as opened, browser(opened) as client:
        opened.store.add_articles([imported])
        opened.store.add_articles([live], live=True)
        assert listed(client) == []
        assert "need not be the outlet" in text_of(client, f"/articles/{live.id}")
