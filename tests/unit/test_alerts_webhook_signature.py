"""Signing by the Standard Webhooks specification, checked with its own reference library."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from services.alerts.channels.webhook import read_secrets, retry_after, sign
from services.errors import ConfigurationError

OLD, NEW = b"o" * 32, b"n" * 32
BODY = '{"title": "Разрядка"}'.encode()


def headers(*keys: bytes) -> dict[str, str]:
    stamp = int(datetime.now(tz=UTC).timestamp())  # the library compares it with its own clock
    return {
        "webhook-id": "id-1",
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(keys, "id-1", stamp, BODY),
    }


def verifier(key: bytes) -> Webhook:
    return Webhook("whsec_" + base64.b64encode(key).decode())


def test_the_reference_library_accepts_the_signature() -> None:
    assert verifier(OLD).verify(BODY, headers(OLD)) == {"title": "Разрядка"}


@pytest.mark.parametrize("key", [OLD, NEW])
def test_both_secrets_verify_while_one_replaces_the_other(key: bytes) -> None:
    assert verifier(key).verify(BODY, headers(NEW, OLD))


def test_a_changed_body_is_refused() -> None:
    with pytest.raises(WebhookVerificationError):
        verifier(OLD).verify(BODY + b" ", headers(OLD))


def test_another_secret_is_refused() -> None:
    with pytest.raises(WebhookVerificationError):
        verifier(NEW).verify(BODY, headers(OLD))


def test_secrets_are_read_in_order() -> None:
    text = " ".join("whsec_" + base64.b64encode(key).decode() for key in (NEW, OLD))
    assert read_secrets(text) == [NEW, OLD]


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(OLD).decode(),
        "whsec_",
        "whsec_" + base64.b64encode(b"short").decode(),
        "whsec_" + base64.b64encode(secrets.token_bytes(65)).decode(),
        "whsec_not*base64",
    ],
)
def test_an_unusable_secret_is_named_by_number_and_never_shown(text: str) -> None:
    good = "whsec_" + base64.b64encode(OLD).decode()
    with pytest.raises(ConfigurationError) as caught:
        read_secrets(f"{good} {text}")
    assert "number 2" in str(caught.value)
    assert text.removeprefix("whsec_") == "" or text.removeprefix("whsec_") not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sat, 01 Mar 2025 12:02:00 GMT", 120.0),
        ("Sat, 01 Mar 2025 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after(text, datetime(2025, 3, 1, 12, tzinfo=UTC)) == seconds


def test_an_absurd_retry_after_is_a_number_all_the_same() -> None:
    seconds = retry_after("9" * 400, datetime(2025, 3, 1, tzinfo=UTC))
    assert seconds is not None
    assert seconds > timedelta(days=365).total_seconds()
