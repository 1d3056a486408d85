"""Which addresses are public, in every way to write them."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from services.collect.http.address import is_allowed, parse_address


def allowed(text: str, *networks: str) -> bool:
    address = parse_address(text)
    assert address is not None
    return is_allowed(address, [ip_network(network) for network in networks])


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1",
        "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
        "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1",
        "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(text: str) -> None:
    assert not allowed(text)


@pytest.mark.parametrize(
    "text",
    ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_public_addresses_are_allowed(text: str) -> None:
    assert allowed(text)


@pytest.mark.parametrize("text", ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_an_exception_covers_every_form_of_an_address(text: str) -> None:
    assert allowed(text, "127.0.0.0/8")


def test_an_exception_covers_nothing_else() -> None:
    assert not allowed("10.0.0.1", "127.0.0.0/8", "fd00::/8")


@pytest.mark.parametrize("text", ["news.example", "", "127.1", "1.2.3.4.5", "::g"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert parse_address(text) is None
