"""Visiting pages as a stage: what is due is visited politely and fairly, and what fails waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services import pipeline
from services.collect.pages.site import Site
from services.context import Context, open_context
from services.domain.article import Article, EntryOutcome
from services.domain.outlet import Outlet
from services.domain.page import PageOutcome, PageVisit
from services.errors import RetryableError
from services.outlets.catalogue import Catalogue
from services.pipeline.visiting import FAILURES, MANY, SITE_META
from services.settings import load_settings
from tests.support.feed_server import Answer, FeedServer, Request
from tests.support.pages import HTML, PARAGRAPHS, page
from tests.support.records import NOW, make_article, make_outlet

TEXT = "\n".join(PARAGRAPHS)
HOUR = timedelta(hours=1)


class Newsroom:
    """An installation whose clock is set by hand, and outlets on loopback servers."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.now = NOW
        self._folder = folder
        self._settings = {
            "host_pause": 0,
            "allow_networks": ["127.0.0.0/8"],
            "fetch_timeout": 5,
            "visit_seconds": 10,
            **settings,
        }
        self.outlets: list[Outlet] = []

    @contextmanager
    def opened(self) -> Iterator[Context]:
        """Open the installation as a process does when it starts."""
        settings = load_settings(data=self._folder, **self._settings)
        catalogue = Catalogue(tuple(self.outlets))
        with open_context(settings, clock=lambda: self.now, catalogue=catalogue) as context:
            yield context

    def outlet(self, name: str, server: FeedServer, **fields: object) -> Outlet:
        found = make_outlet(name, feed=server.url("/feed"), **fields)
        self.outlets.append(found)
        return found

    def publish(
        self, context: Context, outlet: Outlet, server: FeedServer, *numbers: int
    ) -> list[Article]:
        """Announce articles of an outlet; a higher number is a newer article."""
        articles = [
            make_article(
                number,
                outlet=outlet.id,
                url=server.url(f"/{outlet.id}/{number}"),
                published=self.now - HOUR + timedelta(minutes=number),
            )
            for number in numbers
        ]
        context.store.add_articles(articles, live=True, visit_at=self.now)
        return articles


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


def show(server: FeedServer, path: str, paragraphs: list[str] = PARAGRAPHS) -> None:
    marked = [f"This is the page {path} of the site, and of no other.", *paragraphs]
    number = path.rpartition("/")[2]
    server.set(path, 200, HTML, page(marked, title=f"Headline number {number}"))


def asked(server: FeedServer) -> list[str]:
    return [path for path in server.paths() if path != "/robots.txt"]


def test_a_due_page_completes_its_article(room: Newsroom, server: FeedServer) -> None:
    outlet = room.outlet("rt", server)
    show(server, "/rt/1")
    with room.opened() as context:
        (article,) = room.publish(context, outlet, server, 1)
        assert pipeline.visit_pages(context) == {"completed": 1}
        stored = context.store.articles([article.id])[article.id]
        assert stored.text.endswith(TEXT)
        assert len(context.store.revisions(article.id)) == 1


def test_links_that_cannot_be_fetched_fail_and_keep_nobody_from_being_visited(
    room: Newsroom, server: FeedServer
) -> None:
    outlet = room.outlet("rt", server)
    show(server, "/rt/1")
    links = [f"https://1.2.3.999/{number}" for number in range(FAILURES)]
    bad = [make_article(10 + n, outlet="rt", url=link) for n, link in enumerate(links)]
    with room.opened() as context:
        room.publish(context, outlet, server, 1)
        context.store.add_articles(bad, live=True, visit_at=room.now)
        assert pipeline.visit_pages(context) == {"unreachable": FAILURES, "completed": 1}
        assert pipeline.visit_pages(context) == {}


def test_nothing_is_visited_twice_in_a_round_nor_before_it_is_due(
    room: Newsroom, server: FeedServer
) -> None:
    outlet = room.outlet("rt", server)
    show(server, "/rt/1")
    with room.opened() as context:
        room.publish(context, outlet, server, 1)
        pipeline.visit_pages(context)
        assert pipeline.visit_pages(context) == {}
    assert asked(server) == ["/rt/1"]


