"""Outlets and metrics through the HTTP door, as JSON, as pages and for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services import pipeline
from services.context import Context
from services.domain.outlet import PollOutcome
from tests.support.alerting import StandingClock
from tests.support.collected import collector
from tests.support.reading import browser, installation
from tests.support.records import NOW, TODAY, make_rule

HOUR = timedelta(hours=1)
SILENT_SINCE = NOW - timedelta(hours=40)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """RT is well, Sputnik silent for 40 hours, TASS failing for 30."""
    clock = StandingClock()
    with installation(tmp_path_factory.mktemp("outlets"), clock=clock) as opened:
        world = collector(opened, clock)
        world.collect("rt")
        world.collect("sputnik", SILENT_SINCE)
        world.answer("sputnik", NOW)
        world.collect("tass", NOW - 31 * HOUR)
        world.fail("tass", NOW - 30 * HOUR, NOW)
        opened.store.count_poll("gone-from-the-catalogue", TODAY, PollOutcome.OK, {})
        opened.store.save_rules([make_rule(watch=("collection",), scopes=("outlet:tass",))])
        pipeline.raise_alerts(opened)
        yield opened


@pytest.fixture(scope="module")
def client(context: Context) -> Iterator[httpx.Client]:
    with browser(context) as opened:
        yield opened


def outlet(client: httpx.Client, name: str) -> dict[str, Any]:
    answer = client.get(f"/api/outlets/{name}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def samples(client: httpx.Client) -> dict[tuple[str, ...], float]:
    found = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for item in family.samples:
            found[item.name, *(value for _, value in sorted(item.labels.items()))] = item.value
    return found


def test_an_outlet_tells_its_status(client: httpx.Client) -> None:
    names = ("rt", "sputnik", "tass", "ria-novosti")
    found = [outlet(client, name)["status"] for name in names]
    assert found == ["ok", "silent", "failing", "never polled"]


def test_it_tells_its_open_gap(client: httpx.Client) -> None:
    gap = outlet(client, "sputnik")["gap"]
    assert gap["too_long"] is True
    assert gap["expected"] > gap["limit"]
    assert gap["hours"] == pytest.approx(40, abs=0.6)


def test_it_tells_its_usual_rate(client: httpx.Client) -> None:
    assert outlet(client, "rt")["usual_a_day"] == pytest.approx(24, rel=0.05)


def test_it_tells_the_rate_of_every_hour_of_the_week(client: httpx.Client) -> None:
    week = outlet(client, "rt")["usual_week"]
    assert (len(week), sum(week)) == (168, pytest.approx(168, rel=0.05))


def test_it_counts_polls_and_entries(client: httpx.Client) -> None:
    week = outlet(client, "rt")["week"]
    assert week == {"polls": {"ok": 28}, "entries": {"duplicate": 140}, "gaps": 0}


def test_it_shows_six_weeks_of_days(client: httpx.Client) -> None:
    days = outlet(client, "rt")["days"]
    assert (len(days), days[-1]["day"], days[-2]["articles"]) == (42, TODAY.isoformat(), 24)


def test_days_without_observation_have_no_articles(client: httpx.Client) -> None:
    today = outlet(client, "tass")["days"][-1]
    assert (today["observed"], today["articles"]) == ("no", None)


def test_it_says_how_far_back_the_feed_reaches(client: httpx.Client) -> None:
    words = "The feed reaches back 2 days and is asked every 15 minutes."
    assert outlet(client, "rt")["window"]["sentence"] == words


def test_an_unknown_outlet_is_not_found(client: httpx.Client) -> None:
    answer = client.get("/api/outlets/nobody")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "The catalogue has no outlet nobody.",
    )


def test_the_list_holds_every_outlet(client: httpx.Client, context: Context) -> None:
    names = [row["id"] for row in client.get("/api/outlets").json()]
    assert names == [item.id for item in context.catalogue.outlets]


def test_alerts_about_gaps_are_listed_as_such(client: httpx.Client) -> None:
    rows = {row["gap"]["outlet"]: row for row in client.get("/api/alerts").json()}
    assert rows["sputnik"]["kind"] == "collection"
    assert [rows[name]["gap"]["trouble"] for name in ("sputnik", "tass")] == ["silent", "failing"]


def test_only_those_who_asked_are_told(client: httpx.Client) -> None:
    rows = {row["gap"]["outlet"]: row for row in client.get("/api/alerts").json()}
    assert [len(rows[name]["deliveries"]) for name in ("sputnik", "tass")] == [0, 1]


@pytest.mark.parametrize(
    "words",
    [
        "Sputnik:",
        "has brought nothing new for 40 hours",
        "24.0 articles a day",
        "Nothing new came",
        'class="unseen"',
    ],
)
def test_the_page_of_an_outlet_shows_its_collection(client: httpx.Client, words: str) -> None:
    assert words in client.get("/outlets/sputnik").text


def test_the_page_of_an_unknown_outlet_is_not_found(client: httpx.Client) -> None:
    answer = client.get("/outlets/nobody", headers={"accept": "text/html"})
    assert (answer.status_code, "no outlet nobody" in answer.text) == (404, True)


def test_the_page_of_an_outlet_that_was_never_asked_stands(client: httpx.Client) -> None:
    assert "Its feed has not been asked yet." in client.get("/outlets/ria-novosti").text


def test_the_page_of_alerts_lists_gaps(client: httpx.Client) -> None:
    page = client.get("/alerts").text
    assert "Sputnik is silent" in page
    assert "nobody asked to be told" in page


def test_the_overview_lists_what_somebody_was_told(client: httpx.Client) -> None:
    page = client.get("/").text
    assert "TASS fails" in page
    assert "Sputnik is silent" not in page


def test_metrics_count_polls_by_outlet_and_result(client: httpx.Client) -> None:
    assert samples(client)["framewatch_polls_total", "rt", "ok"] == 46 * 4


def test_metrics_say_which_status_holds(client: httpx.Client) -> None:
    found = samples(client)
    held = [found["framewatch_outlet_status", "tass", name] for name in ("ok", "failing")]
    assert held == [0, 1]


def test_metrics_say_how_long_ago_something_came(client: httpx.Client) -> None:
    found = samples(client)
    age = (NOW - SILENT_SINCE).total_seconds()
    assert found["framewatch_seconds_since_new_entry", "sputnik"] == pytest.approx(age, abs=3600)
    assert found["framewatch_seconds_since_success", "sputnik"] == 0


def test_metrics_count_deliveries_by_status(client: httpx.Client) -> None:
    assert samples(client)["framewatch_deliveries", "email", "pending"] == 1


def test_metrics_name_outlets_of_the_catalogue_only(client: httpx.Client, context: Context) -> None:
    known = {item.id for item in context.catalogue.outlets}
    families = text_string_to_metric_families(client.get("/metrics").text)
    named = {
        item.labels["outlet"] for f in families for item in f.samples if "outlet" in item.labels
    }
    assert named <= known


def test_metrics_are_prometheus_text(client: httpx.Client) -> None:
    assert client.get("/metrics").headers["content-type"].startswith("text/plain; version=")
