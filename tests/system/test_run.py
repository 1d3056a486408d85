"""`framewatch run` from outside: feeds in, labels out, a page, a clean stop."""

from __future__ import annotations

import json
import signal
import socket
import urllib.request
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import yaml

from services.demo.world import build_world
from tests.support.command import framewatch, start
from tests.support.feed_server import FeedServer

LOOPBACK = '["127.0.0.0/8"]'


def rss(count: int) -> bytes:
    entries = build_world(languages=("en",)).entries[:count]
    items = "".join(
        f"<item><title>{escape(entry.title)}</title><link>https://example.org{entry.path}</link>"
        f"<description>{escape(entry.lead)}</description>"
        f"<pubDate>{format_datetime(entry.published)}</pubDate></item>"
        for entry in entries
    )
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()


def catalogue(path: Path, feed: str) -> Path:
    outlet = {
        "id": "local",
        "name": "Local Paper",
        "group": "state",
        "language": "en",
        "feed": feed,
        "reason": "a test outlet",
        "source": "the tests",
        "certainty": "A",
        "fetch_pages": False,
    }
    path.write_text(yaml.safe_dump({"extend": False, "outlets": [outlet]}), encoding="utf-8")
    return path


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


def found(data: Path, file: Path) -> list[dict[str, object]]:
    done = framewatch("search", "--limit", "100", "--json", "--data", data)
    assert file.exists()
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_round_labels_what_a_feed_brings_and_a_second_adds_nothing(
    tmp_path: Path, server: FeedServer
) -> None:
    server.set("/feed", 200, {"Content-Type": "application/rss+xml"}, rss(40))
    file = catalogue(tmp_path / "c.yaml", server.url("/feed"))
    data = tmp_path / "data"
    options = ("--catalogue", file, "--data", data)
    settings = {"allow_networks": LOOPBACK, "poll_interval": "1"}

    first = framewatch("run", "--once", *options, **settings)
    assert first.returncode == 0, first.stderr
    rows = found(data, file)
    assert len(rows) == 40
    assert all(row["framing"]["us"] for row in rows)  # type: ignore[index]

    second = framewatch("run", "--once", *options, **settings)
    assert second.returncode == 0, second.stderr
    assert found(data, file) == rows


def test_a_feed_that_answers_nonsense_is_named_in_a_sentence(
    tmp_path: Path, server: FeedServer
) -> None:
    server.set("/feed", 200, {"Content-Type": "text/html"}, b"<html><body>Enable JavaScript</body>")
    file = catalogue(tmp_path / "c.yaml", server.url("/feed"))
    done = framewatch(
        "run", "--once", "--catalogue", file, "--data", tmp_path / "d", allow_networks=LOOPBACK
    )
    assert done.returncode == 1
    assert "Local Paper" in done.stdout
    assert "framewatch demo" in done.stderr


def test_the_page_is_served_and_ctrl_c_stops_cleanly(tmp_path: Path, server: FeedServer) -> None:
    server.set("/feed", 200, {"Content-Type": "application/rss+xml"}, rss(5))
    file = catalogue(tmp_path / "c.yaml", server.url("/feed"))
    process = start(
        "run", "--catalogue", file, "--data", tmp_path / "d", "--port", "0", allow_networks=LOOPBACK
    )
    assert process.stderr is not None
    address = next(
        word for line in process.stderr for word in line.split() if word.startswith("http://127")
    )
    with urllib.request.urlopen(address, timeout=30) as page:
        assert "Framewatch" in page.read().decode()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Stopped cleanly." in err


def test_a_port_in_use_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = framewatch("run", "--data", tmp_path / "d", "--port", port)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr


def test_two_runs_on_one_folder_do_not_mix(tmp_path: Path, server: FeedServer) -> None:
    server.set("/feed", 200, {"Content-Type": "application/rss+xml"}, rss(5))
    file = catalogue(tmp_path / "c.yaml", server.url("/feed"))
    options = ("--catalogue", file, "--data", tmp_path / "d")
    process = start("run", *options, "--port", "0", allow_networks=LOOPBACK)
    assert process.stderr is not None
    next(line for line in process.stderr if "http://127" in line)
    done = framewatch("run", "--once", *options, allow_networks=LOOPBACK)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert done.returncode == 1
    assert "Another framewatch run" in done.stderr
