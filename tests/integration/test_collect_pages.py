"""Visits to pages of a real server: each ends in one outcome, with its text or its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from services.collect.http.fetcher import Fetcher
from services.collect.http.robots import Permission
from services.collect.identity.canonical import article_id_of
from services.collect.pages.site import SAME_BODY, Site
from services.collect.pages.visit import Known, Visited, visit
from services.domain.outlet import Outlet
from services.domain.page import PageOutcome, PageVisit
from tests.support.feed_server import Answer, FeedServer
from tests.support.pages import HTML, PARAGRAPHS, page
from tests.support.records import NOW, make_article, make_outlet

TEXT = "\n".join(PARAGRAPHS)
HOUR = timedelta(hours=1)


@dataclass
class Rules:
    """A robots.txt that is known already, and who asked about it."""

    permission: Permission = field(default_factory=lambda: Permission(True))

    def ask(self, url: str, outlet: Outlet | None = None) -> Permission:
        return self.permission


@dataclass
class Newspaper:
    """An outlet on a loopback server whose pages are visited."""

    server: FeedServer
    fetcher: Fetcher

    def planned(self, path: str, host: str = "127.0.0.1", **fields: object) -> PageVisit:
        base = PageVisit("a1", "rt", self.server.url(path, host), NOW)
        return replace(base, **fields)  # type: ignore[arg-type]

    def visit(
        self,
        planned: PageVisit,
        known: Known | None = None,
        rules: Rules | None = None,
        **outlet: object,
    ) -> Visited:
        outlet_here = make_outlet(feed=self.server.url("/feed"), **outlet)
        return visit(planned, outlet_here, self.fetcher, rules or Rules(), NOW, known or Known())

    def show(self, body: str | bytes, path: str = "/news/1", kind: str = "") -> str:
        self.server.set(path, 200, {"Content-Type": kind} if kind else HTML, body)
        return path

    def look(self, body: str | bytes, known: Known | None = None, **outlet: object) -> Visited:
        """Show a page and visit it for the first time."""
        return self.visit(self.planned(self.show(body)), known, **outlet)


def known(text: str = "", title: str = "Headline number 1", **fields: object) -> Known:
    article = make_article(1, title=title, text=text)
    return replace(Known(article), **fields)  # type: ignore[arg-type]


@pytest.fixture
def paper() -> Iterator[Newspaper]:
    with (
        FeedServer() as server,
        Fetcher(
            user_agent="Framewatch/test",
            timeout=20,
            max_bytes=4_000_000,
            allow_networks=["127.0.0.0/8"],
        ) as fetcher,
    ):
        yield Newspaper(server, fetcher)


# What is read


def test_the_text_of_a_page_is_taken_without_its_surroundings(paper: Newspaper) -> None:
    visited = paper.look(page(), known())
    assert visited.text == TEXT
    assert visited.visit.outcome is PageOutcome.TEXT


def test_a_page_in_windows_1251_is_read_as_its_header_says(paper: Newspaper) -> None:
    sentence = "Стороны несколько часов говорили о том, что заботит их обеих. " * 4
    path = paper.show(page([sentence]).encode("windows-1251"), kind="text/html;charset=cp1251")
    assert sentence.strip() in paper.visit(paper.planned(path)).text


def test_what_the_outlet_hints_at_is_the_text(paper: Newspaper) -> None:
    other = "Another story entirely, which the page shows below the article in full length. " * 9
    body = page(tail=f"<div class='next'><p>{other}</p></div>").replace("article>", "main>")
    hinted = paper.look(body, text_hints={"include": ("//main",)})
    assert hinted.text == TEXT


def test_what_the_outlet_excludes_is_not_in_the_text(paper: Newspaper) -> None:
    body = page([*PARAGRAPHS[:3], "</p><p class='promo'>Our new film is out now, see it.", "End."])
    assert "Our new film" in paper.look(body).text
    hinted = paper.look(body, text_hints={"exclude": ("//p[@class='promo']",)})
    assert "Our new film" not in hinted.text


@pytest.mark.parametrize("hint", ["//div[@id='gone']", "//[", "count(//p)", "//p/@class"])
def test_a_hint_that_fits_nothing_is_passed_over(paper: Newspaper, hint: str) -> None:
    assert paper.look(page(), text_hints={"include": (hint,), "exclude": (hint,)}).text == TEXT


def test_author_and_section_are_taken_as_the_page_states_them(paper: Newspaper) -> None:
    linked: dict[str, object] = {
        "@type": "NewsArticle",
        "author": [
            {"@type": "Person", "name": "Ann Other"},
            {"@type": "Organization", "name": "A B"},
        ],
        "articleSection": "World",
    }
    visited = paper.look(page(linked=linked))
    assert (visited.author, visited.section) == ("Ann Other", "World")


def test_a_text_that_only_scripts_would_show_is_taken_from_what_the_page_states(
    paper: Newspaper,
) -> None:
    linked: dict[str, object] = {"@type": "NewsArticle", "articleBody": TEXT}
    assert paper.look(page([], linked=linked), known()).text == TEXT


def test_the_language_is_that_of_title_and_text(paper: Newspaper) -> None:
    body = page(["Стороны несколько часов говорили о том, что заботит их обеих. " * 4])
    assert paper.look(body, known(title="RT")).language == "ru"


def test_an_outlets_headers_are_sent_to_its_own_pages_only(paper: Newspaper) -> None:
    path = paper.show(page())
    paper.visit(paper.planned(path), headers={"X-Key": "secret"})
    paper.visit(paper.planned(path, host="localhost"), headers={"X-Key": "secret"})
    sent = [request.headers.get("x-key") for request in paper.server.requests]
    assert sent == ["secret", None]


def test_another_address_that_the_page_states_is_one_of_the_same_article(
    paper: Newspaper,
) -> None:
    stated = paper.server.url("/world/123456-the-two-sides-meet")
    path = paper.show(page(head=f"<link rel='canonical' href='{stated}'>"), "/amp/story/123456")
    assert paper.visit(paper.planned(path)).same_as == article_id_of(stated)


def test_the_address_that_a_page_has_moved_to_is_one_of_the_same_article(
    paper: Newspaper,
) -> None:
    moved = paper.show(page(), "/world/123456-the-two-sides-meet")
    paper.server.set("/p/123456", 301, {"Location": moved})
    visited = paper.visit(paper.planned("/p/123456"))
    assert visited.same_as == article_id_of(paper.server.url(moved))


@pytest.mark.parametrize("stated", ["", "/", "http://[", "/world/654321-another-story-of-the-day"])
def test_an_address_that_names_another_article_or_none_says_nothing(
    paper: Newspaper, stated: str
) -> None:
    path = paper.show(page(head=f"<link rel='canonical' href='{stated}'>"), "/story/123456")
    assert paper.visit(paper.planned(path)).same_as == ""


# What is no article


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/pdf", b"%PDF-1.4 \x00\xff"),
        ("text/html", b""),
        ("text/html", b"\x00\xff" * 1_000),
        ("text/html", b"<div>" * 50_000),
        ("text/html", page(["A caption."]).encode()),
        ("text/html", page(title="Page not found").encode()),
        ("text/html", page(title="404").encode()),
        ("text/html", page(title="Страница не найдена").encode()),
    ],
)
def test_a_page_without_an_article_has_no_text(paper: Newspaper, kind: str, body: bytes) -> None:
    visited = paper.visit(paper.planned(paper.show(body, kind=kind)))
    assert (visited.visit.outcome, visited.text) == (PageOutcome.NO_TEXT, "")
    assert visited.visit.sentence.endswith(".")


def test_a_page_that_leads_home_is_no_article(paper: Newspaper) -> None:
    paper.server.set("/news/1", 302, {"Location": "/"})
    paper.show(page(), "/")
    visited = paper.visit(paper.planned("/news/1"), known())
    assert visited.visit.outcome is PageOutcome.NO_TEXT
    assert "home page" in visited.visit.sentence


def test_a_page_about_something_else_is_no_article(paper: Newspaper) -> None:
    about = known(title="Wheat harvest exceeds forecasts across southern regions")
    visited = paper.look(page(title="Cookies and privacy"), about)
    assert (visited.visit.outcome, visited.text) == (PageOutcome.NO_TEXT, "")


def test_an_article_about_missing_pages_is_an_article(paper: Newspaper) -> None:
    title = "Why 'page not found' errors grow"
    assert paper.look(page(title=title), known(title=title)).text == TEXT


def test_a_page_that_comes_for_several_articles_is_none_of_them(paper: Newspaper) -> None:
    remembered = Site()
    found = []
    for number in range(SAME_BODY):
        path = paper.show(page(tail=f"<i>{number}</i>"), f"/news/{number}")
        planned = paper.planned(path, article_id=f"a{number}")
        found.append(paper.visit(planned, Known(site=remembered)).visit.outcome)
    assert found == [PageOutcome.TEXT] * (SAME_BODY - 1) + [PageOutcome.NO_TEXT]


GUARD = (
    "<html><head><title>Just a moment...</title></head><body><p>Checking your browser before "
    "you access the site.</p><script src='/cdn-cgi/challenge-platform/h/b/orchestrate/x.js'>"
    "</script></body></html>"
)
CONSENT = page(
    ["We value your privacy. " + "We and our partners store information on a device. " * 9],
    title="We value your privacy",
)


@pytest.mark.parametrize("body", [GUARD, CONSENT], ids=["guard", "consent"])
def test_a_wall_in_place_of_the_page_is_a_failure_with_its_sentence(
    paper: Newspaper, body: str
) -> None:
    visited = paper.look(body, known(title="Wheat harvest exceeds forecasts across the region"))
    assert (visited.visit.outcome, visited.text) == (PageOutcome.UNREACHABLE, "")
    assert "page" in visited.visit.sentence
    assert visited.visit.due == NOW + HOUR


# Paywalls


CLOSED: dict[str, object] = {"@type": "NewsArticle", "isAccessibleForFree": False}


@pytest.mark.parametrize(
    ("paragraphs", "linked"),
    [
        (PARAGRAPHS, CLOSED),
        (PARAGRAPHS, {"@type": "NewsArticle", "wordCount": 900}),
        ([*PARAGRAPHS, "Subscribe to continue reading this article."], None),
        ([*PARAGRAPHS, "Чтобы дочитать статью, оформите подписку."], None),
    ],
)
def test_the_beginning_of_a_closed_article_is_a_teaser(
    paper: Newspaper, paragraphs: list[str], linked: dict[str, object] | None
) -> None:
    visited = paper.look(page(paragraphs, linked=linked), known())
    assert visited.visit.outcome is PageOutcome.TEASER
    assert PARAGRAPHS[0] in visited.text


def test_a_teaser_that_says_no_more_than_the_feed_is_not_kept(paper: Newspaper) -> None:
    lead = " ".join(PARAGRAPHS)
    article = make_article(1, lead=lead)
    assert paper.look(page(linked=CLOSED), Known(article)).text == ""


@pytest.mark.parametrize(
    "linked",
    [
        {**CLOSED, "wordCount": 200},
        {**CLOSED, "hasPart": {"isAccessibleForFree": "False", "cssSelector": ".paid"}},
    ],
)
def test_a_closed_article_that_is_shown_as_a_whole_is_read(
    paper: Newspaper, linked: dict[str, object]
) -> None:
    body = page(linked=linked).replace("<article>", "<article class='paid'>")
    assert paper.look(body, known()).visit.outcome is PageOutcome.TEXT


# Visits that are repeated


def test_the_same_bytes_are_not_read_again(paper: Newspaper) -> None:
    first = paper.look(page(), known())
    again = paper.visit(first.visit, known(text=TEXT))
    assert (again.visit.outcome, again.text) == (PageOutcome.UNCHANGED, "")
    assert again.visit.visits == 2


def test_a_page_that_was_read_before_is_read_again_when_its_text_is_not_stored(
    paper: Newspaper,
) -> None:
    first = paper.look(page(), known())
    assert paper.visit(first.visit, known(text="")).text == TEXT


def test_an_edited_text_comes_back(paper: Newspaper) -> None:
    first = paper.look(page(), known())
    paper.show(page([*PARAGRAPHS[:-1], "The talks have failed, the ministry says now at last."]))
    again = paper.visit(first.visit, known(text=TEXT))
    assert again.visit.outcome is PageOutcome.TEXT
    assert again.text.endswith("The talks have failed, the ministry says now at last.")


@pytest.mark.parametrize(
    "paragraphs",
    [
        ["Updated at 14:35", *PARAGRAPHS],
        [*PARAGRAPHS, "1,204 views"],
        [*PARAGRAPHS, "Read also: Somebody else said something else"],
        [text.replace(",", " -") for text in PARAGRAPHS],
    ],
    ids=["stamp", "counter", "link", "punctuation"],
)
def test_the_same_text_shown_differently_is_unchanged(
    paper: Newspaper, paragraphs: list[str]
) -> None:
    first = paper.look(page(), known())
    paper.show(page(paragraphs))
    again = paper.visit(first.visit, known(text=TEXT))
    assert (again.visit.outcome, again.text) == (PageOutcome.UNCHANGED, "")


@pytest.mark.parametrize(
    "body",
    [page(PARAGRAPHS[:2]), page([]), page(PARAGRAPHS[:2], linked=CLOSED), page(title="404")],
    ids=["cut", "empty", "closed", "gone"],
)
def test_a_page_that_lost_most_of_its_text_is_a_failed_visit(paper: Newspaper, body: str) -> None:
    first = paper.look(page(), known())
    paper.show(body)
    again = paper.visit(first.visit, known(text=TEXT))
    assert (again.visit.outcome, again.text) == (PageOutcome.UNREACHABLE, "")
    assert again.visit.failures == 1


# When to come again


def test_edits_are_looked_for_after_an_hour_six_a_day_three_and_seven(paper: Newspaper) -> None:
    planned = paper.planned(paper.show(page()))
    since, waits = NOW, []
    while planned.due is not None:
        planned = paper.visit(planned, known(text=TEXT)).visit
        if planned.due is not None:
            since += planned.due - NOW
            waits.append(since - NOW)
    hours = [wait / HOUR for wait in waits]
    assert hours == [1, 6, 24, 72, 168]


def test_no_edits_are_looked_for_when_that_is_switched_off(paper: Newspaper) -> None:
    assert paper.look(page(), known(revisit=False)).visit.due is None


def test_failures_back_off_and_end(paper: Newspaper) -> None:
    planned, waits = paper.planned("/missing"), []
    while planned.due is not None:
        planned = paper.visit(planned).visit
        waits.append(planned.due and (planned.due - NOW) / HOUR)
    assert waits == [1, 6, 24, None]
    assert "404" in planned.sentence


def test_a_page_that_robots_txt_closes_is_not_asked_for(paper: Newspaper) -> None:
    rules = Rules(Permission(False, "The robots.txt keeps this page from us."))
    visited = paper.visit(paper.planned(paper.show(page())), rules=rules)
    assert visited.visit.outcome is PageOutcome.DISALLOWED
    assert visited.visit.due == NOW + timedelta(days=7)
    assert paper.server.requests == []


def test_a_robots_txt_that_cannot_be_read_is_asked_again_soon(paper: Newspaper) -> None:
    rules = Rules(Permission(False, "The robots.txt could not be read.", again=3600.0))
    visited = paper.visit(paper.planned(paper.show(page())), rules=rules)
    assert visited.visit.outcome is PageOutcome.UNREACHABLE
    assert visited.visit.due == NOW + HOUR


def test_a_server_that_breaks_off_costs_the_visit_only(paper: Newspaper) -> None:
    paper.server.set("/news/1", answer=lambda request: Answer(200, {**HTML, "Content-Length": "9"}))
    visited = paper.visit(paper.planned("/news/1"))
    assert visited.visit.outcome in (PageOutcome.UNREACHABLE, PageOutcome.NO_TEXT)
