"""`framewatch outlets add` from the first look to the first round."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import framewatch
from tests.support.feed_server import FeedServer
from tests.zoo.documents import item, rss

FEED = rss(item("Переговоры прошли в столице"), item("Стороны договорились о встрече"))
WHY = ("--group", "control", "--reason", "For the test", "--source", "The test")


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        link = "<link rel=alternate type=application/rss+xml href=/feed>"
        server.set("/", 200, {"Content-Type": "text/html"}, f"<html><head>{link}</head></html>")
        server.set("/feed", 200, {"Content-Type": "application/rss+xml"}, FEED)
        yield server


def add(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return framewatch(
        "outlets", "add", *arguments, data=str(data), host_pause="0",
        allow_networks='["127.0.0.0/8"]',
    )  # fmt: skip


def test_a_site_is_added_and_every_command_knows_it(site: FeedServer, tmp_path: Path) -> None:
    done = add(tmp_path, site.url("/"), "--id", "mine", "--name", "Mine", "--yes", *WHY)
    assert done.returncode == 0, done.stderr
    assert "Mine (mine) is in" in done.stderr
    assert "ru" in done.stdout
    rows = json.loads(framewatch("outlets", "--json", data=str(tmp_path)).stdout)
    assert any("Mine" in json.dumps(row) for row in rows)


def test_without_yes_it_is_shown_and_not_written(site: FeedServer, tmp_path: Path) -> None:
    done = add(tmp_path, site.url("/"), "--json")
    found = json.loads(done.stdout)
    assert found["written"] is False
    assert found["entry"]["feed"] == site.url("/feed")
    assert found["entry"]["language"] == "ru"
    assert not (tmp_path / "outlets.yaml").exists()


def test_a_file_that_is_named_is_written(site: FeedServer, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    done = add(tmp_path, site.url("/"), "--catalogue", str(own), "--yes", *WHY)
    assert done.returncode == 0, done.stderr
    assert "feed: " in own.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("{site}", "--yes"), 2, "add --group, --reason, --source"),
        (("{site}", "--group", "neutral"), 2, "one of state, alternative, control"),
        (("not an address", "--yes", *WHY), 2, "no web address"),
        (("http://[", "--yes", *WHY), 2, "no web address"),
        (("{site}nothing", "--yes", *WHY), 1, "There is no feed at"),
        (("https://www.rt.com/rss/news/", "--yes", *WHY), 1, "in the catalogue already"),
        (("{site}", "--yes", "--id", "rt", *WHY), 1, "'rt' is already taken"),
        (("{site}", "--yes", "--language", "russian", *WHY), 1, "two-letter"),
        (("{site}", "--yes", "--timezone", "Moscow", *WHY), 1, "IANA"),
    ],
)
def test_what_cannot_be_added_ends_with_a_sentence(
    site: FeedServer, tmp_path: Path, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    done = add(tmp_path, *(argument.format(site=site.url("/")) for argument in arguments))
    assert done.returncode == code
    assert sentence in done.stderr
    assert not (tmp_path / "outlets.yaml").exists()
