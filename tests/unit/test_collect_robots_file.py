"""Reading one robots.txt, whatever its bytes."""

from __future__ import annotations

import httpx
import pytest

from services.collect.http.gate import LONGEST_PAUSE
from services.collect.http.robots_file import (
    MOST_SITEMAPS,
    RobotsFile,
    product_token,
    read_robots_file,
)

SITE = "https://news.example"
CLOSED = "User-agent: *\nDisallow: /closed\n"


def read(text: str | bytes) -> RobotsFile:
    body = text if isinstance(text, bytes) else text.encode()
    return read_robots_file(body, f"{SITE}/robots.txt", "Framewatch")


def allows(file: RobotsFile, path: str) -> bool:
    return file.allows(httpx.URL(SITE + path))


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        (CLOSED, "/closed/1", False),
        (CLOSED, "/open", True),
        ("", "/", True),
        ("User-agent: *\nDisallow:\n", "/", True),
        ("User-agent: *\nDisallow: /\n", "/", False),
        ("User-agent: Framewatch\nDisallow: /\n", "/a", False),
        ("user-agent: FRAMEWATCH/0.1\ndisallow: /\n", "/a", False),
        ("User-agent: Framewatch # us\nDisallow: /\n", "/a", False),
        ("User-agent: GPTBot\nDisallow: /\n", "/a", True),
        ("User-agent: Frame\nDisallow: /\n", "/a", True),
        ("User-agent: GPTBot\nUser-agent: Framewatch\nDisallow: /\n", "/a", False),
        ("User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nAllow: /\n", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Framewatch\nAllow: /\n", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/b/c", True),
        ("User-agent: *\nDisallow: /*.php$\n", "/x.php", False),
        ("User-agent: *\nDisallow: /*.php$\n", "/x.php?a=1", True),
        ("User-agent: *\nDisallow: /*?print=\n", "/x?print=1", False),
        ("User-agent: *\nDisallow: /да\n", "/%D0%B4%D0%B0", False),
        ("User-agent: *\r\nDisallow: /closed\r\n", "/closed", False),
        ("User-agent: *\rDisallow: /closed\r", "/closed", False),
    ],
)  # fmt: skip
def test_rules_for_us_hold(text: str, path: str, *, allowed: bool) -> None:
    assert allows(read(text), path) is allowed


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + CLOSED.encode(),
        b"\xff\xfe" + CLOSED.encode("utf-16-le"),
        b"\xfe\xff" + CLOSED.encode("utf-16-be"),
        b"# caf\xe9\n" + CLOSED.encode(),
        b"\x00\x01\n" + CLOSED.encode(),
    ],
    ids=["UTF-8 mark", "UTF-16 LE", "UTF-16 BE", "latin-1", "control characters"],
)
def test_bytes_in_an_odd_encoding_are_read(body: bytes) -> None:
    assert not allows(read(body), "/closed")


@pytest.mark.parametrize(
    "body", ["<!DOCTYPE html>\nDisallow: /", "\n <html>User-agent: *\nDisallow: /\n</html>"]
)
def test_html_in_its_place_is_no_robots_file(body: str) -> None:
    assert allows(read(body), "/")


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ("Crawl-delay: 7", 7.0),
        ("Crawl-delay: 2.5", 2.5),
        ("Request-rate: 1/20", 20.0),
        ("Crawl-delay: 86400", LONGEST_PAUSE),
        ("Crawl-delay: -1", 0.0),
        ("Crawl-delay: nan", 0.0),
        ("Crawl-delay: inf", 0.0),
        ("Crawl-delay: soon", 0.0),
        ("Request-rate: 1/0", 0.0),
        ("Disallow:", 0.0),
    ],
)
def test_the_pause_that_a_site_wants_is_bounded(lines: str, seconds: float) -> None:
    assert read(f"User-agent: *\n{lines}\n").pause == seconds


def test_sitemaps_are_absolute_web_addresses_each_once() -> None:
    text = "".join(
        f"Sitemap: {value}\n"
        for value in ("/a.xml", f"{SITE}/b.xml", "/a.xml", "ftp://news.example/c", "http://[", "")
    )
    assert read(text).sitemaps == (f"{SITE}/a.xml", f"{SITE}/b.xml")


def test_sitemaps_are_not_without_end() -> None:
    text = "".join(f"Sitemap: /{n}.xml\n" for n in range(MOST_SITEMAPS + 100))
    assert len(read(text).sitemaps) == MOST_SITEMAPS


def test_names_times_rules_do_not_multiply() -> None:
    names = "".join(f"User-agent: bot{n}\n" for n in range(12_000))
    stars = "".join(f"User-agent: f{'*' * (n % 40)}{n}\n" for n in range(3_000))
    rules = "".join(f"Disallow: /{n}\n" for n in range(10_000))
    assert allows(read(names + stars + rules), "/1")


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [
        ("Framewatch/0.1 (media framing research)", "Framewatch"),
        ("Framewatch", "Framewatch"),
        ("Mozilla/5.0 (compatible; Framewatch/0.1; +https://news.example)", "Framewatch"),
        ("my_bot-two/3", "my_bot-two"),
        ("1/2", "*"),
    ],
)
def test_the_name_that_files_address_comes_from_the_user_agent(user_agent: str, token: str) -> None:
    assert product_token(user_agent) == token
