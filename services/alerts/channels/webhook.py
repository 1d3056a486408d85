"""Webhooks as the Standard Webhooks specification (version 1) describes them.

Each request carries `webhook-id` (the delivery's id, the same on every try),
`webhook-timestamp` (seconds since 1970, of this try) and `webhook-signature`: for every
secret `v1,` and the base64 of HMAC-SHA256 over "id.timestamp.body", separated by spaces, so
that a receiver can change over from one secret to the next without losing a message.

    answer                     becomes
    2xx                        delivered
    410                        GoneError: the target is switched off
    anything else, redirects   RetryableError, after Retry-After if it says so
    no answer                  UnreachableError
    refused by our own guard   PermanentError (a private address)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Self

from services.alerts.channels.base import (
    GoneError,
    HttpPost,
    Message,
    UnreachableError,
)
from services.alerts.targets import host_of, webhook_problem
from services.domain.alert import Delivery
from services.errors import ConfigurationError, PermanentError, RetryableError
from services.settings import Settings

TIMEOUT: Final = 20.0
"""Seconds for the whole exchange; the specification recommends 15 to 30."""

_PREFIX: Final = "whsec_"


class WebhookSender:
    """Posts the payload of a message, signed. `post` is the guarded way out."""

    def __init__(
        self, post: HttpPost, secrets: Sequence[bytes], clock: Callable[[], datetime]
    ) -> None:
        if not secrets:
            raise ConfigurationError("Webhooks need a secret: set FRAMEWATCH_WEBHOOK_SECRET.")
        self._post = post
        self._secrets = tuple(secrets)
        self._clock = clock

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        post: HttpPost,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Self:
        """Open the channel with the secrets of `settings`; ConfigurationError when unusable."""
        secret = settings.webhook_secret
        return cls(post, read_secrets(secret.get_secret_value() if secret else ""), clock)

    def route(self, target: str) -> str:
        return host_of(target)

    def send(self, delivery: Delivery, message: Message) -> None:
        if problem := webhook_problem(delivery.target):
            raise PermanentError(problem)
        stamp = int(self._clock().timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(self._secrets, delivery.id, stamp, message.payload),
        }
        host = host_of(delivery.target)
        try:
            answer = self._post(
                delivery.target, body=message.payload, headers=headers, timeout=TIMEOUT
            )
        except RetryableError as error:
            raise UnreachableError(
                f"The webhook at {host} did not answer: {error}", retry_after=error.retry_after
            ) from error
        self._judge(answer.status, answer.headers, host)

    def _judge(self, status: int, headers: Mapping[str, str], host: str) -> None:
        if 200 <= status < 300:
            return
        if status == 410:
            raise GoneError(
                f"The webhook at {host} answered 410 Gone, which asks for no further message. "
                "Once it is mended, 'framewatch alerts test' switches it on again."
            )
        wait = retry_after(headers.get("retry-after", ""), self._clock())
        if 300 <= status < 400:
            raise RetryableError(
                f"The webhook at {host} answered {status}, a redirect, and redirects are not "
                "followed: put the final address into the rule.",
                retry_after=wait,
            )
        raise RetryableError(f"The webhook at {host} answered {status}.", retry_after=wait)


def sign(secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the `webhook-signature` header over exactly these bytes, one part a secret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    parts = [hmac.new(secret, signed, hashlib.sha256).digest() for secret in secrets]
    return " ".join(f"v1,{base64.b64encode(part).decode()}" for part in parts)


def read_secrets(text: str) -> list[bytes]:
    """Read secrets of the form `whsec_` and base64, separated by white space.

    Raises ConfigurationError, without repeating the secret, when one is not of that form or
    not 24 to 64 bytes long.
    """
    found = []
    for number, word in enumerate(text.split(), start=1):
        try:
            secret = base64.b64decode(word.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if not word.startswith(_PREFIX) or not 24 <= len(secret) <= 64:
            raise ConfigurationError(
                f"Secret number {number} in FRAMEWATCH_WEBHOOK_SECRET must be 'whsec_' followed "
                "by the base64 of 24 to 64 random bytes."
            )
        found.append(secret)
    return found


def retry_after(text: str, now: datetime) -> float | None:
    """Read a Retry-After header (seconds or an HTTP date); None when absent or unreadable."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:12])
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
