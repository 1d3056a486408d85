"""What the tests of stores let another process do.

`python -m tests.support.store_process KIND FOLDER DEED [NUMBER]`: see `DEEDS`. A deed prints a
line when it begins and a line for each thing it has done.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta

from services.domain.article import Article
from services.index.store import Store
from tests.support.records import (
    NOW,
    TODAY,
    make_article,
    make_day_counts,
    make_prediction,
    revise,
)
from tests.support.stores import open_place

ARTICLES = 600
BATCH = 50


def material() -> list[Article]:
    """Return articles of several days and outlets, with repeated titles and revisions."""
    articles = [
        make_article(
            number,
            outlet=("rt", "tass")[number % 2],
            title=f"Story {number // 3 if number % 5 == 0 else number}",
            day=TODAY - timedelta(days=number % 7),
        )
        for number in range(ARTICLES)
    ]
    return articles + [revise(article, lead="Changed.") for article in articles[::10]]


def fill(store: Store, _number: int) -> None:
    """Write the material in batches, as an import does: articles, predictions, day counts."""
    articles = material()
    for start in range(0, len(articles), BATCH):
        batch = articles[start : start + BATCH]
        store.add_articles(batch)
        stored = store.articles([article.id for article in batch])
        store.save_predictions([make_prediction(article) for article in stored.values()])
        count_days(store)
        print(start, flush=True)


def count_days(store: Store) -> None:
    """Count every dirty day, as the pipeline does."""
    dirty = store.dirty_days(1000)
    counts = []
    for day in sorted({item.day for item in dirty}):
        n = len(list(store.observations([day], "test-model-1")))
        counts.append(make_day_counts(day, scope="all", n=n))
    store.put_day_counts(counts, dirty)


def claim(store: Store, number: int) -> None:
    """Claim due deliveries one at a time until none is left, and name each."""
    while claimed := store.claim_deliveries(f"p{number}", NOW, NOW + timedelta(hours=1), 1):
        print(claimed[0].id, flush=True)


def hold(store: Store, _number: int) -> None:
    """Take the lock "round", say so, and keep it until the process is killed."""
    with store.lock("round") as held:
        print(held, flush=True)
        sys.stdin.read()


def add(store: Store, number: int) -> None:
    """Write 20 batches of 10 articles that no other process writes."""
    for start in range(0, 200, 10):
        store.add_articles([make_article(n, outlet=f"o{number}") for n in range(start, start + 10)])
    print("done", flush=True)


DEEDS = {"fill": fill, "claim": claim, "hold": hold, "add": add}


def main(arguments: Sequence[str]) -> None:
    """Do one deed on one store."""
    kind, folder, deed, *number = arguments
    store = open_place(kind, folder)
    DEEDS[deed](store, int(number[0]) if number else 0)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1:])
