"""The whole product on the simulated world, as a user starts it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.context import Context, open_context
from services.demo.found import expected_articles
from services.demo.play import prepare_demo
from services.errors import ConfigurationError
from services.run import RoundReport, run_round
from services.settings import load_settings

COMMAND = [sys.executable, "-c", "import sys; from services.cli.app import main; sys.exit(main())"]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any]]:
    """Exit code and summary of one full `framewatch demo --exit --json`."""
    folder = tmp_path_factory.mktemp("demo")
    arguments = ["demo", "--exit", "--json", "--port", "0", "--data", str(folder)]
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=1500, check=False
    )
    assert done.stdout, done.stderr[-3000:]
    return done.returncode, json.loads(done.stdout)


@pytest.mark.timeout(1600)
def test_everything_planted_is_found(played: tuple[int, dict[str, Any]]) -> None:
    code, report = played
    assert [check for check in report["checks"] if check["ok"] is False] == []
    assert report["ok"] is True
    assert code == 0


@pytest.mark.timeout(1600)
def test_the_summary_judges_what_the_demo_promises(
    played: tuple[int, dict[str, Any]],
) -> None:
    judged = " / ".join(check["planted"] for check in played[1]["checks"] if check["ok"])
    for promise in (
        "state: thaw up on 15 Feb 2025",
        "alternative: thaw up on 24 Feb 2025",
        "state: thaw down on 2 Jun 2025",
        "alternative follows state (thaw) by 9 days",
        "no other turn of a signal in any group",
        "silent",
        "counts once",
        "one mail and one webhook",
    ):
        assert promise in judged


def test_a_fortnight_arrives_complete_and_quiet(tmp_path: Path) -> None:
    """Without a planted shift every headline is labelled once and nobody is told anything."""
    with (
        prepare_demo(tmp_path, until=date(2025, 1, 14)) as demo,
        open_context(load_settings(**demo.settings), clock=demo.clock) as context,
    ):
        rounds: list[RoundReport] = []

        def one_round(opened: Context) -> None:
            rounds.append(run_round(opened))

        demo.play(context, one_round)
        assert [problem for report in rounds for problem in report.problems] == []
        stats = context.store.stats(context.model)
        assert stats.articles_by_outlet == expected_articles(demo.world)
        assert stats.classified == stats.articles
        assert (demo.mail.mails, demo.hooks.webhooks) == ([], [])
        demo.clock.advance(timedelta(hours=1))
        again = run_round(context)
        assert sum(again.classified.values()) == 0
        assert context.store.stats(context.model).articles == stats.articles


def test_a_folder_that_holds_an_index_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "framewatch.db").write_bytes(b"precious")
    with pytest.raises(ConfigurationError, match="already holds an index"):
        prepare_demo(tmp_path)
    assert (tmp_path / "framewatch.db").read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == ["framewatch.db"]


def test_the_page_gets_the_banner_and_times_before_anything_arrived(tmp_path: Path) -> None:
    with prepare_demo(tmp_path, until=date(2025, 1, 2)) as demo:
        assert "simulated" in demo.state.banner
        assert (demo.state.mails, demo.state.webhooks, demo.state.report) == ([], [], "")
        assert demo.clock() == datetime.fromisoformat("2025-01-01T00:00:00+00:00")
