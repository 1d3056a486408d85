"""Collecting as a stage: what one outlet does never touches another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from services import pipeline
from services.context import Context, open_context
from services.domain.article import EntryOutcome
from services.domain.outlet import PollOutcome
from services.index.records import EditQuery
from services.outlets.catalogue import Catalogue
from services.pipeline import collecting
from services.settings import load_settings
from tests.support.feed_server import FeedServer
from tests.support.pages import HTML, page
from tests.support.records import make_outlet

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    # A proxy that refuses, so that no name is looked up outside this machine.
    settings = load_settings(data=tmp_path, proxy="http://127.0.0.1:1", fetch_timeout=2)
    with open_context(settings, clock=lambda: NOW) as opened:
        yield opened


def test_a_defect_at_one_outlet_is_told_and_leaves_the_others_alone(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = collecting.poll

    def broken(outlet, *arguments, **more):  # type: ignore[no-untyped-def]
        if outlet.id == "rt":
            raise LookupError("a library stumbled")
        return working(outlet, *arguments, **more)

    monkeypatch.setattr(collecting, "poll", broken)
    rt, tass = pipeline.collect(context, ["rt", "tass"])
    assert "a library stumbled" in rt.sentence
    assert "library" not in tass.sentence
    assert "rt" not in pipeline.due_outlets(context)  # asked again after an interval, not at once
    assert context.store.feed_states()["rt"].sentence == rt.sentence


def test_a_stop_asks_no_further_feed_and_leaves_them_due(context: Context) -> None:
    before = pipeline.due_outlets(context)
    assert pipeline.collect(context, before, stop=lambda: True) == []
    assert pipeline.due_outlets(context) == before


def test_a_changed_address_is_asked_at_once_and_forgets_the_old_feed(context: Context) -> None:
    pipeline.collect(context, ["rt"])
    assert "rt" not in pipeline.due_outlets(context)
    outlets = tuple(
        replace(outlet, feed="http://127.0.0.1:2/mirror") if outlet.id == "rt" else outlet
        for outlet in context.catalogue.outlets
    )
    context.catalogue = replace(context.catalogue, outlets=outlets)
    assert "rt" in pipeline.due_outlets(context)
    pipeline.collect(context, ["rt"])
    assert "rt" not in pipeline.due_outlets(context)


def test_an_old_copy_of_a_feed_brings_what_is_unknown_and_changes_nothing(tmp_path: Path) -> None:
    def show(*entries: tuple[int, str]) -> None:
        items = "".join(
            f"<item><title>{title}</title><link>{server.url(f'/news/{n}')}</link>"
            f"<pubDate>{format_datetime(NOW + timedelta(minutes=n - 60))}</pubDate></item>"
            for n, title in entries
        )
        feed = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
        server.set("/feed", 200, {"Content-Type": "application/rss+xml"}, feed)

    settings = load_settings(data=tmp_path, allow_networks=["127.0.0.0/8"], host_pause=0)
    with FeedServer() as server:
        outlets = Catalogue((make_outlet(feed=server.url("/feed")),))
        for n in range(9):
            text = [f"Of matter {n} number {k} they said what follows here." * 3 for k in range(9)]
            server.set(f"/news/{n}", 200, HTML, page(text, title=f"Headline number {n}"))
        with open_context(settings, clock=lambda: NOW, catalogue=outlets) as context:

            def collect() -> collecting.Collected:
                (result,) = pipeline.collect(context, ["rt"])
                pipeline.visit_pages(context)
                return result

            old = [(n, f"Headline number {n}") for n in (3, 4, 5)]
            show(*old)
            collect()
            show((5, "Headline number five, sharper"), *old[:2])
            collect()
            show((8, "Headline number 8"), (5, "Headline number five, sharper"), *old[:2])
            collect()
            show((5, "Headline number 5"), *old[:2], (2, "Headline number 2"))
            result = collect()

            assert result.outcome is PollOutcome.WENT_BACKWARDS
            assert result.entries == {EntryOutcome.DUPLICATE: 3, EntryOutcome.NEW: 1}
            articles = context.store.articles(result.ids)
            assert [article.title for article in articles.values()] == ["Headline number 2"]
            assert all(article.text for article in articles.values())
            (edit,) = context.store.edits(EditQuery(context.model)).edits
            assert edit.after.title == edit.article.title == "Headline number five, sharper"
            assert edit.article.text
