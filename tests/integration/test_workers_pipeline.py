"""Real workers on real Redis carry feeds to labels and counts, and pass on ids only."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from services.framing.manifest import load_manifest
from tests.support.engine import Engine, running_engine
from tests.support.feed_server import FeedServer
from workers.queues import Queue
from workers.sweep import DETECTED_META

ENTRIES = 20
RSS = {"Content-Type": "application/rss+xml; charset=utf-8"}


def feed(outlet: str) -> bytes:
    """A feed of ENTRIES entries, each with its own story."""
    items = "".join(
        f"<item><title>{outlet} says talks on matter {n} go on</title>"
        f"<link>https://{outlet}.example/{n}</link>"
        f"<description>Delegates of {outlet} met again about matter {n}.</description></item>"
        for n in range(ENTRIES)
    )
    return f'<rss version="2.0"><channel><title>{outlet}</title>{items}</channel></rss>'.encode()


@contextmanager
def world(folder: Path) -> Iterator[tuple[Engine, FeedServer]]:
    """Two feeds that answer, one that fails, and an engine that knows them."""
    with FeedServer() as server:
        feeds = {name: server.set(f"/{name}", 200, RSS, feed(name)) for name in ("alpha", "beta")}
        feeds["broken"] = server.set("/broken", 503)
        with running_engine(folder, feeds) as engine:
            yield engine, server


def finished(engine: Engine) -> bool:
    """Every entry of both feeds is labelled, and its day is counted."""
    stats = engine.store.stats(load_manifest().model_id)
    return (
        stats.articles == 2 * ENTRIES and stats.unclassified == 0 and not engine.store.dirty_days(1)
    )


def stories_counted(engine: Engine) -> int:
    return sum(day.n for day in engine.store.day_counts(load_manifest().model_id, ["all"], "all"))


def test_feeds_become_labels_and_counts_and_are_not_polled_twice(tmp_path: Path) -> None:
    with world(tmp_path) as (engine, server):
        engine.start_worker()
        engine.send("framewatch.poll")
        engine.until(lambda: finished(engine), "two feeds should be labelled and counted")
        assert stories_counted(engine) == 2 * ENTRIES
        engine.send("framewatch.collect", "alpha")
        engine.send("framewatch.detect")
        engine.until(lambda: bool(engine.store.get_meta(DETECTED_META)), "detection should run")
        engine.until(lambda: engine.log().count("framewatch.collect: done") == 4, "4 polls")
        assert sorted(server.paths()) == ["/alpha", "/beta", "/broken"]


def test_redis_loses_every_message_between_two_stages(tmp_path: Path) -> None:
    with world(tmp_path) as (engine, _):
        collector = engine.start_worker("-m", "workers", "worker", "--queues=collect")
        engine.send("framewatch.poll")
        engine.until(lambda: engine.waiting(Queue.FRAMING) == 2, "two feeds should be queued")
        assert_ids_only(engine, Queue.FRAMING, 2 * ENTRIES)
        engine.kill(collector)
        engine.redis.flush()
        engine.start_worker("-m", "workers", "worker", "--queues=framing,shifts,alerts")
        engine.send("framewatch.sweep")
        engine.until(lambda: finished(engine), "the sweep should queue the lost work again")
        assert stories_counted(engine) == 2 * ENTRIES


def assert_ids_only(engine: Engine, queue: Queue, expected: int) -> None:
    """Every message in `queue` is JSON whose only arguments are article ids."""
    with redis.Redis.from_url(engine.redis.url) as connection:
        messages = [json.loads(raw) for raw in connection.lrange(str(queue), 0, -1)]
    ids = [name for message in messages for name in arguments(message)]
    assert len(ids) == expected
    assert all(re.fullmatch(r"[0-9a-f]{32}", name) for name in ids)


def arguments(message: dict[str, object]) -> list[str]:
    """The one argument of a task message: a list of ids."""
    assert message["content-type"] == "application/json"
    positional, named, _ = json.loads(base64.b64decode(str(message["body"])))
    assert named == {}
    (ids,) = positional
    return list(ids)
