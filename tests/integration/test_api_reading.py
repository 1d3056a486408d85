"""Series, shifts, outlets, alerts, codebook and health through the HTTP door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from services.context import Context
from services.domain.alert import DeliveryStatus
from services.domain.outlet import PollOutcome
from services.domain.shift import Direction
from tests.support.reading import browser, installation, make_reference, store_days
from tests.support.records import (
    MODEL,
    NOW,
    TODAY,
    make_alert,
    make_delivery,
    make_feed_state,
    make_shift,
)

FIRST = TODAY - timedelta(days=20)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    reference = make_reference(date(2024, 1, 1), 40, {"relations=detente": 0.1})
    with installation(tmp_path, reference=reference) as opened:
        yield opened


@pytest.fixture
def client(context: Context) -> Iterator[httpx.Client]:
    with browser(context) as opened:
        yield opened


def test_a_series_keeps_reference_apart_from_what_was_collected(
    context: Context, client: httpx.Client
) -> None:
    store_days(context, FIRST, 5, a_day=4, relations="detente")
    query = {"label": "relations=detente", "group": "state", "about": "us"}
    row = client.get("/api/series", params=query).json()
    assert row["series"] == "relations=detente|group:state|us"
    assert [(item["n"], item["k"], item["source"]) for item in row["points"]] == [
        (4, 4, "collected")
    ] * 5
    assert {(item["source"], item["series"]) for item in row["reference"]} == {
        ("RT sample", "relations=detente|outlet:rt|us")
    }
    assert "RT sample" in row["note"]


def test_the_reference_stands_back_on_days_that_were_collected_here(
    context: Context, client: httpx.Client
) -> None:
    store_days(context, date(2024, 1, 5), 3, a_day=2)
    query = {"label": "us=hostile", "outlet": "rt", "until": "2024-01-10"}
    row = client.get("/api/series", params=query).json()
    collected = {item["day"] for item in row["points"]}
    assert len(collected) == 3
    assert collected.isdisjoint(item["day"] for item in row["reference"])
    assert len(row["reference"]) == 10 - 3


def test_a_series_by_week_without_reference(context: Context, client: httpx.Client) -> None:
    store_days(context, date(2025, 2, 3), 14, a_day=2)
    query = {"label": "us=hostile", "outlet": "rt", "every": "week", "reference": False}
    row = client.get("/api/series", params=query).json()
    assert [(item["day"], item["n"]) for item in row["points"]] == [
        ("2025-02-03", 14),
        ("2025-02-10", 14),
    ]
    assert row["reference"] == []


def test_an_interval_holds_its_share(context: Context, client: httpx.Client) -> None:
    store_days(context, FIRST, 3, relations="detente")
    row = client.get("/api/series", params={"label": "relations=detente"}).json()
    assert all(item["low"] <= item["share"] <= item["high"] for item in row["points"])


def test_shifts_are_filtered_and_one_is_found_by_id(context: Context, client: httpx.Client) -> None:
    thaw = make_shift("signal=thaw|group:state|us")
    chill = make_shift("signal=chill|group:alternative|us", direction=Direction.DOWN)
    context.store.save_shifts([thaw, chill])
    rows = client.get("/api/shifts", params={"signal": "thaw", "since": "2025-01-01"}).json()
    assert [row["id"] for row in rows] == [thaw.id]
    assert rows[0]["baseline"]["from"] == thaw.baseline.since.isoformat()
    rows = client.get("/api/shifts", params={"group": "alternative"}).json()
    assert [row["id"] for row in rows] == [chill.id]
    assert client.get(f"/api/shifts/{chill.id}").json()["direction"] == "down"
    assert client.get("/api/shifts/none").status_code == 404


def test_a_baseline_of_ones_own_makes_the_detector_run(
    context: Context, client: httpx.Client
) -> None:
    start = date(2025, 1, 1)
    store_days(context, start, 30, a_day=12, relations="confrontation")
    store_days(context, start + timedelta(days=30), 20, a_day=12, relations="detente", start=9000)
    query = {
        "label": "relations=detente",
        "outlet": "rt",
        "about": "us",
        "baseline_from": "2025-01-01",
        "baseline_to": "2025-01-28",
    }
    (row,) = client.get("/api/shifts", params=query).json()
    assert (row["direction"], row["level"]) == ("up", "alert")
    assert row["onset_low"] <= "2025-01-31" <= row["onset_high"]


def test_half_a_baseline_is_refused(client: httpx.Client) -> None:
    answer = client.get("/api/shifts", params={"baseline_from": "2025-01-01"})
    assert answer.status_code == 422
    assert "both its first and its last day" in answer.json()["detail"]


def test_each_outlet_says_how_it_is(context: Context, client: httpx.Client) -> None:
    context.store.save_feed_state(make_feed_state("rt"))
    context.store.save_feed_state(make_feed_state("sputnik", last_new=NOW - timedelta(days=9)))
    context.store.save_feed_state(
        make_feed_state("tass", outcome=PollOutcome.BLOCKED, sentence="Refused (403).", failures=4)
    )
    rows = {row["id"]: row for row in client.get("/api/outlets").json()}
    assert len(rows) == len(context.catalogue.outlets)
    assert {name: rows[name]["status"] for name in ("rt", "tass", "sputnik", "kremlin")} == {
        "rt": "ok",
        "tass": "failing",
        "sputnik": "silent",
        "kremlin": "never polled",
    }
    assert rows["tass"]["sentence"] == "Refused (403). 4 polls in a row have failed."


def test_the_ledger_masks_targets_also_within_errors(
    context: Context, client: httpx.Client
) -> None:
    alert = make_alert()
    delivery = make_delivery(
        alert,
        target="reader@example.org",
        status=DeliveryStatus.DEAD,
        error="550 reader@example.org unknown",
    )
    context.store.save_shifts([make_shift()])
    context.store.add_alerts([alert], [delivery])
    answer = client.get("/api/alerts")
    (row,) = answer.json()
    assert row["deliveries"][0]["target"] == "r…@example.org"
    assert row["deliveries"][0]["error"] == "550 r…@example.org unknown"
    assert "reader@" not in answer.text


def test_the_codebook_lists_every_label_in_both_languages(client: httpx.Client) -> None:
    row = client.get("/api/codebook").json()
    assert len(row["labels"]) == 27
    assert all(item["title"] and item["title_ru"] for item in row["labels"])
    assert {item["name"] for item in row["signals"]} == {"thaw", "chill"}


def test_health_is_degraded_until_a_feed_was_asked(context: Context, client: httpx.Client) -> None:
    row = client.get("/healthz")
    assert (row.status_code, row.json()["status"]) == (200, "degraded")
    context.store.save_feed_state(make_feed_state(last_attempt=NOW - timedelta(seconds=42)))
    row = client.get("/healthz")
    assert (row.status_code, row.json()["status"]) == (200, "ok")
    assert row.json()["last_poll_age"] == 42
    assert MODEL in row.json()["checks"]["model"]["sentence"]


def test_health_fails_without_the_models_files(context: Context, client: httpx.Client) -> None:
    (context.manifest.folder / "model.onnx").unlink()
    row = client.get("/healthz")
    assert (row.status_code, row.json()["status"]) == (503, "failed")
    assert "model.onnx" in row.json()["checks"]["model"]["sentence"]


def test_health_fails_when_the_store_cannot_be_read(context: Context, client: httpx.Client) -> None:
    context.store.close()
    row = client.get("/healthz")
    assert row.status_code == 503
    assert not row.json()["checks"]["store"]["ok"]
