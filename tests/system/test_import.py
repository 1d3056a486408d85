"""`framewatch import` from outside: counted once, whatever happens on the way."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

from services.demo.world import build_world
from services.index.opening import open_store
from tests.support.command import framewatch, start, write_jsonl

GROUP_OF_REAL_OUTLETS = ("rt", "tass", "sputnik", "ria-novosti")


def rows_of_the_simulated_world(count: int) -> list[dict[str, str]]:
    entries = build_world(languages=("en",)).entries[:count]
    outlets = {
        name: GROUP_OF_REAL_OUTLETS[i % 4] for i, name in enumerate({e.outlet for e in entries})
    }
    return [
        {
            "outlet": outlets[entry.outlet],
            "url": f"https://example.org{entry.path}",
            "title": entry.title,
            "lead": entry.lead,
            "published": entry.published.isoformat(),
        }
        for entry in entries
    ]


def imported(*files: Path, data: Path) -> dict[str, object]:
    done = framewatch("import", *files, "--data", data, "--json")
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


def counts(data: Path) -> list[tuple[object, ...]]:
    """Everything that is counted, as a user would read it."""
    done = framewatch(
        "series", "--label", "relations=detente", "--group", "state", "--json", "--data", data
    )
    points = json.loads(done.stdout)["points"]
    return [(p["day"], p["n"], p["k"]) for p in points if p["source"] == "collected"]


def test_importing_a_file_twice_changes_nothing(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "rows.jsonl", rows_of_the_simulated_world(300))
    first = imported(source, data=tmp_path / "data")
    before = counts(tmp_path / "data")
    second = imported(source, data=tmp_path / "data")
    assert first["articles_in_store"] == second["articles_in_store"]
    assert second["outcomes"].keys() <= {"duplicate", "bad_row"}  # type: ignore[attr-defined]
    assert second["classified"] == {}
    assert counts(tmp_path / "data") == before


def test_rows_that_cannot_be_read_are_listed_by_line_and_stop_nothing(tmp_path: Path) -> None:
    good = rows_of_the_simulated_world(3)
    source = tmp_path / "rows.jsonl"
    source.write_text(
        "\n".join(
            [
                json.dumps(good[0]),
                "{broken",
                json.dumps(good[1] | {"outlet": "No Such Paper"}),
                json.dumps(good[2] | {"published": "yesterday-ish"}),
                json.dumps(good[1]),
            ]
        ),
        encoding="utf-8",
    )
    result = imported(source, data=tmp_path / "data")
    assert [row["line"] for row in result["bad_rows"]] == [2, 3, 4]  # type: ignore[attr-defined]
    assert result["articles_in_store"] == 2


def test_a_kill_in_the_middle_loses_and_repeats_nothing(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "rows.jsonl", rows_of_the_simulated_world(4000))
    imported(source, data=tmp_path / "undisturbed")

    killed = tmp_path / "killed"
    process = start("import", source, "--data", killed)
    wait_for_articles(killed)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    imported(source, data=killed)
    assert counts(killed) == counts(tmp_path / "undisturbed")


def wait_for_articles(data: Path, deadline: float = 60) -> None:
    """Return as soon as the first batch is in the store."""
    ends = time.monotonic() + deadline
    while time.monotonic() < ends:
        if (data / "framewatch.db").exists():
            store = open_store(data / "framewatch.db")
            articles = store.stats("").articles
            store.close()
            if articles:
                return
        time.sleep(0.02)
    raise AssertionError("The import had written nothing when the deadline came.")
