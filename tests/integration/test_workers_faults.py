"""What workers do when they are killed, when Redis goes away, and when a task fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.framing.manifest import load_manifest
from services.index.records import StoreStats
from tests.support.engine import Engine, running_engine
from tests.support.records import make_articles
from workers.main import main
from workers.queues import Queue

ARTICLES = 240
BATCH = 16


def queue_articles(engine: Engine) -> None:
    """Put articles into the index and their ids into the framing queue, many messages."""
    articles = make_articles(ARTICLES, outlet="alpha")
    engine.store.add_articles(articles)
    for start in range(0, ARTICLES, BATCH):
        engine.send("framewatch.classify", [item.id for item in articles[start : start + BATCH]])


def stats(engine: Engine) -> StoreStats:
    return engine.store.stats(load_manifest().model_id)


def finish_by_sweep(engine: Engine) -> None:
    """Let what is queued be worked off, sweep, and wait until all is labelled and counted."""
    engine.until(lambda: engine.waiting(Queue.FRAMING) == 0, "the queue should be worked off")
    engine.send("framewatch.sweep")
    engine.until(
        lambda: stats(engine).unclassified == 0 and not engine.store.dirty_days(1),
        "after the sweep everything should be labelled and counted",
    )


def assert_done_once(engine: Engine) -> None:
    assert (stats(engine).articles, stats(engine).classified) == (ARTICLES, ARTICLES)
    counts = engine.store.day_counts(load_manifest().model_id, ["outlet:alpha"], "all")
    assert sum(day.n for day in counts) == ARTICLES


def test_a_killed_worker_leaves_nothing_undone_or_done_twice(tmp_path: Path) -> None:
    with running_engine(tmp_path) as engine:
        queue_articles(engine)
        worker = engine.start_worker()
        engine.until(lambda: stats(engine).classified > 0, "labelling should begin")
        engine.kill(worker)
        assert stats(engine).unclassified > 0
        engine.start_worker()
        finish_by_sweep(engine)
        assert_done_once(engine)


def test_redis_dies_and_comes_back_empty_under_a_running_worker(tmp_path: Path) -> None:
    with running_engine(tmp_path) as engine:
        queue_articles(engine)
        engine.start_worker()
        engine.until(lambda: stats(engine).classified > 0, "labelling should begin")
        engine.redis.stop()
        engine.redis.start()
        finish_by_sweep(engine)
        assert_done_once(engine)


def test_only_a_retryable_error_is_tried_again(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    with running_engine(tmp_path) as engine:
        engine.start_worker(
            *("-m", "celery", "--app", "tests.support.worker_tasks", "worker"),
            *("--queues", Queue.COLLECT, "--concurrency", "1", "--loglevel", "info"),
        )
        for kind in ("permanent", "defect", "retryable", "none"):
            engine.send("tests.fail", kind, str(tries))
        engine.until(lambda: "gave_up" in engine.log(), "the retryable task should give up")
        lines = tries.read_text(encoding="utf-8").splitlines()
        log = engine.log()
    assert {kind: lines.count(kind) for kind in set(lines)} == {
        "permanent": 1,
        "defect": 1,
        "retryable": 3,
        "none": 1,
    }
    assert "tests.fail: permanent_error. The address does not exist." in log
    assert log.count("tests.fail: retried. The server is down for a moment.") == 2
    assert "tests.fail: gave_up. The server is down for a moment." in log
    assert "tests.fail: done." in log
    assert log.count("Traceback (most recent call last)") == 1, "only the defect shows a traceback"


@pytest.mark.parametrize("part", ["worker", "beat", "health"])
def test_without_redis_every_part_says_what_to_do(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FRAMEWATCH_DATA", str(tmp_path))
    monkeypatch.setenv("FRAMEWATCH_REDIS_URL", "redis://user:hunter2@127.0.0.1:9/0")
    assert main([part]) == 1
    said = capsys.readouterr().err
    assert "Redis does not answer at redis://127.0.0.1:9/0: " in said
    assert "FRAMEWATCH_REDIS_URL" in said
    assert "hunter2" not in said


def test_an_unknown_queue_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker", "--queues=collect,framming"]) == 2
    assert "There is no queue framming; there are: collect,pages,framing,shifts,alerts." in (
        capsys.readouterr().err
    )


def test_beat_starts_at_once_and_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_engine(tmp_path) as engine:
        engine.start_worker("-m", "workers", "beat")
        engine.until(lambda: engine.waiting(Queue.COLLECT) == 1, "beat should ask for a poll")
        engine.until(lambda: engine.waiting(Queue.SHIFTS) == 1, "beat should ask for a sweep")
        for name, value in engine.environment().items():
            monkeypatch.setenv(name, value)
        assert main(["beat"]) == 1
        assert engine.waiting(Queue.COLLECT) == 1
    assert "Another framewatch run is at work" in capsys.readouterr().err
