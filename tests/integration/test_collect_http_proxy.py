"""Through proxies: HTTP, HTTPS and SOCKS5, and who is to blame when they fail."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence

import pytest

from services.collect.http.fetcher import Fetcher, PermanentFetchError, RetryableFetchError
from services.domain.outlet import PollOutcome
from tests.support.feed_server import FeedServer
from tests.support.fetching import RawServer, failure, open_fetcher
from tests.support.proxies import ConnectProxy, SocksProxy
from tests.support.sockets import watching_sockets
from tests.support.tls import trusted_tls

NAME = "news.example"
LOGIN = "user:secret"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        server.set("/feed", body=b"through")
        server.set(f"http://{NAME}/feed", body=b"through")
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """One that may reach no private address at all, a proxy apart."""
    with open_fetcher(allow=()) as fetcher:
        yield fetcher


def with_login(url: str) -> str:
    return url.replace("//", f"//{LOGIN}@")


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return f"127.0.0.1:{unused.getsockname()[1]}"


# What arrives where


def test_a_proxy_may_be_private_and_is_asked_for_the_whole_address(server: FeedServer) -> None:
    with open_fetcher(allow=(), proxy=with_login(server.url())) as fetcher:
        assert fetcher.get(f"http://{NAME}/feed").body == b"through"
    assert server.requests[0].headers["proxy-authorization"].startswith("Basic ")


def test_an_outlets_own_proxy_is_used(server: FeedServer, fetcher: Fetcher) -> None:
    assert fetcher.get(f"http://{NAME}/feed", proxy=server.url()).body == b"through"


def test_what_is_secure_goes_through_a_tunnel_and_stays_secure() -> None:
    with (
        trusted_tls(NAME) as tls,
        FeedServer(tls=tls) as server,
        ConnectProxy({NAME: server.port}, LOGIN) as proxy,
        open_fetcher(allow=()) as fetcher,
    ):
        server.set("/feed", body=b"through")
        assert fetcher.get(f"https://{NAME}/feed", proxy=with_login(proxy.url)).body == b"through"
    assert proxy.asked == [(NAME, 443)]


def test_the_way_to_a_proxy_may_be_secure_too() -> None:
    with trusted_tls("127.0.0.1") as tls, FeedServer(tls=tls) as proxy:
        proxy.set(f"http://{NAME}/feed", body=b"through")
        with open_fetcher(allow=()) as fetcher:
            assert fetcher.get(f"http://{NAME}/feed", proxy=proxy.url()).body == b"through"


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_looks_names_up(server: FeedServer, fetcher: Fetcher, scheme: str) -> None:
    with SocksProxy({NAME: server.port}) as proxy, watching_sockets() as seen:
        url = proxy.url.replace("socks5h", scheme)
        assert fetcher.get(f"http://{NAME}/feed", proxy=url).body == b"through"
    assert proxy.asked == [(NAME, 80)]
    assert NAME not in seen.looked_up


def test_a_socks_proxy_may_want_a_name_and_password(server: FeedServer, fetcher: Fetcher) -> None:
    with SocksProxy({NAME: server.port}, LOGIN) as proxy:
        assert fetcher.get(f"http://{NAME}/feed", proxy=with_login(proxy.url)).body == b"through"


def test_what_is_secure_stays_secure_through_a_socks_proxy() -> None:
    with (
        trusted_tls(NAME) as tls,
        FeedServer(tls=tls) as server,
        SocksProxy({NAME: server.port}) as proxy,
        open_fetcher(allow=()) as fetcher,
    ):
        server.set("/feed", body=b"through")
        assert fetcher.get(f"https://{NAME}/feed", proxy=proxy.url).body == b"through"


def test_redirects_go_through_the_proxy_as_well(fetcher: Fetcher) -> None:
    with FeedServer() as proxy:
        proxy.set(f"http://{NAME}/feed", 301, {"Location": "http://other.example/new"})
        proxy.set("http://other.example/new", body=b"through")
        assert fetcher.get(f"http://{NAME}/feed", proxy=proxy.url()).body == b"through"


def test_a_post_takes_no_proxy(server: FeedServer) -> None:
    with SocksProxy() as proxy, open_fetcher(proxy=proxy.url) as fetcher:
        assert fetcher.post(server.url("/feed"), body=b"", headers={}).status == 200
    assert proxy.asked == []


# What is refused


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254", "2130706433", "127.1", "[::1]", "127.0.0.1.", "[::ffff:10.0.0.1]",
        "localhost", "LOCALHOST.", "a.localhost", "metadata", "metadata.google.internal",
        "printer.local", "nas.home.arpa",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["http", "socks"])
def test_what_is_local_by_the_look_of_it_is_not_asked_of_a_proxy(
    server: FeedServer, fetcher: Fetcher, host: str, kind: str
) -> None:
    with SocksProxy() as socks:
        error = failure(
            fetcher, f"http://{host}/feed", proxy=socks.url if kind == "socks" else server.url()
        )
    assert error.outcome is PollOutcome.FORBIDDEN_ADDRESS
    assert (server.requests, socks.asked) == ([], [])


def test_a_proxy_is_let_through_only_as_a_proxy(server: FeedServer, fetcher: Fetcher) -> None:
    fetcher.get(f"http://{NAME}/feed", proxy=server.url())
    assert failure(fetcher, server.url("/feed")).outcome is PollOutcome.FORBIDDEN_ADDRESS


@pytest.mark.parametrize(
    "proxy", ["socks4://127.0.0.1:1", "ftp://127.0.0.1", "nonsense", "http://", "http://[x"]
)
def test_a_proxy_that_is_none_is_a_sentence_without_its_password(
    fetcher: Fetcher, proxy: str
) -> None:
    error = failure(fetcher, f"http://{NAME}/feed", proxy=with_login(proxy))
    assert "The proxy is not a URL" in str(error)
    assert "secret" not in str(error)


# Who is to blame


@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
@pytest.mark.parametrize("feed", [f"http://{NAME}/feed", f"https://{NAME}/feed"])
def test_a_proxy_that_is_not_there_is_to_blame(fetcher: Fetcher, scheme: str, feed: str) -> None:
    place = closed_port()
    error = failure(fetcher, feed, proxy=with_login(f"{scheme}://{place}"))
    assert f"The proxy {place} cannot be reached: it refuses connections" in str(error)
    assert (error.outcome, isinstance(error, RetryableFetchError)) == (
        PollOutcome.UNREACHABLE,
        True,
    )
    assert "secret" not in str(error)


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_without_an_address_is_to_blame(scheme: str) -> None:
    def resolver(host: str, port: int) -> Sequence[str]:
        assert host == "proxy.example"
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with open_fetcher(allow=(), resolver=resolver) as fetcher:
        error = failure(fetcher, f"http://{NAME}/feed", proxy=f"{scheme}://proxy.example:3128")
    assert "The proxy proxy.example:3128 cannot be reached: its name has no address" in str(error)


@pytest.mark.parametrize("login", ["", "user:wrong@"])
def test_a_proxy_that_wants_another_password_is_to_blame(fetcher: Fetcher, login: str) -> None:
    with SocksProxy(login=LOGIN) as socks, ConnectProxy(login=LOGIN) as tunnel:
        for proxy in (socks, tunnel):
            url = proxy.url.replace("//", f"//{login}")
            error = failure(fetcher, f"https://{NAME}/feed", proxy=url)
            assert f"The proxy 127.0.0.1:{proxy.port} does not accept" in str(error)
            assert isinstance(error, PermanentFetchError)
            assert "wrong" not in str(error)


def test_a_407_is_about_the_proxy(server: FeedServer, fetcher: Fetcher) -> None:
    server.set(f"http://{NAME}/feed", 407)
    error = failure(fetcher, f"http://{NAME}/feed", proxy=server.url())
    assert f"The proxy 127.0.0.1:{server.port} does not accept" in str(error)
    assert NAME not in str(error)


def test_a_407_without_a_proxy_is_about_the_feed(server: FeedServer) -> None:
    with open_fetcher() as fetcher:
        error = failure(fetcher, server.set("/feed", 407))
    assert "127.0.0.1 answered 407" in str(error)


def test_a_proxy_that_does_not_get_there_names_both(fetcher: Fetcher) -> None:
    with SocksProxy() as socks, ConnectProxy() as tunnel:
        for proxy in (socks, tunnel):
            error = failure(fetcher, f"https://{NAME}/feed", proxy=proxy.url)
            assert f"The proxy 127.0.0.1:{proxy.port} made no connection to {NAME}" in str(error)
            assert isinstance(error, RetryableFetchError)


@pytest.mark.parametrize("answer", [b"", b"\x05", b"\x04\x00", b"HTTP/1.1 200 OK\r\n\r\n"])
@pytest.mark.parametrize("scheme", ["socks5", "http"])
def test_a_proxy_that_speaks_something_else_is_a_sentence(
    fetcher: Fetcher, answer: bytes, scheme: str
) -> None:
    with RawServer(answer) as url:
        place = url.removeprefix("http://").removesuffix("/feed")
        error = failure(fetcher, f"https://{NAME}/feed", proxy=f"{scheme}://{place}")
    assert error.outcome is PollOutcome.UNREACHABLE
    assert place in str(error)


def test_the_deadline_holds_for_a_proxy_that_says_nothing() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        open_fetcher(allow=(), timeout=0.3) as fetcher,
    ):
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        error = failure(fetcher, f"http://{NAME}/feed", proxy=f"socks5://{place}")
    assert error.outcome is PollOutcome.TIMEOUT
    assert place in str(error)