def test_an_edit_of_the_text_is_a_revision(room: Newsroom, server: FeedServer) -> None:
    outlet = room.outlet("rt", server)
    show(server, "/rt/1")
    with room.opened() as context:
        (article,) = room.publish(context, outlet, server, 1)
        pipeline.visit_pages(context)
        show(server, "/rt/1", [*PARAGRAPHS[:-1], "The talks have failed, the ministry now says."])
        room.now += HOUR
        assert pipeline.visit_pages(context) == {"revised": 1}
        versions = context.store.revisions(article.id)
    assert [version.text.endswith(TEXT) for version in versions] == [True, False]


def test_what_was_learnt_of_a_site_outlives_the_process(room: Newsroom, server: FeedServer) -> None:
    outlet = room.outlet("rt", server)
    promise = "The Daily Something brings you the news of the day, every day."
    for number in range(1, 8):
        show(server, f"/rt/{number}", [*PARAGRAPHS, promise])
    with room.opened() as context:
        articles = room.publish(context, outlet, server, *range(1, 8))
        pipeline.visit_pages(context)
    room.now += HOUR
    for number in range(1, 8):
        show(server, f"/rt/{number}", [*PARAGRAPHS, "", promise, ""])
    with room.opened() as context:
        assert pipeline.visit_pages(context) == {"unchanged": 7}
        texts = context.store.articles([article.id for article in articles])
    kept = [promise in article.text for article in texts.values()]
    assert sum(kept) == 4  # until a line has been seen on five pages it is taken for theirs


