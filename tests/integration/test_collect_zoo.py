"""The zoo: every odd feed and server ends in its named outcome and harms nobody beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services import pipeline
from services.context import Context, open_context
from services.domain.outlet import Outlet, PollOutcome
from services.index.records import SearchQuery
from services.outlets.catalogue import Catalogue
from services.settings import load_settings
from tests.support.records import make_outlet
from tests.zoo.animal import Animal
from tests.zoo.animals import ANIMALS
from tests.zoo.documents import item, rss
from tests.zoo.server import Zoo
from tests.zoo.wire import answer

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
HEALTHY = tuple(
    Animal(
        f"healthy-{n}",
        answer(rss(*(item(f"Headline {i} of healthy feed {n}") for i in range(20)))),
        titles=tuple(f"Headline {i} of healthy feed {n}" for i in range(20)),
    )
    for n in range(20)
)


@pytest.fixture(scope="module")
def zoo() -> Iterator[Zoo]:
    with Zoo((*ANIMALS, *HEALTHY)) as zoo:
        yield zoo


@contextmanager
def visited(zoo: Zoo, folder: Path, *animals: Animal) -> Iterator[Context]:
    """An installation whose outlets are these animals, each polled once, all side by side."""
    settings = load_settings(
        data=folder,
        fetch_timeout=2,
        fetch_max_bytes=2 * 2**20,
        fetch_pages=False,
        host_pause=0,
        allow_networks=["127.0.0.1/32"],
    )
    outlets = tuple(_outlet(zoo, animal) for animal in animals)
    with open_context(settings, clock=lambda: NOW, catalogue=Catalogue(outlets)) as context:
        pipeline.collect(context, pipeline.due_outlets(context))
        yield context


def _outlet(zoo: Zoo, animal: Animal) -> Outlet:
    return make_outlet(animal.name, feed=zoo.url(animal.name), fetch_pages=False)


def stored(context: Context, outlet: str) -> dict[str, datetime]:
    """The titles of an outlet's articles, with the time of publication of each."""
    found: dict[str, datetime] = {}
    cursor = ""
    while True:
        page = context.store.search(SearchQuery(outlets=(outlet,), limit=100, cursor=cursor))
        found |= {hit.article.title: hit.article.published for hit in page.hits}
        cursor = page.next
        if not cursor:
            return found


@pytest.mark.parametrize("animal", ANIMALS, ids=lambda animal: animal.name)
def test_every_animal_ends_in_its_outcome(animal: Animal, zoo: Zoo, tmp_path: Path) -> None:
    with visited(zoo, tmp_path, animal) as context:
        state = context.store.feed_states()[animal.name]
        articles = stored(context, animal.name)
    assert state.outcome is animal.outcome, state.sentence
    assert animal.says in state.sentence
    assert set(articles) == set(animal.titles)
    if animal.dates:
        dates = [articles[title].isoformat(timespec="seconds") for title in animal.titles]
        assert tuple(dates) == animal.dates


def test_no_animal_harms_a_healthy_feed_beside_it(zoo: Zoo, tmp_path: Path) -> None:
    between = len(ANIMALS) // len(HEALTHY)
    mixed = [
        neighbour
        for n, healthy in enumerate(HEALTHY)
        for neighbour in (*ANIMALS[n * between : (n + 1) * between], healthy)
    ]
    with visited(zoo, tmp_path, *mixed, *ANIMALS[len(HEALTHY) * between :]) as context:
        states = context.store.feed_states()
        outcomes = {animal.name: states[animal.name].outcome for animal in ANIMALS}
        kept = {animal.name: set(stored(context, animal.name)) for animal in HEALTHY}
        healthy = {states[animal.name].outcome for animal in HEALTHY}
    assert outcomes == {animal.name: animal.outcome for animal in ANIMALS}
    assert kept == {animal.name: set(animal.titles) for animal in HEALTHY}
    assert healthy == {PollOutcome.OK}


def test_animals_have_names_of_their_own() -> None:
    names = [animal.name for animal in (*ANIMALS, *HEALTHY)]
    assert len(names) == len(set(names))
