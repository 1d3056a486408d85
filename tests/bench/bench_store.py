"""Rates of the store on simulated headlines of the size of a real collection.

`python -m tests.bench.bench_store [--articles 35000] [--json]`

Writes articles and predictions in the pipeline's batches, then times what the page and the
detector read, and what polls of known and of edited articles cost. Times are seconds, by the
clock and of the processor; of reading, the best of three. Targets are held against the
processor's; exit code 1 when one is missed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from services.domain.article import Article
from services.domain.codebook import FRAMES, RELATIONS, US
from services.domain.series import DayCounts
from services.index.opening import open_store
from services.index.records import EditQuery, SearchQuery
from services.index.store import Store
from tests.support.records import (
    MODEL,
    NOW,
    make_article,
    make_day_counts,
    make_prediction,
    revise,
)

Item = TypeVar("Item")

FIRST_DAY = date(2022, 1, 1)
DAYS = 1095
OUTLETS = ("rt", "tass", "sputnik", "ria-novosti", "channel-one")
BATCH = 1000
POLL = 50  # entries of one feed
EDITS = 5_000

_WORDS = (
    "переговоры санкции президент разоружение Вашингтон Москва союзники договор ракеты визит "
    "экономика удар заявил министр война мир диалог угроза флот рынок talks sanctions president "
    "disarmament Washington Moscow allies treaty missiles visit economy strike said minister war "
    "peace dialogue threat fleet market"
)


@dataclass(frozen=True)
class Figure:
    """One measurement; `target` is the most `cpu` allowed, None when there is none.

    `cpu` is the processor's part of `seconds`, and what the target is held against: machines
    are shared, and the store's work is the processor's. Far below `seconds`, the machine was
    busy elsewhere or the disk slow.
    """

    name: str
    seconds: float
    cpu: float
    target: float | None = None

    @property
    def met(self) -> bool:
        """Say whether the target is met, or none was set."""
        return self.target is None or self.cpu <= self.target


def simulate(count: int, seed: int = 7) -> list[Article]:
    """Return articles with headlines of 10 and leads of 25 words, spread over DAYS."""
    dice = random.Random(seed)
    vocabulary = _WORDS.split()
    endings = ("", "s", "ing", "ed", "ами", "ов")

    def sentence(words: int) -> str:
        return " ".join(dice.choice(vocabulary) + dice.choice(endings) for _ in range(words))

    return [
        make_article(
            number,
            outlet=dice.choice(OUTLETS),
            title=f"{sentence(10)} {number}",
            lead=f"{sentence(25)}.",
            day=FIRST_DAY + timedelta(days=dice.randrange(DAYS)),
        )
        for number in range(count)
    ]


def batches(items: Sequence[Item], size: int = BATCH) -> Iterator[Sequence[Item]]:
    """Yield `items`, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def once(name: str, work: Callable[[], object], target: float | None = None) -> Figure:
    """Measure work; writing can be measured once only."""
    started, worked = time.perf_counter(), time.process_time()
    work()
    return Figure(name, time.perf_counter() - started, time.process_time() - worked, target)


def timed(name: str, work: Callable[[], object], target: float | None = None) -> Figure:
    """Measure reading work; the best of three, since machines are shared."""
    return min((once(name, work, target) for _ in range(3)), key=lambda figure: figure.cpu)


def writing(store: Store, articles: list[Article]) -> Iterator[Figure]:
    """Fill the store and measure how long that takes."""
    first, rest = articles[:20_000], articles[20_000:]
    yield once(
        "add 20,000 new articles", lambda: [store.add_articles(b) for b in batches(first)], 3.0
    )
    yield once("add them again", lambda: [store.add_articles(b) for b in batches(first)])
    for batch in batches(rest):
        store.add_articles(batch)
    dice = random.Random(11)
    predictions = [
        make_prediction(
            article,
            us=dice.choice(US),
            relations=dice.choice(RELATIONS),
            frames=dice.sample(FRAMES, 2),
        )
        for article in articles
    ]
    yield once(
        f"save {len(predictions):,} predictions",
        lambda: [store.save_predictions(b) for b in batches(predictions)],
    )
    counts = history()
    yield once(
        f"put {len(counts):,} day counts",
        lambda: [store.put_day_counts(b, []) for b in batches(counts)],
    )


