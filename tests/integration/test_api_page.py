"""The pages through the HTTP door: what they say, and that hostile text does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from services.alerts.raising import raise_test_alert
from services.api.app import create_app
from services.context import Context
from services.domain.alert import DeliveryStatus
from services.domain.outlet import PollOutcome
from services.domain.shift import Shift
from tests.support.reading import (
    browser,
    installation,
    make_reference,
    store_articles,
    store_days,
)
from tests.support.records import (
    NOW,
    TODAY,
    make_alert,
    make_article,
    make_delivery,
    make_feed_state,
    make_passage,
    make_prediction,
    make_rule,
    make_shift,
    make_unclassified,
)

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)> & {{7*7}}'
FIRST = TODAY - timedelta(days=55)
LINKS = {"a": "href", "link": "href", "form": "action", "script": "src", "img": "src"}


class Page(HTMLParser):
    """What a browser would act upon: elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    reference = make_reference(date(2024, 1, 1), 60, {"relations=detente": 0.1, "us=hostile": 0.5})
    with installation(tmp_path, reference=reference) as context:
        yield create_app(context)


@pytest.fixture
def context(app: FastAPI) -> Context:
    found: Context = app.state.context
    return found


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with browser(app.state.context, app) as opened:
        yield opened


def _page(client: httpx.Client, path: str, status: int = 200) -> Page:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text
    return Page(answer.text)


def _thaw(context: Context) -> Shift:
    store_days(context, FIRST, 40, relations="confrontation")
    store_days(
        context, FIRST + timedelta(days=40), 16, relations="detente", us="neutral", start=900
    )
    shift = make_shift("signal=thaw|group:state|us", onset=FIRST + timedelta(days=40))
    context.store.save_shifts([shift])
    return shift


def test_an_empty_installation_shows_the_reference_and_the_way_to_the_demo(
    client: httpx.Client,
) -> None:
    page = _page(client, "/")
    assert "Nothing has been collected yet" in page.text
    assert "framewatch demo" in page.text
    assert "RT, reference" in page.text
    assert "Reference history of RT" in page.text


def test_without_reference_and_articles_the_page_still_stands(tmp_path: Path) -> None:
    with installation(tmp_path) as context, browser(context) as client:
        assert "Nothing has been collected yet" in _page(client, "/").text


def test_when_no_feed_answers_the_page_says_so_with_each_reason(
    context: Context, client: httpx.Client
) -> None:
    for outlet in context.catalogue.outlets:
        sentence = f"{outlet.name} could not be reached: name not found."
        context.store.save_feed_state(
            make_feed_state(outlet.id, outcome=PollOutcome.UNREACHABLE, sentence=sentence)
        )
    page = _page(client, "/")
    assert "No feed can be reached." in page.text
    assert "framewatch demo" in page.text
    assert all(
        f"{item.name} could not be reached" in page.text for item in context.catalogue.outlets
    )


def test_the_headline_names_a_recent_shift(context: Context, client: httpx.Client) -> None:
    shift = _thaw(context)
    page = _page(client, "/")
    move = "Russian state outlets have moved towards détente with the United States"
    title = f"{move} since about {shift.onset.day} {shift.onset:%B %Y}."
    assert title in page.text
    assert ("a", {"href": f"/shifts/{shift.id}"}) in [
        (tag, {"href": values.get("href", "")}) for tag, values in page.elements
    ]


def test_without_a_shift_the_headline_says_no_shift(context: Context, client: httpx.Client) -> None:
    store_days(context, FIRST, 56)
    page = _page(client, "/")
    assert "No shift: outlets write about the United States much as they did" in page.text
    assert "does not prove that nothing changed" in page.text


