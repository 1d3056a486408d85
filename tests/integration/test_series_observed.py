"""Days that were not observed are not days without articles: in series, shell and API."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from services import queries
from services.context import Context
from services.domain.series import SeriesKey, SeriesPoint
from services.queries.dark import dark_days
from tests.support.alerting import StandingClock
from tests.support.collected import Collector, collector
from tests.support.reading import browser, installation, store_days
from tests.support.records import NOW, TODAY

DARK = [TODAY - timedelta(days=back) for back in (12, 11, 10)]
LABEL = "relations=confrontation"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """RT was out of reach for three days and lost them; TASS goes on, four articles a day."""
    clock = StandingClock()
    with installation(tmp_path_factory.mktemp("observed"), clock=clock) as opened:
        world = collector(opened, clock, days=30)
        world.collect("rt", a_day=12, without=DARK, gap_after=True)
        world.collect("tass", a_day=4)
        yield opened


@pytest.fixture(scope="module")
def client(context: Context) -> Iterator[httpx.Client]:
    with browser(context) as opened:
        yield opened


def points(context: Context, scope: str, every: str = "day") -> dict[date, SeriesPoint]:
    found = queries.series(context, SeriesKey(LABEL, scope), every=every)  # type: ignore[arg-type]
    return {point.day: point for point in found.points}


def test_days_of_an_outage_are_not_observed(context: Context) -> None:
    found = points(context, "outlet:rt")
    assert {found[day].observed for day in DARK} == {"no"}


def test_they_have_no_share(context: Context) -> None:
    found = points(context, "outlet:rt")
    assert {found[day].share for day in DARK} == {None}


def test_every_other_day_was_observed(context: Context) -> None:
    found = points(context, "outlet:rt")
    edges = {DARK[0] - timedelta(days=1), DARK[-1] + timedelta(days=1), TODAY}
    others = [point.observed for day, point in found.items() if day not in {*DARK, *edges}]
    assert set(others) == {"yes"}


def test_the_days_around_it_were_observed_in_part(context: Context) -> None:
    found = points(context, "outlet:rt")
    assert found[DARK[0] - timedelta(days=1)].observed == "partly"
    assert found[DARK[-1] + timedelta(days=1)].observed == "partly"


def test_today_is_not_over(context: Context) -> None:
    assert points(context, "outlet:tass")[TODAY].observed == "partly"


def test_a_group_counts_the_outlets_that_were_observed(context: Context) -> None:
    point = points(context, "group:state")[DARK[1]]
    assert (point.observed, point.missing, point.members) == ("partly", ("rt",), 2)


def test_a_group_has_a_share_of_those_that_were(context: Context) -> None:
    assert points(context, "group:state")[DARK[1]].n == 4


def test_a_week_with_an_outage_was_observed_in_part(context: Context) -> None:
    monday = DARK[0] - timedelta(days=DARK[0].weekday())
    assert points(context, "outlet:rt", "week")[monday].observed == "partly"


def test_imported_history_is_unknown(tmp_path: Path) -> None:
    with installation(tmp_path) as context:
        store_days(context, TODAY - timedelta(days=9), 5)
        found = points(context, "outlet:rt")
    assert [point.observed for point in found.values()] == ["unknown"] * 5


def test_days_before_the_first_poll_are_unknown(tmp_path: Path) -> None:
    with installation(tmp_path, clock=StandingClock()) as context:
        store_days(context, TODAY - timedelta(days=30), 5, start=50_000)
        Collector(context, StandingClock(), TODAY - timedelta(days=3)).collect("rt")
        found = points(context, "outlet:rt")
    kinds = [found[day].observed for day in sorted(found)]
    assert kinds == ["unknown"] * 5 + ["yes"] * 3 + ["partly"]


def test_the_api_gives_null_and_never_zero(client: httpx.Client) -> None:
    answer = client.get("/api/series", params={"label": LABEL, "outlet": "rt"}).json()
    (dark,) = [row for row in answer["points"] if row["day"] == DARK[1].isoformat()]
    assert (dark["n"], dark["k"], dark["share"], dark["observed"]) == (None, None, None, "no")


def test_the_api_says_in_words_what_that_means(client: httpx.Client) -> None:
    answer = client.get("/api/series", params={"label": LABEL, "outlet": "rt"}).json()
    assert "not zero" in answer["note"]


def test_the_api_names_the_outlets_that_are_missing(client: httpx.Client) -> None:
    answer = client.get("/api/series", params={"label": LABEL, "group": "state"}).json()
    (dark,) = [row for row in answer["points"] if row["day"] == DARK[1].isoformat()]
    assert (dark["outlets"], dark["outlets_missing"]) == (2, ["rt"])


def rows(context: Context) -> list[dict[str, object]]:
    found = queries.series(context, SeriesKey(LABEL, "outlet:rt"))
    return [queries.point_row(point) for point in found.points]


def test_a_row_for_programs_leaves_the_figures_empty(context: Context) -> None:
    (dark,) = [row for row in rows(context) if row["day"] == DARK[1].isoformat()]
    text = io.StringIO()
    csv.DictWriter(text, ["n", "share", "observed"], extrasaction="ignore").writerow(dark)
    assert text.getvalue().strip() == ",,no"


def test_rows_are_json(context: Context) -> None:
    assert json.loads(json.dumps(rows(context)))


def test_less_than_half_of_a_group_is_too_little_to_stand_on(context: Context) -> None:
    (dark,) = dark_days(context, "group:state", TODAY - timedelta(days=30), TODAY)
    assert (dark.since, dark.until) == (DARK[0], DARK[-1])


def test_the_page_shades_those_days(client: httpx.Client) -> None:
    page = client.get("/", params={"window": "quarter", "about": "all"}).text
    assert 'class="unseen"' in page
    assert "less than half of Russian state outlets was observed" in page


def test_the_page_says_what_the_shade_means(client: httpx.Client) -> None:
    assert "Less than half of a group was observed" in client.get("/?window=quarter").text


def test_a_period_before_all_that_is_known_stays_empty(context: Context) -> None:
    key = SeriesKey(LABEL, "outlet:rt")
    until = NOW.date() - timedelta(days=100)
    assert queries.series(context, key, until=until).points == ()
