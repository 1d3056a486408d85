"""The contract of every store when several threads and processes use it, and some are killed."""

from __future__ import annotations

import random
import subprocess
import threading
from collections.abc import Sequence

import pytest

from services.domain.series import DayCounts
from services.index.records import StoreStats
from services.index.store import Store
from tests.support.records import (
    MODEL,
    make_alert,
    make_article,
    make_delivery,
)
from tests.support.store_process import ARTICLES, BATCH, fill, material
from tests.support.stores import Place, place_fixture, python, store_fixture

place = place_fixture()
store = store_fixture()

MODULE = "tests.support.store_process"


def start(place: Place, *deed: str) -> subprocess.Popen[str]:
    """Start another process on the store."""
    return subprocess.Popen(
        python(MODULE, place, *deed),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    """Wait for processes to end well; return what each printed."""
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return outputs


def test_deliveries_are_claimed_by_one_process_only(place: Place, store: Store) -> None:
    alert = make_alert()
    deliveries = [make_delivery(alert, target=f"{n}@example.org") for n in range(60)]
    store.add_alerts([alert], deliveries)
    outputs = finish([start(place, "claim", str(number)) for number in range(2)])
    claimed = [line for output in outputs for line in output.split()]
    assert sorted(claimed) == sorted(delivery.id for delivery in deliveries)


def test_a_lock_dies_with_its_process(place: Place, store: Store) -> None:
    process = start(place, "hold")
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "True"
    with store.lock("round") as held:
        assert not held
    process.kill()
    process.communicate()
    with store.lock("round") as held:
        assert held


def test_processes_may_open_a_new_store_and_write_at_the_same_time(place: Place) -> None:
    finish([start(place, "add", str(number)) for number in range(3)])
    store = place.open()
    assert store.stats(MODEL).articles_by_outlet == {f"o{number}": 200 for number in range(3)}
    store.close()


def test_threads_may_read_and_write_at_the_same_time(store: Store) -> None:
    failures: list[Exception] = []

    def write(number: int) -> None:
        for n in range(0, 100, 10):
            batch = [make_article(k, outlet=f"o{number}") for k in range(n, n + 10)]
            store.add_articles(batch)

    def read() -> None:
        seen = 0
        while seen < 300:
            articles = store.stats(MODEL).articles
            assert articles % 10 == 0
            assert articles >= seen
            seen = articles

    def guarded(work: object, *arguments: int) -> None:
        try:
            work(*arguments)  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(write, number)) for number in range(3)]
    threads += [threading.Thread(target=guarded, args=(read,), daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert not any(thread.is_alive() for thread in threads)


def contents(store: Store) -> tuple[StoreStats, list[DayCounts], dict[str, object]]:
    """Return what a run is to leave behind, whatever happened on the way."""
    ids = sorted({article.id for article in material()})
    return store.stats(MODEL), store.day_counts(MODEL), dict(store.articles(ids))


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_loses_nothing_and_can_be_repeated(place: Place, seed: int) -> None:
    dice = random.Random(seed)
    undisturbed = place.kind.open(place.folder / "undisturbed")
    fill(undisturbed, 0)
    wanted = contents(undisturbed)
    undisturbed.close()
    assert wanted[0].unclassified == 0
    assert 0 < wanted[0].articles < ARTICLES

    process = start(place, "fill")
    assert process.stdout is not None
    reported = 0
    for _ in range(dice.randrange(1, 10)):
        reported = int(process.stdout.readline()) + BATCH
    threading.Event().wait(dice.random() * 0.05)  # a random point inside a later batch
    process.kill()
    process.communicate()

    store = place.open()
    left = set(store.articles([article.id for article in material()]))
    boundaries = [set(_stored_after(batches * BATCH)) for batches in range(ARTICLES // BATCH + 1)]
    assert left in boundaries  # whole batches only
    assert len(left) >= len(_stored_after(reported))  # and all that were reported
    fill(store, 0)
    assert contents(store) == wanted
    store.close()


def _stored_after(count: int) -> list[str]:
    """Return the ids that are stored after the first `count` of the material."""
    told: set[tuple[str, str]] = set()
    kept: dict[str, None] = {}
    for article in material()[:count]:
        days = [article.day.toordinal() + gap for gap in range(-3, 4)]
        if article.id not in kept and any(
            (article.outlet, article.story, day) in told for day in days
        ):
            continue
        kept[article.id] = None
        told.add((article.outlet, article.story, article.day.toordinal()))
    return list(kept)
