"""Counting and detecting on a real store: what the shifts in it say after every change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from services import pipeline
from services.context import Context
from services.domain.outlet import Group
from services.domain.shift import Direction, Level, Shift
from services.index.opening import open_store
from services.outlets.catalogue import load_catalogue
from services.settings import load_settings
from tests.support.records import (
    make_alert,
    make_article,
    make_prediction,
    make_unclassified,
    revise,
)

FIRST = date(2025, 1, 6)
TURN = 42  # days until the turn
DAYS = 56
ARTICLES_A_DAY = 12
SERIES = "relations=detente|group:state|us"


class World:
    """A context over an empty store, and articles whose labels the test chooses."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.today = FIRST + timedelta(days=DAYS)

    def publish(self, day: int, thawed: int, outlet: str = "rt", first: int = 0) -> None:
        """Publish a day's articles about the US, the first `thawed` of them of détente."""
        date_ = FIRST + timedelta(days=day)
        articles = [
            make_article(1000 * day + first + number, outlet=outlet, day=date_)
            for number in range(ARTICLES_A_DAY)
        ]
        self.context.store.add_articles(articles)
        self.context.store.save_predictions(
            [
                make_prediction(
                    article,
                    us="neutral",
                    relations="detente" if number < thawed else "confrontation",
                    frames=("dialogue",) if number < thawed else (),
                    model=self.context.model,
                )
                for number, article in enumerate(articles)
            ]
        )

    def look(self) -> list[str]:
        pipeline.count(self.context)
        return pipeline.detect(self.context)

    def shift(self) -> Shift:
        (found,) = [
            shift
            for shift in self.context.store.shifts()
            if shift.series == SERIES and shift.direction is Direction.UP
        ]
        return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = load_settings(data=tmp_path)
    context = Context(settings, open_store(settings.store_path), load_catalogue())
    built = World(context)
    context.clock = lambda: datetime.combine(built.today, time(9), UTC)
    yield built
    context.close()


def play_a_thaw(world: World) -> None:
    for day in range(DAYS):
        world.publish(day, thawed=1 + day % 2 if day < TURN else 8)


def test_a_planted_turn_is_found_dated_and_backed_by_articles_of_that_label(world: World) -> None:
    play_a_thaw(world)
    assert world.look()
    shift = world.shift()
    assert shift.level is Level.ALERT
    assert abs((shift.onset - FIRST).days - TURN) <= 2
    evidence = world.context.store.predictions(shift.evidence)
    assert len(evidence) == len(shift.evidence) > 0
    assert {prediction.relations for prediction in evidence.values()} == {"detente"}


def test_a_second_look_at_the_same_counts_finds_nothing_new(world: World) -> None:
    play_a_thaw(world)
    world.look()
    before = world.context.store.shifts()
    assert world.look() == []
    assert world.context.store.shifts() == before


def test_the_day_that_is_not_over_is_not_looked_at(world: World) -> None:
    play_a_thaw(world)
    world.today = FIRST + timedelta(days=TURN)  # the first thawed day is still going on
    world.look()
    assert [shift for shift in world.context.store.shifts() if shift.series == SERIES] == []


def test_late_articles_that_move_the_onset_keep_the_id(world: World) -> None:
    play_a_thaw(world)
    world.look()
    before = world.shift()
    for day in range(TURN - 3, TURN):
        world.publish(day, thawed=ARTICLES_A_DAY, outlet="tass", first=500)
    world.look()
    after = world.shift()
    assert after.id == before.id
    assert after.onset < before.onset


def undo_the_thaw(world: World) -> None:
    """Late articles from a second outlet drown the turn: nothing has moved after all."""
    for day in range(TURN, DAYS):
        for part in range(1, 12):
            world.publish(day, thawed=0, first=500 + 20 * part)


def test_a_shift_that_late_articles_undo_is_withdrawn(world: World) -> None:
    play_a_thaw(world)
    world.look()
    undone = world.shift().id
    undo_the_thaw(world)
    world.look()
    assert undone not in {shift.id for shift in world.context.store.shifts()}


def test_a_shift_that_somebody_was_told_about_stays(world: World) -> None:
    play_a_thaw(world)
    world.look()
    told = world.shift()
    world.context.store.add_alerts([make_alert(told)], [])
    undo_the_thaw(world)
    world.look()
    assert told.id in {shift.id for shift in world.context.store.shifts()}


def test_regrouping_an_outlet_counts_its_days_anew(world: World) -> None:
    world.publish(0, thawed=3)
    pipeline.count(world.context)
    outlets = tuple(
        replace(outlet, group=Group.CONTROL) if outlet.id == "rt" else outlet
        for outlet in world.context.catalogue.outlets
    )
    world.context.catalogue = replace(world.context.catalogue, outlets=outlets)
    pipeline.count(world.context)
    store, model = world.context.store, world.context.model
    now = {row.scope: row.n for row in store.day_counts(model, about="all") if row.n}
    assert now == {
        "outlet:rt": ARTICLES_A_DAY,
        "group:control": ARTICLES_A_DAY,
        "all": ARTICLES_A_DAY,
    }


def test_a_day_that_lost_its_last_labelled_article_is_counted_as_empty(world: World) -> None:
    store, model = world.context.store, world.context.model
    article = make_article(1, outlet="rt", day=FIRST)
    store.add_articles([article])
    store.save_predictions([make_prediction(article, model=model)])
    pipeline.count(world.context)
    assert {row.n for row in store.day_counts(model)} == {1}
    rewritten = revise(article, title="In a language that the model does not know")
    store.add_articles([rewritten])
    store.save_predictions([make_unclassified(rewritten, model=model)])
    pipeline.count(world.context)
    assert {row.n for row in store.day_counts(model)} == {0}
