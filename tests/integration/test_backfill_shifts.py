"""What a back-filled past does to alerts: it is a baseline and history, and never news."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from services import pipeline
from services.context import Context
from services.domain.article import Origin
from services.domain.shift import Shift
from tests.support.reading import browser, installation
from tests.support.records import MODEL, make_article, make_prediction, make_rule

FIRST = date(2025, 1, 6)
ARTICLES_A_DAY = 12


class World:
    """A store in which every day's share of détente is chosen, and somebody wants to know."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.today = FIRST
        context.store.save_rules([make_rule()])

    def publish(self, days: int, thawed: int, origin: Origin) -> date:
        """Publish some days' articles about the US, `thawed` of each day's of détente."""
        first = self.today
        for _ in range(days):
            articles = [
                make_article(
                    1000 * (self.today - FIRST).days + number, day=self.today, origin=origin
                )
                for number in range(ARTICLES_A_DAY)
            ]
            self.context.store.add_articles(articles)
            self.context.store.save_predictions(
                [
                    make_prediction(
                        article,
                        us="neutral",
                        relations="detente" if number < thawed else "confrontation",
                        frames=(),
                        model=MODEL,
                    )
                    for number, article in enumerate(articles)
                ]
            )
            self.today += timedelta(days=1)
        return first

    def look(self) -> list[Shift]:
        """The shifts that are found now; those that somebody is told of are in the ledger."""
        pipeline.count(self.context)
        pipeline.detect(self.context)
        pipeline.raise_alerts(self.context)
        return self.context.store.shifts()

    def told(self) -> set[str]:
        return {alert.shift_id for alert in self.context.store.alerts()}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with installation(tmp_path) as context:
        built = World(context)
        context.clock = lambda: datetime.combine(built.today, time(9), UTC)
        yield built


def test_a_shift_in_the_backfilled_past_is_kept_and_told_to_nobody(world: World) -> None:
    world.publish(42, 1, Origin.BACKFILLED)
    world.publish(20, 8, Origin.BACKFILLED)
    found = world.look()
    assert found
    assert {shift.source for shift in found} == {"backfilled"}
    assert world.told() == set()


def test_the_seam_alone_alerts_nobody(world: World) -> None:
    world.publish(42, 1, Origin.BACKFILLED)
    seam = world.publish(20, 8, Origin.LIVE)
    found = world.look()
    assert found
    assert {shift.seam for shift in found} == {seam}
    assert world.told() == set()


def test_a_shift_after_the_seam_is_told_on_the_backfilled_baseline(world: World) -> None:
    world.publish(42, 1, Origin.BACKFILLED)
    world.publish(18, 1, Origin.LIVE)
    turn = world.publish(9, 8, Origin.LIVE)
    told = [shift for shift in world.look() if shift.id in world.told()]
    assert told
    assert all(abs((shift.onset - turn).days) <= 2 for shift in told)
    assert all(shift.baseline.until < turn for shift in told)


def test_the_same_shift_collected_live_throughout_is_told(world: World) -> None:
    world.publish(42, 1, Origin.LIVE)
    world.publish(20, 8, Origin.LIVE)
    world.look()
    assert world.told()


def test_pages_and_api_say_what_is_backfilled(world: World) -> None:
    world.publish(42, 1, Origin.BACKFILLED)
    world.publish(40, 8, Origin.LIVE)
    found = world.look()
    with browser(world.context) as client:
        home = client.get("/?window=quarter").text
        assert "Paler and dashed: back-filled" in home
        assert 'class="stroke backfilled"' in home
        assert "at a change of sample" in home
        page = client.get(f"/shifts/{found[0].id}").text
        assert "the sample changes" in page
        assert 'class="stroke backfilled"' in page
        row = client.get(f"/api/shifts/{found[0].id}").json()
        assert row["seam"] == (FIRST + timedelta(days=42)).isoformat()
        points = client.get("/api/series?label=relations=detente&about=us").json()["points"]
        assert [point["source"] for point in points if point["n"]] == ["backfilled"] * 42 + [
            "collected"
        ] * 40
        query = "/api/articles?origin=backfilled&limit=1"
        (article,) = client.get(query).json()["articles"]
        assert article["origin"] == "backfilled"
        assert client.get(query).json()["total"] == 42 * ARTICLES_A_DAY
        assert "back-filled" in client.get(f"/articles/{article['id']}").text
        assert "back-filled" in client.get("/search?origin=backfilled").text
        assert client.get("/api/articles?origin=stolen").status_code == 422
