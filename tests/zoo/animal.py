"""One animal of the zoo: how it answers, and what is to become of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from services.domain.outlet import PollOutcome

Answer = bytes | Callable[["Visit"], Iterable[bytes]]


@dataclass(frozen=True)
class Visit:
    """A request as it came: path below the animal's own, lower-case headers, how many before."""

    path: str
    headers: dict[str, str]
    number: int
    origin: str

    def pieces(self, answer: Answer) -> Iterator[bytes]:
        """The bytes to send, piece by piece."""
        if isinstance(answer, bytes):
            yield answer
        else:
            yield from answer(self)


@dataclass(frozen=True)
class Animal:
    """`name` says what is odd. `answer` is a whole HTTP answer, or gives it piece by piece.

    After one poll the outcome is `outcome`, the sentence holds `says`, and the store holds the
    articles `titles`, in the order of the feed, published on `dates` (as ISO, UTC) if given.
    `broken_off`: the connection is reset at the end instead of closed.
    """

    name: str
    answer: Answer
    outcome: PollOutcome = PollOutcome.OK
    titles: tuple[str, ...] = ()
    says: str = ""
    dates: tuple[str, ...] = ()
    broken_off: bool = False
