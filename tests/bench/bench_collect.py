"""Speed, politeness and memory of collection.

`python -m tests.bench.bench_collect [--json] [--only speed|hosts|memory]`

speed    200 feeds of 50 entries are parsed and stored, once all new and once all known, beside
         bare `feedparser.parse` on the same bytes, in turns; medians of the processor's time,
         since machines are shared. Target: at least 60 % of the speed of feedparser.
hosts    2,000 due feeds on 1,000 hosts that take a second to answer. Target: under 60 s, while
         the hosts see at most two requests at once and five seconds between two starts.
memory   50 rounds over 20 feeds, each round with news, after as much that every bounded cache is
         full. Target: the resident memory grows by less than 20 KB a round.

Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from xml.sax.saxutils import escape

import feedparser
import psutil
import yaml

from services import pipeline
from services.collect.http.fetcher import Fetched, Fetcher
from services.context import Context, open_context
from services.demo.clock import SimulatedClock
from services.demo.world import build_world
from services.domain.article import EntryOutcome
from services.settings import load_settings
from tests.bench.bench_store import batches, simulate
from tests.support.slow_hosts import slow_hosts

START = datetime(2025, 3, 3, 12, tzinfo=UTC)
FEEDS, ENTRIES = 200, 50
CHUNK = 20
TURNS = 3
SPEED_FLOOR = 0.60
HOSTS, HOST_FEEDS, HOST_SECONDS, HOST_CEILING = 1_000, 2_000, 1.0, 60.0
PAUSE, AT_ONCE = 5.0, 2
ROUNDS, WARM_UP, ROUND_FEEDS, NEWS = 50, 10, 20, 2
STORED = 20_000  # articles that are there before the rounds begin
SLOPE_CEILING_KB = 20.0


class Canned:
    """Stands in for the network: answers at once with the body that belongs to an address."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self.bodies = dict(bodies)

    def get(self, url: str, **_: object) -> Fetched:
        return Fetched(200, url, {"content-type": "text/xml; charset=utf-8"}, self.bodies[url])

    def close(self) -> None:
        """Nothing to close."""


@lru_cache(maxsize=1)
def headlines() -> dict[str, list[tuple[str, str]]]:
    """Title and lead of the simulated world's entries, by language."""
    world = build_world()
    return {
        language: [
            (entry.title, entry.lead)
            for outlet in world.outlets
            if outlet.language == language
            for entry in world.published(outlet.id)
        ]
        for language in ("en", "ru")
    }


def language_of(name: str) -> str:
    """Half of the outlets write English, half Russian."""
    return ("en", "ru")[int(name.rpartition("-")[2]) % 2]


def document(name: str, entries: range, now: datetime) -> bytes:
    """A feed as newsrooms write them: CDATA leads with markup, guids, categories, dates."""
    told = headlines()[language_of(name)]
    items = []
    for n in reversed(entries):
        title, lead = told[(int(name.rpartition("-")[2]) * ENTRIES + n) % len(told)]
        when = now - timedelta(minutes=20 * (entries.stop - n))
        items.append(
            f"<item><title>{escape(title)} ({n})</title>"
            f"<link>https://{name}.example/news/{n}?utm_source=rss</link>"
            f"<guid isPermaLink='false'>{name}-{n}</guid><description><![CDATA[<p>"
            f"<img src='https://{name}.example/{n}.jpg'/>{escape(lead)}</p>]]>"
            f"</description><category>World</category><author>desk@{name}.example</author>"
            f"<pubDate>{format_datetime(when)}</pubDate></item>"
        )
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{name}</title>"
        f"<link>https://{name}.example/</link><description>News</description>{''.join(items)}"
        "</channel></rss>"
    ).encode()


@contextmanager
def installation(feeds: Mapping[str, str], **settings: object) -> Iterator[Context]:
    """An empty installation whose catalogue names these feeds (outlet id to address)."""
    with tempfile.TemporaryDirectory() as name:
        catalogue = Path(name) / "catalogue.yaml"
        rows = [
            {
                "id": outlet,
                "name": outlet,
                "group": "state",
                "language": language_of(outlet),
                "feed": feed,
                "reason": "a benchmark",
                "source": "the benchmark",
                "certainty": "A",
            }
            for outlet, feed in feeds.items()
        ]
        catalogue.write_text(yaml.safe_dump({"extend": False, "outlets": rows}))
        chosen = load_settings(
            data=Path(name) / "data",
            catalogue=catalogue,
            allow_networks=["127.0.0.0/8"],
            fetch_pages=False,
            **settings,
        )
        with open_context(chosen, clock=SimulatedClock(START)) as context:
            yield context


def canned(context: Context, bodies: Mapping[str, bytes]) -> Canned:
    """Let the installation fetch from memory."""
    answers = Canned(bodies)
    context.__dict__["_fetcher"] = cast("Fetcher", answers)
    return answers


def collect(
    context: Context, outlets: Sequence[str], expected: EntryOutcome, entries: int
) -> float:
    """Collect these outlets; returns the processor's seconds. Ends if it went wrong."""
    started = time.process_time()
    polls = pipeline.collect(context, outlets)
    seconds = time.process_time() - started
    found = sum(poll.entries[expected] for poll in polls)
    if found != entries:
        sys.exit(f"{found} entries were {expected}, not {entries}; e.g. {polls[0]}")
    return seconds


