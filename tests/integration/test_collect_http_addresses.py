"""No address that is not public is reached, however it is written, looked up or led to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from services.collect.http.fetcher import Fetcher, FetchError
from services.collect.http.gate import HostGate
from services.collect.http.robots import Robots
from services.domain.outlet import PollOutcome
from tests.support.feed_server import FeedServer
from tests.support.fetching import failure, open_fetcher
from tests.support.sockets import watching_sockets

FORBIDDEN = PollOutcome.FORBIDDEN_ADDRESS
# Each leads, or would lead, somewhere that is not public. `{port}` is that of a server which
# listens on every address of this machine, so that a hole shows as an answer.
STATED = [
    "127.0.0.1:{port}", "127.1:{port}", "127.0.1:{port}", "2130706433:{port}",
    "0x7f000001:{port}", "0X7F.0.0.1:{port}", "0x7f.0x0.0x0.0x1:{port}",
    "017700000001:{port}", "127.0.0.1.:{port}", "127.255.255.254:{port}",
    "0.0.0.0:{port}", "0:{port}", "127。0。0。1:{port}", "news.example@127.0.0.1:{port}",
    "8.8.8.8:80@127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}",
    "[::1]:{port}", "[0:0:0:0:0:0:0:1]:{port}", "[::]:{port}", "[::ffff:127.0.0.1]:{port}",
    "[::ffff:7f00:1]:{port}", "[0:0:0:0:0:FFFF:7F00:0001]:{port}", "[::127.0.0.1]:{port}",
    "[::ffff:0:127.0.0.1]:{port}", "[64:ff9b::127.0.0.1]:{port}", "[64:ff9b:1::7f00:1]:{port}",
    "[2002:7f00:1::]:{port}", "[2001:0:7f00:1::]:{port}", "[fec0::1]:{port}", "[fe80::1]:{port}",
    "[fc00::1]:{port}", "[fd00:ec2::254]", "[2001:db8::1]", "[3fff::1]", "[ff02::1]", "[100::1]",
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "3232235521",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]", "100.64.0.1",
    "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
# These are no web addresses at all.
NONSENSE = [
    "0177.0.0.1:{port}", "127.000.000.001:{port}", "0300.0250.0.1",
    "①②⑦.⓪.⓪.①:{port}", "１２７.0.0.1:{port}", "[fe80::1%25lo]:{port}", "[fe80::1%lo]:{port}",
    "[::1%25lo]:{port}", "%31%32%37.0.0.1:{port}", "127.0.0.1%00.news.example", "[127.0.0.1]",
    "[::ffff:127.1]:{port}", "127.0.0.1 .news.example", "xn--", "\\127.0.0.1", "/127.0.0.1",
]  # fmt: skip
RESOLVED = [
    "127.0.0.1", "10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "255.255.255.255", "224.0.0.251", "::1", "::", "::ffff:10.0.0.1", "::10.0.0.1",
    "64:ff9b::a00:1", "2002:a00:1::", "2001:0:1::1", "fe80::1%eth0", "fec0::1", "fd00:ec2::254",
    "fc00::1", "ff02::fb", "2001:db8::1", "not an address", "",
]  # fmt: skip


def get(fetcher: Fetcher, url: str) -> None:
    fetcher.get(url)


def post(fetcher: Fetcher, url: str) -> None:
    fetcher.post(url, body=b"{}", headers={})


def ask_robots(fetcher: Fetcher, url: str) -> None:
    # robots.txt out of reach is no leave to look for the page: that is refused by itself.
    assert Robots(fetcher, "Framewatch", HostGate(0)).ask(url).allowed
    fetcher.get(url)


every_way = pytest.mark.parametrize("way", [get, post, ask_robots])
Way = Callable[[Fetcher, str], None]


@pytest.fixture(scope="module")
def server() -> Iterator[FeedServer]:
    with FeedServer("0.0.0.0") as server:
        for path in ("/", "/feed", "/robots.txt", "/latest/meta-data"):
            server.set(path, body=b"secret")
        yield server


def refused(way: Way, fetcher: Fetcher, url: str) -> FetchError:
    """The error of asking for `url`, for which no socket may have been told to connect."""
    with watching_sockets() as seen, pytest.raises(FetchError) as caught:
        way(fetcher, url)
    assert seen.connected == []
    return caught.value


@every_way
@pytest.mark.parametrize("host", STATED)
def test_an_address_that_is_not_public_is_not_contacted(
    server: FeedServer, way: Way, host: str
) -> None:
    with open_fetcher(allow=()) as fetcher:
        error = refused(way, fetcher, f"http://{host.format(port=server.port)}/feed")
    assert error.outcome is FORBIDDEN
    assert server.requests == []


@pytest.mark.parametrize("way", [get, post])
@pytest.mark.parametrize("host", NONSENSE)
def test_what_hides_an_address_in_nonsense_is_not_contacted(
    server: FeedServer, way: Way, host: str
) -> None:
    with open_fetcher(allow=()) as fetcher:
        error = refused(way, fetcher, f"http://{host.format(port=server.port)}/feed")
    assert error.outcome in (PollOutcome.UNREACHABLE, FORBIDDEN)
    assert server.requests == []


@every_way
@pytest.mark.parametrize("address", RESOLVED)
def test_a_name_that_leads_to_such_an_address_is_refused(
    server: FeedServer, way: Way, address: str
) -> None:
    with open_fetcher(allow=(), resolver=lambda host, port: [address]) as fetcher:
        error = refused(way, fetcher, f"http://news.example:{server.port}/feed")
    assert error.outcome is FORBIDDEN


@every_way
@pytest.mark.parametrize("addresses", [["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"]])
def test_one_such_address_among_several_is_enough(way: Way, addresses: list[str]) -> None:
    with open_fetcher(allow=(), resolver=lambda host, port: addresses) as fetcher:
        error = refused(way, fetcher, "http://news.example/feed")
    assert error.outcome is FORBIDDEN


@pytest.mark.allow_hosts(["127.0.0.7"])
@pytest.mark.parametrize(
    "location",
    [*(f"http://{host}/latest" for host in STATED if host.isascii()), "//10.0.0.1/", "https://192.168.0.1/",
     "http://user:x@169.254.169.254/", "HTTP://[::FFFF:A00:1]/"],
)  # fmt: skip
def test_a_redirect_to_such_an_address_is_refused(location: str) -> None:
    with FeedServer("127.0.0.7") as public, open_fetcher(allow=["127.0.0.7/32"]) as fetcher:
        public.set("/feed", 302, {"Location": location.format(port=public.port)})
        with watching_sockets() as seen:
            error = failure(fetcher, public.url("/feed", host="127.0.0.7"))
    assert error.outcome is FORBIDDEN
    assert seen.connected == [("127.0.0.7", public.port)]
