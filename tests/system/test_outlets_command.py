"""`framewatch outlets`, `series` and `alerts` on a collection with trouble in it."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import termios
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services import pipeline
from services.context import open_context
from services.settings import load_settings
from tests.support.alerting import StandingClock
from tests.support.collected import Collector
from tests.support.command import FRAMEWATCH, environment, framewatch
from tests.support.records import make_prediction

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RT is well and TASS has failed for two days, as of the clock that the command reads."""
    folder = tmp_path_factory.mktemp("outlets")
    now = datetime.now(UTC).replace(microsecond=0)
    clock = StandingClock(now)
    with open_context(load_settings(data=folder), clock=clock) as context:
        world = Collector(context, clock, (now - timedelta(days=20)).date())
        world.collect("rt")
        world.collect("tass", now - 49 * HOUR)
        world.fail("tass", now - 48 * HOUR, now)
        articles = context.store.articles(context.store.unclassified(context.model, 100_000))
        context.store.save_predictions(
            [make_prediction(item, model=context.model) for item in articles.values()]
        )
        pipeline.count(context)
        pipeline.raise_alerts(context)
    return folder


def on_terminal(columns: int, *arguments: str | Path) -> list[str]:
    """Run a command on a terminal of this width; returns its lines without colours."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (50, columns))
    with os.fdopen(master, "rb", buffering=0) as screen:
        done = subprocess.Popen(
            [FRAMEWATCH, *map(str, arguments)], stdout=slave, stdin=slave, env=environment()
        )
        os.close(slave)
        shown = b""
        with suppress(OSError):  # how a terminal ends when nobody writes to it any more
            while piece := screen.read(65_536):
                shown += piece
        assert done.wait(60) == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).splitlines()


def test_the_list_fits_a_terminal_of_a_hundred_columns(data: Path) -> None:
    lines = on_terminal(100, "outlets", "--data", data)
    assert any("tass" in line for line in lines)
    assert max(map(len, lines)) <= 100


def test_the_list_says_what_is_the_matter(data: Path) -> None:
    text = framewatch("outlets", "--data", data).stdout
    assert "The server failed: 503. 9 polls in a row have failed." in text


def test_one_outlet_is_shown_with_its_days(data: Path) -> None:
    text = framewatch("outlets", "show", "TASS", "--data", data).stdout
    assert "not observed" in text
    assert "24.0 articles a day" in text


def test_verbose_tells_it_of_every_outlet(data: Path) -> None:
    text = framewatch("outlets", "--verbose", "--data", data).stdout
    assert text.count("last poll") == 2


def test_json_is_complete(data: Path) -> None:
    rows = json.loads(framewatch("outlets", "--json", "--data", data).stdout)
    tass = next(row for row in rows if row["id"] == "tass")
    assert (tass["status"], tass["gap"]["too_long"]) == ("failing", True)
    assert {"pages", "window", "week", "failing_since", "next_poll"} <= set(tass)


def test_an_unknown_outlet_is_refused_with_the_known_ones(data: Path) -> None:
    done = framewatch("outlets", "show", "nobody", "--data", data)
    assert done.returncode == 2
    assert "It has: rt, tass" in done.stderr


def test_a_series_leaves_unobserved_days_empty(data: Path) -> None:
    arguments = ("--label", "us=hostile", "--outlet", "tass", "--csv", "--data", data)
    rows = list(csv.DictReader(io.StringIO(framewatch("series", *arguments).stdout)))
    dark = [row for row in rows if row["observed"] == "no"]
    assert dark
    assert {(row["n"], row["k"], row["share"]) for row in dark} == {("", "", "")}


def test_a_series_says_not_observed(data: Path) -> None:
    arguments = ("--label", "us=hostile", "--outlet", "tass", "--data", data)
    assert "not observed" in framewatch("series", *arguments).stdout


def test_the_ledger_lists_the_gap(data: Path) -> None:
    (row,) = json.loads(framewatch("alerts", "list", "--json", "--data", data).stdout)
    assert (row["kind"], row["gap"]["outlet"]) == ("collection", "tass")


def test_doctor_counts_failing_feeds(data: Path) -> None:
    done = framewatch("doctor", "--json", "--data", data)
    feeds = next(item for item in json.loads(done.stdout)["findings"] if item["what"] == "feeds")
    assert feeds["found"] == "1 of 2 feeds answered at the last try, 1 failing"