def speed() -> dict[str, Any]:
    """Take turns at feedparser alone and at collecting, all new and all known."""
    names = [f"outlet-{n}" for n in range(FEEDS)]
    feeds = {name: f"http://127.0.0.1:{10_000 + n}/feed" for n, name in enumerate(names)}
    bodies = {feeds[name]: document(name, range(ENTRIES), START) for name in names}
    ratios: dict[EntryOutcome, list[float]] = {EntryOutcome.NEW: [], EntryOutcome.DUPLICATE: []}
    rates: list[float] = []
    for _ in range(TURNS):
        # One thread, because there is no network to wait for beside others.
        with installation(feeds, host_pause=0, poll_threads=1) as context:
            canned(context, bodies)
            for outcome, found in ratios.items():
                bare = ours = 0.0
                # Short turns, since a shared machine is not as fast in one second as in the next.
                for start in range(0, FEEDS, CHUNK):
                    chunk = names[start : start + CHUNK]
                    bare += parse_alone(bodies[feeds[name]] for name in chunk)
                    ours += collect(context, chunk, outcome, CHUNK * ENTRIES)
                found.append(bare / ours)
                rates.append(FEEDS * ENTRIES / bare)
    new, known = map(statistics.median, ratios.values())
    return {
        "feedparser_entries_per_s": statistics.median(rates),
        "new_ratio": new,
        "known_ratio": known,
        "ok": new >= SPEED_FLOOR and known >= SPEED_FLOOR,
    }


def parse_alone(bodies: Iterable[bytes]) -> float:
    """Let feedparser read these feeds; returns the processor's seconds."""
    started = time.process_time()
    for body in bodies:
        feedparser.parse(BytesIO(body))
    return time.process_time() - started


def hosts() -> dict[str, Any]:
    """Collect 2,000 feeds from 1,000 slow hosts, and ask the hosts what they saw."""
    with slow_hosts(HOSTS, HOST_SECONDS) as slow:
        feeds = {f"outlet-{n}": slow.url(n % HOSTS, f"/feed/{n}") for n in range(HOST_FEEDS)}
        with installation(feeds, host_pause=PAUSE) as context:
            started = time.perf_counter()
            polls = pipeline.collect(context, pipeline.due_outlets(context))
            seconds = time.perf_counter() - started
        seen = slow.seen()
    answered = sum(poll.outcome.ok for poll in polls)
    polite = seen["most_at_once"] <= AT_ONCE and seen["least_gap"] >= PAUSE
    whole = answered == seen["requests"] == HOST_FEEDS
    return {
        "seconds": seconds,
        "answered": answered,
        **seen,
        "ok": seconds < HOST_CEILING and polite and whole,
    }


def memory() -> dict[str, Any]:
    """Collect 50 rounds with news in each, and see how the process grows."""
    names = [f"outlet-{n}" for n in range(FEEDS)]
    feeds = {name: f"http://127.0.0.1:{10_000 + n}/feed" for n, name in enumerate(names)}
    process, sizes = psutil.Process(), []
    with installation(feeds, host_pause=0) as context:
        for batch in batches(simulate(STORED)):
            context.store.add_articles(batch)
        clock = cast("SimulatedClock", context.clock)
        bodies = {feeds[name]: document(name, range(ENTRIES), clock()) for name in names}
        answers = canned(context, bodies)
        collect(context, names, EntryOutcome.NEW, FEEDS * ENTRIES)
        asked = names[:ROUND_FEEDS]
        for number in range(1, WARM_UP + ROUNDS + 1):
            clock.advance(timedelta(hours=1))
            entries = range(NEWS * number, NEWS * number + ENTRIES)
            answers.bodies = {feeds[name]: document(name, entries, clock()) for name in asked}
            collect(context, asked, EntryOutcome.NEW, ROUND_FEEDS * NEWS)
            gc.collect()
            sizes.append(process.memory_info().rss / 1024)
    late = sizes[WARM_UP:]
    slope = statistics.linear_regression(range(len(late)), late).slope
    return {
        "rss_mb": sizes[-1] / 1024,
        "slope_kb_per_round": slope,
        "ok": slope < SLOPE_CEILING_KB,
    }


def tell(part: str, result: Mapping[str, Any]) -> None:
    """Print the figures of one part, one a line."""
    for name, value in result.items():
        shown = f"{value:.2f}" if isinstance(value, float) else str(value)
        print(f"{part:8} {name:22} {shown:>10}")


def main() -> int:
    """Print the figures; exit code 1 when a target is missed."""
    parts = {"speed": speed, "hosts": hosts, "memory": memory}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=list(parts))
    arguments = parser.parse_args()
    results = {}
    for name, part in parts.items():
        if arguments.only in (None, name):
            results[name] = part()
            if not arguments.json:
                tell(name, results[name])
    if arguments.json:
        print(json.dumps(results, indent=2))
    return 0 if all(result["ok"] for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