@pytest.mark.parametrize("window", ["all", "year", "quarter"])
@pytest.mark.parametrize("about", ["us", "all"])
def test_every_window_draws_named_charts_with_a_table_each(
    context: Context, client: httpx.Client, window: str, about: str
) -> None:
    _thaw(context)
    page = _page(client, f"/?window={window}&about={about}")
    charts = [
        values for tag, values in page.elements if tag == "svg" and values.get("role") == "img"
    ]
    assert charts
    named = {values.get("id") for tag, values in page.elements if tag in ("title", "desc")}
    for chart in charts:
        assert set(chart["aria-labelledby"].split()) <= named
    assert "The figures as a table" in page.text


def test_an_unknown_window_is_explained(client: httpx.Client) -> None:
    assert "There are: all, year, quarter" in _page(client, "/?window=decade", 422).text


def test_new_counts_change_the_page(context: Context, client: httpx.Client) -> None:
    store_days(context, FIRST, 56)
    before = _page(client, "/").text
    store_days(context, TODAY, 1, a_day=40, relations="detente", us="neutral", start=5000)
    assert _page(client, "/").text != before


def _hostile(context: Context) -> str:
    bad = make_article(1, outlet="rt", title=HOSTILE, lead=HOSTILE, text=f"Hello. {HOSTILE}")
    evidence = make_passage(HOSTILE, start=7, end=7 + len(HOSTILE))
    store_articles(context, [bad], [make_prediction(bad, evidence=(evidence,))])
    context.store.save_feed_state(
        make_feed_state("rt", outcome=PollOutcome.NOT_A_FEED, sentence=f"It said {HOSTILE}")
    )
    context.store.save_shifts([make_shift("signal=thaw|group:state|us", evidence=(bad.id,))])
    return bad.id


@pytest.mark.parametrize("path", ["/", "/search", "/search?q=script", "/articles/{}", "/shifts/{}"])
def test_hostile_text_is_shown_as_text(context: Context, client: httpx.Client, path: str) -> None:
    article = _hostile(context)
    shift = make_shift("signal=thaw|group:state|us").id
    page = _page(client, path.format(shift if "shifts" in path else article))
    assert "alert(1)" in page.text
    assert "{{7*7}}" in page.text
    assert [values for tag, values in page.elements if tag == "script"] == [
        {"src": "/static/page.js", "defer": ""}
    ]
    assert not [tag for tag, _ in page.elements if tag == "img"]
    assert not [name for _, values in page.elements for name in values if name.startswith("on")]


def test_a_hostile_query_is_shown_as_text(client: httpx.Client) -> None:
    page = Page(client.get("/search", params={"q": HOSTILE, "since": HOSTILE}).text)
    assert HOSTILE in [values.get("value") for tag, values in page.elements if tag == "input"]
    assert len([tag for tag, _ in page.elements if tag == "script"]) == 1


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//host/x", "ftp://host/x"]
)
def test_only_web_links_lead_out(context: Context, client: httpx.Client, url: str) -> None:
    bad = make_article(1, url=url)
    store_articles(context, [bad], [])
    page = _page(client, f"/articles/{bad.id}")
    assert "does not lead to the web" in page.text
    assert not [values for _, values in page.elements if values.get("href") == url]


def test_the_link_to_the_original_gives_nothing_away(
    context: Context, client: httpx.Client
) -> None:
    (article,) = store_days(context, TODAY, 1, a_day=1)
    page = _page(client, f"/articles/{article.id}")
    (link,) = [values for tag, values in page.elements if values.get("href") == article.url]
    assert link["rel"].split() == ["noopener", "noreferrer", "nofollow"]


@pytest.mark.parametrize("path", ["/", "/search", "/api", "/articles/{}", "/shifts/{}", "/nothing"])
def test_nothing_is_loaded_from_elsewhere(
    context: Context, client: httpx.Client, path: str
) -> None:
    article = _hostile(context)
    shift = make_shift("signal=thaw|group:state|us").id
    answer = client.get(
        path.format(shift if "shifts" in path else article), headers={"Accept": "text/html"}
    )
    for tag, values in Page(answer.text).elements:
        for name, value in values.items():
            if name in ("src", "href", "action", "srcset", "data", "poster", "xlink:href"):
                outside = bool(urlsplit(value).netloc) or value.startswith("//")
                assert not outside or (tag == "a" and "nofollow" in values.get("rel", "")), value
        assert "style" not in values, "inline styles are not allowed by the page's own policy"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in answer.headers


