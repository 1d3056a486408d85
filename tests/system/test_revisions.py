"""`framewatch revisions` as a journalist starts it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.framing.manifest import load_manifest
from services.index.opening import open_store
from services.settings import load_settings
from tests.support.command import framewatch
from tests.support.records import NOW, make_article, make_prediction, revise

BEFORE = make_article(1, outlet="rt", title="Washington threatens envoys", lead="Talks begin.")
AFTER = revise(BEFORE, title="Washington meets envoys", lead="Useful talks begin.")
OTHER = make_article(2, outlet="tass", title="Envoys \x1b[31mmeat in Geneva")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two edits, one of them with other labels."""
    folder = tmp_path_factory.mktemp("data")
    model = load_manifest().model_id
    store = open_store(load_settings(data=folder).store_path)
    store.add_articles([BEFORE, OTHER], live=True)
    store.add_articles([AFTER, revise(OTHER, title="Envoys meet in Geneva")], live=True)
    store.save_predictions(
        [
            make_prediction(BEFORE, us="hostile", frames=(), model=model),
            make_prediction(AFTER, us="neutral", frames=("dialogue",), model=model),
        ]
    )
    store.close()
    return folder


def test_it_says_when_who_and_what(data: Path) -> None:
    done = framewatch("revisions", "--data", data, "--reframed")
    assert done.returncode == 0
    assert not any(line.endswith(" ") for line in done.stdout.splitlines())
    lines = [" ".join(line.split()) for line in done.stdout.splitlines() if line.strip()]
    assert lines == [
        "RT changed the title and the summary",
        f"seen {AFTER.collected:%Y-%m-%d %H:%M} UTC, published {NOW:%Y-%m-%d %H:%M} UTC",
        "title was Washington threatens envoys",
        "title now Washington meets envoys",
        "summary [-Talks-]{+Useful talks+} begin.",
        "labels no longer: US portrayed as hostile; new: US mentioned without judgement, "
        "Dialogue with the US",
        BEFORE.url,
    ]


def test_feeds_cannot_write_to_the_terminal(data: Path) -> None:
    done = framewatch("revisions", "--data", data, "--outlet", "tass")
    assert "\x1b" not in done.stdout
    assert "not both versions are classified yet" in done.stdout


def test_json_for_a_program(data: Path) -> None:
    done = framewatch("revisions", "--data", data, "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["outlet"]: row["reframed"] for row in rows} == {"rt": True, "tass": False}


def test_nothing_seen_is_said(data: Path) -> None:
    done = framewatch("revisions", "--data", data, "--since", "2030-01-01")
    assert done.returncode == 0
    assert "No edits of articles were seen." in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--outlet", "nobody"), "no outlet 'nobody'"),
        (("--since", "yesterday"), "--since wants a day"),
        (("--since", "2025-03-02", "--until", "2025-03-01"), "swap them"),
    ],
)
def test_a_wrong_option_is_explained(data: Path, arguments: tuple[str, ...], words: str) -> None:
    done = framewatch("revisions", "--data", data, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
