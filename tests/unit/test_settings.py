"""Settings as people write them into an environment."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from services.errors import ConfigurationError
from services.settings import load_settings


@pytest.mark.parametrize(
    "written", ["127.0.0.0/8,fd00::/8", "127.0.0.0/8 fd00::/8", '["127.0.0.0/8", "fd00::/8"]']
)
def test_networks_are_read_with_or_without_brackets(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAMEWATCH_ALLOW_NETWORKS", written)
    assert load_settings().allow_networks == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))


def test_a_network_that_is_none_is_named_with_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMEWATCH_ALLOW_NETWORKS", "our office")
    with pytest.raises(ConfigurationError, match="FRAMEWATCH_ALLOW_NETWORKS"):
        load_settings()