def test_the_article_page_marks_the_evidence(context: Context, client: httpx.Client) -> None:
    text = "Envoys met. They spoke of <arms> limits. Nobody was optimistic."
    article = make_article(7, text=text)
    evidence = make_passage(text[12:40], start=12, end=40, labels={"frame=arms_control": 0.8})
    store_articles(context, [article], [make_prediction(article, evidence=(evidence,))])
    html = client.get(f"/articles/{article.id}").text
    assert '<mark title="Arms control">They spoke of &lt;arms&gt; limits.</mark>' in html


def test_an_unsupported_language_is_named_as_such(context: Context, client: httpx.Client) -> None:
    german = make_article(8, title="Gespräche", language="de")
    store_articles(context, [german], [make_unclassified(german)])
    assert "unsupported_language" in _page(client, "/").text
    assert "unsupported_language" in _page(client, f"/articles/{german.id}").text


def test_a_shift_page_names_its_evidence(context: Context, client: httpx.Client) -> None:
    article, *_ = store_days(context, FIRST, 56)
    shift = make_shift("signal=thaw|group:state|us", evidence=(article.id,))
    context.store.save_shifts([shift])
    page = _page(client, f"/shifts/{shift.id}")
    assert article.title in page.text
    assert "New Détente rises in Russian state outlets" in page.text


def test_older_articles_are_a_link_away(context: Context, client: httpx.Client) -> None:
    store_days(context, FIRST, 5, a_day=6)
    first = _page(client, "/search?group=state")
    (link,) = [values["href"] for _, values in first.elements if values.get("rel") == "next"]
    second = _page(client, link)
    assert not [values for _, values in second.elements if values.get("rel") == "next"]


def test_without_a_demo_there_is_no_trace_of_one(client: httpx.Client) -> None:
    assert "Simulated world" not in _page(client, "/").text
    assert client.get("/demo/mails/0").status_code == 404


def test_the_demo_shows_its_mails_in_a_shut_frame(app: FastAPI, client: httpx.Client) -> None:
    app.state.demo = SimpleNamespace(
        banner="Everything here is simulated.",
        mails=[(NOW, "reader@demo.example", HOSTILE, "<p style='color:red'>A mail</p>")],
        webhooks=[(NOW, "http://127.0.0.1:9/hook", "msg_1", {"note": HOSTILE})],
        report="planted and found",
    )
    page = _page(client, "/")
    assert "Everything here is simulated." in page.text
    assert "planted and found" in page.text
    assert "msg_1" in page.text
    (frame,) = [values for tag, values in page.elements if tag == "iframe"]
    assert frame["sandbox"] == ""
    mail = client.get(frame["src"])
    assert "A mail" in mail.text
    policy = mail.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy


def test_the_ledger_is_shown_without_addresses(context: Context, client: httpx.Client) -> None:
    shift = make_shift("signal=thaw|group:state|us")
    alert = make_alert(shift)
    sent = make_delivery(alert, target="reader@example.org", status=DeliveryStatus.SENT)
    context.store.save_shifts([shift])
    context.store.add_alerts([alert], [sent])
    text = _page(client, "/").text
    assert "email to r…@example.org: sent" in text
    assert "reader@" not in text


def test_the_description_of_the_api_names_every_route(client: httpx.Client) -> None:
    page = client.get("/api", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "/api/articles/{article_id}" in page.text


def test_a_test_alert_is_listed_as_one(context: Context, client: httpx.Client) -> None:
    raise_test_alert([make_rule()], context.store, NOW)
    page = client.get("/")
    assert page.status_code == 200
    assert "Test of the channels" in page.text
