"""`framewatch backfill` from outside: killed, stopped, started again, and shown for what it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from services.demo.world import build_world
from services.index.opening import open_store
from services.index.records import SearchQuery
from tests.support.command import framewatch, start
from tests.support.past_site import PastSite

STORIES = 40
TODAY = datetime.now(UTC).date()
SINCE = TODAY - timedelta(days=STORIES + 5)


@pytest.fixture(scope="module")
def site() -> Iterator[PastSite]:
    """Two months of stories that sitemaps name by address only."""
    with PastSite() as running:
        titles = dict.fromkeys(entry.title for entry in build_world(languages=("en",)).entries)
        plain = [title for title in titles if title.isascii() and not set(title) & set("&<>\"'")]
        for number, title in enumerate(plain[:STORIES]):
            running.publish(title, TODAY - timedelta(days=1 + number))
        running.offer_sitemaps()
        running.server.set("/feed", 404)
        yield running


@pytest.fixture
def options(tmp_path: Path, site: PastSite) -> tuple[str | Path, ...]:
    outlet = {
        "id": "paper",
        "name": "A Paper",
        "group": "state",
        "language": "en",
        "feed": site.server.url("/feed"),
        "reason": "a test outlet",
        "source": "the tests",
        "certainty": "A",
    }
    file = tmp_path / "c.yaml"
    file.write_text(yaml.safe_dump({"extend": False, "outlets": [outlet]}), encoding="utf-8")
    return ("--catalogue", file, "--data", tmp_path / "data")


def command(site: PastSite) -> tuple[str, str, str, str]:
    site.server.requests.clear()
    return ("backfill", "paper", "--since", SINCE.isoformat())


def settings(site: PastSite, pause: float = 0) -> dict[str, str]:
    return {
        "allow_networks": '["127.0.0.0/8"]',
        "archive_url": site.archive,
        "archive_pause": "0",
        "host_pause": str(pause),
    }


def stored(options: tuple[str | Path, ...]) -> set[str]:
    """The addresses in the store, read while nothing else is at work on it."""
    store = open_store(Path(options[-1]) / "framewatch.db")
    try:
        return {hit.article.url for hit in store.search(SearchQuery(limit=1000)).hits}
    finally:
        store.close()


def end(process: subprocess.Popen[str], number: int) -> None:
    os.kill(process.pid, number)
    process.communicate(timeout=60)


def test_a_walk_killed_again_and_again_asks_for_each_page_once_more_at_most(
    site: PastSite, options: tuple[str | Path, ...]
) -> None:
    asked: list[str] = []
    for _ in range(3):
        wanted = len(asked) + 6
        process = start(*command(site), *options, **settings(site, pause=0.05))
        deadline = time.monotonic() + 60
        while site.asked("/news/") + len(asked) < wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        end(process, signal.SIGKILL)
        asked += [path for path in site.server.paths() if path.startswith("/news/")]
    done = framewatch(*command(site), *options, "--json", **settings(site))
    assert done.returncode == 0, done.stderr
    asked += [path for path in site.server.paths() if path.startswith("/news/")]
    assert len(stored(options)) == STORIES
    assert len(asked) <= STORIES + 3  # at each kill one page may have been under way


def test_ctrl_c_ends_at_once_keeps_what_was_found_and_a_second_start_goes_on(
    site: PastSite, options: tuple[str | Path, ...]
) -> None:
    process = start(*command(site), *options, **settings(site, pause=0.2))
    while site.asked("/news/") < 5:
        time.sleep(0.01)
    before = time.monotonic()
    end(process, signal.SIGINT)
    assert process.returncode == 130
    assert time.monotonic() - before < 10
    assert len(stored(options)) >= 4
    done = framewatch(*command(site), *options, **settings(site))
    assert done.returncode == 0, done.stderr
    assert len(stored(options)) == STORIES
    assert "A back-filled sample is not a live one" in done.stderr


def test_what_came_in_is_labelled_counted_and_marked_as_backfilled(
    site: PastSite, options: tuple[str | Path, ...]
) -> None:
    done = framewatch(*command(site), *options, "--json", **settings(site))
    told = json.loads(done.stdout)
    assert told["outcomes"] == {"new": STORIES}
    assert told["classified"] == STORIES
    again = framewatch(*command(site), *options, "--json", **settings(site))
    assert json.loads(again.stdout)["outcomes"] == {"known": STORIES}
    data = options[-2:]
    series = framewatch("series", "--label", "us=hostile", "--json", *data)
    points = json.loads(series.stdout)["points"]
    assert {
        point["source"] for point in points if point["n"] and "sample" not in point["source"]
    } >= {"backfilled"}
    found = framewatch("search", "--limit", "5", "--json", *data)
    assert {json.loads(line)["origin"] for line in found.stdout.splitlines()} == {"backfilled"}


def test_a_dry_run_says_what_it_would_take_and_stores_nothing(
    site: PastSite, options: tuple[str | Path, ...]
) -> None:
    done = framewatch(*command(site), *options, "--dry-run", **settings(site, pause=0.01))
    assert done.returncode == 0, done.stderr
    assert "Nothing was stored" in done.stderr
    assert stored(options) == set()
    assert site.asked("/news/") == 0


def test_an_unknown_outlet_a_day_to_come_and_a_malformed_site_are_told_in_a_sentence(
    site: PastSite, options: tuple[str | Path, ...]
) -> None:
    unknown = framewatch("backfill", "nobody", "--since", "2025-01-01", *options)
    assert unknown.returncode == 2
    assert "nobody" in unknown.stderr
    later = (TODAY + timedelta(days=3)).isoformat()
    future = framewatch("backfill", "paper", "--since", later, *options)
    assert future.returncode == 2
    assert "nothing to back-fill" in future.stderr
    part = framewatch("backfill", "paper", "--since", "2025-01-01", "--site", "http://[", *options)
    assert part.returncode == 2
    assert "--site wants an address" in part.stderr
