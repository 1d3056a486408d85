"""Feeds that are asked at an address of which no request can be made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services import pipeline
from services.context import Context, open_context
from services.domain.outlet import FeedState, PollOutcome
from services.outlets.catalogue import Catalogue
from services.settings import load_settings
from tests.support.feed_server import FeedServer
from tests.support.records import make_outlet
from tests.zoo.documents import GOOD

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
BAD = "https://1.2.3.999/feed"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """An installation whose outlet "tass" has a healthy feed."""
    settings = load_settings(data=tmp_path, host_pause=0, allow_networks=["127.0.0.0/8"])
    with FeedServer() as server:
        server.set("/feed", 200, {"Content-Type": "application/rss+xml"}, GOOD)
        healthy = make_outlet("tass", feed=server.url("/feed"))
        catalogue = Catalogue((make_outlet("rt", feed=BAD), healthy))
        with open_context(settings, clock=lambda: NOW, catalogue=catalogue) as opened:
            yield opened


def test_an_outlet_with_such_an_address_fails_alone(context: Context) -> None:
    rt, tass = pipeline.collect(context, ["rt", "tass"])
    assert rt.outcome is PollOutcome.UNREACHABLE
    assert "is not a web address that can be fetched" in rt.sentence
    assert tass.outcome is PollOutcome.OK
    assert pipeline.due_outlets(context) == []


def test_such_an_address_that_is_remembered_gives_way_to_that_of_the_catalogue(
    context: Context,
) -> None:
    moved = replace(FeedState("tass"), address=BAD, last_attempt=NOW)
    context.store.save_feed_state(moved)
    (tass,) = pipeline.collect(context, ["tass"])
    assert tass.outcome is PollOutcome.OK
    assert context.store.feed_states()["tass"].address == ""
