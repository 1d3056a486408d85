"""A soak of collection: whatever fails or is killed, what was shown is stored, and no more.

2,000 polls of 20 feeds on a real server, on a simulated clock. Answers fail, break off and lie;
the collecting process is killed with SIGKILL at 20 random points; articles are published,
edited and edited back. Afterwards the store holds exactly the articles that a poll was shown,
each with exactly the versions that a poll was shown, in that order. What the polls were shown
the server says, from what it sent; see `soak_plan` for what may change when.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
import yaml

from services.index.opening import open_store
from tests.support.command import environment
from tests.support.soak_plan import KILLS, Fault, Round, make_plan
from tests.support.soak_server import SoakServer

SEED = 20250301
POLLS = 2_000
ROOT = Path(__file__).resolve().parents[2]
FETCH_SECONDS = 3.0
LONGEST_PAUSE = 60.0  # every feed is due again in the next round
AGAIN = timedelta(seconds=2 * LONGEST_PAUSE)


class Soak:
    """The server, the collecting process, and the hand that kills it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kills = 0
        self.server = SoakServer(self._on_answer)
        self._round: Round | None = None
        self._process: subprocess.Popen[str] | None = None
        self._child = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        with self.server:
            catalogue = self.folder / "catalogue.yaml"
            rows = [outlet(number, url) for number, url in enumerate(self.server.urls())]
            catalogue.write_text(yaml.safe_dump({"extend": False, "outlets": rows}))
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.soak_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
                env=environment(
                    data=str(self.folder / "data"),
                    catalogue=str(catalogue),
                    allow_networks='["127.0.0.0/8"]',
                    fetch_pages="false",
                    fetch_timeout=str(FETCH_SECONDS),
                    host_pause="0",
                    poll_interval=str(LONGEST_PAUSE),
                    poll_interval_max=str(LONGEST_PAUSE),
                ),
            )
            try:
                yield
            finally:
                self._end(self._process)

    def play(self, round_: Round) -> None:
        """Let every feed be polled once, as the round says."""
        self._round = round_
        self.server.begin(round_)
        outcomes = self._order(round_)
        if round_.kill is not None:
            if outcomes is not None:  # it was done before the kill came
                self._wait_for_death()
            return
        for _ in range(3):
            # A machine that is busy elsewhere may fail a poll by itself; the feed stands still,
            # so that it may simply be polled again.
            if outcomes is not None and not unplanned(round_, outcomes):
                return
            round_ = Round(round_.now + AGAIN, round_.answers, None)
            outcomes = self._order(round_)
        pytest.fail(f"The round at {round_.now} came to {outcomes}.")

    def _order(self, round_: Round) -> dict[str, str] | None:
        """Have one round done; the feeds' outcomes, or None when the process was killed."""
        stdin, stdout = self._pipes()
        stdin.write(f"{round_.now.isoformat()}\n")
        stdin.flush()
        line = stdout.readline()
        if line.startswith("pid "):
            self._child = int(line.split()[1])
            line = stdout.readline()
        assert line, "the collecting process has ended by itself"
        return None if line == "killed\n" else json.loads(line)

    def _on_answer(self, number: int) -> None:
        kill = self._round.kill if self._round else None
        if kill is not None and number == kill.answer + 1:
            threading.Timer(kill.delay, self._kill).start()

    def _kill(self) -> None:
        os.kill(self._child, signal.SIGKILL)
        self.kills += 1

    def _wait_for_death(self) -> None:
        deadline = time.monotonic() + 30
        while Path(f"/proc/{self._child}/status").exists() and "\nState:\tZ" not in (
            Path(f"/proc/{self._child}/status").read_text()
        ):
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        return process.stdin, process.stdout

    def _end(self, process: subprocess.Popen[str]) -> None:
        stdin, stdout = self._pipes()
        stdin.close()
        process.wait(timeout=30)
        stdout.close()


def outlet(number: int, url: str) -> dict[str, object]:
    return {
        "id": f"outlet-{number}",
        "name": f"Outlet {number}",
        "group": "state",
        "language": "en",
        "feed": url,
        "reason": "a test outlet",
        "source": "the tests",
        "certainty": "A",
    }


def unplanned(round_: Round, outcomes: dict[str, str]) -> list[str]:
    """The feeds that should have been answered and were not."""
    return [
        f"outlet-{number}"
        for number, answer in enumerate(round_.answers)
        if answer.fault in (Fault.NONE, Fault.WRONG_304, Fault.BROKEN_OFF)
        and outcomes.get(f"outlet-{number}") not in ("ok", "not_modified")
    ]


Versions = dict[str, list[tuple[str, str]]]
"""By address of the article: title and lead of its versions, in order."""


def planted(server: SoakServer) -> Versions:
    """What the polls were shown: of every article, each version that differs from the last."""
    versions: Versions = {}
    for _, entries in server.shown:
        for entry in entries:
            known = versions.setdefault(entry.url, [])
            if not known or known[-1] != (entry.title, entry.lead):
                known.append((entry.title, entry.lead))
    return versions


def stored(path: Path) -> Versions:
    store = open_store(path)
    try:
        articles = store.articles(store.unclassified("no-model", 1_000_000))
        return {
            article.url: [(item.title, item.lead) for item in store.revisions(article.id)]
            for article in articles.values()
        }
    finally:
        store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the process is forked to start in no time")
def test_what_was_shown_is_stored_and_no_more(tmp_path: Path) -> None:
    plan = make_plan(SEED)
    soak = Soak(tmp_path)
    with soak.running():
        for round_ in plan:
            soak.play(round_)
    expected = planted(soak.server)
    found = stored(tmp_path / "data" / "framewatch.db")
    wrong = {
        url: (expected.get(url), found.get(url))
        for url in expected.keys() | found.keys()
        if expected.get(url) != found.get(url)
    }
    assert not wrong, f"With seed {SEED}, shown and stored differ: {dict(list(wrong.items())[:3])}"
    assert_it_was_a_soak(soak, plan, expected)


def assert_it_was_a_soak(soak: Soak, plan: list[Round], expected: Versions) -> None:
    """Every trouble that the plan holds has really happened, and often enough to matter."""
    answered = soak.server.answered
    assert sum(answered.values()) >= POLLS
    assert soak.kills == KILLS
    assert all(answered[fault] >= 20 for fault in Fault), answered
    assert answered["unchanged"] >= 20
    published = {entry.url for item in plan for answer in item.answers for entry in answer.entries}
    assert published - expected.keys(), "no article fell off its feed unseen"
    planned = Counter(
        entry for item in plan for answer in item.answers for entry in set(answer.entries)
    )
    shown = {entry for _, entries in soak.server.shown for entry in entries}
    assert planned.keys() - shown, "no edit was overwritten unseen"
    back = [url for url, versions in expected.items() if len(set(versions)) < len(versions)]
    assert len(back) >= 20, "too few changes were taken back"