def editing(store: Store, articles: list[Article]) -> Iterator[Figure]:
    """Poll what is known already, and change the titles of EDITS articles."""
    known = articles[:20_000]
    yield once(
        "poll 20,000 known articles",
        lambda: [store.add_articles(b, live=True) for b in batches(known, POLL)],
        3.0,
    )
    dice = random.Random(13)
    edited = [revise(article, title=f"Changed {article.title}") for article in known[:EDITS]]
    yield once(
        f"poll {EDITS:,} changed articles",
        lambda: [store.add_articles(b, live=True, visit_at=NOW) for b in batches(edited, POLL)],
    )
    predictions = [make_prediction(article, us=dice.choice(US)) for article in edited]
    for batch in batches(predictions):
        store.save_predictions(batch)
    yield timed("edits: newest page", lambda: store.edits(EditQuery(MODEL)), 0.05)
    yield timed(
        "edits: newest page, other labels",
        lambda: store.edits(EditQuery(MODEL, reframed=True)),
        0.05,
    )
    yield timed(
        "edits: an outlet without any",
        lambda: store.edits(EditQuery(MODEL, outlets=("none",), reframed=True)),
        0.05,
    )
    yield timed(
        "earlier versions to classify: none", lambda: store.unclassified_versions(MODEL, 256), 0.05
    )
    yield timed("pages due", lambda: store.pages_due(NOW, 200), 0.05)


def history() -> list[DayCounts]:
    """Return three years of day counts for 30 scopes."""
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    shares = {"relations=detente": 0.2, "us=hostile": 0.6, "frame=dialogue": 0.1}
    return [
        make_day_counts(day, scope=f"outlet:o{number}", shares=shares)
        for number in range(30)
        for day in days
    ]


def reading(store: Store) -> Iterator[Figure]:
    """Measure what the page, the detector and the classifier's loop read."""
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    yield timed("observations of every day", lambda: list(store.observations(days, MODEL)), 0.5)
    yield timed("day counts, 3 years x 30 scopes", lambda: store.day_counts(MODEL), 0.5)
    yield timed("day counts, 3 years x 1 scope", lambda: store.day_counts(MODEL, ["outlet:o7"]))
    yield timed("stats", lambda: store.stats(MODEL), 0.05)
    yield timed("unclassified: none", lambda: store.unclassified(MODEL, 256), 0.01)
    yield timed("unclassified: a new model", lambda: store.unclassified("new", 256), 0.05)
    for name, query in (
        ("newest page", SearchQuery()),
        ("one frequent word", SearchQuery(text="переговоры")),
        ("three words", SearchQuery(text="sanctions president визит")),
        ("a phrase", SearchQuery(text='"talks sanctions"')),
        ("labels", SearchQuery(us=("hostile",), relations=("detente",), frames=("dialogue",))),
        ("word, outlet, days", SearchQuery("war", ("rt",), since=days[500], until=days[600])),
    ):
        yield timed(f"search: {name}", lambda query=query: store.search(query), 0.15)


def measure(articles: int) -> list[Figure]:
    """Run everything on a store of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "framewatch.db"
        store = open_store(path)
        simulated = simulate(articles)
        figures = [*writing(store, simulated), *reading(store), *editing(store, simulated)]
        store.close()
        figures.append(timed("open and close", lambda: open_store(path).close(), 0.5))
        print(f"{path.stat().st_size / 1e6:.0f} MB for {articles:,} articles", file=sys.stderr)
    return figures


def main() -> int:
    """Print the figures; exit code 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=35_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measure(arguments.articles)
    if arguments.json:
        rows = {
            f.name: {"seconds": f.seconds, "cpu": f.cpu, "target": f.target, "ok": f.met}
            for f in figures
        }
        print(json.dumps({"articles": arguments.articles, "figures": rows}, indent=2))
    else:
        for figure in figures:
            wanted = "" if figure.target is None else f"(target {figure.target:g} s)"
            missed = "" if figure.met else " MISSED"
            print(
                f"{figure.name:34} {figure.seconds:8.3f} s {figure.cpu:8.3f} cpu {wanted}{missed}"
            )
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