def test_what_was_learnt_is_stored_before_the_text_it_was_taken_off(
    room: Newsroom, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = room.outlet("rt", server)
    promise = "The Daily Something brings you the news of the day, every day."
    for number in range(1, 7):
        show(server, f"/rt/{number}", [*PARAGRAPHS, promise])
    known: list[tuple[bool, bool]] = []
    with room.opened() as context:
        room.publish(context, outlet, server, *range(1, 7))
        save = context.store.save_page

        def watched(visit: PageVisit, text: str = "", **more: Any) -> EntryOutcome:
            stored = Site(context.store.get_meta(f"{SITE_META}rt"))
            known.append((promise in text, stored.owns(promise)))
            return save(visit, text, **more)

        monkeypatch.setattr(context.store, "save_page", watched)
        pipeline.visit_pages(context)
    assert known == [(True, False)] * 4 + [(False, True)] * 2


def test_the_newest_articles_come_first(room: Newsroom, server: FeedServer) -> None:
    outlet = room.outlet("rt", server)
    for number in (1, 2, 3):
        show(server, f"/rt/{number}")
    with room.opened() as context:
        room.publish(context, outlet, server, 2, 3, 1)
        pipeline.visit_pages(context)
    assert asked(server) == ["/rt/3", "/rt/2", "/rt/1"]


def test_a_slow_outlet_holds_up_no_other(room: Newsroom, server: FeedServer) -> None:
    done = threading.Event()

    def slow(request: Request) -> Answer:
        done.wait(5)
        return Answer(200, HTML, page())

    with FeedServer() as other:
        slow_outlet, quick_outlet = room.outlet("rt", server), room.outlet("tass", other)
        for number in range(1, 21):
            server.set(f"/rt/{number}", answer=slow)
            show(other, f"/tass/{number}")
        with room.opened() as context:
            room.publish(context, slow_outlet, server, *range(1, 21))
            room.publish(context, quick_outlet, other, *range(1, 21))

            def others_done() -> bool:
                if len(asked(other)) == 20 and not context.store.pages_due(room.now, 1, ["tass"]):
                    done.set()
                return done.is_set()

            pipeline.visit_pages(context, finished(others_done))
        assert len(asked(other)) == 20
    assert len(asked(server)) == 1  # no more than one at a time


def finished(when: Callable[[], bool]) -> Callable[[], bool]:
    """A stop that comes when `when()` first holds, and stays."""
    state = {"over": False}

    def stop() -> bool:
        state["over"] = state["over"] or when()
        return state["over"]

    return stop


def test_an_outlet_that_fails_is_given_up_for_the_round(room: Newsroom, server: FeedServer) -> None:
    outlet = room.outlet("rt", server)
    with room.opened() as context:
        room.publish(context, outlet, server, *range(1, 11))
        assert pipeline.visit_pages(context) == {"unreachable": FAILURES}
        assert len(context.store.pages_due(room.now, 20)) == 10 - FAILURES


def test_a_huge_outlet_leaves_room_for_a_small_one(room: Newsroom, server: FeedServer) -> None:
    with FeedServer() as other:
        huge, small = room.outlet("rt", server), room.outlet("tass", other)
        show(other, "/tass/1")
        with room.opened() as context:
            room.publish(context, small, other, 1)
            room.publish(context, huge, server, *range(2, MANY + 10))  # newer, and all missing
            visited = pipeline.visit_pages(context)
    assert visited == {"completed": 1, "unreachable": FAILURES}


def test_a_failed_visit_is_remembered_with_its_sentence(room: Newsroom, server: FeedServer) -> None:
    outlet = room.outlet("rt", server)
    with room.opened() as context:
        (article,) = room.publish(context, outlet, server, 1)
        pipeline.visit_pages(context)
        visit = context.store.page_visits([article.id])[article.id]
    assert (visit.outcome, visit.due) == (PageOutcome.UNREACHABLE, NOW + HOUR)
    assert "404" in visit.sentence


def test_robots_txt_is_obeyed(room: Newsroom, server: FeedServer) -> None:
    outlet = room.outlet("rt", server)
    server.set("/robots.txt", body="User-agent: *\nDisallow: /rt/")
    show(server, "/rt/1")
    with room.opened() as context:
        room.publish(context, outlet, server, 1)
        assert pipeline.visit_pages(context) == {"disallowed": 1}
    assert server.paths() == ["/robots.txt"]


@pytest.mark.parametrize("where", ["settings", "outlet", "disabled"])
def test_planned_visits_are_left_alone_where_no_pages_are_to_be_fetched(
    tmp_path: Path, server: FeedServer, where: str
) -> None:
    room = Newsroom(tmp_path, fetch_pages=where != "settings")
    fields: dict[str, object] = {"fetch_pages": where != "outlet", "enabled": where != "disabled"}
    outlet = room.outlet("rt", server, **fields)
    show(server, "/rt/1")
    with room.opened() as context:
        room.publish(context, outlet, server, 1)
        assert pipeline.visit_pages(context) == {}
    assert server.requests == []


def test_without_time_no_visit_is_begun(room: Newsroom, server: FeedServer) -> None:
    outlet = room.outlet("rt", server)
    with room.opened() as context:
        room.publish(context, outlet, server, 1)
        assert pipeline.visit_pages(context, budget=0) == {}
        assert len(context.store.pages_due(room.now, 5)) == 1
    assert server.requests == []


def test_a_stop_ends_the_round_and_keeps_what_is_left_due(
    room: Newsroom, server: FeedServer
) -> None:
    outlet = room.outlet("rt", server)
    for number in range(1, 6):
        show(server, f"/rt/{number}")
    with room.opened() as context:
        room.publish(context, outlet, server, *range(1, 6))
        pipeline.visit_pages(context, finished(lambda: len(asked(server)) >= 2))
        assert len(context.store.pages_due(room.now, 9)) >= 3


def test_hosts_are_asked_with_the_pause_between(tmp_path: Path, server: FeedServer) -> None:
    room = Newsroom(tmp_path, host_pause=300)
    outlet = room.outlet("rt", server)
    show(server, "/rt/1")
    with room.opened() as context:
        room.publish(context, outlet, server, 1, 2)
        pipeline.visit_pages(context, budget=0.5)
    assert server.paths() == ["/robots.txt"]  # the page itself has to wait for its turn


def test_a_store_that_fails_is_told_and_nothing_is_lost(
    room: Newsroom, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = room.outlet("rt", server)
    show(server, "/rt/1")

    def full(*arguments: object, **more: object) -> None:
        raise RetryableError("The disk is full.")

    with room.opened() as context:
        room.publish(context, outlet, server, 1)
        with monkeypatch.context() as patch:
            patch.setattr(context.store, "save_page", full)
            with pytest.raises(RetryableError, match="disk is full"):
                pipeline.visit_pages(context)
        assert pipeline.visit_pages(context) == {"completed": 1}
