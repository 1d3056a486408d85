"""Keys in headers and passwords of proxies never come out: not in logs, reprs or errors."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest

from services.collect.feeds.poll import poll
from services.collect.http.fetcher import Fetcher, FetchError
from services.domain.outlet import FeedState, Outlet
from services.settings import load_settings
from tests.support.feed_server import FeedServer
from tests.support.fetching import NOW, RawServer, open_fetcher
from tests.support.proxies import ConnectProxy, SocksProxy
from tests.support.records import make_outlet

SECRET = "hunter2"
LOGIN = f"user:{SECRET}"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that anybody logs at all, whatever the settings."""
    caplog.set_level(logging.DEBUG)
    return caplog


def told(error: BaseException) -> str:
    """All that an error could tell: itself, its causes, and the trace of both."""
    return "".join((str(error), repr(error), *traceback.format_exception(error)))


def outlet(proxy: str = "") -> Outlet:
    return make_outlet("one", headers={"X-Key": SECRET}, proxy=proxy)


def test_an_outlet_does_not_show_its_headers_and_proxy() -> None:
    shown = outlet(f"http://{LOGIN}@proxy.example:3128")
    assert SECRET not in f"{shown} {shown!r} {[shown]}"
    assert SECRET in str(asdict(shown))


def test_the_settings_do_not_show_the_proxy() -> None:
    settings = load_settings(proxy=f"http://{LOGIN}@proxy.example:3128")
    assert SECRET not in f"{settings} {settings!r} {settings.model_dump()}"


@pytest.mark.parametrize("value", [f"{SECRET}\r\nX-Other: 1", f"{SECRET}\n", f"{SECRET}\x00"])
def test_a_header_that_cannot_be_sent_is_not_repeated(
    server: FeedServer, fetcher: Fetcher, log: pytest.LogCaptureFixture, value: str
) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher.get(server.set("/feed"), headers={"X-Key": value})
    assert "a header for it holds a character" in str(caught.value)
    assert SECRET not in told(caught.value) + log.text
    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        f"ftp://{LOGIN}@news.example/", f"http://{LOGIN}@/", f"http://{LOGIN}@[x/",
        f"http://{LOGIN}@news.example:x/", f"news.example/?key={SECRET}",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_shown_without_what_may_be_secret(
    fetcher: Fetcher, url: str
) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher.get(url)
    assert SECRET not in str(caught.value)


def test_a_redirect_to_nowhere_is_shown_without_what_may_be_secret(
    server: FeedServer, fetcher: Fetcher
) -> None:
    url = server.set("/feed", 302, {"Location": f"ftp://{LOGIN}@a.example/?token={SECRET}"})
    with pytest.raises(FetchError) as caught:
        fetcher.get(url)
    assert SECRET not in told(caught.value)


PROXIES = [
    f"http://{LOGIN}@127.0.0.1:1", f"https://{LOGIN}@127.0.0.1:1", f"socks5://{LOGIN}@127.0.0.1:1",
    f"http://{LOGIN}@[::1", f"gopher://{LOGIN}@127.0.0.1", f"{LOGIN}@127.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("url", ["http://news.example/", "https://news.example/"])
def test_a_proxy_that_fails_does_not_give_its_password_away(
    fetcher: Fetcher, log: pytest.LogCaptureFixture, proxy: str, url: str
) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher.get(url, proxy=proxy)
    assert SECRET not in told(caught.value) + log.text


@pytest.mark.parametrize("kind", [SocksProxy, ConnectProxy])
def test_a_proxy_that_refuses_does_not_give_its_password_away(
    fetcher: Fetcher, log: pytest.LogCaptureFixture, kind: type[SocksProxy | ConnectProxy]
) -> None:
    with kind(login="user:other") as proxy, pytest.raises(FetchError) as caught:
        fetcher.get("https://news.example/", proxy=proxy.url.replace("//", f"//{LOGIN}@"))
    assert SECRET not in told(caught.value) + log.text


def test_a_fetch_that_succeeds_logs_no_key(
    server: FeedServer, fetcher: Fetcher, log: pytest.LogCaptureFixture
) -> None:
    server.set("http://news.example/feed", 200, {"Set-Cookie": SECRET}, b"through")
    proxy = server.url().replace("//", f"//{LOGIN}@")
    fetcher.get("http://news.example/feed", headers={"X-Key": SECRET}, proxy=proxy)
    assert server.requests[0].headers["x-key"] == SECRET
    assert SECRET not in log.text


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 500 X\r\n\r\n"])
def test_the_state_of_a_feed_tells_no_key(
    fetcher: Fetcher, log: pytest.LogCaptureFixture, answer: bytes
) -> None:
    with RawServer(answer) as url:
        result = poll(replace(outlet(), feed=url), FeedState("one"), fetcher, NOW)
    assert SECRET not in f"{result!r} {result.state.sentence}" + log.text
