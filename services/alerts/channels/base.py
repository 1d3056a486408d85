"""What a channel is: something that sends one message to one target, or says why it cannot.

A new channel is one file beside this one, one name in `services.domain.alert.Channel` and
one test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from services.domain.alert import Delivery
from services.errors import PermanentError, RetryableError


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A PNG that the HTML shows as `cid:{name}`."""

    name: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One rendered message; each channel takes the parts that it can carry.

    `payload` is the exact JSON body of a webhook (UTF-8).
    """

    subject: str
    text: str = ""
    html: str = ""
    images: tuple[InlineImage, ...] = ()
    payload: bytes = b""


class Sender(Protocol):
    """Sends over one channel."""

    def send(self, delivery: Delivery, message: Message) -> None:
        """Return when the other side has taken the message; `delivery.id` is its id.

        Raises RetryableError when a later try may succeed (UnreachableError when the server
        as such does not answer), PermanentError when it cannot, GoneError when the target
        asks never to be written to again.
        """
        ...

    def route(self, target: str) -> str:
        """Return the name of the server behind `target`: when it does not answer one
        message, the others that take the same route need not wait for it as well.
        """
        ...


class UnreachableError(RetryableError):
    """The server did not answer at all, so that no message could have got through."""


class GoneError(PermanentError):
    """The target does not exist any more and wants no further message."""


class HttpResponse(Protocol):
    """The part of an HTTP answer that a channel reads; header names are lower case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...


class HttpPost(Protocol):
    """Posts `body` as it is: no redirects, private addresses refused.

    Raises RetryableError or PermanentError; any answer, of whatever status, is returned.
    """

    def __call__(
        self, url: str, *, body: bytes, headers: Mapping[str, str], timeout: float
    ) -> HttpResponse: ...
