"""The command line as a stable surface: help, exit codes, JSON, sentences."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.support.command import FRAMEWATCH, environment, framewatch, write_jsonl

COMMANDS = (
    "run",
    "demo",
    "import",
    "classify",
    "search",
    "series",
    "shifts",
    "stories",
    "outlets",
    "revisions",
    "stories",
    "backfill",
    "doctor",
)
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    done = framewatch(command, "--help")
    assert done.returncode == 0
    assert f"framewatch {command}" in done.stdout


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"\bframewatch ([a-z]+)\b", README.read_text(encoding="utf-8")))
    assert named <= {*COMMANDS, "alerts"}


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("search", "--no-such-option"), 2, "--no-such-option"),
        (("series", "--label", "relations=detante"), 2, "relations=detente"),
        (("search", "--group", "neutral"), 2, "alternative"),
        (("search", "--since", "12.2.2025"), 2, "2025-02-12"),
        (("search", "--since", "2025-02-12", "--until", "2025-01-01"), 2, "swap"),
        (("import", "no-such-file.jsonl"), 1, "no-such-file.jsonl"),
        (("import", "/"), 1, "is a folder"),
        (("demo", "--port", "70000"), 2, "65535. "),
        (("run", "--once", "--catalogue", "no-such-file.yaml"), 1, "no-such-file.yaml"),
    ],
)
def test_a_wrong_call_ends_with_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    done = framewatch(*arguments, data=str(tmp_path))
    assert done.returncode == code
    assert sentence in done.stderr


def test_a_wrong_setting_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    done = framewatch("search", data=str(tmp_path), port="eighty")
    assert done.returncode == 1
    assert "FRAMEWATCH_PORT" in done.stderr


def test_classify_answers_line_by_line_in_the_same_order(tmp_path: Path) -> None:
    source = write_jsonl(
        tmp_path / "in.jsonl",
        [
            {"id": 1, "title": "Moscow and Washington agree to resume arms talks"},
            {"id": "two", "title": "Der Himmel bleibt grau", "language": "de"},
            {"id": 3, "title": ""},
            {"id": 4, "title": ["not", "text"]},
        ],
    )
    with source.open("a", encoding="utf-8") as lines:
        lines.write("[" * 100_000 + "\n")
    done = framewatch("classify", "--input", source, "--output", tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert done.returncode == 1  # two lines could not be read
    assert [row["id"] for row in rows] == [1, "two", 3, 4, None]
    assert [row["outcome"] for row in rows] == [
        "classified",
        "unsupported_language",
        "no_text",
        "bad_row",
        "bad_row",
    ]
    assert sum(rows[0]["relations_p"].values()) == pytest.approx(1, abs=0.01)


def test_a_hostile_title_cannot_steer_the_terminal(tmp_path: Path) -> None:
    row = {
        "outlet": "rt",
        "url": "https://example.org/1",
        "title": "Red \x1b[31malert\x07 [bold]x[/bold] \u202etxet",
        "date": "2025-02-12",
    }
    framewatch("import", write_jsonl(tmp_path / "r.jsonl", [row]), "--data", tmp_path / "d")
    done = framewatch("search", "--data", tmp_path / "d")
    assert "[bold]x[/bold]" in done.stdout
    assert not re.search("[\x07\x1b\u202e]", done.stdout)


def test_doctor_lists_what_is_missing_and_shows_no_secret(tmp_path: Path) -> None:
    done = framewatch("doctor", "--json", data=str(tmp_path), webhook_secret=SECRET)
    findings = {item["what"]: item for item in json.loads(done.stdout)["findings"]}
    assert done.returncode == 0, done.stdout
    assert findings["mail"]["status"] == "off"
    assert findings["model"]["status"] == "ok"
    assert SECRET.removeprefix("whsec_") not in done.stdout


def test_doctor_tells_a_secret_that_cannot_work(tmp_path: Path) -> None:
    done = framewatch("doctor", "--json", data=str(tmp_path), webhook_secret="whsec_c2VjcmV0")
    wrong = [item for item in json.loads(done.stdout)["findings"] if item["status"] == "wrong"]
    assert done.returncode == 1
    assert [item["what"] for item in wrong] == ["webhooks"]
    assert "c2VjcmV0" not in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [("outlets",), ("outlets", "--json")])
def test_output_that_finds_no_room_is_told_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [FRAMEWATCH, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(data=str(tmp_path)),
            check=False,
        )
    assert done.returncode == 1
    assert "no room left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    framewatch("search", "--data", tmp_path)
    with sqlite3.connect(tmp_path / "framewatch.db") as base:
        base.execute("PRAGMA user_version = 9999")
    base.close()
    done = framewatch("search", "--data", tmp_path)
    assert done.returncode == 1
    assert "newer" in done.stderr


def test_doctor_says_that_a_rule_reaches_nobody(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("rules:\n  - {name: desk, watch: collection, emails: [desk@example.org]}\n")
    done = framewatch("doctor", "--json", data=str(tmp_path), rules=str(file))
    findings = {item["what"]: item for item in json.loads(done.stdout)["findings"]}
    assert findings["rules"]["status"] == "wrong"
    assert "desk" in findings["rules"]["found"]
